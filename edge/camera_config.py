"""One camera's settings: where its stream is, how it is sampled, and what it looks at."""

import zlib
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from analytics.ground_plane import GroundPlane
from analytics.messages import IncidentKind, Position, Slug
from edge.addresses import Address
from edge.rtsp_line import RtspLine
from edge.sampling import Duty, Sampling
from edge.settings import LocalPath, Name, Password, Seconds, Settings, existing_file, real_secret
from edge.view_config import (
    GroundPointSettings,
    InspectionSettings,
    LampSettings,
    StreetLightSettings,
    ZoneSettings,
    ground_plane,
)
from models.manifest import SidePx

WATCH_LOOKS_PER_S = 0.5
MEASURE_LOOKS_PER_S = 2.0
MAX_PARTS = 32
"""Zones and lamps of a camera: its entry in the catalogue lists both."""
_SCHEMES = ("rtsp", "rtsps")


def _address(url: SecretStr, username: str | None, password: SecretStr | None) -> Address:
    plain = None if password is None else password.get_secret_value()
    return Address.parse(url.get_secret_value(), username=username, password=plain)


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
                real_secret(SecretStr(address.password))
        return url

    @field_validator("tls_ca", mode="after")
    @classmethod
    def _is_there(cls, path: Path | None) -> Path | None:
        return existing_file(path)

    @field_validator("ground", mode="after")
    @classmethod
    def _is_a_plane(
        cls, ground: tuple[GroundPointSettings, ...]
    ) -> tuple[GroundPointSettings, ...]:
        if ground:
            ground_plane(ground)
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

    @model_validator(mode="after")
    def _looks_at_one_view(self) -> Self:
        if not self.check_view and any(zone.slow_kinds for zone in self.zones):
            msg = "has check_view: false, and looks for what does not move: that needs one view"
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
        return ground_plane(self.ground) if self.ground else None

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
