"""The routes of the dashboard: the board, one complaint, and the choice of a language."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Cookie, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from analytics.messages import Losses, ViewState
from central.dashboard.rendering import Voice, make_environment, render
from central.dashboard.texts import Catalogue, Language, load_catalogues
from central.errors import NotFoundError
from central.reading import CameraHealth, ComplaintSummary, best_picture
from central.store import Store

_COMPLAINTS = 60
_REVIEWS = 20
_DEAD_LETTERS = 5
_SHOWN = 50
"""Of one complaint's pictures, sightings and events, the newest; a street may jam for a month."""
_SHOWN_PAIRS = 4
"""Of the places that were looked at again, those shown before and after."""
_YEAR_S = 365 * 24 * 3600
_COOKIE = "simpang-language"
_OWN_ADDRESS = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""A path of ours: ``//host``, a backslash or a control character leads a browser elsewhere."""


def router(store: Store, *, clock: Callable[[], datetime]) -> APIRouter:
    """Return the dashboard's routes.

    Parameters
    ----------
    store
        What the pages read.
    clock
        Gives the present, aware UTC.
    """
    catalogues = load_catalogues()
    environment = make_environment()
    routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    def voice_of(language: Annotated[str | None, Cookie(alias=_COOKIE)] = None) -> Voice:
        known = {item.value: item for item in Language}
        chosen = known.get(language or "", Language.INDONESIAN)
        return Voice(catalogues[chosen], clock())

    voice_dep = Depends(voice_of)

    def missing(voice: Voice, here: str, error: NotFoundError) -> HTMLResponse:
        return render(
            environment, "missing.html", voice, status_code=404, here=here, number=error.key
        )

    @routes.get("/")
    def board(
        request: Request,
        show: Literal["open", "all"] = "open",
        before: Annotated[str | None, Query(max_length=40)] = None,
        voice: Voice = voice_dep,
    ) -> HTMLResponse:
        show_all = show == "all"
        here = _here(request)
        try:
            found = store.complaints(open_only=not show_all, limit=_COMPLAINTS + 1, before=before)
        except NotFoundError as error:
            return missing(voice, here, error)
        overview = store.overview(at=voice.now)
        return render(
            environment,
            "board.html",
            voice,
            here=here,
            counts=overview.counts,
            complaints=found[:_COMPLAINTS],
            older=_older(found, show),
            show_all=show_all,
            review=store.incidents(awaiting_review=True, limit=_REVIEWS),
            cameras=sorted(overview.cameras, key=_trouble_first),
            sites=overview.sites,
            dead_letters=store.dead_letters(limit=_DEAD_LETTERS),
            best_picture=best_picture,
            losses_in_words=_losses_in_words,
        )

    @routes.get("/complaints/{number}")
    def complaint(request: Request, number: str, voice: Voice = voice_dep) -> HTMLResponse:
        here = _here(request)
        try:
            detail = store.complaint(number)
        except NotFoundError as error:
            return missing(voice, here, error)
        pairs = [pair for one in detail.incidents if (pair := one.before_after())]
        paired = {picture for pair in pairs for picture in (pair.before, pair.after)}
        return render(
            environment,
            "complaint.html",
            voice,
            here=here,
            detail=detail,
            complaint=detail.summary,
            pairs=pairs,
            pictures=[one for one in detail.evidence if one not in paired],
            shown=_SHOWN,
            shown_pairs=_SHOWN_PAIRS,
        )

    @routes.get("/language/{language}")
    def choose_language(language: Language, to: str = "/") -> RedirectResponse:
        response = RedirectResponse(_own_address(to), status_code=303)
        response.set_cookie(_COOKIE, language.value, max_age=_YEAR_S, httponly=True, samesite="lax")
        return response

    return routes


def _here(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _own_address(to: str) -> str:
    return to if _OWN_ADDRESS.fullmatch(to) else "/"


def _older(found: Sequence[ComplaintSummary], show: str) -> str | None:
    if len(found) <= _COMPLAINTS:
        return None
    return "/?" + urlencode({"show": show, "before": found[_COMPLAINTS - 1].number})


def _trouble_first(camera: CameraHealth) -> tuple[bool, bool, str]:
    is_view_good = camera.view in {ViewState.VALID, ViewState.UNKNOWN}
    return camera.is_running, is_view_good, camera.place.camera_name.casefold()


def _losses_in_words(losses: Losses, texts: Catalogue) -> str:
    counted = losses.model_dump().items()
    return "; ".join(texts(f"loss.{name}", n=count) for name, count in counted if count)
