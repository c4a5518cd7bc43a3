"""What the tests of the simulated cameras share."""

import pytest

from scripts.twin.render.device import NoDeviceError, device
from tests.parts import missing


@pytest.fixture(scope="session")
def drawing() -> None:
    """Skip where this machine has no OpenGL; see `missing`."""
    try:
        device()
    except NoDeviceError as exc:
        missing(str(exc))
