"""Human figures: limbs bent between fixed joints, clothes and headgear. Lengths in metres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scripts.twin.shapes.mesh import Floats, Mesh
from scripts.twin.shapes.solids import capsule, ellipsoid, loft

UPPER_ARM_M, FOREARM_M = 0.29, 0.27
THIGH_M, SHIN_M = 0.43, 0.43
"""Segments of an adult 1.7 m tall, set by eye."""


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a figure wears: names of materials.

    ``sleeve`` and ``leg`` cover the forearms and the shins: ``skin`` where they are bare. ``head``
    starting with ``helmet`` is a helmet with a visor, ``hijab`` a headscarf, else hair.
    """

    shirt: str
    trousers: str
    head: str
    sleeve: str = "skin"
    leg: str = ""
    shoe: str = "shoe"


@dataclass(frozen=True, slots=True)
class Posture:
    """Where a figure's ends are: x forward, y left, z up; the right side's where both are given.

    Attributes
    ----------
    hip, neck
        Middle of the pelvis and of the shoulders.
    hands, feet
        (left, right): wrists and ankles.
    elbow, knee
        Directions the joints bend to on the left; mirrored on the right.
    gaze_deg
        How far the head is bent down.
    """

    hip: tuple[float, float, float]
    neck: tuple[float, float, float]
    hands: tuple[tuple[float, float, float], tuple[float, float, float]]
    feet: tuple[tuple[float, float, float], tuple[float, float, float]]
    elbow: tuple[float, float, float] = (-0.3, 0.6, -0.7)
    knee: tuple[float, float, float] = (1.0, 0.25, 0.4)
    gaze_deg: float = 0.0


def add_figure(mesh: Mesh, posture: Posture, outfit: Outfit) -> None:
    """Add a person to a mesh."""
    hip, neck = np.array(posture.hip), np.array(posture.neck)
    _add_torso(mesh, hip, neck, outfit)
    _add_head(mesh, neck, posture.gaze_deg, outfit)
    for index, side in enumerate((1.0, -1.0)):
        shoulder = neck + np.array([0.0, side * 0.165, -0.04])
        hand = np.array(posture.hands[index])
        elbow = bent(shoulder, hand, (UPPER_ARM_M, FOREARM_M), _sided(posture.elbow, side))
        mesh.add(capsule(shoulder, elbow, 0.058, 0.047), outfit.shirt)
        mesh.add(capsule(elbow, hand, 0.045, 0.035), outfit.sleeve)
        mesh.add(ellipsoid(hand, (0.045, 0.04, 0.045), around=5, rows=3), "skin")
        root = hip + np.array([0.01, side * 0.088, -0.02])
        foot = np.array(posture.feet[index])
        knee = bent(root, foot, (THIGH_M, SHIN_M), _sided(posture.knee, side))
        mesh.add(capsule(root, knee, 0.088, 0.066), outfit.trousers)
        mesh.add(capsule(knee, foot, 0.062, 0.046), outfit.leg or outfit.trousers)
        shoe = ellipsoid(
            foot + np.array([0.055, 0.0, -0.04]), (0.135, 0.05, 0.045), around=8, rows=4
        )
        mesh.add(shoe, outfit.shoe)


def bent(start: Floats, end: Floats, lengths: tuple[float, float], towards: ArrayLike) -> Floats:
    """Return the joint between two segments that reach from ``start`` to ``end``.

    A reach longer than both together gives the straight limb's joint.
    """
    reach = end - start
    distance = float(np.linalg.norm(reach))
    ahead = reach / distance
    first, second = lengths
    along = (distance**2 + first**2 - second**2) / (2 * distance)
    along = min(along, distance * first / (first + second)) if along > first else along
    out = np.asarray(towards, dtype=np.float64)
    out = out - ahead * (out @ ahead)
    height = np.sqrt(max(first**2 - along**2, 0.0))
    joint: Floats = start + ahead * along + out / np.linalg.norm(out) * height
    return joint


def _sided(direction: tuple[float, float, float], side: float) -> Floats:
    return np.array([direction[0], direction[1] * side, direction[2]])


def _add_torso(mesh: Mesh, hip: Floats, neck: Floats, outfit: Outfit) -> None:
    spine = neck - hip
    up = spine / np.linalg.norm(spine)
    left = np.array([0.0, 1.0, 0.0])
    front = np.cross(left, up)
    turn = np.arange(10) * np.pi / 5
    rings = [
        hip
        + spine * at
        + np.outer(np.cos(turn) * deep, front)
        + np.outer(np.sin(turn) * wide, left)
        for at, deep, wide in (
            *((-0.2, 0.09, 0.13), (-0.08, 0.115, 0.165), (0.12, 0.115, 0.165), (0.4, 0.115, 0.15)),
            *((0.72, 0.125, 0.175), (0.93, 0.1, 0.18), (1.03, 0.07, 0.12), (1.08, 0.05, 0.06)),
        )
    ]
    lower, upper = (
        loft(np.stack(rings[:3]), crease_deg=80),
        loft(np.stack(rings[2:]), crease_deg=80),
    )
    mesh.add(lower, outfit.trousers)
    mesh.add(upper, outfit.shirt)


def _add_head(mesh: Mesh, neck: Floats, gaze_deg: float, outfit: Outfit) -> None:
    middle = neck + np.array([0.035, 0.0, 0.185])
    mesh.add(capsule(neck, middle, 0.052), "skin")

    def part(offset: ArrayLike, radii: ArrayLike, material: str) -> None:
        surface = ellipsoid(offset, radii, around=9, rows=5).turned(1, gaze_deg).moved(middle)
        mesh.add(surface, material)

    if outfit.head.startswith("helmet"):
        part((-0.015, 0.0, 0.045), (0.145, 0.128, 0.125), outfit.head)
        part((0.05, 0.0, -0.03), (0.085, 0.085, 0.085), "skin")
    elif outfit.head == "hijab":
        part((0.0, 0.0, 0.01), (0.118, 0.102, 0.135), outfit.head)
        part((0.062, 0.0, -0.005), (0.075, 0.066, 0.082), "skin")
        part((0.0, 0.0, -0.2), (0.15, 0.19, 0.13), outfit.head)
    else:
        part((0.01, 0.0, -0.005), (0.095, 0.078, 0.12), "skin")
        part((-0.018, 0.0, 0.035), (0.1, 0.086, 0.1), outfit.head)
