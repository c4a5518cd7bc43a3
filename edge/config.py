"""One site's configuration: what may stand in its YAML file, and what is wrong with it.

Every key, its default, its unit and the reason stand in ``configs/site.example.yaml`` and
``configs/camera.example.yaml``; a test holds those two to these models.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from analytics.messages import IncidentKind, Slug
from edge.camera_config import CameraSettings
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
from edge.settings import (
    LocalPath,
    Name,
    Password,
    Port,
    Seconds,
    Settings,
    existing_file,
    from_folder,
)
from models.providers import Provider

DEFAULT_MODEL = "traffic"
POTHOLE_MODEL = "pothole"
RUBBISH_MODEL = "rubbish"
CONTROL_SOCKET = "edge.sock"


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
        return existing_file(path)

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
        return str(from_folder(Path(model), info)) if is_path(model) else model

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
