"""The pages keep up with the code: links, commands, targets, words and generated text."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.core
import typer.main

from scripts.messages_doc import PAGE, messages_page
from simpang import PARTS, ExitCode

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("models/cards/*.md")]
)

WORDS = re.findall(
    r"\S+",
    """
    site camera stream source frame detection confidence track zone line rule incident kind
    evidence complaint category agency jurisdiction status due_at operator outbox onboard view
    recheck
    """,
)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors_of(page: Path) -> set[str]:
    """What a heading's link is on the usual hosts: lower case, words joined by hyphens."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands() -> Iterator[tuple[str, typer.core.TyperCommand]]:
    """Every command that does something, by its full name."""
    for name, part in PARTS.items():
        yield from _commands_below(f"simpang {name}", typer.main.get_command(part.load()))


def _commands_below(name: str, command: object) -> Iterator[tuple[str, typer.core.TyperCommand]]:
    if isinstance(command, typer.core.TyperGroup):
        for sub_name, sub_command in command.commands.items():
            yield from _commands_below(f"{name} {sub_name}", sub_command)
    else:
        assert isinstance(command, typer.core.TyperCommand), name
        yield name, command


def options_of(command: typer.core.TyperCommand) -> list[typer.core.TyperOption]:
    return [one for one in command.params if isinstance(one, typer.core.TyperOption)]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*##", text_of(ROOT / "Makefile"), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        linked = page if not name else page.parent / name
        assert linked.exists(), f"{target} is not there"
        if anchor:
            assert anchor in anchors_of(linked), f"{target} has no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = re.findall(r"`((?:[\w.-]+/)+[\w-]+\.(?:py|sh|md|onnx))`", text_of(page))

    missing = {name for name in named if not (ROOT / name).exists()}

    assert missing == set()


def test_every_metric_that_a_page_names_is_served() -> None:
    served = text_of(ROOT / "edge" / "metrics.py") + text_of(ROOT / "central/api/health.py")

    for page in PAGES:
        for name in re.findall(r"simpang_(?:edge|central)_(\w+)", text_of(page)):
            assert f'{name.removesuffix("_total")}"' in served, f"{page.name} names {name}"


def test_the_page_of_messages_says_what_the_models_say() -> None:
    assert text_of(PAGE) == messages_page(), "run `make docs`"


def test_every_command_stands_in_the_command_line_page() -> None:
    page = text_of(ROOT / "docs" / "cli.md")

    for name, command in commands():
        entry = re.search(rf"^`{name}(?= |`).*`$", page, re.MULTILINE)
        assert entry is not None, f"{name} is not in docs/cli.md"
        for option in options_of(command):
            assert option.opts[0] in entry[0], f"{name} has {option.opts[0]}"


def test_every_command_in_the_command_line_page_is_there() -> None:
    page = text_of(ROOT / "docs" / "cli.md")
    documented = set(re.findall(r"^`(simpang(?: [a-z][a-z-]*)+)", page, re.MULTILINE))

    assert documented == {name for name, _ in commands()}


def test_every_command_has_help_that_ends_in_an_example() -> None:
    for name, command in commands():
        assert command.help, f"{name} has no help"
        assert (command.epilog or "").startswith(f"Example: {name}"), name


def test_every_option_says_what_it_is() -> None:
    for name, command in commands():
        assert all(option.help for option in options_of(command)), name


def test_every_command_that_any_page_shows_is_there() -> None:
    known = {name for name, _ in commands()}
    groups = {name.rpartition(" ")[0] for name in known} - {"simpang"}

    for page in PAGES:
        shown = re.findall(
            r"\bsimpang (?:edge|central|model|demo)\b(?: [a-z][a-z-]+)?", text_of(page)
        )
        for name in shown:
            assert name in known | groups or name.rpartition(" ")[0] in known, (
                f"{page.name}: {name}"
            )


def test_every_exit_code_stands_in_the_command_line_page() -> None:
    rows = re.findall(r"^\| (\d) \| `(\w+)` \|", text_of(ROOT / "docs" / "cli.md"), re.MULTILINE)

    assert {int(code): name for code, name in rows} == {code.value: code.name for code in ExitCode}


@pytest.mark.parametrize("word", WORDS)
def test_the_glossary_has_every_word(word: str) -> None:
    assert f"| **{word}**" in text_of(ROOT / "docs" / "glossary.md")


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_of_a_page_is_a_target(page: str) -> None:
    used = set(re.findall(r"(?:^|`)make ([a-z]+)", text_of(ROOT / page), re.MULTILINE))

    assert used, f"{page} names no make target"
    assert used <= targets()


def test_make_lists_every_target() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout

    assert {line.split()[1] for line in listed.splitlines()} == targets()
    assert {"demo", "test", "setup", "check", "fast", "fix", "bench", "docs"} <= targets()


def test_a_decision_has_all_its_parts_and_fits_a_page() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))

    assert [record.name[:3] for record in records] == [f"{n:03}" for n in range(len(records))]
    for record in records:
        text = text_of(record)
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Options", "Decision", "Consequences"], record.name
        assert text.startswith(f"# {record.name[:3]}: "), record.name
        assert len(text.splitlines()) <= 60, record.name
