"""The fixed cameras of the labelled traffic, with zones drawn by hand as a city's engineer does.

A camera that is to tune on lies in ``traffic/train``, one that is to measure on in ``traffic/val``.
"""

from dataclasses import dataclass

from scripts.training.config import Side

Point = tuple[float, float]
"""``(x, y)`` as fractions of the view; the origin is top left."""

Corners = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera of the labelled traffic.

    Attributes
    ----------
    shown_in
        Stem of one of its pictures' names, by which it is found in its folder.
    road, kerbs
        Polygons of the carriageways, and of the ground beside them where people leave things.
    """

    name: str
    shown_in: str
    side: Side
    road: tuple[Corners, ...]
    kerbs: tuple[Corners, ...]


_PAVEMENT_OF_GATES: Corners = (
    (0.0, 0.97), (0.12, 0.83), (0.3, 0.66), (0.45, 0.51), (0.6, 0.35), (0.57, 0.35),
    (0.44, 0.46), (0.25, 0.59), (0.13, 0.72), (0.05, 0.82), (0.0, 0.88),
)  # fmt: skip

# What lies on the left kerb of `shops` in its pictures is real rubbish, so no zone is drawn there.
CAMERAS = (
    Camera(
        "shops",
        "street_n0196",
        "val",
        road=(
            (
                (0.2, 0.16), (0.3, 0.16), (0.38, 0.22), (0.5, 0.37), (0.6, 0.46), (0.72, 0.58),
                (0.84, 0.69), (1.0, 0.81), (1.0, 1.0), (0.0, 1.0), (0.0, 0.6), (0.1, 0.585),
                (0.135, 0.47),
            ),
        ),
        kerbs=(
            (
                (0.5, 0.3), (0.6, 0.33), (0.66, 0.4), (0.73, 0.46), (0.8, 0.5), (0.85, 0.6),
                (0.83, 0.64), (0.7, 0.53), (0.58, 0.42), (0.48, 0.32),
            ),
        ),
    ),
    Camera(
        "haze",
        "street_i1330",
        "val",
        road=(
            (
                (0.0, 0.48), (0.33, 0.37), (0.55, 0.3), (0.72, 0.265), (0.77, 0.3), (0.77, 0.45),
                (0.69, 0.57), (0.56, 0.83), (0.45, 1.0), (0.0, 1.0),
            ),
        ),
        kerbs=(
            (
                (0.7, 0.58), (0.84, 0.62), (0.84, 0.5), (0.9, 0.44), (1.0, 0.66), (1.0, 1.0),
                (0.48, 1.0), (0.57, 0.84),
            ),
        ),
    ),
    Camera(
        "corner",
        "street_i0005",
        "train",
        road=(
            (
                (0.23, 0.13), (0.38, 0.1), (0.55, 0.2), (0.6, 0.38), (0.66, 0.5), (0.75, 0.64),
                (0.88, 0.86), (0.96, 1.0), (0.17, 1.0), (0.19, 0.6), (0.2, 0.35),
            ),
        ),
        kerbs=(
            (
                (0.14, 0.42), (0.18, 0.42), (0.16, 0.75), (0.14, 1.0), (0.0, 1.0), (0.0, 0.62),
                (0.04, 0.52),
            ),
            (
                (0.6, 0.37), (0.64, 0.38), (0.72, 0.5), (0.82, 0.62), (0.92, 0.72), (1.0, 0.83),
                (1.0, 0.97), (0.86, 0.76), (0.72, 0.57),
            ),
        ),
    ),
    Camera(
        "gates",
        "street_i0243",
        "train",
        road=(
            (
                (0.72, 0.2), (0.8, 0.17), (0.76, 0.36), (0.75, 0.57), (0.84, 0.59), (0.82, 1.0),
                (0.02, 1.0), (0.3, 0.7), (0.45, 0.53), (0.6, 0.36),
            ),
        ),
        kerbs=(_PAVEMENT_OF_GATES,),
    ),
    Camera(
        "gates-full",
        "street_i0361",
        "train",
        road=(
            (
                (0.72, 0.2), (0.8, 0.17), (0.76, 0.36), (0.74, 0.47), (0.69, 0.62), (0.69, 0.82),
                (0.8, 0.85), (0.8, 1.0), (0.02, 1.0), (0.3, 0.7), (0.45, 0.53), (0.6, 0.36),
            ),
        ),
        kerbs=(_PAVEMENT_OF_GATES,),
    ),
    Camera(
        "umbrella",
        "street_i1240",
        "train",
        road=(
            (
                (0.44, 0.24), (0.5, 0.26), (0.6, 0.33), (0.75, 0.43), (0.9, 0.56), (1.0, 0.65),
                (1.0, 1.0), (0.67, 1.0), (0.58, 0.79), (0.5, 0.59), (0.45, 0.42), (0.41, 0.3),
            ),
        ),
        kerbs=(
            (
                (0.38, 0.34), (0.42, 0.37), (0.48, 0.58), (0.57, 0.81), (0.65, 1.0), (0.26, 1.0),
                (0.26, 0.86), (0.16, 0.7), (0.2, 0.58), (0.3, 0.6), (0.35, 0.45),
            ),
            (
                (0.5, 0.25), (0.55, 0.24), (0.7, 0.32), (0.85, 0.4), (1.0, 0.5), (1.0, 0.61),
                (0.8, 0.44), (0.62, 0.33),
            ),
        ),
    ),
    Camera(
        "toll",
        "toll_siang_0000",
        "train",
        road=(
            (
                (0.36, 0.1), (0.45, 0.1), (0.42, 0.35), (0.4, 0.5), (0.35, 1.0), (0.0, 1.0),
                (0.0, 0.62), (0.25, 0.28),
            ),
            (
                (0.53, 0.1), (0.62, 0.2), (0.8, 0.42), (1.0, 0.72), (1.0, 1.0), (0.57, 1.0),
                (0.5, 0.45),
            ),
        ),
        kerbs=(),
    ),
)  # fmt: skip


def camera_of(name: str) -> Camera:
    """Return the camera of a name that is in `CAMERAS`."""
    return next(camera for camera in CAMERAS if camera.name == name)
