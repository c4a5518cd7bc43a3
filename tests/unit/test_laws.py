"""The laws of docs/architecture.md that the import linter cannot hold."""

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("analytics", "models", "edge", "central")
PROGRAM = (*PACKAGES, "scripts", "simpang.py")


@cache
def files(*parts: str) -> tuple[Path, ...]:
    """The Python files of packages or modules, below the project's root."""
    found = [
        path
        for part in parts
        for path in ([ROOT / part] if part.endswith(".py") else (ROOT / part).rglob("*.py"))
    ]
    assert found, parts
    return tuple(sorted(found))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports_of(path: Path) -> Iterator[str]:
    """Full names of what a file imports, also those inside functions."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers(library: str, *parts: str) -> set[str]:
    """Files that import a library, or a part of it."""
    return {
        name_of(path)
        for path in files(*parts)
        if any(name == library or name.startswith(f"{library}.") for name in imports_of(path))
    }


def test_central_shares_only_the_wire_contract() -> None:
    ours = tuple(f"{package}." for package in (*PACKAGES, "scripts", "simpang"))
    allowed = ("central.", "analytics.messages.", "simpang.ExitCode")

    foreign = {
        f"{name_of(path)}: {name}"
        for path in files("central")
        for name in imports_of(path)
        if f"{name}.".startswith(ours) and not f"{name}.".startswith(allowed)
    }

    assert foreign == set()


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize(
    "library", ["av", "cv2", "onnxruntime", "paho", "sqlite3", "prometheus_client"]
)
def test_a_library_with_errors_of_its_own_is_imported_by_one_module(
    package: str, library: str
) -> None:
    # PyAV has two: one reads containers, the other makes frames of what came out of them.
    most = 2 if (package, library) == ("edge", "av") else 1
    assert len(importers(library, package)) <= most, importers(library, package)


@pytest.mark.parametrize("library", ["sqlalchemy", "alembic"])
def test_all_the_sql_is_in_the_store(library: str) -> None:
    outside = {name for name in importers(library, *PROGRAM) if "central/store/" not in name}

    assert outside == set()


@pytest.mark.parametrize("library", ["torch", "ultralytics", "supervision"])
def test_no_training_library_is_imported(library: str) -> None:
    assert importers(library, *PROGRAM) <= {
        "scripts/training/network.py",
        "scripts/bench/farm_peer.py",
    }
    assert importers("scripts.training", *PACKAGES, "simpang.py") == set()


def test_everything_is_caught_only_where_work_is_kept_or_parked() -> None:
    catching = {
        name_of(path)
        for path in files(*PACKAGES)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and ast.unparse(node.body[-1]) != "raise"
    }

    # What keeps a camera alive on the edge, its connection and its looks, and central's ingest.
    assert catching <= {"edge/reader.py", "edge/looking.py", "central/ingest.py"}


def test_the_environment_is_read_only_by_commands() -> None:
    reading = {
        name_of(path)
        for path in files(*PACKAGES)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}
    }

    # A worker process gets all of the environment that its supervisor has, and reads none of it.
    commands = {"edge/cli.py", "central/cli.py", "models/cli.py"}
    assert reading <= {*commands, "edge/worker_handle.py"}


FRESH_INTERPRETER = """
import importlib, json, sys, threading
from pathlib import Path

root, names = Path(sys.argv[1]), sys.argv[2:]
done = []

def watch(event, args):
    if event in {"socket.bind", "socket.connect", "sqlite3.connect", "subprocess.Popen", "os.fork"}:
        done.append(f"{event}{args[1:]}")
    elif event == "open" and isinstance(args[0], str):
        path, mode = Path(args[0]), args[1] or ""
        is_ours = path.is_relative_to(root) and not path.is_relative_to(root / ".venv")
        is_code = path.suffix in {".py", ".pyc"} or "__pycache__" in path.parts
        if is_ours and not is_code or set(mode) & set("wax+"):
            done.append(f"open{args[:2]}")

sys.addaudithook(watch)
for name in names:
    importlib.import_module(name)
done += [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]

from pydantic import BaseModel

def below(model):
    for sub in model.__subclasses__():
        yield sub
        yield from below(sub)

models = {
    f"{model.__module__}.{model.__qualname__}": dict(model.model_config)
    for model in below(BaseModel)
    if model.__module__.partition(".")[0] in {"analytics", "models", "edge", "central"}
}
print(json.dumps({"done": done, "models": models}, default=str))
"""


@pytest.fixture(scope="module")
def fresh_import() -> dict[str, object]:
    """What importing every module of ours does, in an interpreter that has done nothing else."""
    names = [
        name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in files(*PROGRAM)
        # Alembic runs a migration's environment as a script, and nothing else imports it. Baking
        # and training have libraries of their own, which are not installed here.
        if path.name != "__main__.py"
        and not {"migrations", "bake"} & set(path.parts)
        and not set(imports_of(path)) & {"torch", "ultralytics"}
    ]
    done = subprocess.run(
        [sys.executable, "-c", FRESH_INTERPRETER, str(ROOT), *names],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_nothing_happens_at_import(fresh_import: dict[str, object]) -> None:
    assert fresh_import["done"] == []


def test_every_model_at_a_boundary_is_frozen_and_closed(fresh_import: dict[str, object]) -> None:
    models = fresh_import["models"]
    assert isinstance(models, dict)
    assert "analytics.messages.incident.IncidentMessage" in models

    loose = {
        name
        for name, config in models.items()
        if not config.get("frozen") or config.get("extra") != "forbid"
    }

    assert loose == set()


def test_every_configuration_is_silent_about_its_values(fresh_import: dict[str, object]) -> None:
    models = fresh_import["models"]
    assert isinstance(models, dict)

    talkative = {
        name
        for name, config in models.items()
        if name.startswith(("edge.config", "central.config"))
        and not config.get("hide_input_in_errors")
    }

    assert "edge.config.SiteSettings" in models
    assert talkative == set()


def test_the_contract_of_central_names_every_module_of_analytics_but_the_messages() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    forbidden = next(
        set(contract["forbidden_modules"])
        for contract in contracts
        if contract["name"] == "central shares only the wire contract"
    )

    modules = {f"analytics.{path.stem}" for path in (ROOT / "analytics").glob("*.py")}

    assert modules - {"analytics.__init__"} <= forbidden
