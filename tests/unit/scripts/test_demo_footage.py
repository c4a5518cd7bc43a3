from pathlib import Path

import pytest

from scripts.demo.footage import Clip, FootageError, read_footage, shown, slug

ZONES = "zones: {left: [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]}"


def a_folder(tmp_path: Path, clips: str, *films: str) -> Path:
    (tmp_path / "clips.yaml").write_text(clips, encoding="utf-8")
    for film in films:
        (tmp_path / film).touch()
    return tmp_path


def problems_of(folder: Path) -> tuple[str, ...]:
    with pytest.raises(FootageError) as refused:
        read_footage(folder)
    return refused.value.problems


def test_a_clip_with_a_jam_is_played_first(tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path,
        f"""
        clips:
          free_b.mp4: {{{ZONES}}}
          free_a.mp4: {{{ZONES}}}
          jam.mp4: {{{ZONES}, congested: {{left: [[0, 9]]}}}}
        """,
        "free_a.mp4",
        "free_b.mp4",
        "jam.mp4",
    )

    assert [clip.file for clip in read_footage(folder)] == ["jam.mp4", "free_b.mp4", "free_a.mp4"]


def test_zones_may_be_shared_by_an_anchor_and_other_keys_are_left_alone(tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path,
        """
        camera_toll: &toll
          right: [[0.1, 0.2], [0.9, 0.2], [0.9, 1.0]]
        clips:
          toll_jam.mp4: {fps: 5, size: [640, 512], zones: *toll, note: "rain"}
        """,
        "toll_jam.mp4",
    )

    (clip,) = read_footage(folder)

    assert clip.camera == "toll-jam"
    assert clip.shown_name == "Toll jam"
    assert clip.zones == {"right": ((0.1, 0.2), (0.9, 0.2), (0.9, 1.0))}


def test_a_folder_without_clips_yaml_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(FootageError, match=r"clips\.yaml: No such file") as refused:
        read_footage(tmp_path)

    assert "expected a folder of MP4 files" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("clips: [", "is no YAML", id="no YAML"),
        pytest.param("", "must map", id="an empty file"),
        pytest.param("7", "must map", id="a number"),
        pytest.param("films: {}", "must map", id="another key"),
        pytest.param("clips: [a.mp4]", "must map", id="a list"),
        pytest.param("clips: {}", "lists no clip", id="no clip"),
    ],
)
def test_a_clips_file_that_lists_no_clips_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (problem,) = problems_of(a_folder(tmp_path, text))
    assert words in problem


def test_everything_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path,
        f"""
        clips:
          missing.mp4: {{{ZONES}}}
          a_b.mp4: {{{ZONES}}}
          a-b.mp4: {{{ZONES}}}
          no_zones.mp4: {{}}
          ../up.mp4: {{{ZONES}}}
        """,
        "a_b.mp4",
        "a-b.mp4",
    )

    problems = problems_of(folder)

    assert "missing.mp4: no such file" in problems
    assert "a-b.mp4: another clip is camera a-b already" in problems
    assert any(problem.startswith("no_zones.mp4: zones") for problem in problems)
    assert any(problem.startswith("../up.mp4: file") for problem in problems)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("toll_jam", "toll-jam"), ("Jl. Asia-Afrika 2", "jl-asia-afrika-2"), ("a" * 80, "a" * 63)],
)
def test_an_id_is_made_of_any_name(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_a_name_for_people_is_made_of_an_id() -> None:
    assert shown("toll-free_midday") == "Toll free midday"


def test_a_clip_may_name_its_camera() -> None:
    clip = Clip(file="a.mp4", zones={"left": ((0, 0), (1, 0), (1, 1))}, name="Simpang Dago")
    assert clip.shown_name == "Simpang Dago"
