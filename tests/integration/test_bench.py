"""`make bench`, at its smallest: every part runs, and the table and the file agree."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from models.manifest import shipped_manifests
from scripts.bench.figures import Figure, NotRun, table
from scripts.bench.sizes import SIZES_PX

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

FIGURES = {
    "decode.every_frame",
    "decode.looks",
    "detector.images",
    "detector.letterbox_ms",
    "detector.inference_ms",
    "detector.boxes_ms",
    "pipeline.looks",
    "pipeline.cameras",
    "pipeline.jam",
    "slow.cores",
    "slow.cores_enlarged",
    "slow.look_ms",
    "slow.pothole_ms",
    "slow.rubbish_ms",
    "slow.memory",
    "outbox.puts",
    "delivery.sqlite",
    "delivery.postgresql",
    "memory.first",
    "memory.more",
    *(
        f"farm.{farm}.{name}"
        for farm in ("2", "2_at_416")
        for name in ("cores", "memory", "missed", "age_p50", "age_p99", "decode", "detect")
    ),
    *(f"farm.overload.{name}" for name in ("missed", "age_p99", "unfair", "memory")),
    *(
        f"sizes.{path.stem}_{width_px}_ms"
        for path in shipped_manifests()
        if not path.stem.endswith("-int8")
        for width_px, _ in SIZES_PX
    ),
}

MAY_BE_MISSING = {"pipeline.jam", "delivery.postgresql", "farm.ultralytics"}
"""They need recorded footage, PostgreSQL, and what trains."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others may pass through, as pytest's own is not: root's PostgreSQL must."""
    with tempfile.TemporaryDirectory(prefix="simpang-bench-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_table_and_file_hold_the_same_figures(folder: Path) -> None:
    file, work = folder / "bench.json", folder / "work"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "scripts.bench", "--quick"),
            *("--json", str(file), "--work", str(work)),
        ],
        stdout=subprocess.PIPE,
        text=True,
        timeout=280,
        check=True,
    )
    report = json.loads(file.read_text(encoding="utf-8"))
    assert report["is_quick"] is True
    rows = TypeAdapter(list[Figure | NotRun]).validate_python(report["figures"])
    assert done.stdout == table(rows) + "\n"

    # Told as missing where nobody trains, and beside the others where somebody does.
    assert {row.key for row in rows} - {"farm.ultralytics"} == FIGURES
    assert {row.key for row in rows if isinstance(row, NotRun)} <= MAY_BE_MISSING
    for figure in (row for row in rows if isinstance(row, Figure)):
        # What an edge tells of itself stands alone, and none of its looks may have been missed.
        is_told = figure.key.startswith("farm.") and not figure.key.endswith(".cores")
        assert is_told or figure.value > 0, figure
        assert figure.beside or is_told, figure
        assert all(beside.ratio > 0 for beside in figure.beside), figure
    assert [path.suffix for path in work.iterdir()] == [".mp4"], "only the film is kept"
