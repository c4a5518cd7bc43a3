"""`simpang edge`: what it prints, its exit codes, and that no bad input shows a password."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from analytics.messages import IncidentMessage, IncidentPhase
from edge.cli import app
from edge.outbox import Outbox
from scripts.rtsp import Fault, Feed, RtspServer
from simpang import ExitCode
from tests.brokers import a_broker
from tests.builders import AT, an_evidence, an_incident
from tests.deadlines import eventually
from tests.edge_site import SITE, VEHICLES, a_camera, edge_process, write_site
from tests.footage import DARK, Segment, jam, write_audio_only, write_clip
from tests.tiny_model import write_tiny_model

pytestmark = pytest.mark.integration

PASSWORD = "hunter2@b/?#:"
LIMIT_BYTES = 2**24


def simpang_edge(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    write_clip(folder / "jam.mp4", [*jam(6), Segment(DARK, 4)])
    write_audio_only(folder / "sound.mp4")
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "text.mp4").write_text("not a film\n" * 50)
    whole = (folder / "jam.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: int(len(whole) * 0.8)])
    camera = a_camera("one", position={"latitude_deg": -6.2, "longitude_deg": 106.8})
    (folder / "camera.yaml").write_text(yaml.safe_dump(camera))
    write_tiny_model(folder, VEHICLES)
    return folder


@pytest.fixture(scope="module")
def cameras(films: Path) -> Iterator[RtspServer]:
    film = films / "jam.mp4"
    faults = {fault.value.replace("_", "-"): Feed(film, fault) for fault in Fault}
    locked = Feed(film, username="viewer", password="another")
    with RtspServer(faults | {"good": Feed(film), "locked": locked}) as server:
        yield server


def test_a_valid_site_is_summed_up(tmp_path: Path) -> None:
    config = write_site(tmp_path, {"one": "rtsp://127.0.0.1:1/"})
    result = simpang_edge("check", "--config", config)
    assert (result.exit_code, result.stderr) == (ExitCode.DONE, "")
    assert f"{SITE}, 1 camera(s), 1 zone(s)" in result.stdout
    assert not (tmp_path / "data").exists(), "check changes nothing"


def test_the_lamps_of_a_site_are_counted_where_it_has_some(tmp_path: Path) -> None:
    lamps = [{"lamp": f"pole-{n}", "name": f"Pole {n}", "box": [0.5, 0.1, 0.6, 0.2]} for n in "12"]
    cameras = [a_camera("one", url="rtsp://127.0.0.1:1/", lamps=lamps)]
    config = write_site(tmp_path, {}, cameras=cameras)
    result = simpang_edge("check", "--config", config)
    assert f"{SITE}, 1 camera(s), 1 zone(s), 2 lamp(s)" in result.stdout


def test_a_site_that_is_not_valid_is_told_on_stdout_with_its_own_exit_code(tmp_path: Path) -> None:
    config = write_site(tmp_path, {"one": f"rtsp://viewer:{PASSWORD}@host/"}, colour="red")
    result = simpang_edge("check", "--config", config, "--json")
    assert result.exit_code == ExitCode.INVALID
    report = json.loads(result.stdout)
    assert report["valid"] is False
    assert [line.split(": ")[1] for line in report["problems"]] == ["cameras[0].url", "colour"]
    as_text = simpang_edge("check", "--config", config)
    assert "colour: unknown key" in as_text.stdout
    refused = simpang_edge("run", "--config", config)
    assert refused.exit_code == ExitCode.INVALID
    assert "hunter2" not in result.output + as_text.output + refused.output


def test_a_site_too_large_for_central_to_read_is_refused(tmp_path: Path) -> None:
    outline = [[0, 0], [1, 0], [1, 1], [0, 1]]
    zones = [{"zone": f"zone-{n}", "name": "x" * 120, "polygon": outline} for n in range(32)]
    url = "rtsp://127.0.0.1:1/"
    cameras = [a_camera(f"camera-{n}", url=url, zones=zones) for n in range(50)]
    config = write_site(tmp_path, {}, cameras=cameras)
    result = simpang_edge("check", "--config", config)
    assert result.exit_code == ExitCode.INVALID
    assert "cameras: their catalogue takes" in result.stdout
    refused = simpang_edge("run", "--config", config)
    assert refused.exit_code == ExitCode.INVALID
    assert "make two sites of it" in refused.stderr
    assert not (tmp_path / "data").exists(), "nothing was begun"


def test_weights_that_do_not_fit_their_manifest_keep_a_site_from_running(tmp_path: Path) -> None:
    config = write_site(tmp_path, {"one": "rtsp://127.0.0.1:1/"})
    manifest = yaml.safe_load((tmp_path / "tiny.yaml").read_text())
    manifest["input"]["width_px"] = 320
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(manifest))
    result = simpang_edge("check", "--config", config)
    assert result.exit_code == ExitCode.INVALID
    assert "320" in result.stdout


def test_a_probe_says_of_every_camera_and_the_broker_what_is_wrong(
    tmp_path: Path, cameras: RtspServer
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        # Bound and not listening: nobody else can take it, and it refuses.
        refused = f"rtsp://127.0.0.1:{taken.getsockname()[1]}/live"
        expected = {
            "good": (cameras.url("good"), None),
            "locked": (cameras.url("locked"), "authentication"),
            "not-found": (cameras.url("not-found"), "not_found"),
            "no-video": (cameras.url("no-video"), "no_video"),
            "no-media": (cameras.url("no-media"), "no_video"),
            "codec": (cameras.url("unknown-codec"), "codec"),
            "silent": (cameras.url("never-answer"), "timeout"),
            "refused": (refused, "refused"),
            "nowhere": ("rtsp://no-such-host.invalid/live", "unknown_host"),
        }
        login = {"username": "viewer", "password": PASSWORD}
        entries = [a_camera(name, url=url, **login) for name, (url, _) in expected.items()]
        config = write_site(tmp_path, {}, cameras=entries)
        result = simpang_edge("check", "--config", config, "--probe", "--json")
        as_text = simpang_edge("check", "--config", config, "--probe")
    assert (result.exit_code, as_text.exit_code) == (ExitCode.UNREACHABLE,) * 2
    reached = json.loads(result.stdout)["reached"]
    assert {one["camera"]: one["fault"] for one in reached["cameras"]} == {
        name: fault for name, (_, fault) in expected.items()
    }
    assert reached["cameras"][0]["width_px"] == 320
    assert "cannot be reached" in reached["broker_fault"]
    assert "h264 320x192" in as_text.stdout
    assert "hunter2" not in result.output + as_text.output


def test_a_probe_of_a_site_where_all_answers_is_done(tmp_path: Path, cameras: RtspServer) -> None:
    broker = a_broker("mosquitto", tmp_path, username="edge", password=PASSWORD)
    broker.start()
    try:
        config = write_site(
            tmp_path,
            {"good": cameras.url("good")},
            broker={"port": broker.port, "username": "edge", "password": PASSWORD},
        )
        result = simpang_edge("check", "--config", config, "--probe")
        config.write_text(config.read_text().replace(PASSWORD, "hunter2"))
        refused = simpang_edge("check", "--config", config, "--probe")
    finally:
        broker.kill()
    assert result.exit_code == ExitCode.DONE, result.output
    assert "takes this site" in result.stdout
    assert refused.exit_code == ExitCode.UNREACHABLE
    assert "refused the site" in refused.stdout
    assert "hunter2" not in refused.output


def test_a_probe_says_how_far_each_zone_shows_what_does_not_move(
    tmp_path: Path, cameras: RtspServer
) -> None:
    outline = [[0.1, 0.22], [0.9, 0.22], [0.9, 0.9], [0.1, 0.9]]
    zones = [
        {"zone": "lane", "name": "Lane", "polygon": outline},
        {"zone": "road", "name": "Road", "polygon": outline, "looks_for": ["pothole", "rubbish"]},
    ]
    ground = [
        {"view": [0.0, 1.0], "east_m": -1.6, "north_m": 4.0},
        {"view": [1.0, 1.0], "east_m": 1.6, "north_m": 4.0},
        {"view": [1.0, 0.2], "east_m": 8.0, "north_m": 20.0},
        {"view": [0.0, 0.2], "east_m": -8.0, "north_m": 20.0},
    ]
    common = {"url": cameras.url("good"), "zones": zones, "check_view": True}
    entries = [a_camera("measured", ground=ground, **common), a_camera("plain", **common)]
    config = write_site(tmp_path, {}, cameras=entries)
    told = json.loads(simpang_edge("check", "--config", config, "--probe", "--json").stdout)
    measured, plain = (camera["zones"] for camera in told["reached"]["cameras"])
    assert measured.keys() == plain.keys() == {"road"}, "congestion is judged by its looks"
    # 320 pixels over 3.2 m at 4 m: half a metre has 50, so 25 at 8 m and 14 at 14 m.
    assert measured["road"]["reach"]["good_m"] == pytest.approx(8.0, rel=0.1)
    assert measured["road"]["reach"]["degraded_m"] == pytest.approx(14.3, rel=0.1)
    assert plain["road"]["reach"] is None
    as_text = simpang_edge("check", "--config", config, "--probe").stdout
    assert "zone  road, 0.5 m is seen well to 8 m" in as_text
    assert "zone  road, how far is not known without `ground`" in as_text


def test_a_replay_prints_each_incident_message_as_one_json_line(
    tmp_path: Path, films: Path
) -> None:
    result = simpang_edge(
        *("replay", films / "jam.mp4", "--camera", films / "camera.yaml"),
        *("--model", films / "tiny.yaml", "--speed", "max", "--json"),
        *("--start-at", "2026-08-17T10:00:00+07:00", "--evidence", tmp_path / "pictures"),
    )
    assert result.exit_code == ExitCode.DONE, result.output
    lines = result.stdout.splitlines()
    incidents = [IncidentMessage.model_validate_json(line) for line in lines]
    assert [one.phase for one in incidents] == [IncidentPhase.OPENED, IncidentPhase.CLOSED]
    start = datetime(2026, 8, 17, 3, 0, tzinfo=UTC)
    seconds = [(one.observed_at - start).total_seconds() for one in incidents]
    assert 2 <= seconds[0] <= 6 < seconds[1] <= 10
    pictures = list((tmp_path / "pictures").iterdir())
    assert len(pictures) == len(incidents[0].evidence) > 0
    assert all(picture.read_bytes()[:2] == b"\xff\xd8" for picture in pictures)


def test_a_replay_without_json_is_for_people(films: Path) -> None:
    result = simpang_edge(
        *("replay", films / "jam.mp4", "--camera", films / "camera.yaml"),
        *("--model", films / "tiny.yaml"),
    )
    assert "opened   congestion in one/road" in result.stdout
    assert "0 incident(s) open at the end" in result.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("nowhere.mp4", "there is no such file", id="not there"),
        pytest.param("empty.mp4", "the file is empty", id="empty"),
        pytest.param("text.mp4", "this is no video file", id="text"),
        pytest.param("sound.mp4", "no video", id="sound only"),
        pytest.param("cut.mp4", "the film is cut off", id="cut off"),
        pytest.param(".", "this is a folder", id="a folder"),
    ],
)
def test_a_film_that_cannot_be_played_says_why(films: Path, name: str, words: str) -> None:
    result = simpang_edge("replay", films / name, "--camera", films / "camera.yaml")
    assert result.exit_code == ExitCode.FAILED
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1, "words, and no traceback"


@pytest.mark.parametrize("text", ["yesterday", "2026-08-17T10:00:00"], ids=["no time", "naive"])
def test_a_start_that_is_no_time_is_bad_usage(films: Path, text: str) -> None:
    result = simpang_edge(
        *("replay", films / "jam.mp4", "--camera", films / "camera.yaml", "--start-at", text)
    )
    assert result.exit_code == ExitCode.USAGE
    assert "+07:00" in result.stderr


def test_a_camera_file_or_model_that_is_not_valid_stops_a_replay(films: Path) -> None:
    result = simpang_edge("replay", films / "jam.mp4", "--camera", films / "tiny.yaml")
    assert result.exit_code == ExitCode.INVALID
    assert "camera: is missing" in result.stderr
    result = simpang_edge(
        *("replay", films / "jam.mp4", "--camera", films / "camera.yaml", "--model", "none")
    )
    assert result.exit_code == ExitCode.INVALID


def test_the_outbox_can_be_looked_at_while_a_site_runs_on_it(tmp_path: Path) -> None:
    config = write_site(tmp_path, {"one": "rtsp://127.0.0.1:1/"})
    (tmp_path / "data").mkdir()
    incident = an_incident()
    with Outbox(tmp_path / "data" / "outbox.db", limit_bytes=LIMIT_BYTES) as outbox:
        outbox.put([incident, an_evidence(incident)], at=AT)
        result = simpang_edge("outbox", "--config", config, "--limit", "1", "--json")
        as_text = simpang_edge("outbox", "--config", config)
        second_site = simpang_edge("run", "--config", config)
    shown = json.loads(result.stdout)
    assert (result.exit_code, shown["depth"], len(shown["messages"])) == (ExitCode.DONE, 2, 1)
    assert shown["messages"][0]["message_id"] == str(incident.message_id)
    assert "2 message(s) wait" in as_text.stdout
    assert second_site.exit_code == ExitCode.FAILED
    assert "outbox" in second_site.stderr


def test_where_there_is_no_outbox_it_says_so(tmp_path: Path) -> None:
    config = write_site(tmp_path, {"one": "rtsp://127.0.0.1:1/"})
    result = simpang_edge("outbox", "--config", config)
    assert result.exit_code == ExitCode.FAILED
    assert "there is no outbox at" in result.stderr


def test_a_check_names_an_outbox_that_is_damaged(tmp_path: Path) -> None:
    config = write_site(tmp_path, {"one": "rtsp://127.0.0.1:1/"})
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "outbox.db").write_bytes(b"no database" * 1000)
    result = simpang_edge("check", "--config", config)
    assert result.exit_code == ExitCode.INVALID
    assert "outbox.db" in result.stdout


def test_a_running_site_tells_how_it_is_and_reads_its_file_again(
    cameras: RtspServer, tmp_path: Path
) -> None:
    config = write_site(tmp_path, {"good": cameras.url("good")})
    with edge_process(config, log=tmp_path / "log"):
        eventually(lambda: "running" in simpang_edge("status", "--config", config).output)
        told = json.loads(simpang_edge("status", "--config", config, "--json").output)
        assert [camera["camera"] for camera in told["cameras"]] == ["good"]
        assert told["workers"][0]["cameras"] == 1

        assert simpang_edge("reload", "--config", config).output == "nothing has changed\n"
        write_site(tmp_path, {"good": cameras.url("good"), "stall": cameras.url("stall")})
        result = simpang_edge("reload", "--config", config)
        assert result.output.startswith("1 camera(s) added: stall")

        config.write_text(f"{config.read_text()}colour: red\n")
        result = simpang_edge("reload", "--config", config)
        assert result.exit_code == ExitCode.FAILED
        assert "colour: unknown key" in result.output


@pytest.mark.parametrize("command", ["status", "reload"])
def test_a_site_that_does_not_run_cannot_be_asked(tmp_path: Path, command: str) -> None:
    config = write_site(tmp_path, {"one": "rtsp://127.0.0.1:1/"})
    (tmp_path / "data").mkdir()
    result = simpang_edge(command, "--config", config)
    assert result.exit_code == ExitCode.FAILED
    assert "no edge runs with the data_dir" in result.output
