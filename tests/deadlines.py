"""Waiting for a condition: with a deadline, and never for a fixed time."""

import time
from collections.abc import Callable

import pytest


def eventually(claim: Callable[[], object], *, within_s: float = 15.0) -> None:
    """Return as soon as ``claim()`` is true; fail the test where it is not in time."""
    deadline = time.monotonic() + within_s
    while not claim():
        if time.monotonic() > deadline:
            pytest.fail(f"not true within {within_s:g} s: {claim!r}")
        time.sleep(0.01)
