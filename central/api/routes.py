"""The routes under ``/api/v1``: each parses, calls the store, and returns what it gave."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from central.complaints import Actor, ActorKind, Status
from central.incidents import Decision
from central.reading import (
    CameraHealth,
    ComplaintDetail,
    ComplaintSummary,
    Counts,
    DeadLetterItem,
    IncidentItem,
    SiteHealth,
)
from central.store import Store

OPERATOR = Actor(ActorKind.OPERATOR, "operator")
"""Who acts through the API, until a sign-in tells one operator from another."""

# Without control characters, which PostgreSQL and people's screens cannot take.
Note = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
Limit = Annotated[int, Query(ge=1, le=500, description="At most this many.")]
Number = Annotated[str, Path(max_length=40, description="Such as SPG-2026-000012.")]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]

# Any: FastAPI's own type for parts of an OpenAPI document.
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    HTTPStatus.NOT_FOUND.value: {"description": "There is no such thing."},
    HTTPStatus.CONFLICT.value: {"description": "Not from the state that it is in."},
}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Move(_Body):
    """Where a complaint shall go."""

    to: Status
    note: Note = ""
    duplicate_of: str | None = Field(
        default=None, max_length=40, description="With duplicate: what takes its place."
    )


class Review(_Body):
    """What an operator says of an incident."""

    decision: Decision
    note: Note = Field(default="", description="Required to dismiss.")


def router(store: Store, *, clock: Callable[[], datetime]) -> APIRouter:
    """Return the routes; ``clock`` gives the present, aware UTC."""
    routes = APIRouter(prefix="/api/v1")
    _add_complaints(routes, store, clock)
    _add_incidents(routes, store, clock)
    _add_sites(routes, store, clock)
    return routes


def _add_complaints(routes: APIRouter, store: Store, clock: Callable[[], datetime]) -> None:
    @routes.get("/complaints", tags=["complaints"])
    def complaints(
        *,
        open_only: bool = False,
        limit: Limit = 100,
        before: Annotated[
            str | None, Query(max_length=40, description="Only those older than this number.")
        ] = None,
    ) -> tuple[ComplaintSummary, ...]:
        """Return complaints, the newest first."""
        return store.complaints(open_only=open_only, limit=limit, before=before)

    @routes.get("/complaints/{number}", tags=["complaints"], responses=_PROBLEMS)
    def complaint(number: Number) -> ComplaintDetail:
        """Return one complaint with its incidents, pictures and history."""
        return store.complaint(number)

    @routes.post("/complaints/{number}/status", tags=["complaints"], responses=_PROBLEMS)
    def move(number: Number, body: Move) -> ComplaintDetail:
        """Move a complaint; an illegal step is refused, and the legal ones are named."""
        return store.move_complaint(
            number,
            body.to,
            actor=OPERATOR,
            at=clock(),
            note=body.note,
            duplicate_of=body.duplicate_of,
        )

    @routes.post("/complaints/{number}/recheck", tags=["complaints"], responses=_PROBLEMS)
    def recheck(number: Number) -> ComplaintDetail:
        """Have its cameras look again; refused where none can, or one has been asked already."""
        return store.ask_recheck(number, actor=OPERATOR, at=clock())


def _add_incidents(routes: APIRouter, store: Store, clock: Callable[[], datetime]) -> None:
    @routes.get("/incidents", tags=["incidents"])
    def incidents(
        awaiting: Annotated[
            Literal["review"] | None, Query(description="Only those that await an operator.")
        ] = None,
        limit: Limit = 100,
        before: Annotated[
            UUID | None, Query(description="Only those that follow this one in the list.")
        ] = None,
    ) -> tuple[IncidentItem, ...]:
        """Return incidents, the one that began last first."""
        return store.incidents(awaiting_review=awaiting is not None, limit=limit, before=before)

    @routes.get("/incidents/{incident_id}", tags=["incidents"], responses=_PROBLEMS)
    def incident(incident_id: UUID) -> IncidentItem:
        """Return one incident."""
        return store.incident(incident_id)

    @routes.post("/incidents/{incident_id}/review", tags=["incidents"], responses=_PROBLEMS)
    def review(incident_id: UUID, body: Review) -> IncidentItem:
        """Confirm an incident, which makes it a complaint, or dismiss it with a reason."""
        return store.review(incident_id, body.decision, actor=OPERATOR, at=clock(), note=body.note)

    @routes.get("/evidence/{sha256}", tags=["incidents"], responses=_PROBLEMS)
    def evidence(sha256: Sha256) -> Response:
        """Return a picture; blurred on the edge, and for ever the same under its digest."""
        file = store.evidence(sha256)
        headers = {
            "Cache-Control": "private, max-age=31536000, immutable",
            "Content-Security-Policy": "default-src 'none'",
            "ETag": f'"{file.sha256}"',
            "X-Content-Type-Options": "nosniff",
        }
        return Response(file.content, media_type=file.media_type.value, headers=headers)


def _add_sites(routes: APIRouter, store: Store, clock: Callable[[], datetime]) -> None:
    @routes.get("/cameras", tags=["sites"])
    def cameras() -> tuple[CameraHealth, ...]:
        """Return how every camera is."""
        return store.cameras(at=clock())

    @routes.get("/sites", tags=["sites"])
    def sites() -> tuple[SiteHealth, ...]:
        """Return how every site is."""
        return store.sites(at=clock())

    @routes.get("/counts", tags=["sites"])
    def counts() -> Counts:
        """Return the figures at the top of the screen."""
        return store.counts(at=clock())

    @routes.get("/dead-letters", tags=["sites"])
    def dead_letters(limit: Limit = 100) -> tuple[DeadLetterItem, ...]:
        """Return messages that could not be taken, the one seen last first."""
        return store.dead_letters(limit=limit)
