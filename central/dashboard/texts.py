"""What the pages say, in each language: one YAML file a language, the same keys in every one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

_FOLDER = Path(__file__).parent / "texts"


class Language(StrEnum):
    """A language that the pages can be read in; the first is the default."""

    INDONESIAN = "id"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of one language.

    Attributes
    ----------
    texts
        Each text by its dotted key, ``complaints.title``; ``{name}`` marks what is filled in.
    """

    language: Language
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of ``key`` with ``values`` filled in.

        Raises
        ------
        KeyError
            Where there is no such text, or the text asks for a value that is not given.
        """
        return self.texts[key].format(**values)

    def count(self, key: str, n: int) -> str:
        """Return the text of ``key`` for ``n`` things: ``key.one`` for one, else ``key.other``."""
        return self(f"{key}.{'one' if n == 1 else 'other'}", n=n)

    def name(self, group: str, word: str | None) -> str:
        """Return the name of ``word`` in ``group``; the word itself where the city coined it.

        Categories, agencies and actors come from the city's configuration and from messages, so
        one that no catalogue names is shown as it is.
        """
        if word is None:
            return ""
        return self.texts.get(f"{group}.{word}", word.replace("_", " "))

    def said(self, text: str) -> str:
        """Return what a camera or a person noted; a `RecheckReason` in the language."""
        return self.texts.get(f"recheck_reason.{text}", text)

    def number(self, value: float, decimals: int = 0) -> str:
        """Return ``value`` with the language's decimal sign."""
        return f"{value:.{decimals}f}".replace(".", self("decimal"))


def load_catalogues() -> dict[Language, Catalogue]:
    """Return every language's texts, read from this package's files."""
    return {language: _load(language) for language in Language}


def _load(language: Language) -> Catalogue:
    raw = yaml.safe_load((_FOLDER / f"{language.value}.yaml").read_text(encoding="utf-8"))
    return Catalogue(language, dict(_flatten(raw, ())))


def _flatten(node: object, path: tuple[str, ...]) -> list[tuple[str, str]]:
    if isinstance(node, dict):
        return [pair for key, value in node.items() for pair in _flatten(value, (*path, str(key)))]
    return [(".".join(path), str(node))]
