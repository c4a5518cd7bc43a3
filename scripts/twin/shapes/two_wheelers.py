"""Scooters and bicycles with who rides them; the front wheel's foremost point is the origin."""

from dataclasses import dataclass

import numpy as np

from scripts.twin.shapes.figure import Outfit, Posture, add_figure
from scripts.twin.shapes.mesh import Mesh
from scripts.twin.shapes.solids import (
    box,
    capsule,
    cylinder,
    ellipsoid,
    lathe,
    loft,
    per_quad,
    rounded_box,
    torus,
    tube,
)

FRONT_AXLE_M, REAR_AXLE_M = -0.28, -1.55
WHEEL_M = 0.28
GRIP = (-0.6, 0.31, 1.03)
"""The left grip of the handlebar."""


@dataclass(frozen=True, slots=True)
class Scooter:
    """A scooter and what it carries: ``body`` and ``trim`` are materials."""

    body: str
    trim: str = "plastic"
    rider: Outfit | None = None
    pillion: Outfit | None = None
    load: bool = False


_BLACK_JACKET = Outfit("cloth", "jeans", "helmet_black", sleeve="cloth")
_GREEN_JACKET = Outfit("green_cloth", "black_cloth", "helmet_green", sleeve="green_cloth")

SCOOTERS: dict[str, Scooter] = {
    "scooter": Scooter("red", rider=_BLACK_JACKET),
    "scooter_b": Scooter("white", rider=Outfit("cloth", "khaki", "helmet_white"), trim="black"),
    "scooter_c": Scooter("black", rider=_GREEN_JACKET),
    "scooter_pillion": Scooter(
        "blue",
        rider=Outfit("cloth", "jeans", "helmet_red", sleeve="cloth"),
        pillion=Outfit("hijab", "black_cloth", "helmet_white", sleeve="hijab"),
    ),
    "scooter_box": Scooter("black", rider=_BLACK_JACKET, load=True),
    "scooter_parked": Scooter("paint"),
}


def build_scooter(name: str) -> Mesh:
    """Return the mesh of one of ``SCOOTERS``."""
    scooter = SCOOTERS[name]
    mesh = Mesh()
    for axle in (FRONT_AXLE_M, REAR_AXLE_M):
        _add_wheel(mesh, axle, WHEEL_M, 0.055)
    _add_front(mesh, scooter)
    _add_rear(mesh, scooter)
    if scooter.rider:
        left, right = _pair(GRIP), _pair((-0.74, 0.2, 0.42))
        posture = Posture(
            (-1.16, 0, 0.87), (-1.06, 0, 1.36), left, right, knee=(1, 0.55, 0.4), gaze_deg=6
        )
        add_figure(mesh, posture, scooter.rider)
    if scooter.pillion:
        hands, feet = _pair((-1.28, 0.2, 1.02)), _pair((-1.28, 0.24, 0.42))
        posture = Posture((-1.52, 0, 0.92), (-1.48, 0, 1.42), hands, feet, knee=(1, 0.5, 0.3))
        add_figure(mesh, posture, scooter.pillion)
    if scooter.load:
        mesh.add(rounded_box((-1.66, 0, 1.08), (0.46, 0.5, 0.46), 0.04, steps=1), "orange_plastic")
        mesh.add(box((-1.66, 0, 1.2), (0.475, 0.515, 0.05)), "reflective")
    return mesh


def _pair(
    left: tuple[float, float, float],
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    return left, (left[0], -left[1], left[2])


def _add_wheel(mesh: Mesh, axle: float, radius: float, half_width: float) -> None:
    profile = [
        (radius * 0.7, -half_width * 0.7),
        (radius * 0.86, -half_width),
        (radius, 0.0),
        (radius * 0.86, half_width),
        (radius * 0.7, half_width * 0.7),
    ]
    tyre = lathe(profile, (axle, 0, radius), "y", around=14, crease_deg=70)
    mesh.add(tyre, per_quad(["rubber"] * 56, "dark", 14))
    hub = lathe(
        [(radius * 0.66, -half_width * 0.72), (radius * 0.66, half_width * 0.72)],
        (axle, 0, radius),
        "y",
        around=10,
    )
    mesh.add(hub, per_quad(["alloy", "dark"] * 5, "alloy", 10))


def _add_front(mesh: Mesh, scooter: Scooter) -> None:
    """Add fork, mudguard, leg shield, handlebar, lamp and mirrors."""
    axle = FRONT_AXLE_M
    mesh.add_pair(capsule((axle, 0.075, WHEEL_M), (-0.46, 0.07, 0.7), 0.025, around=6), "steel")
    turn = np.radians([20, 55, 90, 125, 155])
    guard = [(axle + 0.31 * np.cos(t), 0.0, WHEEL_M + 0.31 * np.sin(t)) for t in turn]
    fender = tube(guard, [0.03, 0.06, 0.068, 0.06, 0.04], around=8)
    mesh.add(fender, scooter.body)
    turn = np.arange(8) * np.pi / 4
    shield = [
        np.stack([x + deep * np.cos(turn), wide * np.sin(turn), np.full(8, z)], axis=1)
        for x, z, deep, wide in (
            (-0.62, 0.36, 0.05, 0.12),
            (-0.54, 0.45, 0.1, 0.19),
            (-0.5, 0.66, 0.1, 0.2),
            (-0.52, 0.82, 0.085, 0.15),
            (-0.55, 0.93, 0.07, 0.1),
        )
    ]
    mesh.add(loft(np.stack(shield), crease_deg=70), scooter.body)
    mesh.add(ellipsoid((-0.53, 0, 1.0), (0.13, 0.17, 0.085)), scooter.body)
    mesh.add(ellipsoid((-0.42, 0, 0.985), (0.05, 0.115, 0.07), around=8, rows=4), "plastic")
    mesh.add(ellipsoid((-0.385, 0, 0.985), (0.03, 0.06, 0.035), around=8, rows=4), "head_lamp")
    mesh.add(ellipsoid((-0.43, 0, 0.72), (0.03, 0.07, 0.05), around=8, rows=4), scooter.trim)
    mesh.add_pair(
        ellipsoid((-0.44, 0.15, 0.78), (0.05, 0.05, 0.035), around=6, rows=4), "indicator"
    )
    mesh.add(capsule((-0.6, -0.36, 1.03), (-0.6, 0.36, 1.03), 0.019, around=6), "plastic")
    mesh.add_pair(capsule((-0.57, 0.25, 1.04), (-0.54, 0.33, 1.2), 0.01, around=5), "plastic")
    mesh.add_pair(ellipsoid((-0.545, 0.36, 1.22), (0.02, 0.07, 0.045), around=8, rows=4), "plastic")
    mesh.head_lamps.append((-0.38, 0.0, 0.99))
    mesh.add(box((-0.37, 0.0, 0.56), (0.02, 0.18, 0.09)), "plate_white")


def _add_rear(mesh: Mesh, scooter: Scooter) -> None:
    """Add floor, body, seat, engine, exhaust, mudguard and tail lamp."""
    mesh.add(rounded_box((-0.78, 0, 0.34), (0.42, 0.34, 0.09), 0.04, steps=1), scooter.trim)
    turn = np.arange(8) * np.pi / 4
    shell = [
        np.stack([np.full(8, x), wide * np.sin(turn), z + tall * np.cos(turn)], axis=1)
        for x, z, tall, wide in (
            (-0.95, 0.56, 0.14, 0.13),
            (-1.1, 0.6, 0.14, 0.165),
            (-1.4, 0.66, 0.125, 0.17),
            (-1.7, 0.72, 0.09, 0.12),
            (-1.86, 0.76, 0.05, 0.07),
        )
    ]
    mesh.add(loft(np.stack(shell), crease_deg=70), scooter.body)
    mesh.add(rounded_box((-1.32, 0, 0.78), (0.82, 0.27, 0.13), 0.06, steps=1), "seat")
    mesh.add(rounded_box((-1.32, 0.04, 0.37), (0.56, 0.26, 0.26), 0.06, steps=1), "plastic")
    mesh.add(capsule((-1.4, -0.16, 0.32), (-1.8, -0.17, 0.4), 0.05, 0.06), "steel")
    mesh.add(
        tube([(-1.6, 0, 0.62), (-1.82, 0, 0.55), (-1.9, 0, 0.36)], [0.06, 0.07, 0.04]), "plastic"
    )
    mesh.add(ellipsoid((-1.85, 0, 0.75), (0.05, 0.1, 0.055), around=8, rows=4), "tail_lamp")
    mesh.add(box((-1.9, 0, 0.5), (0.02, 0.2, 0.12)), "plate_white")
    mesh.add(capsule((-1.6, -0.13, 0.88), (-1.82, -0.1, 0.9), 0.018, around=6), "steel")
    mesh.add(capsule((-1.6, 0.13, 0.88), (-1.82, 0.1, 0.9), 0.018, around=6), "steel")


def build_bicycle(phase: float) -> Mesh:
    """Return a bicycle with its rider; ``phase`` of the pedals' turn, 0 to 1."""
    mesh = Mesh()
    radius, front, rear, bracket = 0.33, -0.33, -1.38, (-0.95, 0.0, 0.29)
    for axle in (front, rear):
        mesh.add(torus((axle, 0, radius), radius - 0.025, 0.025, around=20), "rubber")
        mesh.add(torus((axle, 0, radius), radius - 0.055, 0.012, around=16, section=4), "alloy")
        mesh.add(cylinder((axle, 0, radius), 0.03, 0.1, "y", around=8), "steel")
    head, seat = (-0.5, 0.0, 0.86), (-1.1, 0.0, 0.82)
    for start, end in (
        ((front, 0.0, radius), head),
        (head, bracket),
        (head, (-1.06, 0.0, 0.74)),
        (bracket, seat),
        (bracket, (rear, 0.0, radius)),
        ((rear, 0.0, radius), (-1.06, 0.0, 0.74)),
    ):
        mesh.add(capsule(start, end, 0.022, around=6), "blue")
    mesh.add(capsule(head, (-0.54, 0.0, 1.02), 0.018, around=6), "steel")
    mesh.add(capsule((-0.56, -0.28, 1.03), (-0.56, 0.28, 1.03), 0.017, around=6), "steel")
    mesh.add(ellipsoid((-1.12, 0, 0.86), (0.14, 0.09, 0.045), around=8, rows=4), "seat")
    mesh.add(cylinder((bracket[0], -0.06, bracket[2]), 0.09, 0.015, "y", around=10), "steel")
    feet = []
    for side, turn in ((1.0, phase), (-1.0, phase + 0.5)):
        angle = -2 * np.pi * turn
        x = bracket[0] + 0.17 * float(np.cos(angle))
        z = bracket[2] + 0.17 * float(np.sin(angle))
        crank = capsule((bracket[0], side * 0.08, bracket[2]), (x, side * 0.09, z), 0.012, around=5)
        mesh.add(crank, "steel")
        mesh.add(box((x, side * 0.14, z), (0.1, 0.1, 0.025)), "plastic")
        feet.append((x - 0.05, side * 0.13, z + 0.1))
    posture = Posture(
        (-1.1, 0, 0.97),
        (-0.9, 0, 1.43),
        _pair((-0.58, 0.26, 1.05)),
        (feet[0], feet[1]),
        knee=(1.0, 0.1, 0.3),
    )
    add_figure(mesh, posture, Outfit("cloth", "jeans", "hair"))
    return mesh
