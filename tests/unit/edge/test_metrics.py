"""Metrics: what a scrape shows, read back with Prometheus' own parser, and where it is served."""

import json
import re
import socket
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from analytics.messages import IncidentKind, IncidentPhase, Losses, StreamState
from edge.errors import EdgeError
from edge.figures import IncidentCount, IncidentCounter
from edge.metrics import HOST, MetricsServer, SiteCollector
from tests.builders import CAMERA, SITE, an_evidence, an_incident
from tests.edge_figures import a_camera, a_site, a_stream

CONFIGS = Path(__file__).parents[3] / "configs"

FIGURES = a_site(
    a_camera(
        stream=a_stream(state=StreamState.STALLED, frames=120, reconnects=3, orphans=2),
        looks=24,
        inference_s=1.5,
        losses=Losses(frames_overwritten=9),
    ),
    incidents=(IncidentCount(CAMERA, IncidentKind.CONGESTION, IncidentPhase.OPENED, 2),),
    depth=4,
)


@pytest.fixture(scope="module")
def scraped() -> dict[tuple[str, str], float]:
    """The value of each sample, by its name and its labels behind site and camera."""
    with MetricsServer(SiteCollector(SITE, lambda: FIGURES), 0) as server:
        url = f"http://{HOST}:{server.port}/metrics"
        with urllib.request.urlopen(url, timeout=5) as answer:
            text = answer.read().decode()
    values = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("site") == SITE
            assert labels.pop("camera", CAMERA) == CAMERA
            name = sample.name.removeprefix("simpang_edge_")
            values[name, ",".join(labels.values())] = sample.value
    return values


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("frames_total", "", 120),
        ("looks_total", "", 24),
        ("inference_seconds_total", "", 1.5),
        ("reconnects_total", "", 3),
        ("hung_readers", "", 2),
        ("stream", "stalled", 1),
        ("stream", "running", 0),
        ("losses_total", "frames_overwritten", 9),
        ("losses_total", "frames_failed", 0),
        ("incidents_total", "congestion,opened", 2),
        ("outbox_depth", "", 4),
        ("outbox_full", "", 0),
        ("connected", "", 1),
        ("dead_lettered_total", "", 1),
        ("commands_total", "done", 3),
        ("commands_total", "failed", 0),
        ("commands_unreadable_total", "", 1),
    ],
)
def test_a_scrape_shows_what_the_site_counts(
    scraped: dict[tuple[str, str], float], name: str, labels: str, value: float
) -> None:
    assert scraped[name, labels] == value


def test_a_disk_that_does_not_answer_costs_only_its_own_metrics() -> None:
    names = {
        family.name
        for family in SiteCollector(SITE, lambda: replace(FIGURES, outbox=None)).collect()
    }
    assert "simpang_edge_looks" in names
    assert "simpang_edge_outbox_depth" not in names


def test_the_port_is_free_again_when_the_server_is_closed() -> None:
    with MetricsServer(SiteCollector(SITE, lambda: FIGURES), 0) as server:
        port = server.port
    with MetricsServer(SiteCollector(SITE, lambda: FIGURES), port) as again:
        assert again.port == port


def test_a_port_that_is_taken_is_an_error_in_words() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(EdgeError, match=f"cannot be served on {HOST}:{port}: Address already"):
            MetricsServer(SiteCollector(SITE, lambda: FIGURES), port)


def test_only_incidents_are_counted_by_kind_and_phase() -> None:
    counter = IncidentCounter()
    incident = an_incident()
    counter.add([incident, an_evidence(incident)])
    counter.add([an_incident()])
    assert counter.counts() == (
        IncidentCount(CAMERA, IncidentKind.CONGESTION, IncidentPhase.OPENED, 2),
    )


def test_the_dashboard_that_ships_draws_only_what_is_there(
    scraped: dict[tuple[str, str], float],
) -> None:
    dashboard = json.loads((CONFIGS / "grafana" / "edge.json").read_text(encoding="utf-8"))
    drawn = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"simpang_edge_\w+", target["expr"])
    }

    assert len(dashboard["panels"]) == len({panel["id"] for panel in dashboard["panels"]})
    assert drawn <= {f"simpang_edge_{name}" for name, _ in scraped}
