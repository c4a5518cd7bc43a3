"""The live feed: whoever follows it hears of every change, however the reads interleave."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from fastapi.sse import ServerSentEvent

from central.api.events import POLL_S, ChangeFeed
from central.store import Store
from tests.builders import AT, a_health, an_incident

pytestmark = pytest.mark.integration


@asynccontextmanager
async def a_feed(store: Store) -> AsyncIterator[ChangeFeed]:
    """Give a feed that has read the books once, and goes on reading them."""
    feed = ChangeFeed(store)
    running = asyncio.create_task(feed.run())
    await asyncio.wait_for(feed.is_following.wait(), 5)
    yield feed
    feed.close()
    running.cancel()


async def a_reader(feed: ChangeFeed, after: int | None = None) -> AsyncIterator[ServerSentEvent]:
    """Give a reader that is connected: it has had its first heartbeat."""
    events = feed.follow(after)
    assert (await heard(events)).event == "heartbeat"
    return events


async def heard(events: AsyncIterator[ServerSentEvent]) -> ServerSentEvent:
    return await asyncio.wait_for(anext(events), 5)


async def take(store: Store, *cameras: str) -> None:
    """Have each camera open a complaint: two changes each, of the incident and the complaint."""
    await asyncio.to_thread(store.take, [an_incident(camera=camera) for camera in cameras], at=AT)


def test_it_tells_what_changed_and_to_read_anew_after_a_gap(store: Store) -> None:
    async def follow() -> None:
        store.take([a_health()], at=AT)
        async with a_feed(store) as feed:
            events = await a_reader(feed)
            await take(store, "toll-west")
            told = [await heard(events), await heard(events)]
            assert [one.data["subject"] for one in told] == ["incident", "complaint"]
            assert told[1].data["key"] == "SPG-2026-000001"

            assert await heard(await a_reader(feed, int(told[0].id or 0))) == told[1]
            after_a_gap = await heard(await a_reader(feed, 0))
            assert after_a_gap.data == {"subject": "all"}

            feed.close()
            assert [one async for one in events] == []

    asyncio.run(follow())


def test_what_changes_while_a_reader_is_being_told_is_told_next(store: Store) -> None:
    async def follow() -> None:
        async with a_feed(store) as feed:
            slow, quick = await a_reader(feed), await a_reader(feed)
            await take(store, "toll-west")
            told = [await heard(slow)]
            await take(store, "toll-east")
            for _ in range(4):
                await heard(quick)

            told += [await heard(slow) for _ in range(3)]
            keys = {one.data["key"] for one in told if one.data["subject"] == "complaint"}
            assert keys == {"SPG-2026-000001", "SPG-2026-000002"}

    asyncio.run(follow())


def test_what_changes_between_the_connection_and_the_first_wait_is_told(store: Store) -> None:
    async def follow() -> None:
        async with a_feed(store) as feed:
            connecting, other = await a_reader(feed), await a_reader(feed)
            await take(store, "toll-west")
            await heard(other)
            assert (await heard(connecting)).data["subject"] == "incident"

    asyncio.run(follow())


def test_a_reader_who_came_before_the_books_were_read_is_told_to_read_anew(store: Store) -> None:
    async def follow() -> None:
        feed = ChangeFeed(store)
        early = await a_reader(feed)
        await take(store, "toll-west")
        running = asyncio.create_task(feed.run())
        assert (await heard(early)).data == {"subject": "all"}
        running.cancel()

    asyncio.run(follow())


def test_a_burst_is_told_without_a_pause_within_it(store: Store) -> None:
    async def follow() -> None:
        async with a_feed(store) as feed:
            events = await a_reader(feed)
            burst = [a_health(camera=f"camera-{n}") for n in range(1800)]
            await asyncio.to_thread(store.take, burst, at=AT)
            await heard(events)
            began_s = time.monotonic()
            for _ in burst[1:]:
                await heard(events)
            assert time.monotonic() - began_s < 2 * POLL_S, "four reads have three pauses between"

    asyncio.run(follow())


def test_the_feed_survives_a_pruned_past(store: Store) -> None:
    store.take([a_health()], at=AT)
    store.prune(at=AT + timedelta(days=3))
    feed = store.changes_after(None)
    assert feed.latest == 0
    assert not feed.has_gap
