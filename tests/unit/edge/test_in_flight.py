"""The window over the outbox: what may go out, and when again."""

from datetime import UTC, datetime

from analytics.messages import new_id
from edge.in_flight import LARGEST_BYTES, LONGEST_WAIT_S, MAX_BYTES, MAX_ENTRIES, InFlight
from edge.outbox import Entry
from tests.builders import AT


def an_entry(entry_id: int, size_bytes: int = 10) -> Entry:
    return Entry(entry_id, new_id(AT), "topic", b"x" * size_bytes, datetime.now(UTC))


def test_a_message_is_due_again_ever_later_and_at_last_at_a_steady_pace() -> None:
    window = InFlight(ack_timeout_s=30)
    entry = an_entry(7)
    now_s = 1000.0
    waits = []
    for _ in range(7):
        window.sent(entry, now_s)
        sent_s = now_s
        while not window.due(now_s):
            now_s += 1
        waits.append(now_s - sent_s)
    assert waits == [30, 60, 120, 240, LONGEST_WAIT_S, LONGEST_WAIT_S, LONGEST_WAIT_S]


def test_what_is_overdue_comes_oldest_first() -> None:
    window = InFlight(ack_timeout_s=30)
    for entry_id in (5, 3, 4):
        window.sent(an_entry(entry_id), 0)
    assert window.due(29) == []
    assert window.due(30) == [3, 4, 5]


def test_an_ack_ends_the_wait_and_makes_room() -> None:
    window = InFlight(ack_timeout_s=30)
    entries = [an_entry(number) for number in range(1, MAX_ENTRIES + 1)]
    for entry in entries:
        window.sent(entry, 0)
    assert window.room(1) == 0
    window.acked([one.message_id for one in entries], 1)
    assert window.room(1) == MAX_ENTRIES
    assert window.due(1000) == []


def test_without_central_only_one_message_in_five_minutes_goes_past_a_full_window() -> None:
    window = InFlight(ack_timeout_s=30)
    number = 0
    first_sendings = []
    for now_s in range(3600):
        for _ in range(window.room(now_s)):
            number += 1
            window.sent(an_entry(number), now_s)
            first_sendings.append(now_s)
    assert first_sendings.count(0) == MAX_ENTRIES
    assert len(first_sendings) == MAX_ENTRIES + 3600 // LONGEST_WAIT_S - 1


def test_messages_that_central_never_acks_do_not_hold_up_the_others_for_ever() -> None:
    window = InFlight(ack_timeout_s=30)
    for number in range(1, MAX_ENTRIES + 1):
        window.sent(an_entry(number), 0)
    probe = an_entry(MAX_ENTRIES + 1)
    assert window.room(LONGEST_WAIT_S) == 1
    window.sent(probe, LONGEST_WAIT_S)
    window.acked([probe.message_id], LONGEST_WAIT_S + 1)
    assert window.room(LONGEST_WAIT_S + 1) == MAX_ENTRIES
    assert len(window) == MAX_ENTRIES, "they are still sent again"


def test_the_ack_of_a_message_that_is_not_on_its_way_is_no_sign_of_life() -> None:
    window = InFlight(ack_timeout_s=30)
    for number in range(1, MAX_ENTRIES + 1):
        window.sent(an_entry(number), 0)
    window.acked([new_id(AT)], 1)
    assert window.room(1) == 0


def test_pictures_fill_the_window_by_their_weight() -> None:
    window = InFlight(ack_timeout_s=30)
    half = MAX_BYTES // 2
    assert window.fits(an_entry(1, MAX_BYTES * 2), 0), "one always may, however large"
    window.sent(an_entry(1, half), 0)
    assert window.fits(an_entry(2, half), 0)
    assert not window.fits(an_entry(2, half + 1), 0)


def test_nothing_is_read_from_the_disk_that_may_be_too_large_to_go() -> None:
    for size_bytes in (10_000, 300_000, 500_000, LARGEST_BYTES):
        window = InFlight(ack_timeout_s=30)
        number = 0
        while window.room(0):
            number += 1
            picture = an_entry(number, size_bytes)
            assert window.fits(picture, 0), f"number {number} of {size_bytes} bytes"
            window.sent(picture, 0)


def test_pictures_that_central_never_acks_do_not_hold_up_the_others_for_ever() -> None:
    window = InFlight(ack_timeout_s=30)
    window.sent(an_entry(1, MAX_BYTES), 0)
    probe = an_entry(2)
    assert window.room(LONGEST_WAIT_S - 1) == 0
    assert window.room(LONGEST_WAIT_S) == 1
    assert window.fits(probe, LONGEST_WAIT_S)
    window.sent(probe, LONGEST_WAIT_S)
    assert not window.fits(an_entry(3), LONGEST_WAIT_S), "one at a time"
    window.acked([probe.message_id], LONGEST_WAIT_S + 1)
    assert window.room(LONGEST_WAIT_S + 1) == MAX_ENTRIES


def test_after_a_lost_connection_all_begins_again_from_the_oldest() -> None:
    window = InFlight(ack_timeout_s=30)
    window.sent(an_entry(9), 0)
    window.clear()
    assert window.cursor == 0
    assert window.room(0) == MAX_ENTRIES
    assert window.due(1000) == []
