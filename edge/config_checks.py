"""Checks of a site's file that no single value can answer: what it repeats, and what it names.

Done on the raw data, because a validator of the whole is not run while any part of it is wrong, and
an installer wants to hear of everything at once.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from edge.config_file import Document, Place, read_document
from edge.errors import ConfigError
from models.errors import InputSizeError, ManifestError, ModelError
from models.manifest import Manifest, SidePx, find_manifest, load_manifest, verify

logger = logging.getLogger(__name__)

_WIDTH = TypeAdapter[int | None](SidePx | None)


def secrets(document: Document) -> dict[str, str]:
    """Return the variables of the file that ``secrets_file`` names; none where it names none."""
    named = document.data.get("secrets_file")
    place: Place = ("secrets_file",)
    if not isinstance(named, str) or place in document.unknown:
        return {}
    path = Path(document.path.parent, Path(named).expanduser())
    try:
        secrets_document = read_document(path)
        if secrets_document.problems:
            raise secrets_document.refused()
        if path.stat().st_mode & 0o007:
            logger.warning("%s can be read by every user of this machine: chmod o-rwx it", path)
    except ConfigError as exc:
        document.add(place, "; ".join([str(path), *exc.problems]))
        return {}
    found = secrets_document.data
    for name in (name for name, value in found.items() if not isinstance(value, str)):
        document.add(place, f"{name} is no text; put its value in quotes")
    return {name: value for name, value in found.items() if isinstance(value, str)}


def check_ids(document: Document) -> None:
    """Note ids that are used twice, and cameras without an address."""
    check_unique(document, (), document.data, "cameras", "camera")
    for place, camera in _parts((), document.data, "cameras"):
        check_parts(document, place, camera)
        if camera.get("url") is None:
            document.add((*place, "url"), "is missing")


def check_parts(document: Document, place: Place, camera: Mapping[str, object]) -> None:
    """Note ids that two zones or lamps of one camera share: central knows both as its zones."""
    check_unique(document, place, camera, "zones", "zone")
    check_unique(document, place, camera, "lamps", "lamp")
    zones = {zone.get("zone") for _, zone in _parts(place, camera, "zones")}
    for lamp_place, lamp in _parts(place, camera, "lamps"):
        if isinstance(lamp.get("lamp"), str) and lamp["lamp"] in zones:
            document.add((*lamp_place, "lamp"), f"{lamp['lamp']} is already the id of a zone")


def check_unique(
    document: Document, place: Place, whole: Mapping[str, object], parts: str, key: str
) -> None:
    """Note each of the ``parts`` of ``whole`` whose ``key`` an earlier one has too."""
    first: dict[object, Place] = {}
    for part_place, part in _parts(place, whole, parts):
        name = part.get(key)
        if isinstance(name, str) and name in first:
            index = first[name][-1]
            document.add((*part_place, key), f"{name} is already the id of {parts}[{index}]")
        elif isinstance(name, str):
            first[name] = part_place


def _parts(
    place: Place, whole: Mapping[str, object], key: str
) -> Iterator[tuple[Place, dict[str, object]]]:
    parts = whole.get(key)
    for index, part in enumerate(parts if isinstance(parts, list) else []):
        if isinstance(part, dict):
            yield (*place, key, index), part


def check_model(document: Document, key: str, default: str) -> None:
    """Note what is wrong with the manifest that ``key`` names, or with its weights' hash.

    Of the model that all cameras are looked at with, also the widths that it lacks.
    """
    model = document.data.get(key, default)
    if not isinstance(model, str) or (key,) in document.unknown:
        return
    named = str(Path(document.path.parent, model)) if is_path(model) else model
    try:
        manifest = load_manifest(find_manifest(named))
        verify(manifest)
    except ManifestError as exc:
        document.add((key,), "; ".join([str(exc.path), *exc.problems]))
    except ModelError as exc:
        document.add((key,), " ".join(str(exc).split()))
    else:
        if key == "model":
            _check_widths(document, manifest)


def is_looked_for(document: Document, analytic: str) -> bool:
    """Tell whether a zone of a camera looks for ``analytic``."""
    return any(
        analytic in looks_for
        for place, camera in _parts((), document.data, "cameras")
        for _, zone in _parts(place, camera, "zones")
        if isinstance(looks_for := zone.get("looks_for"), list)
    )


def _check_widths(document: Document, manifest: Manifest) -> None:
    for place, camera in _parts((), document.data, "cameras"):
        try:
            width_px = _WIDTH.validate_python(camera.get("look_width_px"))
            if width_px is not None:
                manifest.resized(width_px)
        except ValidationError:
            # What is no width at all is told of by the field itself.
            continue
        except InputSizeError as exc:
            document.add((*place, "look_width_px"), str(exc))


def is_path(model: str) -> bool:
    """Tell whether ``model`` is a manifest's path, and not the name of one that ships."""
    return "/" in model or model.endswith((".yaml", ".yml"))


def check_data_dir(document: Document) -> None:
    """Note a folder that could not be made, or not be written to; nothing is made here."""
    named = document.data.get("data_dir")
    if not isinstance(named, str) or ("data_dir",) in document.unknown:
        return
    folder = Path(document.path.parent, Path(named).expanduser()).absolute()
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not existing.is_dir():
        document.add(("data_dir",), f"{existing} is a file, expected a folder")
    elif not os.access(existing, os.W_OK | os.X_OK):
        document.add(("data_dir",), f"{existing} cannot be written to")
