"""Builds the web application: API, live feed, health, metrics and dashboard on one store."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from central.api import events, health, problems, routes
from central.api.guards import LocalOnly
from central.dashboard import pages
from central.dashboard.rendering import STATIC
from central.ingest import IngestSnapshot
from central.store import Store


def create_app(
    store: Store,
    ingest_status: Callable[[], IngestSnapshot],
    *,
    clock: Callable[[], datetime],
    faults: Sequence[Callable[[], str | None]] = (),
) -> FastAPI:
    """Return the application.

    Its ``state.feed`` is to be closed before the server stops: a live feed never ends by itself.

    Parameters
    ----------
    ingest_status
        Tells how ingest is doing; called from any thread.
    clock
        Gives the present, aware UTC.
    faults
        Each tells why a part of central is down, or None; such as a broker of our own.
    """
    feed = events.ChangeFeed(store)

    @contextlib.asynccontextmanager
    async def follow_the_books(_app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(feed.run(), name="change-feed")
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    app = FastAPI(
        title="Simpang central",
        version=version("simpang"),
        lifespan=follow_the_books,
        # The pages of these two load scripts from the internet; the schema itself is served.
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.feed = feed
    problems.install(app)
    app.include_router(routes.router(store, clock=clock))
    app.include_router(events.router(feed))
    app.include_router(health.router(store, ingest_status, clock=clock, faults=faults))
    app.include_router(pages.router(store, clock=clock))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(LocalOnly)
    return app
