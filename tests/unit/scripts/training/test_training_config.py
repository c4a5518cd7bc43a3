"""Training configurations: those that ship can be read, wrong ones say what is wrong."""

from pathlib import Path

import pytest

from analytics.detections import ObjectClass
from scripts.training.config import TrainingError, read_config
from scripts.twin.actors import CLASSES

CONFIGS = Path(__file__).parents[4] / "configs" / "training"


@pytest.mark.parametrize("file", sorted(CONFIGS.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_configuration_that_ships_can_be_read(file: Path) -> None:
    config = read_config(file)

    assert all(name.upper() in ObjectClass.__members__ for name in config.classes)


def test_simulated_pictures_are_labelled_in_the_order_of_the_classes() -> None:
    assert tuple(CLASSES) == read_config(CONFIGS / "traffic.yaml").classes


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("name: Wrong Name\nclasses: [car]\nstages: []\n", encoding="utf-8")

    with pytest.raises(TrainingError) as told:
        read_config(file)

    for field in ("name", "start", "train", "val", "stages"):
        assert f"  {field}" in str(told.value)


STAGE = "{side_px: 64, epochs: 1, learning_rate: 0.1}"


def written(folder: Path, train: str, *stages: str, more: str = "") -> Path:
    file = folder / "model.yaml"
    file.write_text(
        "name: model\nstart: x.pt\nclasses: [car]\nval: {folder: val}\n"
        f"train: [{train}]\nstages: [{', '.join(stages)}]\n{more}",
        encoding="utf-8",
    )
    return file


def test_weights_of_another_training_that_are_not_there_are_told(tmp_path: Path) -> None:
    file = written(tmp_path, "{folder: made}", STAGE, more="averaged_with: [other.pt]\n")

    with pytest.raises(TrainingError, match=r"other\.pt: expected weights of another training"):
        read_config(file).others()


def test_a_stage_without_pictures_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, "{folder: made, stages: [1]}", STAGE, STAGE)

    with pytest.raises(TrainingError, match="stage 2 shows no pictures"):
        read_config(file)


def test_a_stage_that_there_is_not_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, "{folder: real}, {folder: made, stages: [2]}", STAGE)

    with pytest.raises(TrainingError, match="made is shown in stage 2; expected one up to 1"):
        read_config(file)


def test_a_part_that_is_shown_in_no_stage_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, "{folder: real}, {folder: made, stages: []}", STAGE)

    with pytest.raises(TrainingError, match=r"train\.1\.stages"):
        read_config(file)


@pytest.mark.parametrize(
    ("train", "twice"),
    [
        ("{folder: made}, {folder: made/, least_height: 0.04}", "made/"),
        ("{folder: made}, {folder: made, shows_none: true}", "made"),
        ("{folder: val, lacks_people: true}", "val"),
    ],
)
def test_a_folder_that_would_be_labelled_in_two_ways_is_told(
    train: str, twice: str, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=f"{twice} is listed twice and labelled in two ways"):
        read_config(written(tmp_path, train, STAGE))
