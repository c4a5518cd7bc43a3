"""What happens in the demo, one line each, as central's API tells it."""

import http.client
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from analytics.messages import IncidentKind, Severity, StreamState

_TIMEOUT_S = 5.0


class CentralUnreachableError(Exception):
    """Central did not answer, or not as expected; it may do so the next time."""


class _Seen(BaseModel):
    # The API says more than a line of text needs.
    model_config = ConfigDict(frozen=True, extra="ignore")


class Place(_Seen):
    """Which camera and zone, by the names that people know."""

    camera: str
    camera_name: str
    zone_name: str | None = None

    def __str__(self) -> str:
        return (
            self.camera_name if self.zone_name is None else f"{self.camera_name}, {self.zone_name}"
        )


class Fault(_Seen):
    """What is wrong with a stream, in words."""

    text: str


class Camera(_Seen):
    """A camera's stream; None where it has not said anything yet."""

    place: Place
    stream: StreamState | None = None
    fault: Fault | None = None
    is_stale: bool = False


class Incident(_Seen):
    """What a camera found."""

    incident_id: str
    kind: IncidentKind
    place: Place
    severity: Severity
    confidence: float
    ended_at: datetime | None = None


class Complaint(_Seen):
    """What an agency is asked to act on."""

    number: str
    category: str
    agency: str
    status: str
    place: Place


_Answer = TypeVar("_Answer")
_CAMERAS = TypeAdapter(list[Camera])
_INCIDENTS = TypeAdapter(list[Incident])
_COMPLAINTS = TypeAdapter(list[Complaint])


class Api:
    """Reads central's JSON API."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    def is_ready(self) -> bool:
        """Whether central can do its job: database, schema and broker."""
        try:
            self._get("/healthz")
        except CentralUnreachableError:
            return False
        return True

    def cameras(self) -> list[Camera]:
        """Return every camera.

        Raises
        ------
        CentralUnreachableError
            Where central gives no answer that can be read.
        """
        return self._read("/api/v1/cameras", _CAMERAS)

    def incidents(self) -> list[Incident]:
        """Return the newest incidents; raises as `cameras` does."""
        return self._read("/api/v1/incidents", _INCIDENTS)

    def complaints(self) -> list[Complaint]:
        """Return the newest complaints, closed ones too; raises as `cameras` does."""
        return self._read("/api/v1/complaints", _COMPLAINTS)

    def _read(self, path: str, expected: TypeAdapter[_Answer]) -> _Answer:
        try:
            return expected.validate_json(self._get(path))
        except ValidationError as exc:
            msg = f"central answers {path} with something else: {exc}"
            raise CentralUnreachableError(msg) from exc

    def _get(self, path: str) -> bytes:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT_S)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as exc:
            raise CentralUnreachableError(f"central does not answer: {exc}") from exc
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise CentralUnreachableError(f"central answers {path} with status {response.status}")
        return body


class Story:
    """Tells each thing that happens once, by comparing what is with what was told."""

    def __init__(self) -> None:
        self._cameras: dict[str, str] = {}
        self._incidents: dict[str, bool] = {}
        self._complaints: dict[str, str] = {}

    def lines(
        self,
        cameras: Sequence[Camera],
        incidents: Sequence[Incident],
        complaints: Sequence[Complaint],
    ) -> list[str]:
        """Return what is new since the last call, the cause before its consequence."""
        told = [self._camera(camera) for camera in cameras]
        # The API gives the newest first.
        told += [self._incident(incident) for incident in reversed(incidents)]
        told += [self._complaint(complaint) for complaint in reversed(complaints)]
        return [line for line in told if line is not None]

    def _camera(self, camera: Camera) -> str | None:
        state = _state_of(camera)
        before = self._cameras.get(camera.place.camera)
        if state is None or state == before:
            return None
        self._cameras[camera.place.camera] = state
        is_back = state == _RUNNING and before is not None
        return f"camera {camera.place.camera_name}: {'back, ' if is_back else ''}{state}"

    def _incident(self, incident: Incident) -> str | None:
        is_open = incident.ended_at is None
        was_open = self._incidents.get(incident.incident_id)
        self._incidents[incident.incident_id] = is_open
        if was_open == is_open:
            return None
        if not is_open:
            return f"{incident.kind} over: {incident.place}"
        certainty = f"severity {incident.severity}, confidence {incident.confidence:.0%}"
        return f"{incident.kind} opened: {incident.place} ({certainty})"

    def _complaint(self, complaint: Complaint) -> str | None:
        before = self._complaints.get(complaint.number)
        self._complaints[complaint.number] = complaint.status
        if before == complaint.status:
            return None
        if before is None:
            about = f"{complaint.category} at {complaint.place}, for {complaint.agency}"
            return f"complaint {complaint.number} opened: {about}"
        return f"complaint {complaint.number}: {before} -> {complaint.status}"


_RUNNING = "running"


def _state_of(camera: Camera) -> str | None:
    """Return a camera's state in words; None where there is nothing to tell yet."""
    if camera.stream is None:
        return None
    if camera.is_stale:
        return "lost, no word from its site"
    if camera.stream is StreamState.RUNNING:
        return _RUNNING
    is_on_its_way = camera.stream is StreamState.WAITING and camera.fault is None
    if camera.stream is StreamState.CONNECTING or is_on_its_way:
        return None
    return f"lost, {camera.fault.text if camera.fault else camera.stream}"
