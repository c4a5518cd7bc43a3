import re
import string
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

from analytics.messages import (
    CameraFaultMeasurement,
    EvidenceRole,
    IncidentPhase,
    Losses,
    QualityReason,
    RubbishState,
    Severity,
    SiteState,
    StreamFaultType,
    StreamState,
    VehicleClass,
    ViewState,
)
from central.complaints import EventReason, Status
from central.dashboard.rendering import STATIC
from central.dashboard.texts import Catalogue, Language, load_catalogues
from central.incidents import Hold
from central.opening import DEFAULT_POLICIES
from central.reading import DeadLetterFault

TEMPLATES = sorted((STATIC.parent / "templates").glob("*.html"))
CATALOGUES = load_catalogues()
INDONESIAN = CATALOGUES[Language.INDONESIAN]
ENGLISH = CATALOGUES[Language.ENGLISH]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_texts() -> None:
    assert INDONESIAN.texts.keys() == ENGLISH.texts.keys()


def test_a_text_asks_for_the_same_values_in_both_languages() -> None:
    asked = {key: placeholders(text) for key, text in INDONESIAN.texts.items()}
    assert asked == {key: placeholders(text) for key, text in ENGLISH.texts.items()}


@pytest.mark.parametrize("catalogue", CATALOGUES.values(), ids=lambda one: one.language.value)
def test_no_text_is_empty(catalogue: Catalogue) -> None:
    assert [key for key, text in catalogue.texts.items() if not text.strip()] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_text_that_a_template_names_exists(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    whole = set(re.findall(r"""\bt\(["']([a-z_.]+)["']\s*[,)]""", source))
    counted = {f"{key}.other" for key in re.findall(r"""\bt\.count\(["']([a-z_.]+)["']""", source)}
    assert whole | counted <= INDONESIAN.texts.keys()


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("status", Status),
        ("to_status", Status),
        ("reason", EventReason),
        ("hold", Hold),
        ("severity", Severity),
        ("phase", IncidentPhase),
        ("role", EvidenceRole),
        ("quality", QualityReason),
        ("stream", StreamState),
        ("fault", StreamFaultType),
        ("view", ViewState),
        ("sites", SiteState),
        ("rubbish_state", RubbishState),
        ("dead_letter_fault", DeadLetterFault),
    ],
)
def test_every_word_of_the_contract_has_a_name(group: str, words: type[StrEnum]) -> None:
    assert {f"{group}.{word.value}" for word in words} <= INDONESIAN.texts.keys()


def test_every_vehicle_loss_camera_fault_and_category_has_a_name() -> None:
    faults = get_args(CameraFaultMeasurement.model_fields["fault"].annotation)
    keys = {f"camera_fault.{fault}" for fault in faults}
    keys |= {f"vehicle.{vehicle.value}.other" for vehicle in VehicleClass}
    keys |= {f"loss.{name}" for name in Losses.model_fields}
    keys |= {f"category.{policy.category}" for policy in DEFAULT_POLICIES.values()}
    assert keys <= INDONESIAN.texts.keys()


def test_one_and_many_are_told_apart() -> None:
    assert ENGLISH.count("sites.cameras", 1) == "1 camera"
    assert ENGLISH.count("sites.cameras", 0) == "0 cameras"
    assert INDONESIAN.count("sites.cameras", 2) == "2 kamera"


def test_a_word_that_the_city_coined_is_shown_as_it_is() -> None:
    assert INDONESIAN.name("category", "fallen_tree") == "fallen tree"
    assert INDONESIAN.name("category", "rubbish") == "Sampah"


def test_numbers_have_the_decimal_sign_of_their_language() -> None:
    assert (INDONESIAN.number(12.34, 1), ENGLISH.number(12.34, 1)) == ("12,3", "12.3")
