"""What all settings are made of: closed, frozen models that are silent about their values."""

from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
)

_PLACEHOLDERS = frozenset({"changeme", "change-me", "change_me", "example", "password", "secret"})


def from_folder(path: Path, info: ValidationInfo) -> Path:
    """Return a path; a relative one starts at the folder of the configuration file."""
    folder = (info.context or {}).get("folder", Path())
    return Path(folder, path.expanduser())


def real_secret(secret: SecretStr) -> SecretStr:
    """Return a secret as it is.

    Raises
    ------
    ValueError
        Where it is empty, or that of an example.
    """
    text = secret.get_secret_value().strip().lower()
    if not text:
        msg = "is empty"
    elif text in _PLACEHOLDERS or (text.startswith("<") and text.endswith(">")):
        msg = "is an example value; set the real one"
    else:
        return secret
    raise ValueError(msg)


def existing_file(path: Path | None) -> Path | None:
    """Return a path as it is.

    Raises
    ------
    ValueError
        Where no file is there.
    """
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
Password = Annotated[SecretStr, AfterValidator(real_secret)]
ViewFraction = Annotated[float, AfterValidator(_in_view)]
Corners = tuple[tuple[float, float], ...]
"""``(x, y)`` in fractions of the view; the origin is top left."""

LocalPath = Annotated[Path, AfterValidator(from_folder)]
"""A path; a relative one starts at the folder of the configuration file."""


class Settings(BaseModel):
    """Base of every part of a configuration: frozen, closed, and silent about its values."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
    )
