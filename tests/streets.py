"""A labelled street whose scale is known, for tests that read it off its traffic."""

from pathlib import Path

import cv2
import numpy as np

CLASSES = ("car", "motorcycle", "bus", "truck", "bicycle")
WIDTH, HEIGHT = 640, 360
HORIZON_PX, PX_PER_M_PER_ROW = 40.0, 0.2
LEFT, RIGHT = 200, 440
"""Between these columns the road lies, and cars 1.5 m high and 1.8 m wide drive on it."""

CARS = 20
"""In each picture."""


def a_street(folder: Path, pictures: int = 12) -> Path:
    """Write pictures of one scene with cars on its road, and return their folder."""
    rng = np.random.default_rng(1)
    scene = cv2.resize(rng.integers(0, 255, (9, 16, 3), np.uint8), (WIDTH, HEIGHT))
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    for number in range(pictures):
        lines = []
        for _ in range(CARS):
            row, column = rng.uniform(150, 340), rng.uniform(LEFT, RIGHT)
            scale = PX_PER_M_PER_ROW * (row - HORIZON_PX)
            high, wide = 1.5 * scale * rng.uniform(0.93, 1.07), 1.8 * scale
            middle = (row - high / 2) / HEIGHT
            lines.append(f"0 {column / WIDTH} {middle} {wide / WIDTH} {high / HEIGHT}\n")
        (folder / "labels" / f"{number}.txt").write_text("".join(lines), encoding="utf-8")
        assert cv2.imwrite(str(folder / "images" / f"{number}.jpg"), scene)
    return folder
