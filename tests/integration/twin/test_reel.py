"""Short scenarios played on a synthetic road: frames, the camera's faults, training pictures."""

from pathlib import Path

import numpy as np
import pytest

from models.dataset import pictures
from scripts.twin import slow_pictures
from scripts.twin.actors import CLASSES
from scripts.twin.film.reel import Reel, Shot
from scripts.twin.film.studio import Work, check, render
from scripts.twin.pictures import EVERY_S, MIN_INSIDE, MIN_VISIBLE, write_pictures
from scripts.twin.scenario import Scenario
from tests.asphalt import write_asphalt

pytestmark = [pytest.mark.integration, pytest.mark.computes, pytest.mark.usefixtures("drawing")]


@pytest.fixture(scope="module")
def plates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plates")
    write_asphalt(folder, "south")
    return folder


def a_scenario(**changes: object) -> Scenario:
    scenario: dict[str, object] = {
        "name": "trial",
        "title": "A trial",
        "camera": "south",
        "look": "day",
        "duration_s": 4,
        "starts_at": "2026-11-23T15:00:00+07:00",
        "traffic": {"demand": "busy", "seed": 3, "from_s": 60},
        "zones": {},
    }
    return Scenario.model_validate(scenario | changes)


def shots(scenario: Scenario, plates: Path, *, every: int = 1) -> list[Shot]:
    return list(Reel(scenario, plates).shots(every=every))


def test_a_frame_is_the_same_whether_its_neighbours_are_played_or_not(plates: Path) -> None:
    every = shots(a_scenario(), plates)
    some = shots(a_scenario(), plates, every=7)

    assert [shot.truth for shot in some] == [shot.truth for shot in every[::7]]
    for one, same in zip(some, every[::7], strict=True):
        assert np.array_equal(one.image, same.image)


def test_a_frozen_picture_is_sent_again_and_its_clock_stands_still(plates: Path) -> None:
    frozen = {"kind": "frozen", "from_s": 1.0, "to_s": 3.0}
    played = shots(a_scenario(faults=[frozen]), plates)
    before, during, after = played[:5], played[5:15], played[15:]

    for shot in during:
        assert np.array_equal(shot.image, before[-1].image)
        assert shot.truth.objects == before[-1].truth.objects
        assert shot.truth.clock == before[-1].truth.clock
    assert not np.array_equal(after[0].image, before[-1].image)
    assert [shot.truth.at_s for shot in played] == [number / 5 for number in range(20)]


def test_a_frozen_picture_is_the_same_where_only_its_middle_is_played(plates: Path) -> None:
    scenario = a_scenario(faults=[{"kind": "frozen", "from_s": 1.0, "to_s": 3.0}])

    (still,) = Reel(scenario, plates).shots(first=10, last=11)

    assert np.array_equal(still.image, shots(scenario, plates)[4].image)


@pytest.mark.parametrize("kind", ["dark", "covered"])
def test_nothing_is_to_be_seen_while_the_camera_is_dark_or_covered(plates: Path, kind: str) -> None:
    fault = {"kind": kind, "from_s": 1.0, "to_s": 3.0}
    played = shots(a_scenario(faults=[fault]), plates)
    before, during, after = played[4], played[10], played[-1]

    assert before.truth.objects
    assert not during.truth.objects
    assert after.truth.objects
    # Below the burned-in clock.
    assert during.image[60:300].mean() < 0.6 * before.image[60:300].mean()


def test_training_pictures_have_the_labels_of_what_can_be_made_out(
    plates: Path, tmp_path: Path
) -> None:
    scenario = a_scenario(duration_s=2 * EVERY_S)

    write_pictures(Work(scenario, plates, tmp_path))

    written = list(pictures(tmp_path))
    truths = [shot.truth for shot in shots(scenario, plates, every=round(EVERY_S * scenario.fps))]
    assert len(written) == len(truths) == 2
    for picture, truth in zip(written, truths, strict=True):
        height, width = picture.image().shape[:2]
        assert (width, height) == scenario.pixels
        labels = picture.labels(len(CLASSES))
        seen = [
            one for one in truth.objects if one.visible >= MIN_VISIBLE and one.inside >= MIN_INSIDE
        ]
        assert [CLASSES[number] for number in labels.class_id] == [one.kind for one in seen]
        np.testing.assert_allclose(
            labels.xyxy(scenario.pixels), [one.box for one in seen], atol=0.02
        )


def test_pictures_are_compressed_each_in_its_own_way(plates: Path, tmp_path: Path) -> None:
    write_pictures(Work(a_scenario(duration_s=2 * EVERY_S), plates, tmp_path))

    one, two = (file.stat().st_size for file in sorted((tmp_path / "images").iterdir()))
    assert abs(one - two) > 0.1 * min(one, two)


def test_slow_things_are_labelled_while_they_are_there_each_kind_by_itself(
    plates: Path, tmp_path: Path
) -> None:
    first = {"from_s": 0, "to_s": slow_pictures.EVERY_S}
    second = {"from_s": slow_pictures.EVERY_S, "to_s": 2 * slow_pictures.EVERY_S}
    hole = {"kind": "pothole", "thing": "hole", "at": (-3.0, -4.0), "width_m": 1.5, **first}
    patch = {"kind": "patch", "thing": "patch", "at": (1.0, -4.0), "size_m": (1.5, 1.5), **first}
    heap = {"kind": "rubbish", "thing": "heap", "at": (-2.0, -6.0), "state": "pile", "bags": 12}
    scenario = a_scenario(
        duration_s=2 * slow_pictures.EVERY_S,
        size="640x360",
        traffic={"demand": "night", "seed": 3, "from_s": 60},
        things=[hole, patch, heap | second],
    )

    slow_pictures.write_pictures(Work(scenario, plates, tmp_path))

    found = {
        kind: [len(picture.labels(1)) for picture in pictures(tmp_path / kind)]
        for kind in slow_pictures.KINDS
    }
    assert found == {"pothole": [1, 0], "rubbish": [0, 1]}


def test_each_training_view_has_holes_on_its_road_and_heaps_at_its_kerb() -> None:
    for scenario in slow_pictures.scenarios():
        kinds = {thing.kind for thing in scenario.things}
        assert {"pothole", "patch", "rubbish", "prop"} <= kinds, scenario.name


def test_the_truth_is_the_same_whatever_light_was_baked(plates: Path, tmp_path: Path) -> None:
    write_asphalt(tmp_path, "south", grain=0.3)
    stall = {"kind": "prop", "thing": "stall", "shape": "street_stall", "at": (-3.0, -5.0)}
    heap = {"kind": "rubbish", "thing": "heap", "at": (2.0, -6.0), "state": "pile", "bags": 12}
    scenario = a_scenario(duration_s=2, things=[stall, heap])

    truths = [
        reel.truth(list(reel.frame_truths()))
        for reel in (Reel(scenario, folder) for folder in (plates, tmp_path))
    ]

    assert [thing.thing for thing in truths[0].things] == ["stall", "heap"]
    assert truths[0] == truths[1]


def test_a_truth_that_comes_out_again_is_told_from_another(plates: Path, tmp_path: Path) -> None:
    work = Work(a_scenario(), plates, tmp_path)

    assert render(work).story.endswith("no truth was stored")
    assert check(work).as_stored
    assert render(work).story.endswith("truth identical")
    work.truth.write_text(work.truth.read_text().replace("car", "bus", 1))
    assert not check(work).as_stored
    assert {file.name for file in tmp_path.iterdir()} == {"trial.mp4", "trial.json"}
