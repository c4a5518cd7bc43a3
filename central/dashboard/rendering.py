"""One page: a template, a language and a moment; sent so that a browser runs nothing foreign."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analytics.messages import Measurement
from central.dashboard import times
from central.dashboard.measurements import in_words
from central.dashboard.texts import Catalogue, Language

_PACKAGE = Path(__file__).parent
STATIC = _PACKAGE / "static"
"""Folder of what the pages load, to be served at ``/static``."""

_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Cookie",
}


@dataclass(frozen=True, slots=True)
class Voice:
    """Says times and measurements in one language, as seen from one moment.

    Attributes
    ----------
    now
        When the page is made; every *ago* counts from it.
    """

    texts: Catalogue
    now: datetime

    def ago(self, at: datetime) -> str:
        """Return how long ago ``at`` was."""
        return times.ago(at, self.now, self.texts)

    def since(self, at: datetime) -> str:
        """Return how long it has lasted since ``at``."""
        return times.lasted((self.now - at).total_seconds(), self.texts)

    def lasted(self, seconds: float) -> str:
        """Return a length of time."""
        return times.lasted(seconds, self.texts)

    def exact(self, at: datetime) -> str:
        """Return the date and time of ``at`` in WIB."""
        return times.exact(at, self.texts)

    def short(self, at: datetime) -> str:
        """Return day, month and time of ``at`` in WIB."""
        return times.short(at, self.texts)

    def clock(self) -> str:
        """Return the time of day in WIB."""
        return times.clock(self.now, self.texts)

    def measured(self, measurement: Measurement) -> str:
        """Return what an incident measured, as sentences."""
        return in_words(measurement, self.texts)


def make_environment() -> Environment:
    """Return the templates: everything escaped, and no value may be missing."""
    environment = Environment(
        loader=FileSystemLoader(_PACKAGE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = _static_urls()
    environment.globals["languages"] = tuple(Language)
    return environment


def render(
    environment: Environment, name: str, voice: Voice, *, status_code: int = 200, **values: object
) -> HTMLResponse:
    """Return the page of template ``name``; ``values`` are what it shows."""
    html = environment.get_template(name).render(t=voice.texts, voice=voice, **values)
    return HTMLResponse(html, status_code=status_code, headers=dict(_HEADERS))


def _static_urls() -> Mapping[str, str]:
    # The digest in the address: a browser open all week takes a new version at the next reload.
    return {
        path.relative_to(STATIC).as_posix(): (
            f"/static/{path.relative_to(STATIC).as_posix()}"
            f"?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        )
        for path in sorted(STATIC.rglob("*"))
        if path.is_file()
    }
