import colorsys
import hashlib
import itertools
import re
from pathlib import Path

import pytest

from central.dashboard.rendering import STATIC

CSS = (STATIC / "simpang.css").read_text(encoding="utf-8")
TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", CSS
    )
}
OWN = [path for path in STATIC.rglob("*") if path.is_file() and "vendor" not in path.parts]
TEMPLATES = sorted((STATIC.parent / "templates").glob("*.html"))

SURFACES = ["paper", "card", "sunken"]
WORDS_ON = [
    *itertools.product(["ink", "muted"], SURFACES),
    *itertools.product(["accent", "warn"], ["paper", "card"]),
    *[(name, f"{name}-tint") for name in ("new", "work", "good", "warn")],
    ("on-accent", "accent"),
    ("new", "card"),
]


def luminance(colour: str) -> float:
    """Return the relative luminance, 0 to 1, as WCAG 2.2 defines it."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("words", "ground"), WORDS_ON)
def test_words_stand_out_from_their_ground(words: str, ground: str, scheme: int) -> None:
    lighter, darker = sorted(
        (luminance(TOKENS[words][scheme]), luminance(TOKENS[ground][scheme])), reverse=True
    )
    contrast = (lighter + 0.05) / (darker + 0.05)
    assert contrast >= 4.5, f"WCAG AA asks for 4.5:1, this is {contrast:.2f}:1"


@pytest.mark.parametrize("token", sorted(TOKENS))
def test_no_colour_is_red(token: str) -> None:
    for colour in TOKENS[token]:
        red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        hue, saturation, _ = colorsys.rgb_to_hsv(red, green, blue)
        is_red = saturation > 0.3 and not 25 / 360 < hue < 330 / 360
        assert not is_red, "red is kept for an agency that has not answered"


def test_vendored_files_are_the_published_ones() -> None:
    vendor = STATIC / "vendor"
    listed = dict(
        re.findall(
            r"^\| (\S+\.js) \|.*`([0-9a-f]{64})` \|$", (vendor / "VENDORED.md").read_text(), re.M
        )
    )
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in vendor.glob("*.js")
    }
    assert listed == found


@pytest.mark.parametrize("path", [*OWN, *TEMPLATES], ids=lambda path: path.name)
def test_nothing_of_ours_is_loaded_from_elsewhere(path: Path) -> None:
    source = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"(https?:)?//[a-z0-9-]+\.", source)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_needs_what_the_content_security_policy_forbids(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)


def test_every_icon_that_a_template_names_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z_]+)"', (STATIC / "icons.svg").read_text()))
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r'icon\("([a-z_]+)"\)', path.read_text(encoding="utf-8"))
    }
    assert named <= drawn
    assert {"congestion", "pothole", "rubbish", "street_light", "camera_fault"} <= drawn
