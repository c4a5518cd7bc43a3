"""The live feed: tells every open page what changed, so that it reads that anew.

One task of the process follows the books; however many pages are open, the database is asked once.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent

from central.errors import StoreError
from central.reading import Change
from central.store import Store

logger = logging.getLogger(__name__)

HEARTBEAT_S = 15.0
POLL_S = 0.5
_KEPT = 2000
_RETRY_MS = 2000
_UNKNOWN = -1
"""Where a reader stands who came before the books were first read: behind every change."""


class ChangeFeed:
    """Follows the books, and lets any number of readers follow it; all on one event loop.

    Attributes
    ----------
    is_following
        Set once the books were read for the first time: what changes from then on is told.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changes: deque[Change] = deque(maxlen=_KEPT)
        self._latest: int | None = None
        self._forgotten = 0
        self.is_following = asyncio.Event()
        self._news = asyncio.Event()
        self._is_closed = False
        self._is_away = False

    async def run(self) -> None:
        """Follow the books until the task is cancelled; a database that is away is asked again."""
        while True:
            is_behind = False
            try:
                is_behind = await self._read()
            except StoreError as error:
                if not self._is_away:
                    logger.warning("the live feed cannot read the books: %s", error)
                self._is_away = True
            else:
                self._is_away = False
            if not is_behind:
                await asyncio.sleep(POLL_S)

    def close(self) -> None:
        """End every reader, so that the server can stop."""
        self._is_closed = True
        self._wake()

    async def follow(self, after: int | None) -> AsyncIterator[ServerSentEvent]:
        """Give a first heartbeat, then the changes after ``after`` or from now on, and heartbeats.

        A reader who was away for longer than the feed reaches back is told to read all anew.
        """
        # Before anything is given: what the reader does with it takes time, in which changes come.
        sequence = after
        if sequence is None:
            sequence = _UNKNOWN if self._latest is None else self._latest
        # At once, so that the browser knows that it is connected.
        yield ServerSentEvent(event="heartbeat", data={}, retry=_RETRY_MS)
        while not self._is_closed:
            news = self._news
            if self._latest is not None:
                told, sequence = self._since(sequence), self._latest
                for event in told:
                    yield event
            try:
                await asyncio.wait_for(news.wait(), HEARTBEAT_S)
            except TimeoutError:
                yield ServerSentEvent(event="heartbeat", data={})

    async def _read(self) -> bool:
        """Read what changed since the last time, and tell whether there is more to read."""
        feed = await asyncio.to_thread(self._store.changes_after, self._latest)
        if self._latest is None or feed.has_gap:
            # Whoever reads on from before this point is told to read all anew.
            self._changes.clear()
            self._forgotten = feed.latest
            self._latest = feed.latest
            self.is_following.set()
            self._wake()
            return False
        if not feed.changes:
            return False
        for change in feed.changes:
            if len(self._changes) == _KEPT:
                self._forgotten = self._changes[0].sequence
            self._changes.append(change)
        self._latest = feed.changes[-1].sequence
        self._wake()
        return self._latest < feed.latest

    def _since(self, sequence: int) -> list[ServerSentEvent]:
        assert self._latest is not None
        if sequence == self._latest:
            return []
        if sequence < self._forgotten or sequence > self._latest:
            return [ServerSentEvent(event="change", id=str(self._latest), data={"subject": "all"})]
        return _told([change for change in self._changes if change.sequence > sequence])

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


def router(feed: ChangeFeed) -> APIRouter:
    """Return the route of the feed."""
    routes = APIRouter(prefix="/api/v1")

    @routes.get("/events", tags=["events"], response_class=EventSourceResponse)
    async def events(
        last_event_id: Annotated[int | None, Header(ge=0)] = None,
    ) -> AsyncIterator[ServerSentEvent]:
        """Stream changes as ``{"subject": …, "key": …}``; subject ``all`` means read all anew."""
        async for event in feed.follow(last_event_id):
            yield event

    return routes


def _told(changes: Sequence[Change]) -> list[ServerSentEvent]:
    """Return one event a thing: the newest change of it says all."""
    newest = {(change.subject, change.key): change for change in changes}
    return [
        ServerSentEvent(
            event="change",
            id=str(change.sequence),
            data={"subject": change.subject.value, "key": change.key},
        )
        for change in sorted(newest.values(), key=lambda one: one.sequence)
    ]
