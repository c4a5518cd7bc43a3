"""Pedestrians in eight phases of a step; the middle of the footprint is the origin."""

from collections.abc import Callable

import numpy as np

from scripts.twin.shapes.figure import Outfit, Posture, add_figure
from scripts.twin.shapes.mesh import Mesh
from scripts.twin.shapes.solids import loft, rounded_box

HIP_M = 0.9
STRIDE_M = 0.27
"""How far a foot reaches before and behind the hip."""


def _walking(phase: float, reach_m: float) -> Posture:
    """Return the posture at a phase of the double step, the left foot foremost at 0."""
    feet, hands = [], []
    for side, turn in ((1.0, phase), (-1.0, phase + 0.5)):
        angle = 2 * np.pi * turn
        swing, lift = float(np.cos(angle)), max(0.0, -float(np.sin(angle)))
        feet.append((reach_m * swing - 0.02, side * 0.09, 0.085 + 0.09 * lift))
        hands.append((0.05 - 0.2 * swing, side * 0.235, 0.82 + 0.05 * abs(swing)))
    bob = 0.02 * float(np.cos(4 * np.pi * phase))
    hip = (0.0, 0.0, HIP_M - bob)
    return Posture(
        hip,
        (0.03, 0.0, HIP_M + 0.5 - bob),
        (hands[0], hands[1]),
        (feet[0], feet[1]),
        elbow=(-1.0, 0.2, 0.0),
        knee=(1.0, 0.0, 0.1),
    )


def _man(phase: float) -> Mesh:
    mesh = Mesh()
    add_figure(mesh, _walking(phase, STRIDE_M), Outfit("cloth", "jeans", "hair"))
    return mesh


def _woman(phase: float) -> Mesh:
    mesh = Mesh()
    posture = _walking(phase, STRIDE_M * 0.55)
    add_figure(mesh, posture, Outfit("cloth", "cloth", "hijab", sleeve="cloth"))
    turn = np.arange(12) * np.pi / 6
    swing = 0.06 * float(np.cos(2 * np.pi * phase)) ** 2
    rings = [
        np.stack([deep * np.cos(turn), wide * np.sin(turn), np.full(12, z)], axis=1)
        for z, deep, wide in (
            (0.16, 0.22 + swing, 0.2),
            (0.6, 0.175 + swing / 2, 0.185),
            (0.9, 0.135, 0.18),
            (1.05, 0.12, 0.16),
        )
    ]
    mesh.add(loft(np.stack(rings), crease_deg=70), "cloth")
    return mesh


def _child(phase: float) -> Mesh:
    mesh = Mesh()
    outfit = Outfit("white_cloth", "red_cloth", "hair", leg="skin")
    add_figure(mesh, _walking(phase, STRIDE_M), outfit)
    mesh.add(rounded_box((-0.17, 0.0, 1.2), (0.17, 0.3, 0.4), 0.05), "cloth")
    return mesh.scaled(0.74)


PEDESTRIANS: dict[str, Callable[[float], Mesh]] = {
    "pedestrian_man": _man,
    "pedestrian_woman": _woman,
    "pedestrian_child": _child,
}
"""Name to builder, which takes the phase of the step, 0 to 1."""
