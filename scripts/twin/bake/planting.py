"""A scenery in the making: its solids, and where its trees stand."""

from dataclasses import dataclass, field

import numpy as np

from scripts.twin.bake.solids import Model, Point
from scripts.twin.world import PAVEMENT_HEIGHT_M

FORMS = 2
"""How many forms each kind of tree has."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One tree: its kind and which of the kind's forms, where its foot is, how it is turned."""

    kind: str
    form: int
    at: Point
    heading_deg: float
    scale: float


@dataclass(slots=True)
class Layout:
    """A scenery: all its solids in the world's frame, and its trees."""

    solids: Model = field(default_factory=Model)
    trees: list[Planted] = field(default_factory=list)

    def plant(
        self, rng: np.random.Generator, kind: str, x: float, y: float, scale: float = 1.0
    ) -> None:
        """Add a tree, each a little different."""
        turn, size = float(rng.uniform(0, 360)), scale * float(rng.uniform(0.85, 1.15))
        self.trees.append(
            Planted(kind, int(rng.integers(FORMS)), (x, y, PAVEMENT_HEIGHT_M), turn, size)
        )
