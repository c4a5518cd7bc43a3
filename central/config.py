"""Central's configuration: what may stand in its YAML file, and what is wrong with it.

Every key, its default, its unit and the reason stand in ``configs/central.example.yaml``; a test
holds that file to these models.
"""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from analytics.messages import Fraction, IncidentKind, Slug
from central.config_file import read_file
from central.opening import DEFAULT_POLICIES, KindPolicy, Policies
from central.rechecking import DEFAULT_RECHECKS, RecheckPolicy

_PLACEHOLDERS = frozenset({"changeme", "change-me", "change_me", "example", "password", "secret"})
_SQLITE = "sqlite:///"
_POSTGRESQL = "postgresql://"


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _only_loopback(host: str) -> str:
    if not is_loopback(host):
        msg = (
            f"{host} can be reached from other machines, and central has no sign-in yet: expected "
            "127.0.0.1, ::1 or localhost"
        )
        raise ValueError(msg)
    return host


def _from_folder(path: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / path.expanduser()


def _is_real(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().strip().lower()
    if not text:
        msg = "is empty"
    elif text in _PLACEHOLDERS or (text.startswith("<") and text.endswith(">")):
        msg = "is an example value; set the real one"
    else:
        return secret
    raise ValueError(msg)


def _is_known_database(secret: SecretStr, info: ValidationInfo) -> SecretStr:
    url = secret.get_secret_value()
    if _is_postgresql(url):
        return secret
    path = url.removeprefix(_SQLITE)
    if not url.startswith(_SQLITE) or not path or path == ":memory:" or "?" in path:
        msg = f"expected {_SQLITE}FILE or {_POSTGRESQL}USER@HOST:PORT/DATABASE"
        raise ValueError(msg)
    return SecretStr(_SQLITE + str(_from_folder(Path(path), info)))


def _is_postgresql(url: str) -> bool:
    try:
        parts = urlsplit(url)
        # Reading the port is what checks it.
        is_whole = bool(parts.hostname and parts.path.strip("/") and parts.port != 0)
    except ValueError:
        return False
    return is_whole and url.startswith(_POSTGRESQL)


Port = Annotated[int, Field(ge=1, le=65535)]
LocalPath = Annotated[Path, AfterValidator(_from_folder)]
"""A path; a relative one starts at the folder of the configuration file."""

DatabaseUrl = Annotated[SecretStr, AfterValidator(_is_known_database)]
Password = Annotated[SecretStr, AfterValidator(_is_real)]


class Settings(BaseModel):
    """Base of every part of a configuration: frozen, closed, and silent about its values."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
    )


class ListenSettings(Settings):
    """Where the dashboard and the API are served."""

    host: Annotated[str, AfterValidator(_only_loopback)] = Field(
        default="127.0.0.1", description="A loopback address: there is no sign-in yet."
    )
    port: int = Field(default=8080, ge=0, le=65535, description="0 takes any free one.")


class EmbeddedBrokerSettings(Settings):
    """A broker of central's own, as a child process on loopback."""

    data_dir: LocalPath = Field(description="Folder of its sessions and messages.")


class BrokerSettings(Settings):
    """The MQTT broker that the sites send to."""

    embedded: EmbeddedBrokerSettings | None = Field(
        default=None, description="Start one of our own; none where the city runs one."
    )
    host: Annotated[str, StringConstraints(min_length=1, max_length=253)] = "127.0.0.1"
    port: Port = 1883
    client_id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")] = Field(
        default="simpang-central",
        description="Its messages wait at the broker under this name; one of its own a replica.",
    )
    username: str | None = None
    password: Password | None = None
    tls_ca: LocalPath | None = Field(
        default=None, description="PEM file of the authority behind the broker's certificate."
    )
    keepalive_s: int = Field(default=30, ge=5, le=3600)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.password is not None and self.username is None:
            msg = "has a password but no username"
        elif self.embedded is not None and self.host != "127.0.0.1":
            msg = f"host is {self.host}, but the embedded broker listens on 127.0.0.1 only"
        elif self.embedded is not None and self.tls_ca is not None:
            msg = "tls_ca is set, but the embedded broker speaks no TLS"
        else:
            return self
        raise ValueError(msg)


class CategorySettings(Settings):
    """How incidents of one kind become complaints."""

    category: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")] = Field(
        description="What the complaint is filed under (Open311 service_code)."
    )
    agency: Annotated[str, StringConstraints(min_length=1, max_length=120)] = Field(
        description="Who must act."
    )
    automatic: bool = Field(default=True, description="Opens by itself; else awaits an operator.")
    min_confidence: Fraction = Field(
        default=0.7, description="The least confidence to open by itself."
    )
    daily_cap: int = Field(
        default=5, ge=0, description="Complaints that a camera opens by itself a day, at most."
    )
    window_s: float = Field(
        default=86400.0, ge=0, le=10 * 366 * 86400.0, description="Sightings this close are one."
    )
    radius_m: float = Field(
        default=15.0,
        ge=0,
        allow_inf_nan=False,
        description="Sightings this close, by different cameras, are of one thing.",
    )

    def policy(self) -> KindPolicy:
        """Return the policy that opening and merging apply."""
        return KindPolicy(**self.model_dump())


class RecheckSettings(Settings):
    """How often cameras are asked whether what was resolved is gone."""

    every_s: float = Field(
        default=DEFAULT_RECHECKS.every_s, ge=60, le=86400.0, description="Asked again after it."
    )
    expires_s: float = Field(
        default=DEFAULT_RECHECKS.expires_s, ge=10, description="Not done by a site any later."
    )
    give_up_s: float = Field(
        default=DEFAULT_RECHECKS.give_up_s, le=366 * 86400.0, description="Then an operator looks."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.expires_s > self.every_s:
            msg = f"expires_s is {self.expires_s:g}, longer than every_s, {self.every_s:g}"
        elif self.give_up_s < self.every_s:
            msg = f"give_up_s is {self.give_up_s:g}, shorter than every_s, {self.every_s:g}"
        else:
            return self
        raise ValueError(msg)

    def policy(self) -> RecheckPolicy:
        """Return the policy that the books apply."""
        return RecheckPolicy(**self.model_dump())


def _default_categories() -> dict[IncidentKind, CategorySettings]:
    return {
        kind: CategorySettings(
            category=policy.category,
            agency=policy.agency,
            automatic=policy.automatic,
            min_confidence=policy.min_confidence,
            daily_cap=policy.daily_cap,
            window_s=policy.window_s,
            radius_m=policy.radius_m,
        )
        for kind, policy in DEFAULT_POLICIES.items()
    }


def _complaint_kinds(
    categories: Mapping[IncidentKind, CategorySettings],
) -> Mapping[IncidentKind, CategorySettings]:
    if IncidentKind.CAMERA_FAULT in categories:
        msg = f"{IncidentKind.CAMERA_FAULT.value} opens no complaint: no agency mends our cameras"
        raise ValueError(msg)
    return categories


class CentralSettings(Settings):
    """The whole file."""

    listen: ListenSettings = ListenSettings()
    database_url: DatabaseUrl = Field(description="SQLite file, or PostgreSQL 15 or newer.")
    database_password: Password | None = Field(
        default=None, description="As it is: in the URL, it would have to be percent-encoded."
    )
    broker: BrokerSettings = BrokerSettings()
    sites: tuple[Slug, ...] = Field(
        default=(), description="Sites that are listened to; none named means every site."
    )
    categories: Annotated[
        dict[IncidentKind, CategorySettings], AfterValidator(_complaint_kinds)
    ] = Field(
        default_factory=_default_categories,
        description="By kind of incident; a kind that is left out opens no complaint.",
    )
    recheck: RecheckSettings = RecheckSettings()

    @property
    def policies(self) -> Policies:
        """How incidents become complaints, by kind."""
        return {kind: settings.policy() for kind, settings in self.categories.items()}


def load_central(path: Path, *, environ: Mapping[str, str]) -> CentralSettings:
    """Read central's file.

    Parameters
    ----------
    environ
        Variables for ``${NAME}``.

    Raises
    ------
    ConfigError
        With everything that is wrong, at once.
    """
    return read_file(path, CentralSettings, environ=environ)
