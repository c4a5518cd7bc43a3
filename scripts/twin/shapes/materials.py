"""What the shapes are made of."""

from dataclasses import dataclass
from typing import Literal

Colour = tuple[float, float, float]
"""Linear RGB, 0 to 1."""

Role = Literal["", "head_lamp", "tail_lamp", "glass"]


@dataclass(frozen=True, slots=True)
class Material:
    """How a surface answers light.

    Attributes
    ----------
    name
        What builders call it.
    colour
        Linear RGB; for painted surfaces it is multiplied with ``Actor.paint``.
    roughness, metallic, coat
        As in a principled shader, 0 to 1.
    painted
        Whether its colour comes from ``Actor.paint``.
    role
        What the renderer treats specially: lamps that light up, glass.
    """

    name: str
    colour: Colour
    roughness: float = 0.6
    metallic: float = 0.0
    coat: float = 0.0
    painted: bool = False
    role: Role = ""


def _cloth(name: str, colour: Colour, *, painted: bool = False) -> Material:
    return Material(name, colour, roughness=0.9, painted=painted)


def _lacquer(name: str, colour: Colour, *, painted: bool = False) -> Material:
    return Material(name, colour, roughness=0.3, coat=0.8, painted=painted)


MATERIALS: tuple[Material, ...] = (
    Material("paint", (1.0, 1.0, 1.0), roughness=0.3, metallic=0.1, coat=1.0, painted=True),
    Material("glass", (0.012, 0.016, 0.018), roughness=0.05, coat=1.0, role="glass"),
    Material("rubber", (0.016, 0.016, 0.016), roughness=0.85),
    Material("dark", (0.007, 0.007, 0.007), roughness=0.9),
    Material("plastic", (0.026, 0.026, 0.028), roughness=0.55),
    Material("grey_plastic", (0.13, 0.13, 0.135), roughness=0.55),
    Material("alloy", (0.42, 0.43, 0.45), roughness=0.35, metallic=0.7),
    Material("steel", (0.22, 0.22, 0.23), roughness=0.45, metallic=0.6),
    Material("chrome", (0.62, 0.62, 0.64), roughness=0.15, metallic=1.0),
    Material("head_lamp", (0.5, 0.53, 0.58), roughness=0.1, coat=1.0, role="head_lamp"),
    Material("tail_lamp", (0.42, 0.012, 0.01), roughness=0.18, coat=1.0, role="tail_lamp"),
    Material("indicator", (0.75, 0.26, 0.02), roughness=0.2, coat=1.0),
    Material("plate_black", (0.02, 0.02, 0.022), roughness=0.45),
    Material("plate_white", (0.72, 0.72, 0.7), roughness=0.45),
    Material("plate_yellow", (0.72, 0.46, 0.03), roughness=0.45),
    _lacquer("white", (0.72, 0.72, 0.7)),
    _lacquer("black", (0.015, 0.015, 0.016)),
    _lacquer("red", (0.22, 0.012, 0.014)),
    _lacquer("blue", (0.02, 0.045, 0.15)),
    _lacquer("helmet_black", (0.02, 0.02, 0.022)),
    _lacquer("helmet_white", (0.7, 0.7, 0.68)),
    _lacquer("helmet_green", (0.02, 0.3, 0.06)),
    _lacquer("helmet_red", (0.45, 0.03, 0.02)),
    _cloth("cloth", (1.0, 1.0, 1.0), painted=True),
    _cloth("green_cloth", (0.01, 0.25, 0.045)),
    _cloth("white_cloth", (0.68, 0.68, 0.66)),
    _cloth("black_cloth", (0.018, 0.018, 0.02)),
    _cloth("red_cloth", (0.4, 0.02, 0.022)),
    _cloth("jeans", (0.035, 0.055, 0.11)),
    _cloth("khaki", (0.26, 0.2, 0.12)),
    _cloth("hijab", (0.5, 0.36, 0.34)),
    _cloth("blue_tarp", (0.025, 0.1, 0.3)),
    _cloth("hair", (0.01, 0.009, 0.008)),
    Material("skin", (0.32, 0.175, 0.11), roughness=0.6),
    _cloth("shoe", (0.03, 0.025, 0.022)),
    Material("seat", (0.02, 0.019, 0.019), roughness=0.6),
    _cloth("wood", (0.22, 0.125, 0.06)),
    _cloth("cardboard", (0.34, 0.22, 0.115)),
    _cloth("sand", (0.33, 0.26, 0.17)),
    Material("black_bag", (0.012, 0.012, 0.013), roughness=0.25, coat=0.4),
    Material("white_bag", (0.62, 0.62, 0.6), roughness=0.35, coat=0.3),
    _cloth("paper", (0.66, 0.64, 0.58)),
    _cloth("peel", (0.36, 0.25, 0.05)),
    Material("clear_plastic", (0.42, 0.5, 0.52), roughness=0.15, coat=0.6),
    Material("red_plastic", (0.5, 0.03, 0.025), roughness=0.45),
    Material("blue_plastic", (0.03, 0.13, 0.42), roughness=0.45),
    Material("green_plastic", (0.012, 0.17, 0.06), roughness=0.45, coat=0.2),
    Material("orange_plastic", (0.72, 0.13, 0.012), roughness=0.5),
    Material("reflective", (0.78, 0.78, 0.76), roughness=0.35),
    Material("zinc", (0.3, 0.31, 0.32), roughness=0.5, metallic=0.5),
)
"""All of them; ``Shape.material`` holds indices into this tuple."""

MATERIAL_INDEX: dict[str, int] = {material.name: i for i, material in enumerate(MATERIALS)}
