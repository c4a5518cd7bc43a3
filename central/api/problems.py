"""Errors as ``application/problem+json`` (RFC 9457): one shape for everything that goes wrong."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from central.errors import (
    CentralError,
    IllegalMoveError,
    IllegalRecheckError,
    IllegalReviewError,
    IncompleteMoveError,
    NotFoundError,
    StoreRefusedError,
    StoreUnavailableError,
)

MEDIA_TYPE = "application/problem+json"

_ERROR_PAGE = Path(__file__).parents[1] / "dashboard" / "templates" / "error.html"
"""By itself, without the layout: what failed may be a part of that."""

_STATUSES: Mapping[type[CentralError], HTTPStatus] = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    IllegalMoveError: HTTPStatus.CONFLICT,
    IllegalReviewError: HTTPStatus.CONFLICT,
    IllegalRecheckError: HTTPStatus.CONFLICT,
    IncompleteMoveError: HTTPStatus.UNPROCESSABLE_ENTITY,
    StoreRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    StoreUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}
_WITHOUT_DETAIL = (StoreRefusedError, StoreUnavailableError)
"""What the database says is for the log, not for whoever asks."""


def problem(
    status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None, **more: object
) -> JSONResponse:
    """Return a problem; ``more`` are members of its own, such as the legal next statuses."""
    content = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        **more,
    }
    return JSONResponse(content, status.value, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem."""
    for error in _STATUSES:
        app.add_exception_handler(error, _central_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unforeseen_error)


def _central_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CentralError), error
    status = _STATUSES[type(error)]
    if isinstance(error, IllegalMoveError):
        return problem(status, str(error), allowed=list(error.allowed))
    detail = status.description if isinstance(error, _WITHOUT_DETAIL) else str(error)
    return problem(status, detail)


def _invalid_request(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError), error
    problems = [
        {"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()
    ]
    detail = "; ".join(f"{one['where']}: {one['what']}" for one in problems)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, problems=problems)


def _http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException), error
    return problem(HTTPStatus(error.status_code), str(error.detail), headers=error.headers)


def _unforeseen_error(request: Request, _error: Exception) -> Response:
    # The server logs it with its trace; whoever asks learns nothing of our insides.
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(_ERROR_PAGE.read_bytes(), HTTPStatus.INTERNAL_SERVER_ERROR)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "central failed; its log says why")
