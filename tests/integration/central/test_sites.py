"""What sites say of themselves: the newest counts, however late and often it comes."""

from datetime import timedelta

import pytest

from analytics.messages import CatalogueCamera, OutboxFigures, SiteState, StatusMessage, StreamState
from central.reading import DeadLetterFault, SiteHealth
from central.store import Database, DeadLetter, Store
from central.store.dead_letter_book import prune_dead_letters
from tests.builders import AT, CAMERA, SITE, a_catalogue, a_health, a_status, an_incident

pytestmark = pytest.mark.integration


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def the_site(store: Store) -> SiteHealth:
    (site,) = store.sites(at=AT)
    return site


ONLINE = a_status(outbox=OutboxFigures(depth=3, size_bytes=4096))
STILL_ONLINE = a_status(at=AT + seconds(30))
LAST_WILL = a_status(state=SiteState.OFFLINE)  # written when the site connected
BACK = a_status(at=AT + seconds(60))
RESTARTED = a_status(at=AT + seconds(90), started_at=AT + seconds(90))


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        pytest.param([ONLINE], SiteState.ONLINE, id="connected"),
        pytest.param([ONLINE, STILL_ONLINE, LAST_WILL], SiteState.OFFLINE, id="it vanished"),
        pytest.param(
            [ONLINE, LAST_WILL, BACK], SiteState.ONLINE, id="it vanished and connected again"
        ),
        pytest.param(
            [ONLINE, LAST_WILL, ONLINE], SiteState.OFFLINE, id="an old word came after its will"
        ),
        pytest.param([RESTARTED, LAST_WILL], SiteState.ONLINE, id="the will of an earlier run"),
        pytest.param([STILL_ONLINE, ONLINE], SiteState.ONLINE, id="words that changed places"),
    ],
)
def test_a_site_is_online_until_its_last_will(
    store: Store, messages: list[StatusMessage], expected: SiteState
) -> None:
    for message in messages:
        store.take([message], at=AT)
    assert the_site(store).state is expected


def test_an_offline_site_shows_the_last_figures_that_it_gave(store: Store) -> None:
    store.take([ONLINE, STILL_ONLINE, LAST_WILL], at=AT)
    site = the_site(store)
    assert site.at == STILL_ONLINE.at
    assert site.outbox is not None
    assert site.outbox.depth == 3


def test_a_camera_of_an_offline_site_is_not_running(store: Store) -> None:
    store.take([ONLINE, a_catalogue(), a_health()], at=AT)
    assert store.counts(at=AT).cameras_running == 1
    store.take([LAST_WILL], at=AT)
    assert store.counts(at=AT).cameras_running == 0
    (camera,) = store.cameras(at=AT)
    assert camera.is_stale


def test_health_that_is_old_is_not_trusted(store: Store) -> None:
    store.take([a_health()], at=AT)
    assert [one.is_stale for one in store.cameras(at=AT + seconds(60))] == [False]
    assert [one.is_stale for one in store.cameras(at=AT + seconds(120))] == [True]


def test_older_health_changes_nothing(store: Store) -> None:
    stalled = a_health(stream=StreamState.STALLED, observed_at=AT + seconds(10))
    store.take([stalled, a_health()], at=AT)
    assert [one.stream for one in store.cameras(at=AT)] == [StreamState.STALLED]


def test_a_clock_that_was_wrong_does_not_silence_its_site_for_years(store: Store) -> None:
    wrong = AT + timedelta(days=3650)
    stalled = a_health(observed_at=wrong, stream=StreamState.STALLED)
    store.take([a_status(at=wrong), a_catalogue(sent_at=wrong), stalled], at=AT)
    store.take([a_status(), a_catalogue(name="Renamed"), a_health()], at=AT)
    assert (the_site(store).at, the_site(store).name) == (AT, "Renamed")
    assert [one.stream for one in store.cameras(at=AT)] == [StreamState.RUNNING]


def test_a_start_in_the_future_does_not_silence_the_runs_after_it(store: Store) -> None:
    wrong = AT + timedelta(days=3650)
    store.take([a_status(at=wrong, started_at=wrong)], at=AT)
    store.take([a_status(software="0.2.0")], at=AT)
    assert (the_site(store).at, the_site(store).software) == (AT, "0.2.0")


def test_a_catalogue_replaces_the_one_before(store: Store) -> None:
    store.take([a_catalogue(), an_incident()], at=AT)
    renamed = a_catalogue(
        sent_at=AT + seconds(1),
        name="Harmoni junction",
        cameras=(CatalogueCamera(camera="new", name="New camera", simulated=True),),
    )
    store.take([renamed, a_catalogue()], at=AT)  # the old one came again, as retained ones do
    (camera,) = store.cameras(at=AT)
    assert (camera.place.camera_name, camera.place.simulated) == ("New camera", True)
    assert the_site(store).name == "Harmoni junction"
    # Its complaints keep the name that they were opened under.
    assert store.complaints()[0].place.camera_name == "Toll road, west"


def test_a_camera_that_never_said_anything_is_listed_as_silent(store: Store) -> None:
    store.take([a_catalogue()], at=AT)
    (camera,) = store.cameras(at=AT)
    assert (camera.stream, camera.is_stale, camera.is_running) == (None, True, False)


def test_changes_come_in_order_and_each_thing_once_a_transaction(store: Store) -> None:
    start = store.changes_after(None).latest
    store.take([an_incident(), a_health(), a_health(observed_at=AT + seconds(1))], at=AT)
    feed = store.changes_after(start)
    assert [(one.subject.value, one.key) for one in feed.changes] == [
        ("incident", feed.changes[0].key),
        ("complaint", "SPG-2026-000001"),
        ("camera", f"{SITE}/{CAMERA}"),
    ]
    assert store.changes_after(feed.latest).changes == ()
    assert not feed.has_gap


def test_a_reader_who_was_away_for_too_long_is_told(store: Store) -> None:
    store.take([a_health()], at=AT)
    first = store.changes_after(None).latest
    store.take([a_health(observed_at=AT + seconds(1))], at=AT)
    store.take([a_health(observed_at=AT + seconds(2))], at=AT + timedelta(days=2))
    store.prune(at=AT + timedelta(days=2))
    assert store.changes_after(first - 1).has_gap
    assert not store.changes_after(store.changes_after(None).latest).has_gap
    assert store.changes_after(10_000).has_gap  # the feed of another database


def test_pruning_keeps_what_can_still_be_sent_again(store: Store) -> None:
    incident = an_incident()
    store.take([incident], at=AT)
    store.prune(at=AT + timedelta(days=30))
    assert store.take([incident], at=AT + timedelta(days=30)).repeated == 1
    store.prune(at=AT + timedelta(days=100))
    assert store.take([incident], at=AT + timedelta(days=100)).repeated == 0
    assert store.complaints()[0].sightings == 1  # the revision alone tells that it is old


def test_dead_letters_do_not_fill_the_disk(database: Database) -> None:
    store = Store(database)
    letters = [
        DeadLetter.of("t", str(n).encode(), DeadLetterFault.MALFORMED, "no JSON") for n in range(8)
    ]
    for letter in [*letters, *letters[:1] * 9, letters[-1]]:  # repetitions push none out
        store.take([], [letter], at=AT)
    with database.write(AT) as writing:
        assert prune_dead_letters(writing, kept=5) == 3
    kept = {letter.sha256 for letter in store.dead_letters()}
    assert kept == {letter.sha256 for letter in letters[3:]}


def test_a_dead_letter_holds_what_a_database_refuses(store: Store) -> None:
    text = "a NUL \0 and half a pair \ud800"
    letter = DeadLetter.of("t", b"\0\xff", DeadLetterFault.INVALID, text)
    store.take([], [letter], at=AT)
    assert "a NUL \\x00 and half a pair \\ud800" in store.dead_letters()[0].detail


def test_a_dead_letter_gives_a_terminal_nothing_to_obey(store: Store) -> None:
    evil = "\x1b]0;title\x07 \r\n \u202e \x9b2J"
    letter = DeadLetter.of(evil, evil.encode() + b"\xff", DeadLetterFault.INVALID, evil)
    store.take([], [letter], at=AT)
    (item,) = store.dead_letters()
    shown = store.dead_letter(item.dead_letter_id)
    for text in (item.topic, item.detail, shown.payload_text):
        assert text.isprintable(), text
        assert "\\x1b]0;title" in text
    assert shown.payload == evil.encode() + b"\xff"


@pytest.mark.parametrize("fault", list(DeadLetterFault))
def test_what_a_later_program_may_take_is_kept_whole(fault: DeadLetterFault) -> None:
    letter = DeadLetter.of("t", b"x" * 500_000, fault, "")
    assert letter.is_whole is (fault.value in {"unknown_version", "processing"})
    assert letter.size_bytes == 500_000
