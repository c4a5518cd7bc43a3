"""Reads one YAML file with its line numbers, and fills in ``${NAME}`` from the environment.

Knows YAML and pydantic, and nothing of what a site is: that is `edge.config`. No value of the file
ever goes into an error, because any of them may be a password; keys and places do.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from edge.errors import ConfigError

Place = tuple[str | int, ...]
"""Keys and list indexes that lead to a value, from the outside in."""

MAX_DEPTH = 16
"""Far deeper than any configuration; a list that holds itself ends here."""

_VARIABLE = re.compile(r"(\$?)\$\{([^}]*)\}?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED = re.compile(r"'.*'|\".*\"", re.DOTALL)
_BOUNDS = {
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
}
_MESSAGES = {
    "missing": "is missing",
    "string_type": "expected text; put it in quotes",
    "string_pattern_mismatch": "expected lower-case letters, digits and hyphens, at most 63",
    "model_type": "expected keys and values",
    "tuple_type": "expected a list",
}

Model = TypeVar("Model", bound=BaseModel)


@dataclass(slots=True)
class Document:
    """A YAML file, read but not yet understood.

    Attributes
    ----------
    data
        The outermost keys and values; plain Python objects.
    lines
        The line, from 1, on which each value starts.
    problems
        What is wrong with it so far: on which line, and what.
    unknown
        Places whose variable is missing, or that are too deep: what they hold says nothing.
    """

    path: Path
    data: dict[str, object] = field(default_factory=dict)
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)
    unknown: set[Place] = field(default_factory=set)

    def add(self, place: Place, problem: str) -> None:
        """Note a problem at ``place``, with the line it is on."""
        nearest = place
        while nearest not in self.lines and nearest:
            nearest = nearest[:-1]
        self.problems.append((self.lines.get(nearest, 1), f"{dotted(place)}: {problem}"))

    def refused(self) -> ConfigError:
        """Return the error that names every problem, in the order of the file."""
        return ConfigError(self.path, [f"line {n}: {text}" for n, text in sorted(self.problems)])

    def fill_in(self, variables: Mapping[str, str], *, keys: Set[str] | None = None) -> None:
        """Replace each ``${NAME}`` by its variable; ``$${`` stands for ``${`` itself.

        Parameters
        ----------
        keys
            The outermost keys to do so under, each once; None for all.
        """
        for key in self.data if keys is None else keys & self.data.keys():
            self.data[key] = self._filled((key,), self.data[key], variables)

    def validate(self, model: type[Model]) -> Model | None:
        """Return the data as ``model``, or none and note every problem.

        Paths in it are taken as relative to the file's folder, see `edge.config`.
        """
        try:
            return model.model_validate(self.data, context={"folder": self.path.parent})
        except ValidationError as exc:
            for error in exc.errors(include_url=False):
                place = tuple(error["loc"])
                if not (self._is_unknown(place) or _is_echo(error)):
                    self.add(place, _message(error, model))
            return None

    def _is_unknown(self, place: Place) -> bool:
        return any(place[: len(unknown)] == unknown for unknown in self.unknown)

    def _filled(self, place: Place, value: object, variables: Mapping[str, str]) -> object:
        if isinstance(value, dict):
            return {k: self._filled((*place, k), v, variables) for k, v in value.items()}
        if isinstance(value, list):
            return [self._filled((*place, i), v, variables) for i, v in enumerate(value)]
        if not isinstance(value, str):
            return value

        def one(match: re.Match[str]) -> str:
            escaped, name = match.groups()
            if escaped:
                return match.group()[1:]
            if not _NAME.fullmatch(name):
                self.add(place, "`${` without a variable's name and `}`; write `$${` for the text")
                self.unknown.add(place)
            elif name not in variables:
                self.add(place, f"variable {name} is not set, in the environment or secrets_file")
                self.unknown.add(place)
            return variables.get(name, "")

        return _VARIABLE.sub(one, value)


def dotted(place: Place) -> str:
    """Return ``place`` as people write it, such as ``cameras[0].url``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".") or "the file"


def read_document(path: Path) -> Document:
    """Read a YAML file whose outermost level is keys and values.

    Raises
    ------
    ConfigError
        Where it cannot be read or is no YAML; with the line. A key that is named twice is a problem
        of the document: the rest can be looked at all the same.
    """
    document = Document(path)
    try:
        text = path.read_text(encoding="utf-8")
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            value = _value(loader, node, (), document)
        finally:
            loader.dispose()
    except OSError as exc:
        raise ConfigError(path, [f"cannot be read: {exc.strerror}"]) from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(path, ["is no UTF-8 text"]) from exc
    except yaml.MarkedYAMLError as exc:
        # From None: the foreign error quotes the line, and a password may stand in it.
        raise ConfigError(path, [_syntax(exc)]) from None
    except (yaml.YAMLError, ValueError):
        raise ConfigError(path, ["is no YAML: a character or value cannot be read"]) from None
    if not isinstance(value, dict):
        document.add((), "expected keys and values, such as `site: my-site`")
        raise document.refused()
    document.data = value
    return document


def _value(
    loader: yaml.SafeLoader, node: yaml.Node | None, place: Place, document: Document
) -> object:
    if node is None:
        return None
    document.lines[place] = node.start_mark.line + 1
    if len(place) > MAX_DEPTH:
        document.add(place[:3], f"is more than {MAX_DEPTH} levels deep")
        document.unknown.add(place[:3])
        return None
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(loader, node, place, document))
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, n, (*place, i), document) for i, n in enumerate(node.value)]
    return loader.construct_object(node)


def _pairs(
    loader: yaml.SafeLoader, node: yaml.MappingNode, place: Place, document: Document
) -> Iterator[tuple[str, object]]:
    seen: set[str] = set()
    for key_node, _ in node.value:
        key = str(key_node.value)
        if key in seen and key != "<<":
            text = f"{dotted((*place, key))}: is named twice"
            document.problems.append((key_node.start_mark.line + 1, text))
        seen.add(key)
    # After the search for duplicates, because merging `<<` puts a key that is overridden in twice.
    loader.flatten_mapping(node)
    for key_node, value_node in node.value:
        key = str(key_node.value)
        yield key, _value(loader, value_node, (*place, key), document)


def _syntax(exc: yaml.MarkedYAMLError) -> str:
    mark = exc.problem_mark or exc.context_mark
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{place}is no YAML: {_QUOTED.sub('…', exc.problem or 'cannot be read')}"


def _is_echo(error: ErrorDetails) -> bool:
    """Tell whether a list only seems too short, because pydantic counts its valid parts."""
    found = error["input"]
    is_short = error["type"] == "too_short" and isinstance(found, list)
    return is_short and len(found) >= error["ctx"]["min_length"]


def _message(error: ErrorDetails, model: type[BaseModel]) -> str:
    kind = error["type"]
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(str(error["loc"][-1]), sorted(_keys(model)), n=1)
        return "unknown key" + (f"; did you mean {close[0]}?" if close else "")
    if kind in _BOUNDS:
        expected = _BOUNDS[kind].format(**error["ctx"])
        # Only numbers and lists have bounds here, and no number is a secret.
        length = error["ctx"].get("actual_length")
        found = f"is {error['input']}" if length is None else f"holds {length}"
        return f"{found}, expected {expected}"
    if kind == "value_error":
        return error["msg"].removeprefix("Value error, ")
    return _MESSAGES.get(kind, _lower(error["msg"]))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _keys(model: type[BaseModel]) -> set[str]:
    """Return every key of a model and of the models inside it."""
    return set(model.model_json_schema().get("properties", {})) | {
        key
        for part in model.model_json_schema().get("$defs", {}).values()
        for key in part.get("properties", {})
    }
