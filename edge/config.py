"""One site's configuration: what may stand in its YAML file, and what is wrong with it.

Every key, its default, its unit and the reason stand in ``configs/site.example.yaml`` and
``configs/camera.example.yaml``; a test holds those two to these models.
"""

import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from analytics.congestion import CongestionRule
from analytics.ground_plane import GroundPlane
from analytics.lamps import LampRule
from analytics.messages import Fraction, IncidentKind, Position, Slug, ViewBox
from analytics.zones import Zone
from edge.addresses import Address
from edge.config_checks import (
    check_data_dir,
    check_ids,
    check_model,
    check_parts,
    is_looked_for,
    is_path,
    secrets,
)
from edge.config_file import read_document
from edge.rtsp_line import RtspLine
from edge.sampling import Duty, Sampling
from models.manifest import SidePx
from models.providers import Provider

DEFAULT_MODEL = "traffic"
POTHOLE_MODEL = "pothole"
RUBBISH_MODEL = "rubbish"
CONTROL_SOCKET = "edge.sock"
WATCH_LOOKS_PER_S = 0.5
MEASURE_LOOKS_PER_S = 2.0
MAX_PARTS = 32
"""Zones and lamps of a camera: its entry in the catalogue lists both."""
_SCHEMES = ("rtsp", "rtsps")
_PLACEHOLDERS = frozenset({"changeme", "change-me", "change_me", "example", "password", "secret"})


def _from_folder(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder", Path())
    return Path(folder, path.expanduser())


def _is_real(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().strip().lower()
    if not text:
        msg = "is empty"
    elif text in _PLACEHOLDERS or (text.startswith("<") and text.endswith(">")):
        msg = "is an example value; set the real one"
    else:
        return secret
    raise ValueError(msg)


def _address(url: SecretStr, username: str | None, password: SecretStr | None) -> Address:
    plain = None if password is None else password.get_secret_value()
    return Address.parse(url.get_secret_value(), username=username, password=plain)


def _existing(path: Path | None) -> Path | None:
    if path is not None and not path.is_file():
        msg = f"there is no file {path}"
        raise ValueError(msg)
    return path


def _in_view(fraction: float) -> float:
    if not 0 <= fraction <= 1:
        msg = f"{fraction} lies outside the view; points are fractions of it, from 0 to 1"
        raise ValueError(msg)
    return fraction


Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
LongSeconds = Annotated[float, Field(gt=0, le=30 * 86400, allow_inf_nan=False)]
ZoneAnalytic = Literal[IncidentKind.CONGESTION, IncidentKind.POTHOLE, IncidentKind.RUBBISH]
Password = Annotated[SecretStr, AfterValidator(_is_real)]
ViewFraction = Annotated[float, AfterValidator(_in_view)]
Corners = tuple[tuple[float, float], ...]
"""``(x, y)`` in fractions of the view; the origin is top left."""

LocalPath = Annotated[Path, AfterValidator(_from_folder)]
"""A path; a relative one starts at the folder of the configuration file."""


class Settings(BaseModel):
    """Base of every part of a configuration: frozen, closed, and silent about its values."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
    )


class CongestionSettings(Settings):
    """When a zone is congested: `analytics.congestion.CongestionRule`, field by field."""

    enter_occupancy: Fraction = 0.25
    leave_occupancy: Fraction = 0.18
    enter_stopped_share: Fraction = 0.7
    leave_stopped_share: Fraction = 0.5
    min_vehicles: int = Field(default=4, ge=1, le=1000)
    min_duration_s: Seconds = 60.0
    clear_duration_s: Seconds = 30.0
    smoothing_s: Seconds = 5.0

    @model_validator(mode="after")
    def _leaves_below_where_it_enters(self) -> Self:
        for figure in ("occupancy", "stopped_share"):
            if getattr(self, f"leave_{figure}") > getattr(self, f"enter_{figure}"):
                msg = f"leave_{figure} is above enter_{figure}, so a jam would end as it begins"
                raise ValueError(msg)
        return self

    def rule(self) -> CongestionRule:
        """Return the rule that analytics applies."""
        return CongestionRule(**self.model_dump())


class InspectionSettings(Settings):
    """How a camera looks for what does not move: `edge.slow_scene.SlowScene`."""

    every_s: LongSeconds = 300.0
    background_every_s: Seconds = 15.0
    background_looks: int = Field(default=30, ge=3, le=1000)
    least: int = Field(default=3, ge=1, le=100)
    over_s: LongSeconds = 3600.0
    gone_s: LongSeconds = 3600.0


class GroundPointSettings(Settings):
    """A point whose place on the ground was measured."""

    view: tuple[ViewFraction, ViewFraction]
    east_m: float = Field(ge=-1000, le=1000)
    north_m: float = Field(ge=-1000, le=1000)


class ZoneSettings(Settings):
    """A part of the view that is judged by itself, such as one carriageway."""

    zone: Slug
    name: Name
    polygon: tuple[tuple[ViewFraction, ViewFraction], ...] = Field(min_length=3, max_length=64)
    looks_for: tuple[ZoneAnalytic, ...] = Field(
        default=(IncidentKind.CONGESTION,), min_length=1, max_length=3
    )
    congestion: CongestionSettings = CongestionSettings()

    @field_validator("looks_for", mode="after")
    @classmethod
    def _each_once(cls, looks_for: tuple[IncidentKind, ...]) -> tuple[IncidentKind, ...]:
        if len(set(looks_for)) < len(looks_for):
            msg = "names one twice"
            raise ValueError(msg)
        return looks_for

    @field_validator("polygon", mode="after")
    @classmethod
    def _can_be_measured(cls, polygon: Corners, info: ValidationInfo) -> Corners:
        Zone.of(str(info.data.get("zone", "")), polygon)
        return polygon


class LampSettings(Settings):
    """A street lamp in the view, found by the box around its head."""

    lamp: Slug
    name: Name
    box: tuple[ViewFraction, ViewFraction, ViewFraction, ViewFraction]

    @field_validator("box", mode="after")
    @classmethod
    def _has_ends_in_order(cls, box: ViewBox) -> ViewBox:
        x1, y1, x2, y2 = box
        if x1 >= x2 or y1 >= y2:
            msg = "is no box: expected [left, top, right, bottom]"
            raise ValueError(msg)
        return box

    @property
    def corners(self) -> Corners:
        """The box's corners, clockwise from its top left."""
        x1, y1, x2, y2 = self.box
        return ((x1, y1), (x2, y1), (x2, y2), (x1, y2))


class StreetLightSettings(Settings):
    """When a lamp is out: `analytics.lamps.LampRule`, field by field."""

    nights: int = Field(default=3, ge=1, le=30)
    dark_s: Seconds = 1800.0
    shine_s: Seconds = 300.0

    def rule(self) -> LampRule:
        """Return the rule that analytics applies."""
        return LampRule(**self.model_dump())


class DutySettings(Settings):
    """Measuring for a part of the time, and watching for the rest."""

    measure_s: Seconds = 10.0
    every_s: Seconds = 60.0

    @model_validator(mode="after")
    def _is_a_part(self) -> Self:
        if self.measure_s >= self.every_s:
            msg = f"measure_s {self.measure_s:g} is no part of every_s {self.every_s:g}"
            raise ValueError(msg)
        return self


class CameraSettings(Settings):
    """One camera: where its stream is, how it is sampled, and what it looks at.

    Attributes
    ----------
    sub_url
        A smaller stream of the same view, which is looked at instead of ``url``.
    tls_ca
        The certificates that an rtsps camera's is checked against; None checks nothing, because
        most cameras sign their own.
    look_width_px
        Width that its pictures are looked at in; None for that of the model. A camera's matter and
        not the site's: what it costs is how small the vehicles are in that one view. Cameras of
        one width share a detector.
    sampling, looks_per_s, duty
        See `edge.sampling.Sampling`; without a rate, as often as is useful.
    check_view
        False for a camera that is meant to turn; whether its view can be trusted is then not known.
    preset
        Name of the view. A camera that is turned to another preset for good gets a new name here,
        and learns its view anew.
    ground
        Points of the view whose place on the ground was measured, none or at least four: with them
        what is found has a size in metres and, where the camera has one, a position.
    lamps, street_light
        The lamps that are watched by night, and when one of them is out.
    """

    camera: Slug
    name: Name
    username: str | None = None
    password: Password | None = None
    url: SecretStr | None = Field(
        default=None, description="Its rtsp:// address; not needed to replay a file."
    )
    sub_url: SecretStr | None = None
    tls_ca: LocalPath | None = None
    transport: Literal["tcp", "udp"] = "tcp"
    open_timeout_s: Seconds = 5.0
    read_timeout_s: Seconds = 5.0
    position: Position | None = None
    heading_deg: float | None = Field(default=None, ge=0, lt=360)
    simulated: bool = False
    sampling: Literal["watch", "measure"] = "measure"
    looks_per_s: float | None = Field(default=None, ge=0.05, le=30)
    duty: DutySettings | None = None
    look_width_px: SidePx | None = None
    preset: Slug = "home"
    check_view: bool = True
    zones: tuple[ZoneSettings, ...] = Field(default=(), max_length=32)
    inspection: InspectionSettings = InspectionSettings()
    ground: tuple[GroundPointSettings, ...] = Field(default=(), max_length=64)
    lamps: tuple[LampSettings, ...] = Field(default=(), max_length=32)
    street_light: StreetLightSettings = StreetLightSettings()

    @field_validator("url", "sub_url", mode="after")
    @classmethod
    def _is_an_address(cls, url: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if url is not None:
            # Read here and not in a validator of the whole, which waits until all else is right.
            address = _address(url, info.data.get("username"), info.data.get("password"))
            if address.scheme not in _SCHEMES:
                msg = f"has the scheme {address.scheme}, expected rtsp:// or rtsps://"
                raise ValueError(msg)
            if address.password is not None:
                _is_real(SecretStr(address.password))
        return url

    @field_validator("tls_ca", mode="after")
    @classmethod
    def _is_there(cls, path: Path | None) -> Path | None:
        return _existing(path)

    @field_validator("ground", mode="after")
    @classmethod
    def _is_a_plane(
        cls, ground: tuple[GroundPointSettings, ...]
    ) -> tuple[GroundPointSettings, ...]:
        if ground:
            _plane(ground)
        return ground

    @model_validator(mode="after")
    def _duty_is_of_measuring(self) -> Self:
        if self.duty is not None and self.sampling != "measure":
            msg = "has a duty, which is a part of the time to measure in, but sampling: watch"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _looks_for_something(self) -> Self:
        parts = len(self.zones) + len(self.lamps)
        if not parts:
            msg = "has neither zones nor lamps, so that there is nothing to look for"
            raise ValueError(msg)
        if parts > MAX_PARTS:
            msg = f"has {parts} zones and lamps, and central takes {MAX_PARTS} a camera"
            raise ValueError(msg)
        return self

    @property
    def address(self) -> Address:
        """Where the stream is that is looked at; only for a camera that has a URL."""
        url = self.sub_url or self.url
        assert url is not None, f"{self.camera} has no url; load_site asks for one"
        return _address(url, self.username, self.password)

    @property
    def line(self) -> RtspLine:
        """How it is connected to."""
        return RtspLine(self.open_timeout_s, self.read_timeout_s, self.transport, self.tls_ca)

    @property
    def ground_plane(self) -> GroundPlane | None:
        """The ground that its view shows; None where it was not measured."""
        return _plane(self.ground) if self.ground else None

    def looks_for(self, kind: IncidentKind) -> bool:
        """Return whether one of its zones looks for a kind of incident."""
        return any(kind in zone.looks_for for zone in self.zones)

    def samples(self) -> Sampling:
        """Return which of its pictures are looked at."""
        if self.sampling == "watch":
            return Sampling(self.looks_per_s or WATCH_LOOKS_PER_S, key_frames_only=True)
        looks_per_s = self.looks_per_s or MEASURE_LOOKS_PER_S
        if self.duty is None:
            return Sampling(looks_per_s)
        # By its name, so that a hundred cameras take their turns over the whole time.
        part = zlib.crc32(self.camera.encode()) / 2**32
        every_s = self.duty.every_s
        duty = Duty(self.duty.measure_s, every_s, part * every_s, looks_per_s)
        return Sampling(WATCH_LOOKS_PER_S, key_frames_only=True, duty=duty)


def _plane(points: tuple[GroundPointSettings, ...]) -> GroundPlane:
    return GroundPlane.of(
        [point.view for point in points], [(point.east_m, point.north_m) for point in points]
    )


class BrokerSettings(Settings):
    """The MQTT broker that carries the site's messages to central."""

    host: Annotated[str, StringConstraints(min_length=1, max_length=253)] = "127.0.0.1"
    port: Port = 1883
    username: str | None = None
    password: Password | None = None
    tls_ca: LocalPath | None = None
    keepalive_s: int = Field(default=30, ge=5, le=3600)
    ack_timeout_s: Seconds = 30.0

    @field_validator("tls_ca", mode="after")
    @classmethod
    def _is_there(cls, path: Path | None) -> Path | None:
        return _existing(path)

    @model_validator(mode="after")
    def _password_has_a_user(self) -> Self:
        if self.password is not None and self.username is None:
            msg = "has a password but no username"
            raise ValueError(msg)
        return self


class OutboxSettings(Settings):
    """The messages that wait on this site's disk for central's word."""

    limit_mib: int = Field(default=2048, ge=8)


class MetricsSettings(Settings):
    """Prometheus metrics, on loopback only."""

    port: int | None = Field(default=9464, ge=0, le=65535)


class InferenceSettings(Settings):
    """On what the models run: an execution provider of ONNX Runtime; one that is installed."""

    provider: Provider = Provider.CPU


class SiteSettings(Settings):
    """One site: its cameras, its model, its broker and its disk.

    Attributes
    ----------
    workers
        Processes that the cameras are spread over; None for one a core.
    """

    site: Slug
    name: Name
    secrets_file: LocalPath | None = None
    data_dir: LocalPath
    model: str = DEFAULT_MODEL
    pothole_model: str = POTHOLE_MODEL
    rubbish_model: str = RUBBISH_MODEL
    inference: InferenceSettings = InferenceSettings()
    workers: int | None = Field(default=None, ge=1, le=256)
    broker: BrokerSettings = BrokerSettings()
    outbox: OutboxSettings = OutboxSettings()
    metrics: MetricsSettings = MetricsSettings()
    cameras: tuple[CameraSettings, ...] = Field(min_length=1, max_length=500)

    @field_validator("model", "pothole_model", "rubbish_model", mode="after")
    @classmethod
    def _from_the_folder(cls, model: str, info: ValidationInfo) -> str:
        return str(_from_folder(Path(model), info)) if is_path(model) else model

    @property
    def outbox_path(self) -> Path:
        """The file that holds the outbox."""
        return self.data_dir / "outbox.db"

    @property
    def views_dir(self) -> Path:
        """The folder that holds what the cameras' views should look like."""
        return self.data_dir / "views"

    @property
    def slow_scenes_dir(self) -> Path:
        """The folder that holds the cameras' empty scenes, and what was found in them."""
        return self.data_dir / "slow-scenes"

    @property
    def lamps_dir(self) -> Path:
        """The folder that holds what was seen of the cameras' lamps."""
        return self.data_dir / "lamps"

    @property
    def slow_models(self) -> Mapping[IncidentKind, str]:
        """The model that finds each kind of thing that does not move."""
        return {
            IncidentKind.POTHOLE: self.pothole_model,
            IncidentKind.RUBBISH: self.rubbish_model,
        }

    @property
    def control_path(self) -> Path:
        """The socket on which a running edge answers `simpang edge status` and `reload`."""
        return self.data_dir / CONTROL_SOCKET

    @property
    def worker_count(self) -> int:
        """How many processes the cameras are spread over; no more than there are cameras."""
        return min(self.workers or len(os.sched_getaffinity(0)), len(self.cameras))


def load_site(path: Path, *, environ: Mapping[str, str]) -> SiteSettings:
    """Read a site's file, and look at all that it names: secrets, model and folders.

    Parameters
    ----------
    environ
        Variables for ``${NAME}``; they go before those of ``secrets_file``.

    Raises
    ------
    ConfigError
        With everything that is wrong, at once.
    """
    document = read_document(path)
    document.fill_in(environ, keys={"secrets_file"})
    variables = {**secrets(document), **environ}
    document.fill_in(variables, keys=document.data.keys() - {"secrets_file"})
    settings = document.validate(SiteSettings)
    check_ids(document)
    check_model(document, "model", DEFAULT_MODEL)
    for kind, default in (("pothole", POTHOLE_MODEL), ("rubbish", RUBBISH_MODEL)):
        if is_looked_for(document, kind):
            check_model(document, f"{kind}_model", default)
    check_data_dir(document)
    if settings is None or document.problems:
        raise document.refused()
    return settings


def control_path(path: Path) -> Path:
    """Return the socket of the site that runs with a configuration, which need not be valid now.

    Raises
    ------
    ConfigError
        Where the file cannot be read, or names no ``data_dir``.
    """
    document = read_document(path)
    data_dir = document.data.get("data_dir")
    if not isinstance(data_dir, str):
        document.add(("data_dir",), "is missing, or no text")
        raise document.refused()
    return Path(path.parent, Path(data_dir).expanduser()) / CONTROL_SOCKET


def load_camera(path: Path, *, environ: Mapping[str, str]) -> CameraSettings:
    """Read the file of a single camera, as `simpang edge replay` takes it.

    Raises
    ------
    ConfigError
        With everything that is wrong, at once.
    """
    document = read_document(path)
    document.fill_in(environ)
    settings = document.validate(CameraSettings)
    check_parts(document, (), document.data)
    if settings is None or document.problems:
        raise document.refused()
    return settings
