import os
from datetime import UTC, datetime
from pathlib import Path

from analytics.lamps import LampRule
from edge.config import load_site
from scripts.demo.footage import Clip
from scripts.demo.settings import new_run, site_settings, write_yaml
from tests.tiny_model import write_tiny_model

AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
CLIP = Clip(
    file="toll_jam.mp4",
    zones={"right": ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0))},
    congestion={"min_duration_s": 3.0},
)
URLS = {"toll-jam": "rtsp://127.0.0.1:8554/toll-jam"}


def test_the_edge_takes_the_site_that_the_demo_writes(tmp_path: Path) -> None:
    run = new_run(tmp_path, http_port=0, at=AT)
    model = write_tiny_model(tmp_path / "model", [(0, 0, 10, 10, "car")])
    write_yaml(run.site_file, site_settings(run, [CLIP], URLS, model=str(model)))

    site = load_site(run.site_file, environ=os.environ)

    (camera,) = site.cameras
    assert (camera.camera, camera.name, camera.simulated) == ("toll-jam", "Toll jam", True)
    assert camera.url is not None
    assert camera.url.get_secret_value() == URLS["toll-jam"]
    assert [zone.name for zone in camera.zones] == ["Right"]
    assert camera.zones[0].congestion.min_duration_s == 3.0
    assert site.data_dir.is_relative_to(run.folder)
    assert site.metrics.port is None


def test_the_lamps_of_a_film_are_watched_by_a_rule_for_its_short_nights(tmp_path: Path) -> None:
    run = new_run(tmp_path, http_port=0, at=AT)
    model = write_tiny_model(tmp_path / "model", [(0, 0, 10, 10, "car")])
    clip = CLIP.model_copy(update={"lamps": {"street-w2": (0.7, 0.02, 0.74, 0.05)}})
    write_yaml(run.site_file, site_settings(run, [clip], URLS, model=str(model)))

    (camera,) = load_site(run.site_file, environ=os.environ).cameras

    assert [(one.lamp, one.name, one.box) for one in camera.lamps] == [
        ("street-w2", "Street w2", (0.7, 0.02, 0.74, 0.05))
    ]
    assert camera.street_light.rule() == LampRule(nights=1, dark_s=8.0, shine_s=6.0)


def test_each_run_has_a_folder_of_its_own(tmp_path: Path) -> None:
    runs = [new_run(tmp_path / "data", http_port=0, at=AT) for _ in range(3)]

    assert len({run.folder for run in runs}) == 3
    assert all(run.logs.is_dir() for run in runs)


def test_the_dashboard_gets_the_port_that_was_asked_for(tmp_path: Path) -> None:
    assert new_run(tmp_path, http_port=8123, at=AT).url == "http://127.0.0.1:8123/"
    assert new_run(tmp_path, http_port=0, at=AT).http_port > 0
