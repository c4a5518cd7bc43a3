"""One path of the server: what it plays now, and what it has done so far."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from scripts.rtsp.feed import Fault, Feed
from scripts.rtsp.film import Film, FilmError, Picture


@dataclass
class Camera:
    """A feed, its film, and those who watch it.

    ``feed`` and ``film`` may be replaced from any thread by `play` and `break_with`; the rest
    belongs to the server's own.
    """

    feed: Feed
    film: Film
    runs_since: float = field(default_factory=time.monotonic)
    fault_since: float = field(default_factory=time.monotonic)
    viewers: int = 0
    connections: int = 0
    pictures_sent: int = 0
    playing: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        _check(self.feed, self.film)

    def play(self, feed: Feed, film: Film) -> None:
        """Show another film, or the same one otherwise.

        Raises
        ------
        FilmError
            Where the film is too long for what the feed wants.
        """
        _check(feed, film)
        self.fault_since = time.monotonic()
        self.feed, self.film = feed, film

    def break_with(self, fault: Fault | None) -> None:
        """Let ``fault`` begin now, or end what is wrong."""
        self.fault_since = time.monotonic()
        self.feed = replace(self.feed, fault=fault, fault_after_s=0.0)

    def is_gone(self) -> bool:
        """Return whether nobody gets as much as an answer now."""
        feed = self.feed
        if feed.fault is Fault.FLAP:
            since_s = time.monotonic() - self.fault_since
            return since_s % (feed.up_s + feed.down_s) >= feed.up_s
        return feed.fault is Fault.REFUSE

    def fault_after(self, elapsed_s: float) -> Fault | None:
        """Return what is wrong for a viewer who saw his first picture ``elapsed_s`` ago."""
        return self.feed.fault if elapsed_s >= self.feed.fault_after_s else None

    def position_s(self) -> float:
        """Return where in the film a new viewer begins."""
        if self.feed.phase_s is None or not self.film.kept:
            return 0.0
        since_s = time.monotonic() - self.runs_since
        return (since_s + self.feed.phase_s) % max(one.until_s for one in self.film.kept)

    def hang_up(self) -> None:
        """End all viewers' connections, those of stalled ones too."""
        for task in self.playing:
            task.cancel()


def timeline(film: Film, *, loop: bool, position_s: float) -> Iterator[tuple[float, Picture]]:
    """Yield the pictures behind ``position_s``, for ever where ``loop`` is set.

    Beside each stands what its own times have to be moved by, in seconds, to count from
    ``position_s`` and over all rounds. It begins with a key frame.
    """
    moved_s = -position_s
    begun = False
    while True:
        until_s = 0.0
        for picture in film.pictures():
            until_s = max(until_s, picture.until_s)
            begun = begun or (picture.is_key and moved_s + picture.send_at_s >= 0)
            if begun:
                yield moved_s, picture
        if not loop or not until_s:
            return
        moved_s += until_s


def _check(feed: Feed, film: Film) -> None:
    if feed.phase_s is not None and film.kept is None:
        msg = f"{film.path} is too long to be joined at a phase, expected a smaller file"
        raise FilmError(msg)
