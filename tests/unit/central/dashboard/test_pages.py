import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from analytics.messages import EvidenceRole, IncidentKind, new_id
from central.dashboard import pages
from central.opening import DEFAULT_POLICIES
from central.reading import DeadLetterFault
from central.store import DeadLetter, Store, open_database
from central.store.migrating import migrate
from tests.builders import AT, a_congestion_measurement, a_health, an_evidence, an_incident


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = open_database(f"sqlite:///{tmp_path / 'books.sqlite3'}")
    migrate(database)
    yield Store(database)
    database.close()


class Client:
    """Asks the pages as a browser would; keeps cookies, and follows no redirect."""

    def __init__(self, app: FastAPI) -> None:
        self._transport = httpx.ASGITransport(app)
        self.cookies = httpx.Cookies()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> httpx.Response:
        return asyncio.run(self._get(path, params))

    async def _get(self, path: str, params: Mapping[str, str] | None) -> httpx.Response:
        async with httpx.AsyncClient(
            transport=self._transport, base_url="http://127.0.0.1", cookies=self.cookies
        ) as client:
            response = await client.get(path, params=params)
            self.cookies = client.cookies
            return response


@pytest.fixture
def client(store: Store) -> Client:
    app = FastAPI()
    app.include_router(pages.router(store, clock=lambda: AT + timedelta(minutes=9)))
    return Client(app)


def test_an_empty_board_says_what_to_expect(client: Client) -> None:
    html = client.get("/").text
    assert '<html lang="id"' in html
    assert "Tidak ada pengaduan terbuka" in html
    assert "Belum ada kamera yang melapor" in html


def test_a_page_allows_a_browser_nothing_foreign(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    "to",
    [
        pytest.param("//evil.example/", id="another host"),
        pytest.param("/\\evil.example/", id="a backslash that browsers read as a slash"),
        pytest.param("https://evil.example/", id="a whole address"),
        pytest.param("/\r\nSet-Cookie: a=b", id="a header of its own"),
        pytest.param("/\t/evil.example", id="a tab that browsers drop"),
        pytest.param("complaints", id="no path from the root"),
    ],
)
def test_choosing_a_language_never_leads_elsewhere(client: Client, to: str) -> None:
    response = client.get("/language/en", params={"to": to})
    assert (response.status_code, response.headers["Location"]) == (303, "/")


def test_a_chosen_language_is_kept_and_leads_back(client: Client) -> None:
    response = client.get("/language/en", params={"to": "/?show=all"})
    assert response.headers["Location"] == "/?show=all"
    assert '<html lang="en"' in client.get("/").text


def test_an_unknown_language_in_the_cookie_is_indonesian(client: Client) -> None:
    client.cookies.set("simpang-language", "xx")
    assert '<html lang="id"' in client.get("/").text


@pytest.mark.parametrize("address", ["/complaints/SPG-2026-999999", "/?before=SPG-2026-999999"])
def test_a_number_that_is_none_gets_a_page_that_says_so(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert "Tidak ada pengaduan bernomor SPG-2026-999999" in response.text


def test_older_complaints_are_a_link_away(client: Client, store: Store) -> None:
    cap = DEFAULT_POLICIES[IncidentKind.CONGESTION].daily_cap
    cameras = [f"cam-{n}" for n in range(61)]
    assert cap >= 1
    store.take([an_incident(camera=camera) for camera in cameras], at=AT)

    first = client.get("/").text
    assert first.count('class="complaint"') == 60
    link = first.split('class="older"><a href="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(link).text.count('class="complaint"') == 1


def test_ages_are_told_from_the_clock_that_the_page_was_given(client: Client, store: Store) -> None:
    store.take([an_incident()], at=AT)
    assert ">9 mnt</time>" in client.get("/").text


def test_what_a_camera_measured_is_told_on_the_complaints_page(
    client: Client, store: Store
) -> None:
    store.take([an_incident(measurement=a_congestion_measurement(occupancy=0.62))], at=AT)
    (complaint,) = store.complaints()
    html = client.get(f"/complaints/{complaint.number}").text
    assert "62% permukaan zona tertutup kendaraan" in html


def test_a_complaint_of_many_sightings_shows_the_newest_and_counts_the_rest(
    client: Client, store: Store
) -> None:
    sightings = [an_incident(started_at=AT - timedelta(seconds=n)) for n in range(70)]
    store.take(sightings, at=AT)
    (complaint,) = store.complaints()
    assert complaint.sightings == 70

    html = client.get(f"/complaints/{complaint.number}").text
    shown = [f'id="incident-{one.incident_id}"' in html for one in sightings]
    assert shown == [True] * 50 + [False] * 20
    assert "dan 20 sebelumnya" in html


def test_a_complaint_of_few_sightings_counts_no_rest(client: Client, store: Store) -> None:
    store.take([an_incident()], at=AT)
    assert "sebelumnya" not in client.get("/complaints/SPG-2026-000001").text


_MARKED_AND_PLAIN = (EvidenceRole.ANNOTATED, EvidenceRole.CONTEXT)


@pytest.mark.parametrize("roles", [_MARKED_AND_PLAIN, _MARKED_AND_PLAIN[::-1]])
def test_the_marked_picture_of_a_moment_comes_before_the_plain_one(
    client: Client, store: Store, roles: tuple[EvidenceRole, ...]
) -> None:
    incident = an_incident()
    ids = sorted(new_id(AT) for _ in roles)
    pictures = {
        role: an_evidence(incident, message_id=message_id, role=role, content=role.encode())
        for message_id, role in zip(ids, roles, strict=True)
    }
    store.take([incident, *pictures.values()], at=AT)
    html = client.get("/complaints/SPG-2026-000001").text
    places = {role: html.index(one.header.sha256) for role, one in pictures.items()}
    assert min(places, key=places.__getitem__) is EvidenceRole.ANNOTATED


def test_dead_letters_stand_above_the_cameras(client: Client, store: Store) -> None:
    letter = DeadLetter.of("simpang/v1/x", b"{", DeadLetterFault.MALFORMED, "no JSON")
    store.take([a_health()], [letter], at=AT)
    html = client.get("/").text
    assert html.index('id="dead-letters"') < html.index('id="cameras"')
