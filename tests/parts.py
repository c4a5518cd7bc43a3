"""What to do where a real part that a test needs is not on this machine."""

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip the test, saying why; in CI, where every part is there, fail it."""
    if "CI" in os.environ:
        pytest.fail(f"{reason}, and CI needs it")
    pytest.skip(reason)
