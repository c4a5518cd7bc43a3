"""Whether a view is still the one that was calibrated.

::

               a fault for 15 s          structure ─> dark, overexposed, covered, turned
    VALID ─────────────────────> a fault stillness ─> frozen
      ^ ^                          │
      │ └────── right for 6 s ─────┘
    UNKNOWN while the reference is learnt

A look is judged by what stands still in the view: where edges are and which way they run, learnt
over many looks, so that traffic averages out and light does not matter. docs/view.md says how well
that does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from analytics.frames import Image
from analytics.messages import ViewState
from analytics.stillness import Stillness
from analytics.structure import (
    Edges,
    Filter,
    Fit,
    Structure,
    agreement,
    filter_of,
    fit,
    presence,
    sampled,
    structure,
)
from analytics.view_reference import ViewReference

_TELL_S: Final = 15.0
"""How long a fault must last; longer than a lorry takes to pass before the lens."""
_BACK_S: Final = 6.0
_TELL_LOOKS: Final = 3
_GAP: Final = timedelta(seconds=30)
"""A longer time without a look proves nothing: what was under way starts again."""

_LEARN_S: Final = 8.0
_LEARN_LOOKS: Final = 5
_LEARN_CLEARNESS: Final = 0.05
"""Least clearness of the edges of a view that can be recognised."""
_ADAPT_S: Final = 600.0
"""Time constant of the reference: shorter than dusk, longer than a red light."""
_LONGEST_STEP_S: Final = 10.0
"""What one look may count for: the longest time between looks that is planned for."""

_LOST_LEAD: Final = 1.7
_HOME_LEAD: Final = 1.9
"""Lead of the right place below which the view is turned, and from which on it is right. Measured:
2.5 and more by night and in rain against a reference by day, 1.4 and less in turned views."""
_COVERED_PRESENCE: Final = 0.4
_BLURRED_SHARPNESS: Final = 0.45
_BLURRED_AGREEMENT: Final = 0.65
_DARK_BRIGHTNESS: Final = 40.0
_BRIGHT_BRIGHTNESS: Final = 200.0
_FLAT_CONTRAST: Final = 3.0
_WHITE_SHARE: Final = 0.6
_FROZEN_S: Final = 5.0
"""How long a picture stands still before it speaks against the view; it must go on for `_TELL_S`,
which is longer than most cameras send no key frame for."""


class ViewCheck:
    """Judges a camera's view, look by look. Time is that of the frames; any look rate will do.

    Parameters
    ----------
    reference
        What was learnt before a restart; None learns it from the first looks.

    Attributes
    ----------
    state
        What is told of the view.
    since
        Time of the first of the looks that led to it; None before the first look.
    """

    def __init__(self, reference: ViewReference | None = None) -> None:
        self.state = ViewState.UNKNOWN
        self.since: datetime | None = None
        self._known = None if reference is None else _Known(reference)
        self._learning = _Learning()
        self._stillness = Stillness()
        self._turn: _Turn | None = None
        self._at: datetime | None = None

    @property
    def reference(self) -> ViewReference | None:
        """What has been learnt; None while there is too little of it."""
        return None if self._known is None else self._known.reference

    def look(self, image: Image, at: datetime) -> ViewState:
        """Take one look; return what is told of the view.

        Parameters
        ----------
        image
            BGR uint8, ``(h, w, 3)``, of any size and shape; not written to.
        at
            When it was captured.
        """
        step = None if self._at is None else at - self._at
        if step is None or not timedelta(0) <= step <= _GAP:
            step = timedelta(0)
            self._turn = None
            self._stillness.forget()
        self._at = at
        self.since = self.since or at
        samples = sampled(image)
        still_s = self._stillness.look(samples, at)
        self._tell(self._verdict(structure(samples), still_s, step.total_seconds()), at)
        return self.state

    def accept(self) -> None:
        """Take the present view for the calibrated one: it is learnt from the next looks."""
        self._known, self._learning, self._turn = None, _Learning(), None
        self.state, self.since = ViewState.UNKNOWN, self._at

    def _verdict(self, seen: Structure, still_s: float, step_s: float) -> ViewState | None:
        """Return what one look shows; None where it cannot say."""
        plain = _plain_fault(seen)
        if plain is not None:
            return plain
        if self._known is None:
            if still_s >= _FROZEN_S:
                return ViewState.FROZEN
            self._known = self._learning.look(seen, step_s)
            return None
        fitting = self._known.fit(seen)
        verdict = self._known.judge(seen, fitting)
        if verdict is ViewState.VALID and still_s >= _FROZEN_S:
            return ViewState.FROZEN
        if verdict is ViewState.VALID and self.state is ViewState.VALID and self._turn is None:
            self._known.adapt(seen, fitting, step_s)
        return verdict

    def _tell(self, verdict: ViewState | None, at: datetime) -> None:
        if verdict is None:
            return
        if verdict is self.state:
            self._turn = None
            return
        is_good = verdict is ViewState.VALID
        if self._turn is None or self._turn.is_good != is_good:
            self._turn = _Turn(at, is_good)
        self._turn.looks += 1
        lasted_s = (at - self._turn.since).total_seconds()
        if self._turn.looks >= _TELL_LOOKS and lasted_s >= (_BACK_S if is_good else _TELL_S):
            self.state, self.since, self._turn = verdict, self._turn.since, None


@dataclass(slots=True)
class _Turn:
    """Looks in a row that speak against the state that is told."""

    since: datetime
    is_good: bool
    looks: int = 0


class _Known:
    """The calibrated view as it is known now, and what looks are held against."""

    def __init__(self, reference: ViewReference) -> None:
        self._edges: Edges = reference.edges.copy()
        self._sharpness = reference.sharpness
        self._learnt_s = reference.learnt_s
        self._filter: Filter = filter_of(self._edges)
        self._stale_s = 0.0

    @property
    def reference(self) -> ViewReference:
        return ViewReference(self._edges.copy(), self._sharpness, self._learnt_s)

    def fit(self, seen: Structure) -> Fit:
        return fit(seen.edges, self._filter)

    def judge(self, seen: Structure, fitting: Fit) -> ViewState | None:
        here = _put_back(seen.edges, fitting.offset)
        if presence(here, self._edges) < _COVERED_PRESENCE:
            if seen.brightness < _DARK_BRIGHTNESS:
                return ViewState.DARK
            is_bright = seen.brightness > _BRIGHT_BRIGHTNESS
            return ViewState.OVEREXPOSED if is_bright else ViewState.COVERED
        is_soft = seen.sharpness < _BLURRED_SHARPNESS * self._sharpness
        if is_soft and agreement(here, self._edges) < _BLURRED_AGREEMENT:
            return ViewState.COVERED
        if fitting.lead < _LOST_LEAD:
            return ViewState.TURNED
        return ViewState.VALID if fitting.lead >= _HOME_LEAD else None

    def adapt(self, seen: Structure, fitting: Fit, step_s: float) -> None:
        """Learn from a look that is right; what a shake put off is put back first."""
        step_s = min(step_s, _LONGEST_STEP_S)
        self._learnt_s += step_s
        weight = step_s / min(self._learnt_s, _ADAPT_S) if step_s else 0.0
        self._edges += np.float32(weight) * (_put_back(seen.edges, fitting.offset) - self._edges)
        self._sharpness += weight * (seen.sharpness - self._sharpness)
        self._stale_s += step_s
        if self._stale_s >= _LONGEST_STEP_S:
            self._filter, self._stale_s = filter_of(self._edges), 0.0


class _Learning:
    """The first looks, until they are enough to know the view by."""

    def __init__(self) -> None:
        self._edges: Edges | None = None
        self._sharpness = 0.0
        self._looks = 0
        self._learnt_s = 0.0

    def look(self, seen: Structure, step_s: float) -> _Known | None:
        """Take one look; return what is known now, None while that is too little."""
        if seen.clearness < _LEARN_CLEARNESS:
            return None
        if self._edges is None or fit(seen.edges, filter_of(self._edges)).lead < _LOST_LEAD:
            # Also where the camera is on its way to another view.
            self._edges, self._sharpness = seen.edges, seen.sharpness
            self._looks, self._learnt_s = 1, 0.0
            return None
        self._looks += 1
        self._edges = self._edges + (seen.edges - self._edges) / np.float32(self._looks)
        self._sharpness += (seen.sharpness - self._sharpness) / self._looks
        self._learnt_s += min(step_s, _LONGEST_STEP_S)
        if self._looks < _LEARN_LOOKS or self._learnt_s < _LEARN_S:
            return None
        return _Known(ViewReference(self._edges, self._sharpness, self._learnt_s))


def _plain_fault(seen: Structure) -> ViewState | None:
    """Return what ails a picture in which nothing can be made out, whatever the view."""
    if seen.white_share > _WHITE_SHARE:
        return ViewState.OVEREXPOSED
    if seen.contrast < _FLAT_CONTRAST:
        if seen.brightness < _DARK_BRIGHTNESS:
            return ViewState.DARK
        if seen.brightness > _BRIGHT_BRIGHTNESS:
            return ViewState.OVEREXPOSED
    return None


def _put_back(edges: Edges, offset: tuple[int, int]) -> Edges:
    return edges if offset == (0, 0) else np.roll(edges, (-offset[0], -offset[1]), (0, 1))
