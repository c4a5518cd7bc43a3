"""How large a run of the bench is, and where it may write."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done for each figure.

    Attributes
    ----------
    film_s
        Length of the generated film.
    rounds, slow_rounds
        How often each contest is held; the slow ones are those of many processes.
    lap_s
        How long one lap of the detector takes.
    looks
        Frames that one lap of the pipeline looks at, at most.
    incidents
        Messages that one lap of the delivery carries.
    puts
        Messages that one lap of the outbox stores.
    farms
        Numbers of cameras that a whole edge watches.
    farm_s
        For how long, each.
    overload
        Cameras that one core is given though it could look at half of them.
    shows_streets
        Whether the farm shows streets, which are made once and take most of a minute.
    """

    film_s: int
    rounds: int
    slow_rounds: int
    lap_s: float
    looks: int
    incidents: int
    puts: int
    farms: tuple[int, ...]
    farm_s: float
    overload: int
    shows_streets: bool


FULL = Size(
    film_s=10,
    rounds=5,
    slow_rounds=3,
    lap_s=1.5,
    looks=120,
    incidents=2000,
    puts=300,
    farms=(8, 16, 32),
    farm_s=30.0,
    overload=64,
    shows_streets=True,
)
QUICK = Size(
    film_s=2,
    rounds=1,
    slow_rounds=1,
    lap_s=0.2,
    looks=20,
    incidents=60,
    puts=50,
    farms=(2,),
    farm_s=2.0,
    overload=3,
    shows_streets=False,
)
"""Shows that every part works; its figures say little."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run.

    Attributes
    ----------
    folder
        An empty folder for what the sections write.
    film
        The generated 1080p film.
    clips
        Folder of recorded films with a ``clips.yaml``; may be missing.
    weights
        Folder of the weights that training starts from; may be missing.
    """

    size: Size
    folder: Path
    film: Path
    clips: Path
    weights: Path
