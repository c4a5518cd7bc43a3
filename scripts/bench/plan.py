"""How large a run of the bench is, and where it may write."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Plan:
    """One run.

    Attributes
    ----------
    folder
        Everything is written below it; it is there.
    film
        The generated 1080p film.
    clips
        Folder of recorded films with a ``clips.yaml``; may be missing.
    rounds
        How often each contest is held.
    lap_s
        How long one lap of the detector takes, seconds.
    looks
        Frames that one lap of the pipeline looks at, at most.
    incidents
        Messages that one lap of the delivery carries.
    puts
        Messages that one lap of the outbox stores.
    """

    folder: Path
    film: Path
    clips: Path
    rounds: int = 5
    lap_s: float = 1.5
    looks: int = 120
    incidents: int = 2000
    puts: int = 300


def quick(folder: Path, film: Path, clips: Path) -> Plan:
    """Return a run that only shows that every part works; its figures say little."""
    return Plan(
        folder, film, clips, rounds=1, lap_s=0.2, looks=20, incidents=150, puts=50
    )
