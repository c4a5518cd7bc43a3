"""Reads one YAML file, and fills in ``${NAME}`` from the environment.

Knows nothing of what central is: that is `central.config`. No value of the file ever goes into an
error, because any of them may be a password; keys and places do. The edge reads its files by the
same rules; the two share no code, because they share only the wire contract.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from central.errors import ConfigError

_VARIABLE = re.compile(r"\$(\$)?\{([A-Za-z_][A-Za-z0-9_]*)\}")
_MESSAGES = {
    "missing": "is missing",
    "extra_forbidden": "unknown key",
    "string_type": "expected text; put it in quotes",
    "string_pattern_mismatch": "expected lower-case letters, digits and hyphens, at most 63",
    "model_type": "expected keys and values",
    "tuple_type": "expected a list",
    "dict_type": "expected keys and values",
}

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """YAML without surprises: a key that is named twice is an error, not the last one."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002  # yaml's own
    ) -> dict[object, object]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = key_node.value
            if key in seen:
                problem = f"the key {key} is named twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            seen.add(key)
        mapping: dict[object, object] = super().construct_mapping(node, deep=deep)
        return mapping


def read_file(path: Path, model: type[Model], *, environ: Mapping[str, str]) -> Model:
    """Return the file as ``model``; its validators find the file's folder in their context.

    Raises
    ------
    ConfigError
        With everything that is wrong, at once.
    """
    data = _load(path)
    problems: dict[Place, str] = {}
    filled = _filled(data, (), environ, problems)
    settings = None
    try:
        settings = model.model_validate(filled, context={"folder": path.absolute().parent})
    except ValidationError as exc:
        for error in exc.errors(include_url=False, include_input=False):
            # What a missing variable left behind has been named already.
            problems.setdefault(tuple(error["loc"]), _message(error))
    if settings is None or problems:
        raise ConfigError(path, [f"{dotted(place)}: {text}" for place, text in problems.items()])
    return settings


def dotted(place: Place) -> str:
    """Return ``place`` as people write it, such as ``sites[0]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".") or "the file"


def _load(path: Path) -> Mapping[str, object]:
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  # it is safe
    except OSError as exc:
        raise ConfigError(path, [f"cannot be read: {exc.strerror}"]) from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(path, ["is no UTF-8 text"]) from exc
    except yaml.YAMLError as exc:
        # From None: the foreign error quotes the line, and a password may stand in it.
        raise ConfigError(path, [_syntax(exc)]) from None
    if not isinstance(data, dict):
        raise ConfigError(path, ["expected keys and values, such as `database_url: …`"])
    return data


def _syntax(exc: yaml.YAMLError) -> str:
    if isinstance(exc, yaml.constructor.ConstructorError) and exc.problem_mark is not None:
        return f"line {exc.problem_mark.line + 1}: {exc.problem}"
    if isinstance(exc, yaml.MarkedYAMLError) and exc.problem_mark is not None:
        return f"line {exc.problem_mark.line + 1}: is no YAML"
    return "is no YAML"


def _filled(
    value: object, place: Place, environ: Mapping[str, str], problems: dict[Place, str]
) -> object:
    if isinstance(value, dict):
        return {k: _filled(v, (*place, str(k)), environ, problems) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, (*place, i), environ, problems) for i, v in enumerate(value)]
    if not isinstance(value, str):
        return value

    def one(match: re.Match[str]) -> str:
        escaped, name = match.groups()
        if escaped:
            return match.group()[1:]
        if name not in environ:
            problems[place] = f"the environment variable {name} is not set"
        return environ.get(name, "")

    return _VARIABLE.sub(one, value)


def _message(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return error["msg"].removeprefix("Value error, ")
    message = _MESSAGES.get(error["type"], error["msg"])
    return message[:1].lower() + message[1:]
