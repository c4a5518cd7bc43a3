"""Precision over recall as a drawing: SVG, which every browser shows."""

from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from analytics.detections import ObjectClass
from models.evaluation import curve, figures
from models.evaluation_report import Looked
from models.manifest import Manifest

SIDE = 480
LEFT, TOP, KEY = 60, 40, 190
"""Around the square of the plot, in the drawing's units: axis, title, and what the colours mean."""

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999")
"""Okabe and Ito's, which people tell apart who see few colours."""


def precision_plot(manifest: Manifest, looked: Sequence[Looked]) -> str:
    """Return the drawing: a line a class, a dot where its threshold is, AP50 in the key."""
    judged = [one.judged for one in looked]
    parts = [_frame(f"{manifest.name} {manifest.version}, {len(looked)} pictures")]
    shown = 0
    for name in manifest.classes:
        kind = ObjectClass[name.upper()]
        measured = figures(judged, kind, manifest.threshold_of(name))
        if measured is None:
            continue
        precision, recall, scores = curve(judged, kind)
        colour = COLOURS[shown % len(COLOURS)]
        parts.append(_line(precision, recall, colour))
        if measured.precision is not None:
            at = int((scores >= manifest.threshold_of(name)).sum()) - 1
            parts.append(_dot(float(precision[at]), float(recall[at]), colour))
        parts.append(_key(shown, f"{name} {measured.ap50:.3f} ({measured.objects})", colour))
        shown += 1
    width, height = LEFT + SIDE + KEY, TOP + SIDE + 50
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="13">\n<rect width="{width}" height="{height}" '
        'fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _frame(title: str) -> str:
    lines = [f'<text x="{LEFT}" y="24" font-size="16">{escape(title)}</text>']
    for tenth in range(0, 11, 2):
        at = tenth / 10
        x, y = _place(at, at)
        lines += [
            f'<path d="M{x:.1f} {TOP}V{TOP + SIDE}M{LEFT} {y:.1f}H{LEFT + SIDE}" stroke="#ddd"/>',
            f'<text x="{x:.1f}" y="{TOP + SIDE + 18}" text-anchor="middle">{at:g}</text>',
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{at:g}</text>',
        ]
    upright = f"translate(20 {TOP + SIDE / 2}) rotate(-90)"
    lines += [
        f'<text x="{LEFT + SIDE / 2}" y="{TOP + SIDE + 40}" text-anchor="middle">recall</text>',
        f'<text transform="{upright}" text-anchor="middle">precision</text>',
        f'<text x="{LEFT + SIDE + 14}" y="{TOP + 10}" fill="#555">AP50 (objects)</text>',
    ]
    return "\n".join(lines)


def _line(precision: npt.NDArray[np.float64], recall: npt.NDArray[np.float64], colour: str) -> str:
    points = (_place(r, p) for r, p in zip(recall, precision, strict=True))
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{text}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _dot(precision: float, recall: float, colour: str) -> str:
    x, y = _place(recall, precision)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}" stroke="#fff"/>'


def _key(row: int, text: str, colour: str) -> str:
    x, y = LEFT + SIDE + 14, TOP + 34 + 20 * row
    return (
        f'<rect x="{x}" y="{y - 9}" width="14" height="4" fill="{colour}"/>'
        f'<text x="{x + 20}" y="{y - 2}">{escape(text)}</text>'
    )


def _place(recall: float, precision: float) -> tuple[float, float]:
    return LEFT + SIDE * recall, TOP + SIDE * (1 - precision)
