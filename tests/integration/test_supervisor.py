"""Worker processes that die, hang and crash: their cameras come back, and no incident is lost."""

import os
import signal
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from analytics.messages import (
    IncidentMessage,
    IncidentPhase,
    StreamFaultType,
    StreamState,
    decode,
)
from edge.app import Site, running
from edge.config import load_site
from edge.control import ask
from edge.errors import ControlError, EdgeError, OutboxError
from edge.figures import CameraFigures
from edge.outbox import OutboxReader
from edge.status import SiteStatus
from scripts.rtsp import Feed, RtspServer
from tests.deadlines import eventually
from tests.edge_site import a_camera, edge_process, write_site
from tests.footage import DARK, Segment, jam, write_clip
from tests.processes import descendants, is_alive

pytestmark = pytest.mark.integration

NAMES = ("a", "b", "c", "d")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("films") / "empty.mp4", [Segment(DARK, 5)])


@contextmanager
def a_site(config: Path) -> Iterator[Site]:
    with running(load_site(config, environ={}), software="0.1.0") as site:
        yield site


def cameras(site: Site) -> Mapping[str, CameraFigures]:
    return {one.camera: one for one in site.camera_figures()}


def running_cameras(site: Site) -> set[str]:
    return {name for name, one in cameras(site).items() if one.stream.state is StreamState.RUNNING}


def pids(site: Site) -> list[int | None]:
    return [worker.pid for worker in site.figures().workers]


def config_of(tmp_path: Path, server: RtspServer, *, provider: str = "cpu") -> Path:
    urls = {name: server.url(name) for name in NAMES}
    return write_site(tmp_path, urls, workers=2, inference={"provider": provider})


def test_a_worker_that_is_killed_comes_back_and_the_other_one_notices_nothing(
    tmp_path: Path, film: Path
) -> None:
    with (
        RtspServer({name: Feed(film) for name in NAMES}) as server,
        a_site(config_of(tmp_path, server)) as site,
    ):
        eventually(lambda: running_cameras(site) == set(NAMES))
        before = cameras(site)
        killed, other = pids(site)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: pids(site)[0] not in {killed, None})
        eventually(lambda: running_cameras(site) == set(NAMES))

        assert pids(site)[1] == other
        assert [worker.restarts for worker in site.figures().workers] == [1, 0]
        after = cameras(site)
        hit = {name for name in NAMES if after[name].stream.reconnects}
        assert len(hit) == 2
        assert all(server.connections(name) == (2 if name in hit else 1) for name in NAMES)
        # Counts only grow: who draws them must not see a dead worker as a drop to nothing.
        for name in NAMES:
            assert after[name].looks.looks >= before[name].looks.looks
            assert after[name].stream.frames >= before[name].stream.frames


def test_a_worker_that_hangs_is_killed_and_comes_back(
    tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.supervisor.SILENT_S", 2.0)
    with (
        RtspServer({name: Feed(film) for name in NAMES}) as server,
        a_site(config_of(tmp_path, server)) as site,
    ):
        eventually(lambda: running_cameras(site) == set(NAMES))
        stopped, _ = pids(site)
        assert stopped is not None
        os.kill(stopped, signal.SIGSTOP)
        eventually(lambda: pids(site)[0] not in {stopped, None})
        eventually(lambda: running_cameras(site) == set(NAMES))
        assert not is_alive(stopped)


@pytest.fixture
def crashing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each worker crash as if in a codec, in the thread that reads camera ``b``."""
    (tmp_path / "crash").mkdir()
    (tmp_path / "crash" / "sitecustomize.py").write_text(
        textwrap.dedent(
            """
            import faulthandler, threading

            def crash(frame, event, _):
                if event == "call" and frame.f_code.co_name == "_deliver":
                    if threading.current_thread().name == "reader-b":
                        faulthandler._sigsegv()

            threading.setprofile(crash)
            """
        )
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "crash"), prepend=os.pathsep)


@pytest.mark.usefixtures("crashing")
def test_a_camera_that_crashes_its_worker_again_and_again_is_kept_apart_and_told(
    tmp_path: Path, film: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        RtspServer({name: Feed(film) for name in NAMES}) as server,
        a_site(config_of(tmp_path, server)) as site,
    ):
        eventually(lambda: running_cameras(site) == {"a", "c", "d"}, within_s=40)
        assert sum(worker.restarts for worker in site.figures().workers) == 3
        crashed = cameras(site)["b"].stream
        assert crashed.state is StreamState.WAITING
        assert crashed.fault is not None
        assert crashed.fault.type is StreamFaultType.CRASHED
        seen = cameras(site)["a"].looks.looks
        eventually(lambda: cameras(site)["a"].looks.looks > seen + 5)
    assert "camera b took down worker-1 again and is kept apart" in caplog.text
    assert "Segmentation fault" in caplog.text


def test_a_supervisor_that_is_killed_leaves_no_worker_behind_and_loses_nothing_stored(
    tmp_path: Path,
) -> None:
    jammed = write_clip(tmp_path / "jam.mp4", jam(20))
    with RtspServer({name: Feed(jammed) for name in NAMES}) as server:
        config = config_of(tmp_path, server)
        with edge_process(config, log=tmp_path / "log") as process:
            eventually(lambda: len(incidents(tmp_path)) >= len(NAMES))
            stored = incidents(tmp_path).keys()
            workers = descendants(process.pid)
            process.kill()
            eventually(lambda: not any(is_alive(pid) for pid in workers))
        assert stored <= incidents(tmp_path).keys()


def test_workers_killed_while_they_store_lose_nothing_that_was_stored(tmp_path: Path) -> None:
    jammed = write_clip(tmp_path / "jam.mp4", jam(20))
    with (
        RtspServer({name: Feed(jammed) for name in NAMES}) as server,
        a_site(config_of(tmp_path, server)) as site,
    ):
        stored: dict[UUID, IncidentMessage] = {}
        for _ in range(4):
            known = len(stored)
            eventually(lambda: len(incidents(tmp_path)) > known, within_s=40)  # noqa: B023
            for pid in pids(site):
                if pid is not None:
                    os.kill(pid, signal.SIGKILL)
            # What was there is there, and all of an incident's revisions are.
            now = incidents(tmp_path)
            assert stored.keys() <= now.keys()
            stored = now
    revisions: dict[UUID, list[int]] = defaultdict(list)
    for message in incidents(tmp_path).values():
        revisions[message.incident_id].append(message.revision)
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in revisions.values())


def incidents(tmp_path: Path) -> dict[UUID, IncidentMessage]:
    """Return the revisions that wait on the disk, by message."""
    try:
        with OutboxReader(tmp_path / "data" / "outbox.db") as reader:
            messages = [decode(entry.topic, entry.payload) for entry in reader.entries(1000)]
    except OutboxError:
        return {}
    return {one.message_id: one for one in messages if isinstance(one, IncidentMessage)}


def test_a_reload_drops_and_takes_up_cameras_and_leaves_the_others_alone(
    tmp_path: Path, film: Path
) -> None:
    feeds = {name: Feed(film) for name in (*NAMES, "new")}
    with RtspServer(feeds) as server:
        config = config_of(tmp_path, server)
        with edge_process(config, log=tmp_path / "log") as process:
            control = tmp_path / "data" / "edge.sock"
            eventually(lambda: states(control) == dict.fromkeys(NAMES, "running"))
            kept = [a_camera(name, url=server.url(name)) for name in ("a", "b")]
            changed = a_camera("c", url=server.url("c"), looks_per_s=5)
            new = a_camera("new", url=server.url("new"))
            write_site(tmp_path, {}, workers=2, cameras=[*kept, changed, new])

            answer = ask(control, "reload")
            assert answer["added"] == ["new"]
            assert answer["removed"] == ["d"]
            assert answer["changed"] == ["c"]
            wanted = dict.fromkeys(("a", "b", "c", "new"), "running")
            eventually(lambda: states(control) == wanted)
            assert [server.connections(name) for name in ("a", "b", "c", "new")] == [1, 1, 2, 1]
            eventually(lambda: server.viewers("d") == 0)

            config.write_text("site: [")
            with pytest.raises(ControlError, match=r"site\.yaml is not valid"):
                ask(control, "reload")
            process.send_signal(signal.SIGHUP)
            eventually(lambda: "goes on as it was" in (tmp_path / "log").read_text())
            assert states(control) == wanted


def states(control: Path) -> dict[str, str]:
    return {one.camera: one.stream for one in SiteStatus.read(ask(control, "status")).cameras}


def test_a_model_that_cannot_be_run_ends_the_start_with_the_reason(
    tmp_path: Path, film: Path
) -> None:
    with RtspServer({name: Feed(film) for name in NAMES}) as server:
        config = config_of(tmp_path, server, provider="cuda")
        with pytest.raises(EdgeError, match="provider cuda is not available here"), a_site(config):
            pass


def test_an_incident_that_is_open_is_closed_when_its_camera_is_removed(tmp_path: Path) -> None:
    jammed = write_clip(tmp_path / "jam.mp4", jam(20))
    with RtspServer({name: Feed(jammed) for name in NAMES}) as server:
        config = config_of(tmp_path, server)
        with a_site(config) as site:
            eventually(lambda: all(one.open_incidents for one in site.camera_figures()))
            rest = {name: server.url(name) for name in NAMES[1:]}
            site.reload(load_site(write_site(tmp_path, rest, workers=2), environ={}))
            eventually(
                lambda: (
                    [
                        one.camera
                        for one in site.figures().incidents
                        if one.phase is IncidentPhase.CLOSED
                    ]
                    == ["a"]
                )
            )
