"""`simpang model` as it is typed: its answer on stdout, its exit codes, its `--json`."""

import json
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from models.cli import app
from models.confusion_sheet import ROWS_EACH, SIDE_PX
from simpang import ExitCode
from tests.tiny_model import TINY_HEIGHT_PX, TINY_WIDTH_PX, write_tiny_model

pytestmark = [pytest.mark.integration, pytest.mark.computes]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path, [(10, 20, 50, 40, "car")])


def test_list_names_the_models_that_ship() -> None:
    result = run("list")

    assert result.exit_code == ExitCode.DONE
    assert "traffic" in result.stdout
    assert "motorcycle" in result.stdout


def test_list_as_json_is_one_object_without_a_path_of_this_machine() -> None:
    (line,) = run("list", "--json").stdout.splitlines()

    model = next(model for model in json.loads(line)["models"] if model["name"] == "traffic")
    assert model["classes"][0] == "car"
    assert model["file"] == "traffic.onnx"


def test_verify_without_a_name_proves_all_that_ship() -> None:
    result = run("verify")

    assert result.exit_code == ExitCode.DONE, result.output
    assert "traffic: ok" in result.stdout


def test_verify_names_all_faults_of_all_models_and_ends_with_3(tmp_path: Path, tiny: Path) -> None:
    broken = write_tiny_model(tmp_path / "broken", [])
    broken.with_suffix(".onnx").write_bytes(b"something else")
    gone = write_tiny_model(tmp_path / "gone", [])
    gone.with_suffix(".onnx").unlink()
    odd = tmp_path / "odd.yaml"
    odd.write_text("name: Odd\n", encoding="utf-8")

    result = run("verify", str(tiny), str(broken), str(gone), str(odd), "nowhere", "--json")

    assert result.exit_code == ExitCode.INVALID
    models = {found["model"]: found for found in json.loads(result.stdout)["models"]}
    assert [found["ok"] for found in models.values()] == [True, False, False, False, False]
    assert models[str(tiny)]["problems"] == []
    assert "sha256" in models[str(broken)]["problems"][0]
    assert "cannot be read" in models[str(gone)]["problems"][0]
    assert len(models[str(odd)]["problems"]) > 5
    assert "no such file" in models["nowhere"]["problems"][0]


def test_verify_as_text_tells_each_problem_on_a_line_of_its_own(tmp_path: Path) -> None:
    odd = tmp_path / "odd.yaml"
    odd.write_text("name: Odd\n", encoding="utf-8")

    lines = run("verify", str(odd)).stdout.splitlines()

    assert lines[0] == f"{odd}: not usable"
    assert any(line.startswith("  sha256: ") for line in lines)


def test_bench_tells_how_long_each_part_takes(tiny: Path) -> None:
    result = run("bench", str(tiny), "--seconds", "0.1", "--json")

    assert result.exit_code == ExitCode.DONE, result.output
    found = json.loads(result.stdout)
    parts = [found[part]["p50_ms"] for part in ("preprocess", "inference", "decode")]
    assert found["images"] >= 1
    assert found["images_per_s_per_core"] > 0
    assert all(0 < part <= found["total"]["p90_ms"] for part in parts)


def test_bench_as_text_is_a_table(tiny: Path) -> None:
    lines = run("bench", str(tiny), "--seconds", "0.1").stdout.splitlines()

    assert lines[0].startswith("tiny 0.0.1, ")
    assert [line.split()[0] for line in lines[2:6]] == [
        "preprocess",
        "inference",
        "decode",
        "total",
    ]
    assert lines[-1].endswith("images/s per core")


def test_bench_of_a_model_that_is_not_there_ends_with_3_and_says_so_on_stderr() -> None:
    result = run("bench", "nowhere")

    assert result.exit_code == ExitCode.INVALID
    assert result.stdout == ""
    assert "no such file" in result.stderr


@pytest.fixture
def two_pictures(tmp_path: Path) -> Path:
    """Return a bright picture with a car where the tiny model sees one, and a dark empty one."""
    folder = tmp_path / "pictures"
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    x, y, width, height = 30 / TINY_WIDTH_PX, 30 / TINY_HEIGHT_PX, 40 / 160, 20 / 96
    labels = {"bright": f"0 {x} {y} {width} {height}\n", "dark": ""}
    for name, level in (("bright", 155), ("dark", 0)):
        picture = np.full((TINY_HEIGHT_PX, TINY_WIDTH_PX, 3), level, np.uint8)
        assert cv2.imwrite(str(folder / "images" / f"{name}.png"), picture)
        (folder / "labels" / f"{name}.txt").write_text(labels[name], encoding="utf-8")
    return folder


def test_evaluate_measures_a_model_on_labelled_pictures(tiny: Path, two_pictures: Path) -> None:
    result = run("evaluate", str(tiny), str(two_pictures), "--json")

    assert result.exit_code == ExitCode.DONE, result.output
    found = json.loads(result.stdout)
    assert (found["pictures"], found["empty_pictures"]) == (2, 1)
    assert found["by_class"]["car"]["objects"] == 1
    assert found["by_class"]["car"]["ap50"] == pytest.approx(1)
    assert list(found["by_size"]["car"]) == ["small"]
    assert found["picture_auc"] == 1


def test_evaluate_measures_a_model_at_another_size_of_its_input(
    tmp_path: Path, two_pictures: Path
) -> None:
    # In an input of 96 pixels the box is elsewhere in the picture than in one of 160.
    free = write_tiny_model(tmp_path / "free", [(10, 20, 50, 40, "car")], multiple_px=32)

    own = run("evaluate", str(free), str(two_pictures), "--json")
    small = run("evaluate", str(free), str(two_pictures), "--size", "96x64", "--json")

    assert json.loads(own.stdout)["by_class"]["car"]["ap50"] == pytest.approx(1)
    assert json.loads(small.stdout)["by_class"]["car"]["ap50"] == 0


@pytest.mark.parametrize(
    ("size", "said"),
    [
        pytest.param("96x60", "model tiny at 96x60: expected sides that 32 divides", id="odd"),
        pytest.param("96", "'96' is no size; expected width and height", id="no height"),
    ],
)
def test_evaluate_refuses_a_size_that_the_model_does_not_take(
    tmp_path: Path, two_pictures: Path, size: str, said: str
) -> None:
    free = write_tiny_model(tmp_path / "free", [], multiple_px=32)

    result = run("evaluate", str(free), str(two_pictures), "--size", size)

    assert result.exit_code in {ExitCode.INVALID, 2}
    assert said in " ".join(result.stderr.replace("│", " ").split())


def test_verify_proves_that_a_model_takes_the_other_sizes_that_it_claims(tmp_path: Path) -> None:
    path = write_tiny_model(tmp_path, [])
    path.write_text(path.read_text().replace("height_px: 96", "height_px: 96\n  multiple_px: 32"))

    result = run("verify", str(path))

    assert result.exit_code == ExitCode.INVALID
    assert "expected tensor(float) of shape (1, 3, 64, 64)" in result.stdout


def test_evaluate_as_text_is_a_table(tiny: Path, two_pictures: Path) -> None:
    lines = run("evaluate", str(tiny), str(two_pictures), "--threshold", "0.2").stdout.splitlines()

    assert lines[0].split()[:3] == ["tiny", "0.0.1", "objects"]
    assert lines[1].startswith("car (from 0.2)")
    assert lines[-2:] == [
        "AUC of a picture's most confident box: 1.000",
        "boxes on 100 empty pictures: 0.00",
    ]


def test_evaluate_of_pictures_that_show_none_counts_false_alarms(
    tiny: Path, two_pictures: Path
) -> None:
    (two_pictures / "labels" / "dark.txt").write_text("9 0 0 0 0\n", encoding="utf-8")

    result = run("evaluate", str(tiny), str(two_pictures), "--shows-none", "--json")

    found = json.loads(result.stdout)
    assert (found["empty_pictures"], found["false_per_100_empty"]) == (2, 50)
    assert found["by_class"] == {}


def test_false_alarms_above_the_line_are_left_out(tiny: Path, two_pictures: Path) -> None:
    result = run(
        "evaluate", str(tiny), str(two_pictures), "--shows-none", "--ignore-above", "0.9", "--json"
    )

    assert json.loads(result.stdout)["false_per_100_empty"] == 0


def test_evaluate_takes_pictures_of_a_name_only_and_tells_where_none_has_it(
    tiny: Path, two_pictures: Path
) -> None:
    only = run("evaluate", str(tiny), str(two_pictures), "--named", "bright*", "--json")
    none = run("evaluate", str(tiny), str(two_pictures), "--named", "gone*")

    assert json.loads(only.stdout)["pictures"] == 1
    assert none.exit_code == ExitCode.INVALID
    assert "no picture is named gone*" in none.stderr


def test_evaluate_draws_the_curve_and_the_worst_mistakes(
    tiny: Path, two_pictures: Path, tmp_path: Path
) -> None:
    (two_pictures / "labels" / "bright.txt").write_text("0 0.8 0.8 0.1 0.1\n", encoding="utf-8")
    out = tmp_path / "drawn"

    result = run("evaluate", str(tiny), str(two_pictures), "--out", str(out))

    assert result.exit_code == ExitCode.DONE, result.output
    drawing = ElementTree.parse(out / "precision-recall.svg").getroot()
    assert drawing.tag.endswith("svg")
    assert "car 0.000 (1)" in "".join(drawing.itertext())
    sheet = cv2.imread(str(out / "mistakes.png"))
    assert sheet is not None
    false, missed = sheet[:SIDE_PX, :SIDE_PX], sheet[ROWS_EACH * SIDE_PX :][:SIDE_PX, :SIDE_PX]
    # The bright picture around each box, where a free place is grey.
    for tile in (false, missed):
        assert tile.max() > 150
    assert sheet[:SIDE_PX, SIDE_PX:].max() == sheet[:SIDE_PX, SIDE_PX:].min(), "one of each"


def test_evaluate_names_the_label_that_is_wrong(tiny: Path, two_pictures: Path) -> None:
    (two_pictures / "labels" / "dark.txt").write_text("9 0 0 0 0\n", encoding="utf-8")

    result = run("evaluate", str(tiny), str(two_pictures))

    assert result.exit_code == ExitCode.INVALID
    assert "dark.txt:1" in result.stderr


@pytest.mark.parametrize("command", ["list", "verify", "bench", "evaluate"])
def test_each_command_has_help_that_ends_in_an_example(command: str) -> None:
    words = run(command, "--help").stdout.split()

    assert words[words.index("Example:") + 1 :][:3] == ["simpang", "model", command]
