"""Films for the demo: a folder of MP4 files, with a ``clips.yaml`` that says what each shows."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

CLIPS_FILE = "clips.yaml"

EXPECTED = f"""\
expected a folder of MP4 files (H.264 or H.265) with a {CLIPS_FILE} such as
  clips:
    jam.mp4: {{zones: {{right: [[0.45, 0.3], [0.55, 0.3], [1.0, 1.0], [0.5, 1.0]]}}}}
where each zone's corners are fractions of the picture's width and height"""

Corner = tuple[float, float]


class FootageError(Exception):
    """A folder holds no footage that the demo could play; says what is wrong, and the format.

    Attributes
    ----------
    folder
        Where the footage was looked for.
    problems
        All that is wrong with it, one line each.
    """

    def __init__(self, folder: Path, problems: Sequence[str]) -> None:
        super().__init__("\n  ".join([f"no footage in {folder}:", *problems]) + f"\n{EXPECTED}")
        self.folder = folder
        self.problems = tuple(problems)


class Clip(BaseModel):
    """One film, and the camera it is played as.

    Attributes
    ----------
    file
        Its name in the folder.
    zones
        Name to corners, as fractions of the view.
    congested
        Where it shows a jam; only tells which film is played first.
    congestion
        Thresholds other than the site's defaults, for all its zones.
    looks_for
        What is looked for in a zone, where that is not congestion alone.
    ground
        Points of the view, x and y as fractions, and where they lie: metres east and north of the
        camera. None, or at least four.
    lamps
        Name to the box around a lamp's head: left, top, right, bottom, as fractions of the view.
    name
        How the dashboard calls the camera.
    """

    # The file is shared with evaluations, which keep keys of their own in it.
    model_config = ConfigDict(frozen=True, extra="ignore")

    file: str = Field(pattern=r"^[^/]+\.mp4$")
    zones: Mapping[str, tuple[Corner, ...]] = Field(min_length=1)
    congested: Mapping[str, object] = Field(default_factory=dict)
    congestion: Mapping[str, float] = Field(default_factory=dict)
    looks_for: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    ground: tuple[tuple[float, float, float, float], ...] = ()
    lamps: Mapping[str, tuple[float, float, float, float]] = Field(default_factory=dict)
    name: str = ""

    @property
    def camera(self) -> str:
        """The camera's id."""
        return slug(Path(self.file).stem)

    @property
    def shown_name(self) -> str:
        """The camera's name, made from the file's where none is given."""
        return self.name or shown(self.camera)


def read_footage(folder: Path) -> tuple[Clip, ...]:
    """Return the folder's clips, those with a jam first, else in the order of its file.

    Raises
    ------
    FootageError
        With everything that is wrong, at once.
    """
    try:
        text = (folder / CLIPS_FILE).read_text(encoding="utf-8")
        listed = TypeAdapter(dict[str, dict[str, object]]).validate_python(
            (yaml.safe_load(text) or {})["clips"]
        )
    except OSError as exc:
        raise FootageError(folder, [f"{CLIPS_FILE}: {exc.strerror}"]) from exc
    except yaml.YAMLError as exc:
        raise FootageError(
            folder, [f"{CLIPS_FILE} is no YAML: {' '.join(str(exc).split())}"]
        ) from exc
    except (KeyError, TypeError, ValidationError) as exc:
        raise FootageError(folder, [f"{CLIPS_FILE}: `clips` must map file names to zones"]) from exc
    clips, problems = _read_clips(folder, listed)
    if problems or not clips:
        raise FootageError(folder, problems or [f"{CLIPS_FILE} lists no clip"])
    return tuple(sorted(clips, key=lambda clip: not clip.congested))


def slug(text: str) -> str:
    """Return ``text`` as an id: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63]


def shown(name: str) -> str:
    """Return an id as a name for people."""
    return name.replace("-", " ").replace("_", " ").capitalize()


def _read_clips(
    folder: Path, listed: Mapping[str, Mapping[str, object]]
) -> tuple[list[Clip], list[str]]:
    clips: list[Clip] = []
    problems: list[str] = []
    for file, fields in listed.items():
        try:
            clip = Clip.model_validate({**fields, "file": file})
        except ValidationError as exc:
            problems += [
                f"{file}: {'.'.join(map(str, error['loc']))}: {error['msg']}"
                for error in exc.errors(include_url=False)
            ]
            continue
        if not (folder / file).is_file():
            problems.append(f"{file}: no such file")
        if clip.camera in {other.camera for other in clips}:
            problems.append(f"{file}: another clip is camera {clip.camera} already")
        clips.append(clip)
    return clips, problems
