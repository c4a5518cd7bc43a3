"""A model's card: what it is for, what it was trained on, and every figure as it was measured."""

from collections.abc import Sequence

from models.evaluation_report import Report
from scripts.training.config import MeasuredSet, Release, TrainingConfig
from scripts.training.release import LEAST_OBJECTS, Measured

_HEAD = """\
# Model card: {name}

{finds}

| | |
|---|---|
| Version | {version}, trained as [its configuration](../../configs/training/{name}.yaml) says |
| Finds | {classes} |
| Network | YOLO26n by Ultralytics, 2.4 million parameters, its head with duplicates |
| Takes | `1 x 3 x {height} x {width}`, or any sides that 32 divides; RGB 0 to 1, on grey 114 |
| Gives | raw head: middle, size, a score a class; boxes that overlap by over {nms_iou} are one |
| Believed from | confidence {thresholds}; boxes from {floor} on are handed out |
| Licence | AGPL-3.0-or-later, as the training tool asks |

## Trained on

{trained_on}

## Measured

By `python -m scripts.training release configs/training/{name}.yaml`, which wrote this page;
`simpang model evaluate` gives the same of any pictures. AP50 is COCO's, over all confidences;
precision and recall are at the thresholds above. A class with fewer than {least} objects in a set
is left out: it would tell nothing.

{tables}

{remarks}

## Do not use it for

{not_for}
"""


def card(config: TrainingConfig, settings: Release, models: Sequence[Measured]) -> str:
    """Return a card as Markdown.

    Parameters
    ----------
    models
        The one that ships first; then those that it is to be seen beside.
    """
    least = {name: settings.thresholds.get(name, settings.threshold) for name in config.classes}
    told = sorted(set(least.values()), reverse=True)
    by_value = [
        f"{value:g} ({', '.join(name for name in least if least[name] == value)})" for value in told
    ]
    width, height = config.input_px
    tables = [
        _table(one, [(model, model.reports[number]) for model in models])
        for number, one in enumerate(settings.sets)
    ]
    return _HEAD.format(
        name=config.name,
        finds=settings.finds.strip(),
        version=settings.version,
        classes=", ".join(config.classes),
        width=width,
        height=height,
        nms_iou=f"{settings.nms_iou:g}",
        thresholds=", ".join(by_value) if len(told) > 1 else f"{told[0]:g}",
        floor=f"{settings.floor:g}",
        trained_on=settings.trained_on.strip(),
        least=LEAST_OBJECTS,
        tables="\n\n".join(tables),
        remarks=settings.remarks.strip(),
        not_for=settings.not_for.strip(),
    )


def _table(one: MeasuredSet, found: Sequence[tuple[Measured, Report]]) -> str:
    first = found[0][1]
    named = "" if one.named == "*" else f" (`{one.named}`)"
    head = (
        f"**{one.name}**{named}: {first.pictures} pictures, {first.empty_pictures} of them empty."
    )
    classes = [name for name, part in first.by_class.items() if part.objects >= LEAST_OBJECTS]
    columns = ["model"]
    for name in classes:
        columns += [f"{name} AP50", "AP50-95", "precision", "recall"]
    has_auc = first.picture_auc is not None and len(first.thresholds) == 1
    columns += ["picture AUC"] if has_auc else []
    columns += ["boxes on 100 empty pictures"] if first.empty_pictures else []
    lines = [_row(columns), _row(["---"] * len(columns))]
    for model, figures in found:
        cells = [f"{model.manifest.name} {model.manifest.version}"]
        for name in classes:
            part = figures.by_class[name]
            precision = "-" if part.precision is None else f"{part.precision:.3f}"
            cells += [f"{part.ap50:.3f}", f"{part.ap50_95:.3f}", precision, f"{part.recall:.3f}"]
        cells += [f"{figures.picture_auc:.3f}"] if has_auc else []
        cells += [f"{figures.false_per_100_empty:.2f}"] if first.empty_pictures else []
        lines.append(_row(cells))
    return head + "\n\n" + "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
