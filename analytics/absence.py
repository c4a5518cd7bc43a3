"""What the ground tells of a place where nothing was found: gone, hidden, or there all the same."""

from typing import Final

import numpy as np

from analytics.ground import LEAST_CHANGED, OWN, Ground, box_px
from analytics.ground_pattern import shows_clean_ground
from analytics.likeness import nearer_to, thumbs
from analytics.messages import IncidentKind, ViewBox
from analytics.picture_likeness import (
    changed_around,
    is_same_scene,
    kept_detail,
    roughness,
)
from analytics.place_scene import before_of, then_and_now
from analytics.places import Outcome, Place, Scene

CLEARED: Final = 0.8
"""How far the ground may be off the clean scene for how far it is off the heap, where a box
lies on it."""
HALF_CLEARED: Final = 0.5
"""The same where the model is as sure as of what it saw before, or something large stands there:
then the ground is like neither the heap that is remembered nor the clean scene."""
_CLEARED_UNFOUND: Final = 1.0
"""The same where nothing is found that counts: then, like a heap and like the clean scene alike is
no heap any more."""
_CLEARED_UNCLEAN: Final = 0.5
"""The same where the clean scene may show something of the first day."""
_PALE: Final = 2.0
"""The same from which on the heap is there, though too few of its blocks have changed: one that is
as pale as its ground changes few."""
FILLED: Final = 0.6
"""How rough the road may be for how rough the hole was, where a box lies on it. Of four
holes of real streets that were filled, 0.13 to 0.51 was left; most of that where the edge of a
patch lay in it."""
NEARLY_FILLED: Final = 0.75
"""The same where there is more than that to tell that it is mended: nothing sure is found, or it
was called so before."""
_MENDED: Final = 0.28
"""How much of a hole's fine detail may be left where it is mended. Of the looks at mended holes in
draw 9 of the tune set none kept more than 0.18, where patches ended within the hole too; of those
in the simulated street's film, up to 0.3. Of 150 holes that were pasted into streets and filled
with water over 0.85 of their width, dark to as bright as the sky, one in seven kept less; dry ones
that were seen again kept 0.78 and more in 49 of 50. No command prints these."""
_FLAT: Final = 0.4
"""How rough the road may be for how rough the hole was, for half as much again of its detail to be
left: the edge of a patch. Of the same holes full of water, one in three hundred was so flat."""
_COVERED: Final = 0.6
"""Share of what is around a place that has changed, from which on something large stands there."""


def unseen(kind: IncidentKind, place: Place, ground: Ground, *, is_blank: bool) -> Outcome:
    """Return what it means that nothing that counts was found at a place of some kind.

    Parameters
    ----------
    is_blank
        Whether the model found nothing there, however unsure, by good light. Of a hole that alone
        tells nothing.
    """
    box = box_px(place.box, ground.size_px)
    if not ground.is_seen(box) or ground.is_unsettled(box) or not ground.is_clear:
        return Outcome.HIDDEN
    before = before_of(place, ground)
    is_covered = before is not None and _is_covered(ground, before, place.box)
    if kind is IncidentKind.RUBBISH:
        # Whatever else stands in the box of a heap, such as a lamp post, looks as it did too.
        if is_cleared(place, ground, HALF_CLEARED if is_covered else _CLEARED_UNFOUND):
            return Outcome.GONE
        # What the model saw there on the first day was nothing, if it sees nothing there now.
        if is_blank and _off_clean(place, ground) < _CLEARED_UNCLEAN:
            return Outcome.GONE
    if before is None:
        return Outcome.GONE if kind is IncidentKind.POTHOLE else Outcome.HIDDEN
    # A place that was emptied stays empty until something is found there.
    if place.looks and _looks_as(ground, before, place.box):
        return Outcome.SEEN
    if is_covered:
        return Outcome.HIDDEN
    if kind is IncidentKind.RUBBISH:
        # The clean scene may be of another morning; a heap that could be seen would be found.
        is_over = is_blank and shows_clean_ground(ground, before, place.box)
    else:
        # A shadow across a hole, or water that rises in it: it looks different, and not mended.
        is_over = is_filled(ground, before, place.box, np.inf if is_blank else NEARLY_FILLED)
    return Outcome.GONE if is_over else Outcome.HIDDEN


def _looks_as(ground: Ground, before: Scene, box: ViewBox) -> bool:
    """Return whether a place still looks as it did."""
    return is_same_scene(*then_and_now(ground, before, box, 1.0))


def _is_covered(ground: Ground, before: Scene, box: ViewBox) -> bool:
    """Return whether something larger than the thing stands where it was."""
    return changed_around(*then_and_now(ground, before, box, OWN)) >= _COVERED


def is_filled(ground: Ground, before: Scene, box: ViewBox, most: float) -> bool:
    """Return whether the rubble and the rim of a hole are gone, and the road is flat there.

    Parameters
    ----------
    most
        How rough it may be for how rough the hole was: `FILLED`, `NEARLY_FILLED`, or inf where a
        patch may end in it.
    """
    now, was, inner = then_and_now(ground, before, box, 1.0)
    known = ground.background.blocks.area(ground.background.known, before.window)
    rough = roughness(now, was, inner)
    most_kept = _MENDED if rough >= _FLAT else 1.5 * _MENDED
    return rough < most and kept_detail(now, was, inner, known) < most_kept


def is_cleared(place: Place, ground: Ground, most: float = CLEARED) -> bool:
    """Return whether the ground of a heap looks clean, or more like the clean scene than like it.

    What looks far more like the heap is not clean, however few of its blocks have changed. By
    another light it may look like neither.

    Parameters
    ----------
    most
        How far it may be off the clean scene for how far it is off the heap.
    """
    box = box_px(place.box, ground.size_px)
    if ground.share(ground.unclean, box) >= LEAST_CHANGED:
        # Something lay there on the first day: what looks so is not clean.
        return False
    off_clean = _off_clean(place, ground)
    is_there = _PALE <= off_clean < np.inf
    return off_clean < most or (ground.is_clean(box) and not is_there)


def _off_clean(place: Place, ground: Ground) -> float:
    """Return how far a place is off the clean scene, for how far it is off what was found there."""
    before = before_of(place, ground)
    blocks = ground.background.blocks
    if before is None or ground.clean is None:
        return np.inf
    under = blocks.touched(box_px(place.box, ground.size_px)[None]) & blocks.inside(before.window)
    number = np.flatnonzero(under & ground.comparable)
    if not len(number):
        return np.inf
    heap = thumbs(blocks.part(number).taken_from(before.image, before.window))
    return nearer_to(*ground.now_and_clean(number), heap)
