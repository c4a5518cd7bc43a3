"""Fixtures that several folders of tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers import BROKERS, Broker, a_broker


@pytest.fixture(params=BROKERS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    """A running broker without a login, once of each kind; ended when the test is."""
    started = a_broker(request.param, tmp_path)
    started.start()
    yield started
    started.kill()
