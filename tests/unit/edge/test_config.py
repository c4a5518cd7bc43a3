"""The site's file: what is refused and in which words, and that no word of it is a secret."""

import logging
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, SecretStr

from analytics.congestion import CongestionRule
from analytics.lamps import LampRule
from edge.camera_config import CameraSettings
from edge.config import SiteSettings, load_camera, load_site
from edge.errors import ConfigError
from edge.view_config import CongestionSettings
from models.manifest import shipped_manifests

CONFIGS = Path(__file__).parents[3] / "configs"
EXAMPLE_SECRETS = {"BROKER_PASSWORD": "b-2291", "CAMERA_1_PASSWORD": "p@ss/1?#:"}
SECRET = "hunter2-b@/?#:"
SHIPPED = ", ".join(path.stem for path in shipped_manifests())

Raw = dict[str, Any]
"""A file's content; Any because the tests put nonsense into it."""


def a_site() -> Raw:
    zone = {"zone": "left", "name": "Left", "polygon": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}
    camera = {"camera": "one", "name": "One", "url": "rtsp://192.0.2.1/live", "zones": [zone]}
    return {"site": "harmoni", "name": "Harmoni", "data_dir": "data", "cameras": [camera]}


def set_at(raw: Raw, place: tuple[str | int, ...], value: object) -> Raw:
    whole: Any = deepcopy(raw)
    part = whole
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    assert isinstance(whole, dict)
    return whole


def written(folder: Path, raw: object, name: str = "site.yaml") -> Path:
    path = folder / name
    path.write_text(raw if isinstance(raw, str) else yaml.safe_dump(raw, sort_keys=False))
    return path


def problems_of(path: Path, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load_site(path, environ=environ or {})
    return tuple(text.partition(": ")[2] for text in caught.value.problems)


def test_a_small_file_gets_the_defaults(tmp_path: Path) -> None:
    site = load_site(written(tmp_path, a_site()), environ={})
    assert site.broker.host == "127.0.0.1"
    assert site.cameras[0].address.url == "rtsp://192.0.2.1/live"
    assert site.cameras[0].zones[0].congestion.rule() == CongestionRule()
    assert site.cameras[0].street_light.rule() == LampRule()
    assert site.outbox_path == tmp_path / "data" / "outbox.db"


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        pytest.param(
            ("site",),
            "Harmoni",
            "site: expected lower-case letters, digits and hyphens, at most 63",
            id="an id that is no topic level",
        ),
        pytest.param(("colour",), 1, "colour: unknown key", id="a key that nothing is like"),
        pytest.param(
            ("cameras", 0, "looks_per_sec"),
            5,
            "cameras[0].looks_per_sec: unknown key; did you mean looks_per_s?",
            id="a misspelt key",
        ),
        pytest.param(("cameras",), [], "cameras: holds 0, expected at least 1", id="no camera"),
        pytest.param(("cameras",), "one", "cameras: expected a list", id="text for a list"),
        pytest.param(("cameras",), ["one"], "cameras[0]: expected keys and values", id="no keys"),
        pytest.param(
            ("cameras", 0, "name"),
            4,
            "cameras[0].name: expected text; put it in quotes",
            id="a number for a name",
        ),
        pytest.param(
            ("cameras", 0, "looks_per_s"),
            0,
            "cameras[0].looks_per_s: is 0, expected at least 0.05",
            id="never looking",
        ),
        pytest.param(
            ("cameras", 0, "look_width_px"),
            400,
            "cameras[0].look_width_px: model traffic at 400x256: "
            "expected sides that 32 divides, as of 640x384",
            id="a width that the model does not take",
        ),
        pytest.param(
            ("cameras", 0, "look_width_px"),
            0,
            "cameras[0].look_width_px: is 0, expected at least 1",
            id="no width",
        ),
        pytest.param(
            ("cameras", 0, "zones", 0, "polygon", 2, 1),
            1.2,
            "cameras[0].zones[0].polygon[2][1]: 1.2 lies outside the view; "
            "points are fractions of it, from 0 to 1",
            id="a zone that leaves the view",
        ),
        pytest.param(
            ("cameras", 0, "zones", 0, "polygon"),
            [[0, 0], [1, 1], [1, 0], [0, 1]],
            "cameras[0].zones[0].polygon: zone 'left' crosses itself: "
            "list the corners in order around it",
            id="a zone like a bow tie",
        ),
        pytest.param(
            ("cameras", 0, "zones", 0, "polygon"),
            [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]],
            "cameras[0].zones[0].polygon: zone 'left' is too small: "
            "it covers no part of the view that can be measured",
            id="a zone without ground",
        ),
        pytest.param(
            ("cameras", 0, "zones", 0, "polygon"),
            [[0, 0], [1, 1]],
            "cameras[0].zones[0].polygon: holds 2, expected at least 3",
            id="a zone of two corners",
        ),
        pytest.param(
            ("cameras", 0, "zones"),
            [],
            "cameras[0]: has neither zones nor lamps, so that there is nothing to look for",
            id="nothing to look for",
        ),
        pytest.param(
            ("cameras", 0, "lamps"),
            [{"lamp": "pole", "name": "Pole", "box": [0.5, 0.1, 0.4, 0.2]}],
            "cameras[0].lamps[0].box: is no box: expected [left, top, right, bottom]",
            id="a lamp's box that is inside out",
        ),
        pytest.param(
            ("cameras", 0, "lamps"),
            [{"lamp": f"pole-{n}", "name": "Pole", "box": [0, 0, 1, 1]} for n in range(32)],
            "cameras[0]: has 33 zones and lamps, and central takes 32 a camera",
            id="more lamps than the catalogue takes",
        ),
        pytest.param(
            ("cameras", 0, "lamps"),
            [{"lamp": "left", "name": "Pole", "box": [0.5, 0.1, 0.6, 0.2]}],
            "cameras[0].lamps[0].lamp: left is already the id of a zone",
            id="a lamp named like a zone",
        ),
        pytest.param(
            ("cameras", 0, "lamps"),
            [{"lamp": "pole", "name": "Pole", "box": [0.5, 0.1, 0.6, 0.2]}] * 2,
            "cameras[0].lamps[1].lamp: pole is already the id of lamps[0]",
            id="two lamps of one name",
        ),
        pytest.param(
            ("cameras", 0, "zones", 0, "congestion"),
            {"enter_occupancy": 0.1},
            "cameras[0].zones[0].congestion: leave_occupancy is above enter_occupancy, "
            "so a jam would end as it begins",
            id="hysteresis upside down",
        ),
        pytest.param(
            ("cameras", 0, "url"),
            "http://192.0.2.1/live",
            "cameras[0].url: has the scheme http, expected rtsp:// or rtsps://",
            id="an address that is no stream",
        ),
        pytest.param(
            ("cameras", 0, "url"),
            "192.0.2.1",
            "cameras[0].url: the address has no scheme, "
            "expected one like rtsp://192.0.2.7:554/stream1",
            id="an address without a scheme",
        ),
        pytest.param(
            ("cameras", 0, "url"), None, "cameras[0].url: is missing", id="no address at all"
        ),
        pytest.param(
            ("cameras", 0, "url"),
            "rtsp://viewer:changeme@192.0.2.1/",
            "cameras[0].url: is an example value; set the real one",
            id="an example password within an address",
        ),
        pytest.param(
            ("broker",),
            {"username": "x", "password": "changeme"},
            "broker.password: is an example value; set the real one",
            id="an example password",
        ),
        pytest.param(
            ("broker",),
            {"password": SECRET},
            "broker: has a password but no username",
            id="a password of nobody",
        ),
        pytest.param(
            ("broker",), {"port": 70000}, "broker.port: is 70000, expected at most 65535", id="port"
        ),
        pytest.param(
            ("broker",),
            {"tls_ca": "/no/such/ca.pem"},
            "broker.tls_ca: there is no file /no/such/ca.pem",
            id="no certificate",
        ),
        pytest.param(
            ("model",),
            "traffic-v9",
            f"model: traffic-v9; no such file, and no model that ships ({SHIPPED})",
            id="a model that is not there",
        ),
        pytest.param(
            ("name",),
            "${SITE_NAME}",
            "name: variable SITE_NAME is not set, in the environment or secrets_file",
            id="a variable that is not set",
        ),
        pytest.param(
            ("name",),
            "${SITE NAME}",
            "name: `${` without a variable's name and `}`; write `$${` for the text",
            id="a variable that cannot be one",
        ),
    ],
)
def test_a_bad_value_is_named_with_what_was_expected(
    tmp_path: Path, place: tuple[str | int, ...], value: object, expected: str
) -> None:
    assert problems_of(written(tmp_path, set_at(a_site(), place, value))) == (expected,)


def test_everything_wrong_is_named_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    raw = a_site()
    raw["cameras"].append(deepcopy(raw["cameras"][0]))
    raw["cameras"][1]["zones"].append(deepcopy(raw["cameras"][1]["zones"][0]))
    raw |= {"site": "Bad", "model": "none", "data_dir": "site.yaml/data", "outbox": {"limit": 3}}
    path = written(tmp_path, raw)
    assert problems_of(path) == (
        "site: expected lower-case letters, digits and hyphens, at most 63",
        f"data_dir: {path} is a file, expected a folder",
        "cameras[1].camera: one is already the id of cameras[0]",
        "cameras[1].zones[1].zone: left is already the id of zones[0]",
        f"model: none; no such file, and no model that ships ({SHIPPED})",
        "outbox.limit: unknown key; did you mean limit_mib?",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "line 1: the file: expected keys and values, such as `site: my-site`"),
        pytest.param("- a", "line 1: the file: expected keys and values, such as `site: my-site`"),
        pytest.param(
            "site: a\nname: 'b\n", "line 3, column 1: is no YAML: found unexpected end of stream"
        ),
        pytest.param("a: \x00", "is no YAML: a character or value cannot be read"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused_with_the_line(
    tmp_path: Path, text: str, expected: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_site(written(tmp_path, text), environ={})
    assert caught.value.problems == (expected,)


def test_a_key_that_is_named_twice_does_not_hide_what_else_is_wrong(tmp_path: Path) -> None:
    text = yaml.safe_dump(a_site() | {"model": "none"}, sort_keys=False) + "name: Dago\n"
    repeated = text.replace("- camera: one", "- camera: one\n  camera: two")
    assert problems_of(written(tmp_path, repeated)) == (
        "cameras[0].camera: is named twice",
        f"model: none; no such file, and no model that ships ({SHIPPED})",
        "name: is named twice",
    )


def test_the_secrets_file_may_be_named_by_a_variable(tmp_path: Path) -> None:
    written(tmp_path, {"NAME": "from the file"}, "secrets.yaml").chmod(0o600)
    raw = a_site() | {"secrets_file": "${FOLDER}/secrets.yaml", "name": "${NAME}"}
    site = load_site(written(tmp_path, raw), environ={"FOLDER": str(tmp_path)})
    assert site.name == "from the file"


def test_a_secrets_file_by_a_variable_that_is_not_set_is_named_once(tmp_path: Path) -> None:
    raw = a_site() | {"secrets_file": "${FOLDER}/secrets.yaml"}
    (problem,) = problems_of(written(tmp_path, raw))
    assert problem.startswith("secrets_file: variable FOLDER is not set")


def test_a_list_that_holds_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="levels deep"):
        load_site(written(tmp_path, "cameras: &all\n- *all\n"), environ={})


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere.yaml is not valid:\n  cannot be read: No such"):
        load_site(tmp_path / "nowhere.yaml", environ={})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"pasword: '{SECRET}'", id="a misspelt key"),
        pytest.param(f"password: ['{SECRET}']", id="a list"),
        pytest.param("username: x, password: *hunter2", id="an alias"),
        pytest.param("password: !hunter2", id="a tag"),
        pytest.param("url: rtsp://a:hunter2@b@c/d@e", id="an address with two readings"),
        pytest.param("url: 'rtsp://a:hunter2@'", id="an address without a host"),
        pytest.param("url: hunter2", id="no address"),
        pytest.param("url: 'http://a:hunter2@b'", id="another scheme"),
    ],
)
def test_no_error_shows_a_secret(tmp_path: Path, text: str) -> None:
    raw = yaml.safe_dump(a_site(), sort_keys=False) + f"  {text}\n"
    with pytest.raises(ConfigError) as caught:
        load_site(written(tmp_path, raw), environ={})
    chain = [caught.value, caught.value.__cause__]
    assert "hunter2" not in " ".join(str(part) + repr(part) for part in chain)


def test_settings_do_not_show_a_password_when_printed(tmp_path: Path) -> None:
    raw = set_at(a_site(), ("cameras", 0, "url"), "rtsp://viewer:hunter2@192.0.2.1/live")
    site = load_site(written(tmp_path, raw), environ={})
    assert "hunter2" not in f"{site!r} {site.cameras[0].address} {site.model_dump_json()}"


def test_a_password_with_every_special_character_comes_through_whole(tmp_path: Path) -> None:
    raw = set_at(a_site(), ("cameras", 0, "username"), "viewer")
    raw = set_at(raw, ("cameras", 0, "password"), "${CAMERA}")
    password = "a$b${c}'\"@/?#: %d"
    site = load_site(written(tmp_path, raw), environ={"CAMERA": password})
    assert site.cameras[0].password == SecretStr(password)
    assert site.cameras[0].address.password == password


def test_a_doubled_dollar_stands_for_itself(tmp_path: Path) -> None:
    raw = a_site() | {"name": "$${HOME} costs $5"}
    assert load_site(written(tmp_path, raw), environ={"HOME": "no"}).name == "${HOME} costs $5"


def test_the_environment_goes_before_the_secrets_file(tmp_path: Path) -> None:
    written(tmp_path, {"FIRST": "file", "SECOND": "file"}, "secrets.yaml").chmod(0o600)
    raw = a_site() | {"secrets_file": "secrets.yaml", "name": "${FIRST} ${SECOND}"}
    site = load_site(written(tmp_path, raw), environ={"FIRST": "environment"})
    assert site.name == "environment file"


def test_a_secrets_file_that_all_can_read_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    written(tmp_path, {"NAME": SECRET}, "secrets.yaml").chmod(0o644)
    with caplog.at_level(logging.WARNING):
        load_site(written(tmp_path, a_site() | {"secrets_file": "secrets.yaml"}), environ={})
    assert "chmod o-rwx" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(None, "cannot be read: No such file or directory", id="not there"),
        pytest.param("A: *hunter2", "is no YAML: found undefined alias …", id="no YAML"),
        pytest.param("A: 1234", "A is no text; put its value in quotes", id="a number"),
    ],
)
def test_a_bad_secrets_file_is_one_problem_of_the_site(
    tmp_path: Path, content: str | None, expected: str
) -> None:
    if content is not None:
        written(tmp_path, content, "secrets.yaml").chmod(0o600)
    (problem,) = problems_of(written(tmp_path, a_site() | {"secrets_file": "secrets.yaml"}))
    assert problem.startswith("secrets_file: ")
    assert problem.endswith(expected)


def test_weights_that_are_not_those_of_their_manifest_are_refused(tmp_path: Path) -> None:
    from tests.tiny_model import write_tiny_model

    write_tiny_model(tmp_path, [])
    (tmp_path / "tiny.onnx").write_bytes(b"other")
    (problem,) = problems_of(written(tmp_path, a_site() | {"model": "tiny.yaml"}))
    assert problem.startswith("model: weights ")
    assert "sha256 is " in problem


def test_a_model_is_found_beside_the_file(tmp_path: Path) -> None:
    from tests.tiny_model import write_tiny_model

    write_tiny_model(tmp_path, [])
    site = load_site(written(tmp_path, a_site() | {"model": "tiny.yaml"}), environ={})
    assert site.model == str(tmp_path / "tiny.yaml")


def test_a_camera_file_needs_no_address_and_names_a_zone_used_twice(tmp_path: Path) -> None:
    camera: Raw = a_site()["cameras"][0]
    del camera["url"]
    path = written(tmp_path, camera, "camera.yaml")
    assert load_camera(path, environ={}).url is None
    camera["zones"] *= 2
    with pytest.raises(ConfigError, match=r"zones\[1\].zone: left is already the id of zones\[0\]"):
        load_camera(written(tmp_path, camera, "camera.yaml"), environ={})


def test_the_congestion_settings_are_those_of_the_rule() -> None:
    assert CongestionSettings().rule() == CongestionRule()
    assert list(CongestionSettings.model_fields) == list(CongestionRule.__slots__)


def keys_of(model: type[BaseModel]) -> set[str]:
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return {key for part in parts for key in part.get("properties", {})}


def keys_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_in(inner)


@pytest.mark.parametrize(
    ("name", "model"), [("site", SiteSettings), ("camera", CameraSettings)], ids=["site", "camera"]
)
def test_the_example_names_every_key_there_is(name: str, model: type[BaseModel]) -> None:
    raw = yaml.safe_load((CONFIGS / f"{name}.example.yaml").read_text())
    assert set(keys_in(raw)) == keys_of(model)


def test_the_examples_are_valid() -> None:
    load_site(CONFIGS / "site.example.yaml", environ=EXAMPLE_SECRETS)
    load_camera(CONFIGS / "camera.example.yaml", environ={})


def test_the_example_shows_the_default_thresholds() -> None:
    site = load_site(CONFIGS / "site.example.yaml", environ=EXAMPLE_SECRETS)
    camera = load_camera(CONFIGS / "camera.example.yaml", environ={})
    assert site.cameras[0].zones[0].congestion == CongestionSettings()
    assert camera.zones[0].congestion == CongestionSettings()


def test_the_example_does_not_start_without_its_secrets() -> None:
    assert len(problems_of(CONFIGS / "site.example.yaml")) == len(EXAMPLE_SECRETS)


def test_a_camera_may_watch_lamps_only(tmp_path: Path) -> None:
    raw = a_site()
    del raw["cameras"][0]["zones"]
    raw["cameras"][0]["lamps"] = [{"lamp": "pole", "name": "Pole", "box": [0.5, 0.1, 0.6, 0.2]}]
    (camera,) = load_site(written(tmp_path, raw), environ={}).cameras
    assert [lamp.lamp for lamp in camera.lamps] == ["pole"]
