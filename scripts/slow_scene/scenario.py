"""What happens in a scenario and when; and, frozen, what a right answer to it is.

A scenario lasts three days, compressed: of each hour of daylight the first five minutes are shown,
a picture every 10 s; where somebody asks for a second look, the 16 minutes in which it must be
answered. Whatever changes, changes between two of these periods.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

from analytics.frames import Image
from analytics.messages import IncidentKind, RecheckAnswer
from scripts.slow_scene.cameras import Corners, Point
from scripts.training.weather import Weather

DAYS = 3
DAYLIGHT = range(6, 18)
"""Hours of the day, local, that begin with a period."""

FRAMES = 30
"""Pictures of a period."""

FRAMES_ASKED = 96
"""Pictures of a period that begins with a recheck: a second look may take 15 minutes."""

EVERY = timedelta(seconds=10)
ANSWER_WITHIN = timedelta(hours=3)
"""How long a recheck may take; what is asked about stays as it is meanwhile."""

_ZONE = timezone(timedelta(hours=7))
_FIRST_DAY = datetime(2026, 3, 2, tzinfo=_ZONE)

Box = tuple[int, int, int, int]
"""Left, top, width and height in pixels of the picture."""


def moment(day: int, hour: float) -> datetime:
    """Return the time, UTC, of an hour of a day, counted from 1, where the cameras are."""
    return (_FIRST_DAY + timedelta(days=day - 1, hours=hour)).astimezone(UTC)


def local_hour(at: datetime) -> float:
    """Return the hour of the day where the cameras are."""
    local = at.astimezone(_ZONE)
    return local.hour + local.minute / 60


END = moment(DAYS, DAYLIGHT.stop)


@dataclass(frozen=True, slots=True)
class Span:
    """A time from ``since`` on, up to ``until`` and without it."""

    since: datetime
    until: datetime = END

    def holds(self, at: datetime) -> bool:
        """Tell whether a moment lies in it."""
        return self.since <= at < self.until


class Stage(StrEnum):
    """How much rubbish there is."""

    SCATTERED = "scattered"
    BAG = "bag"
    PILE = "pile"


@dataclass(frozen=True, slots=True)
class Hole:
    """A pothole, which leaves a patch of other asphalt where it is mended.

    Attributes
    ----------
    spot
        Middle of its lower edge.
    patch
        Brightness of the mended road over that of the old one, in linear light.
    flooded
        When water stands in it, up to its rim.
    """

    name: str
    spot: Point
    width_px: int
    there: Span
    patch: float = 0.7
    flooded: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Heap:
    """Rubbish at the roadside.

    Attributes
    ----------
    width_px
        When there is most of it.
    stages
        What it is from when on; the first is when it appears.
    until
        When it is carried off, traceless.
    """

    name: str
    spot: Point
    width_px: int
    stages: tuple[tuple[datetime, Stage], ...]
    until: datetime = END

    @property
    def there(self) -> Span:
        """When there is any."""
        return Span(self.stages[0][0], self.until)

    def stage(self, at: datetime) -> Stage | None:
        """Return what it is at a moment; None where it is not there."""
        begun = [stage for since, stage in self.stages if since <= at < self.until]
        return begun[-1] if begun else None


@dataclass(frozen=True, slots=True)
class Parked:
    """A vehicle of the camera's own pictures that stands still for hours.

    Attributes
    ----------
    classes
        One of which it is.
    hides
        Names of the things that nobody sees behind it.
    """

    spot: Point
    there: Span
    classes: tuple[str, ...] = ("car", "truck")
    hides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Puddle:
    """Water that is left on the road after rain, and dries."""

    spot: Point
    width_px: int
    there: Span


@dataclass(frozen=True, slots=True)
class Shade:
    """The shadow of something beside the road, which creeps on with the sun."""

    spot: Point
    width_px: int
    there: Span


@dataclass(frozen=True, slots=True)
class Spell:
    """A time of bad weather."""

    how: Weather
    there: Span


@dataclass(frozen=True, slots=True)
class Turned:
    """A time in which the camera shows something else.

    Attributes
    ----------
    to
        The camera whose pictures are shown meanwhile; None for the same place from a third of the
        picture further to the side.
    """

    there: Span
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A recheck as a period begins, and its right answer."""

    at: datetime
    thing: str
    answer: RecheckAnswer


@dataclass(frozen=True, slots=True)
class Scenario:
    """Three days of one camera.

    Attributes
    ----------
    camera
        Name of one of `cameras.CAMERAS`.
    seed
        Of all that chance decides in it.
    after_dark
        Hours of each day, from 18 on, that begin with a period as well; from 19 on it is night.
    """

    name: str
    camera: str
    seed: int
    holes: tuple[Hole, ...] = ()
    heaps: tuple[Heap, ...] = ()
    parked: tuple[Parked, ...] = ()
    puddles: tuple[Puddle, ...] = ()
    shades: tuple[Shade, ...] = ()
    weather: tuple[Spell, ...] = ()
    turned: tuple[Turned, ...] = ()
    after_dark: tuple[float, ...] = ()
    asks: tuple[Ask, ...] = ()

    def periods(self) -> Iterator[datetime]:
        """Yield when each period begins."""
        for day in range(1, DAYS + 1):
            for hour in (*DAYLIGHT, *self.after_dark):
                yield moment(day, hour)

    def frames(self, begins_at: datetime) -> int:
        """Return how many pictures of a period are shown."""
        is_asked = any(ask.at == begins_at for ask in self.asks)
        return FRAMES_ASKED if is_asked else FRAMES


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One picture, BGR uint8 ``(h, w, 3)``, and when it was captured, UTC."""

    captured_at: datetime
    image: Image


@dataclass(frozen=True, slots=True)
class Thing:
    """What is to be found.

    Attributes
    ----------
    box
        In pixels, where it is largest.
    hidden
        When a vehicle stands on it or before it.
    """

    name: str
    kind: IncidentKind
    box: Box
    there: Span
    hidden: tuple[Span, ...]

    @property
    def width_px(self) -> int:
        """Width where it is largest."""
        return self.box[2]

    @property
    def is_mended(self) -> bool:
        """Whether it is gone before the end."""
        return self.there.until < END


@dataclass(frozen=True, slots=True)
class Truth:
    """What a right answer to a scenario is.

    Attributes
    ----------
    size_px
        Width and height of the pictures.
    turned
        When the camera is, which is a fault of it and no false incident.
    """

    size_px: tuple[int, int]
    road: tuple[Corners, ...]
    kerbs: tuple[Corners, ...]
    things: tuple[Thing, ...]
    turned: tuple[Span, ...]
    asks: tuple[Ask, ...]

    def thing(self, name: str) -> Thing:
        """Return the thing of a name."""
        return next(thing for thing in self.things if thing.name == name)
