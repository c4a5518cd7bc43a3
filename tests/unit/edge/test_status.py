"""A site's status: from its figures to JSON, back, and to a table."""

import json

import pytest

from analytics.messages import Losses, StreamFaultType, StreamState
from edge.look_figures import AGE_LIMITS_S
from edge.status import SiteStatus, age_quantile, status
from edge.status_table import table
from tests.edge_figures import a_camera, a_fault, a_site, a_stream


@pytest.mark.parametrize(
    ("counts", "p50", "p99"),
    [
        ({}, None, None),
        ({0: 100}, 0.02, 0.02),
        ({0: 98, 5: 2}, 0.02, 0.5),
        ({2: 10, 9: 1}, 0.1, 2.0),
    ],
)
def test_quantiles_are_upper_limits_of_their_class(
    counts: dict[int, int], p50: float | None, p99: float | None
) -> None:
    ages = [counts.get(number, 0) for number in range(len(AGE_LIMITS_S) + 1)]

    assert (age_quantile(ages, 0.5), age_quantile(ages, 0.99)) == (p50, p99)


def test_a_status_survives_json_and_its_table_tells_what_is_wrong() -> None:
    dead = a_stream(
        state=StreamState.WAITING, fault=a_fault(StreamFaultType.AUTHENTICATION), reconnects=3
    )
    site = a_site(
        a_camera(camera="north", looks=10, inference_s=0.2),
        a_camera(camera="south", stream=dead, losses=Losses(frames_late=7)),
        depth=4,
    )

    answer = json.loads(json.dumps(status("harmoni", site, {}).fields()))
    read = SiteStatus.read(answer)
    shown = table(read)

    assert read == status("harmoni", site, {})
    assert read.cameras[0].inference_ms == 20
    lines = shown.splitlines()
    assert [line.split()[:3] for line in lines[3:5]] == [
        ["north", "running", "valid"],
        ["south", "waiting", "valid"],
    ]
    assert "south: authentication: no picture" in lines
    assert "south: 7 frames late" in lines
    assert any("4711" in line and "150 MiB" in line for line in lines)
    assert lines[-1] == "outbox    4 message(s) wait; broker connected"
