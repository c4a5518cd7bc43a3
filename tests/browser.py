"""A real browser for tests of the pages."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.parts import missing


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Debian's Chromium without a window; skips where it is missing, and fails in CI."""
    path = shutil.which("chromium")
    if path is None:
        missing("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()
