"""The JSON API, the live feed and health, over real books."""

import asyncio
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from central.api import create_app, problems
from central.complaints import Status
from central.ingest import IngestSnapshot
from central.mailman import MailmanSnapshot
from central.store import Store, open_database
from central.store.migrating import migrate
from tests.builders import (
    AT,
    a_catalogue,
    a_health,
    a_pothole,
    a_revision,
    a_status,
    an_evidence,
    an_incident,
)

pytestmark = pytest.mark.integration

ADDRESS = "http://127.0.0.1:8080"
WELL = IngestSnapshot(
    is_running=True,
    broker=MailmanSnapshot(is_connected=True, fault=None, connections=1, received=7, waiting=0),
    taken=7,
    repeated=2,
    unasked=0,
    dead_lettered=1,
    retries=0,
    fault=None,
    committed_at=AT,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_database(f"sqlite:///{tmp_path / 'central.db'}")
    migrate(opened)
    yield Store(opened)
    opened.close()


class Client:
    """Asks the application without a server between."""

    def __init__(self, store: Store, ingest: IngestSnapshot = WELL) -> None:
        self._app = create_app(store, lambda: ingest, clock=lambda: AT)

    def get(self, path: str) -> httpx.Response:
        return self.request("GET", path)

    def post(self, path: str, json: object) -> httpx.Response:
        return self.request("POST", path, json=json)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        content: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
                return await client.request(
                    method, path, json=json, content=content, headers=headers
                )

        return asyncio.run(ask())


@pytest.fixture
def client(store: Store) -> Client:
    return Client(store)


def test_a_complaint_is_listed_and_read_with_all_that_belongs_to_it(
    store: Store, client: Client
) -> None:
    incident = an_incident()
    picture = an_evidence(incident)
    store.take([a_catalogue(), incident, picture], at=AT)

    (listed,) = client.get("/api/v1/complaints").json()
    assert listed["number"] == "SPG-2026-000001"
    assert listed["opened_at"] == "2026-08-17T03:00:00Z"
    assert listed["place"]["camera_name"] == "Toll road, west"

    detail = client.get(f"/api/v1/complaints/{listed['number']}").json()
    assert detail["summary"] == listed
    assert detail["incidents"][0]["is_open"] is True
    assert detail["incidents"][0]["measurement"]["vehicles"] == {"car": 14, "motorcycle": 6}
    assert detail["events"][0]["to_status"] == "new"
    assert "dispatched" in detail["allowed_next"]

    answer = client.get(f"/api/v1/evidence/{listed['evidence_sha256']}")
    assert answer.content == picture.content
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in answer.headers["cache-control"]


def test_complaints_are_paged_by_number(store: Store, client: Client) -> None:
    store.take([an_incident(zone=f"zone-{n}") for n in range(5)], at=AT)
    first = client.get("/api/v1/complaints?limit=3").json()
    rest = client.get(f"/api/v1/complaints?limit=3&before={first[-1]['number']}").json()
    assert [one["number"][-1] for one in first + rest] == ["5", "4", "3", "2", "1"]


def test_only_open_complaints_where_asked_for(store: Store, client: Client) -> None:
    incident = an_incident()
    store.take([incident, a_revision(incident, phase="closed"), an_incident(zone="east")], at=AT)
    statuses = [one["status"] for one in client.get("/api/v1/complaints?open_only=true").json()]
    assert statuses == ["new"]


def test_a_complaint_moves_and_an_illegal_move_names_the_legal_ones(
    store: Store, client: Client
) -> None:
    store.take([an_incident()], at=AT)
    url = "/api/v1/complaints/SPG-2026-000001/status"
    moved = client.post(url, json={"to": "dispatched", "note": "crew 4"})
    assert moved.status_code == 200
    assert moved.json()["summary"]["status"] == "dispatched"
    assert moved.json()["events"][-1]["note"] == "crew 4"

    refused = client.post(url, json={"to": "verified"})
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["allowed"] == moved.json()["allowed_next"]
    assert store.complaint("SPG-2026-000001").summary.status is Status.DISPATCHED


def test_a_camera_is_asked_to_look_again_once(store: Store, client: Client) -> None:
    store.take([a_pothole(), an_incident()], at=AT)
    url = "/api/v1/complaints/SPG-2026-000001/recheck"
    asked = client.post(url, json={})
    assert asked.status_code == 200
    assert asked.json()["can_recheck"] is True
    assert asked.json()["rechecks"][0]["next_at"] == asked.json()["events"][-1]["at"]

    refused = client.post(url, json={})
    assert refused.status_code == 409
    assert "has been asked already" in refused.json()["detail"]
    jam = client.post("/api/v1/complaints/SPG-2026-000002/recheck", json={})
    assert jam.status_code == 409
    assert "none of its incidents is of a kind that a second look" in jam.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("POST", "/api/v1/complaints/SPG-1/recheck", {}, 404, "no complaint SPG-1"),
        ("GET", "/api/v1/complaints/SPG-2026-000099", None, 404, "no complaint SPG-2026-000099"),
        ("GET", "/api/v1/complaints?before=SPG-1", None, 404, "no complaint SPG-1"),
        ("GET", "/api/v1/complaints?limit=0", None, 422, "query.limit"),
        ("GET", "/api/v1/evidence/../../etc/passwd", None, 404, "Not Found"),
        ("GET", f"/api/v1/evidence/{'0' * 64}", None, 404, "no evidence"),
        ("GET", "/api/v1/incidents/not-an-id", None, 422, "path.incident_id"),
        ("POST", "/api/v1/complaints/SPG-2026-000001/status", {"to": "done"}, 422, "body.to"),
        ("POST", "/api/v1/complaints/SPG-2026-000001/status", {"to": "rejected"}, 422, "a note"),
        (
            "POST",
            "/api/v1/complaints/SPG-2026-000001/status",
            {"to": "duplicate"},
            422,
            "duplicate_of",
        ),
        (
            "POST",
            "/api/v1/complaints/SPG-2026-000001/status",
            {"to": "dispatched", "note": "\0"},
            422,
            "body.note",
        ),
        ("POST", "/api/v1/complaints/SPG-2026-000001/status", {}, 422, "body.to"),
        ("GET", "/api/v1/nothing", None, 404, "Not Found"),
    ],
)
def test_every_error_is_a_problem_in_words(  # the table has these columns
    store: Store, client: Client, method: str, path: str, body: object, status: int, says: str
) -> None:
    store.take([an_incident()], at=AT)
    answer = client.request(method, path, json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert says in answer.json()["detail"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [("application/json", "application/problem+json"), ("text/html,*/*", "text/html")],
)
def test_an_error_that_nobody_foresaw_is_answered_in_form(accept: str, media_type: str) -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/")
    def fail() -> None:
        raise KeyError("a secret of ours")

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            return await client.get("/", headers={"Accept": accept})

    answer = asyncio.run(ask())
    assert answer.status_code == 500
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert "log" in answer.text
    assert "secret" not in answer.text


def test_incidents_are_paged_by_id(store: Store, client: Client) -> None:
    store.take([an_incident(zone=f"zone-{n}") for n in range(3)], at=AT)
    first = client.get("/api/v1/incidents?limit=2").json()
    rest = client.get(f"/api/v1/incidents?before={first[-1]['incident_id']}").json()
    assert (len(first), len(rest)) == (2, 1)
    assert len({one["incident_id"] for one in first + rest}) == 3


def test_an_incident_is_confirmed_over_the_api(store: Store, client: Client) -> None:
    incident = an_incident(confidence=0.3)
    store.take([incident], at=AT)
    (awaiting,) = client.get("/api/v1/incidents?awaiting=review").json()
    assert awaiting["hold"] == "low_confidence"
    url = f"/api/v1/incidents/{incident.incident_id}/review"
    assert client.post(url, json={"decision": "dismiss"}).status_code == 422
    confirmed = client.post(url, json={"decision": "confirm"})
    assert confirmed.json()["complaint"] == "SPG-2026-000001"
    assert client.post(url, json={"decision": "confirm"}).status_code == 409


def test_sites_cameras_counts_and_dead_letters_are_read(store: Store, client: Client) -> None:
    store.take([a_status(), a_catalogue(), a_health()], at=AT)
    assert client.get("/api/v1/sites").json()[0]["state"] == "online"
    assert client.get("/api/v1/cameras").json()[0]["stream"] == "running"
    assert client.get("/api/v1/counts").json()["cameras_running"] == 1
    assert client.get("/api/v1/dead-letters").json() == []


def test_the_schema_names_every_path(client: Client) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert {
        "/api/v1/complaints",
        "/api/v1/complaints/{number}",
        "/api/v1/complaints/{number}/status",
        "/api/v1/incidents/{incident_id}/review",
        "/api/v1/evidence/{sha256}",
        "/api/v1/events",
        "/healthz",
    } <= set(paths)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Host": "evil.example"}, 421, id="a name of theirs for our address"),
        pytest.param({"Host": "127.0.0.1.evil.example:8080"}, 421, id="one that looks like ours"),
        pytest.param({"Host": ""}, 421, id="no name at all"),
        pytest.param({"Origin": "https://evil.example"}, 403, id="a page of theirs"),
        pytest.param({"Origin": "http://127.0.0.1:9999"}, 403, id="another program's page"),
        pytest.param({"Origin": "http://["}, 403, id="an address that is none"),
        pytest.param({"Origin": "null"}, 403, id="a page from nowhere"),
        pytest.param({"Content-Type": "text/plain"}, 415, id="what a form can send"),
        pytest.param({"Origin": ADDRESS}, 200, id="our own page"),
        pytest.param({"Host": "localhost:8080"}, 200, id="our other name"),
        pytest.param({"Host": "[::1]:8080"}, 200, id="our address in IPv6"),
    ],
)
def test_a_foreign_page_cannot_use_an_operators_browser(
    store: Store, client: Client, headers: dict[str, str], status: int
) -> None:
    store.take([an_incident()], at=AT)
    answer = client.request(
        "POST",
        "/api/v1/complaints/SPG-2026-000001/status",
        content='{"to": "dispatched"}',
        headers={"Content-Type": "application/json"} | headers,
    )
    assert answer.status_code == status
    expected = Status.DISPATCHED if status == 200 else Status.NEW
    assert store.complaint("SPG-2026-000001").summary.status is expected


def test_health_says_whether_central_can_do_its_job(store: Store, tmp_path: Path) -> None:
    assert Client(store).get("/healthz").json() == {"status": "ok"}
    lost = MailmanSnapshot(
        is_connected=False, fault="cannot reach the broker", connections=1, received=0, waiting=0
    )
    ill = dataclasses.replace(WELL, broker=lost, is_running=False)
    answer = Client(store, ill).get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == [
        "no messages are taken: the ingest thread has ended",
        "no messages come: cannot reach the broker",
    ]
    waiting = dataclasses.replace(WELL, fault="disk full")
    answer = Client(store, waiting).get("/healthz")
    assert answer.status_code == 503
    assert "disk full" in answer.json()["detail"]
    empty = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    assert "simpang central migrate" in Client(Store(empty)).get("/healthz").json()["detail"]
    empty.close()


def test_a_database_that_is_away_is_a_503_that_tells_no_secret(tmp_path: Path) -> None:
    refused = open_database("postgresql://simpang@127.0.0.1:1/simpang", password="s3cret-word")
    client = Client(Store(refused))
    answer = client.get("/api/v1/complaints")
    assert answer.status_code == 503
    assert "s3cret-word" not in answer.text
    assert "127.0.0.1" not in answer.text
    assert client.get("/healthz").json()["reasons"] == ["the database cannot be written"]
    assert "simpang_central_taken_total 7.0" in client.get("/metrics").text
    refused.close()


def test_metrics_hold_the_figures(store: Store, client: Client) -> None:
    store.take([an_incident()], at=AT)
    figures = client.get("/metrics").text
    assert "simpang_central_complaints_open 1.0" in figures
    assert "simpang_central_repeated_total 2.0" in figures
    assert "simpang_central_broker_connected 1.0" in figures
