"""Central's configuration: the example, and what is said of bad ones."""

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from analytics.messages import IncidentKind
from central.config import (
    CategorySettings,
    CentralSettings,
    EmbeddedBrokerSettings,
    load_central,
)
from central.errors import ConfigError
from central.opening import DEFAULT_POLICIES
from central.rechecking import DEFAULT_RECHECKS

EXAMPLE = Path(__file__).parents[3] / "configs" / "central.example.yaml"
SECRET = "p@ss/w?rd#:1"  # all that breaks an address


def problems_of(folder: Path, text: str, **environ: str) -> str:
    path = folder / "central.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_central(path, environ=environ)
    return str(refused.value)


def loaded(folder: Path, text: str, **environ: str) -> CentralSettings:
    path = folder / "central.yaml"
    path.write_text(text, encoding="utf-8")
    return load_central(path, environ=environ)


def keys_of(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


def test_the_example_is_valid_and_shows_every_key_with_its_default() -> None:
    shown = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    assert set(shown) == keys_of(CentralSettings)
    for name, part in (("listen", "listen"), ("broker", "broker"), ("recheck", "recheck")):
        field = CentralSettings.model_fields[name].annotation
        assert isinstance(field, type)
        assert issubclass(field, BaseModel)
        assert set(shown[part]) == keys_of(field)
    for category in shown["categories"].values():
        assert set(category) == keys_of(CategorySettings)
    for key in keys_of(EmbeddedBrokerSettings):
        assert f"{key}:" in EXAMPLE.read_text(encoding="utf-8")

    example = load_central(EXAMPLE, environ={})
    defaults = CentralSettings.model_validate({"database_url": "sqlite:///simpang.db"})
    assert example.model_dump(exclude={"database_url"}) == defaults.model_dump(
        exclude={"database_url"}
    )
    assert example.policies == DEFAULT_POLICIES
    assert example.recheck.policy() == DEFAULT_RECHECKS


def test_everything_wrong_is_said_at_once_with_its_place(tmp_path: Path) -> None:
    said = problems_of(
        tmp_path,
        """
        database_url: mysql://root@db/simpang
        listen: {host: 0.0.0.0, port: 70000}
        broker: {port: 0, hots: broker, password: "${NOT_SET}"}
        sites: [Harmoni]
        categories: {congestion: {category: jam, agency: ""}}
        """,
    )
    for expected in (
        "database_url: expected sqlite:///FILE or postgresql://",
        "listen.host: 0.0.0.0 can be reached from other machines, and central has no sign-in yet",
        "listen.port: ",
        "broker.port: ",
        "broker.hots: unknown key",
        "broker.password: the environment variable NOT_SET is not set",
        "sites[0]: ",
        "categories.congestion.agency: ",
    ):
        assert expected in said


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "central.example", ""])
def test_no_address_but_loopback_is_listened_on(tmp_path: Path, host: str) -> None:
    said = problems_of(tmp_path, f'database_url: sqlite:///x.db\nlisten: {{host: "{host}"}}')
    assert "no sign-in yet" in said


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_every_loopback_address_is(tmp_path: Path, host: str) -> None:
    settings = loaded(tmp_path, f'database_url: sqlite:///x.db\nlisten: {{host: "{host}"}}')
    assert settings.listen.host == host


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("database_url: 'sqlite://'", "expected sqlite:///FILE", id="in memory"),
        pytest.param(
            "database_url: 'sqlite:///:memory:'", "expected sqlite:///FILE", id="in memory, named"
        ),
        pytest.param("sites: []", "database_url: is missing", id="no database"),
        pytest.param("database_url: x\nsites: []\nsites: []", "sites is named twice", id="twice"),
        pytest.param("database_url: [", "is no YAML", id="no YAML"),
        pytest.param("- a", "expected keys and values", id="a list"),
        pytest.param(
            "database_url: sqlite:///x.db\nrecheck: {every_s: 600}",
            "recheck: expires_s is 3600, longer than every_s, 600",
            id="two questions at a time",
        ),
        pytest.param(
            "database_url: sqlite:///x.db\nrecheck: {give_up_s: 60}",
            "recheck: give_up_s is 60, shorter than every_s, 7200",
            id="given up before the second question",
        ),
        pytest.param(
            "database_url: sqlite:///x.db\nbroker: {username: u, password: changeme}",
            "broker.password: is an example value",
            id="an example password",
        ),
        pytest.param(
            "database_url: sqlite:///x.db\nbroker: {password: real}",
            "has a password but no username",
            id="a password for nobody",
        ),
        pytest.param(
            "database_url: sqlite:///x.db\nbroker: {embedded: {data_dir: b}, host: mqtt.example}",
            "the embedded broker listens on 127.0.0.1 only",
            id="an embedded broker elsewhere",
        ),
        pytest.param(
            "database_url: sqlite:///x.db\ncategories: {camera_fault: {category: c, agency: A}}",
            "camera_fault opens no complaint",
            id="a complaint about our own camera",
        ),
    ],
)
def test_a_bad_file_is_refused_in_words(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in problems_of(tmp_path, text)


def test_a_missing_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_central(tmp_path / "missing.yaml", environ={})


def test_no_secret_is_in_an_error_or_in_what_is_printed(tmp_path: Path) -> None:
    text = """
        database_url: postgresql://simpang:${PASSWORD}@db/simpang
        broker: {username: central, password: "${PASSWORD}", port: NaN}
        """
    assert SECRET not in problems_of(tmp_path, text, PASSWORD=SECRET)
    settings = loaded(tmp_path, text.replace(", port: NaN", ""), PASSWORD=SECRET)
    assert SECRET not in repr(settings)
    assert SECRET not in settings.model_dump_json()
    assert settings.broker.password is not None
    assert settings.broker.password.get_secret_value() == SECRET


def test_a_broken_line_with_a_password_is_not_quoted(tmp_path: Path) -> None:
    assert SECRET not in problems_of(tmp_path, f"broker: {{password: '{SECRET}\n")


def test_relative_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path, "database_url: sqlite:///books/c.db\nbroker: {embedded: {data_dir: broker}}"
    )
    assert settings.database_url.get_secret_value() == f"sqlite:///{tmp_path}/books/c.db"
    assert settings.broker.embedded is not None
    assert settings.broker.embedded.data_dir == tmp_path / "broker"


def test_a_kind_that_is_left_out_opens_no_complaint(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        "database_url: sqlite:///x.db\ncategories: {rubbish: {category: sampah, agency: DLH}}",
    )
    assert set(settings.policies) == {IncidentKind.RUBBISH}
    assert settings.policies[IncidentKind.RUBBISH].category == "sampah"
