"""What was measured, as lines for people and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from scripts.slow_scene.scenario import END, Ask
from scripts.slow_scene.scoring import Score, ThingScore, Told, Totals, totals

Record = dict[str, object]


def lines_of(score: Score, texts: Mapping[Ask, str]) -> list[str]:
    """Return what was right and wrong in one scenario: a line for it, one for each part."""
    lines = [score.name]
    lines += [f"  {_thing(thing)}" for thing in score.things]
    lines += [f"  FALSE {_incident(told)}" for told in score.false]
    for one in score.asks:
        answer = "no answer" if one.answer is None else one.answer.value
        right = "right" if one.is_right else f"WRONG, it is {one.ask.answer.value}"
        told = texts.get(one.ask, "not asked: nothing was opened")
        lines.append(
            f"  recheck of {one.ask.thing} {one.ask.at:%d %H:%M}: {answer}, {right}; {told}"
        )
    return lines


def summary(scores: Sequence[Score]) -> str:
    """Return the totals of a set in a few lines."""
    found: Totals = totals(scores)
    silent = found.asks - found.asks_right - found.asks_wrong
    return "\n".join(
        (
            f"{len(scores)} scenarios",
            f"potholes of 25 px and more: {found.holes_once} of {found.holes} opened once",
            f"rubbish: {found.heaps_once} of {found.heaps} opened once",
            f"false incidents: {found.false}; ended while it was there: {found.ended_early}",
            f"seen as gone: {found.mended_seen} of {found.mended} that were opened and mended",
            f"rechecks: {found.asks_right} of {found.asks} right, {found.asks_wrong} wrong, "
            f"{silent} without an answer",
        )
    )


def record(scores: Sequence[Score]) -> Record:
    """Return all of it for a JSON file."""
    return {
        "totals": asdict(totals(scores)),
        "scenarios": [
            {
                "name": one.name,
                "things": [
                    {
                        "name": thing.thing.name,
                        "kind": thing.thing.kind.value,
                        "width_px": thing.thing.width_px,
                        "incidents": [_incident(told) for told in thing.told],
                        "is_once": thing.is_once,
                        "is_seen_gone": thing.is_seen_gone,
                        "ends_early": thing.ends_early,
                    }
                    for thing in one.things
                ],
                "false": [_incident(told) for told in one.false],
                "asks": [
                    {
                        "thing": ask.ask.thing,
                        "at": ask.ask.at.isoformat(),
                        "right": ask.ask.answer.value,
                        "answer": None if ask.answer is None else ask.answer.value,
                    }
                    for ask in one.asks
                ],
            }
            for one in scores
        ],
    }


def _thing(score: ThingScore) -> str:
    thing = score.thing
    times = f"from {thing.there.since:%d %H:%M}"
    times += "" if thing.there.until >= END else f" to {thing.there.until:%d %H:%M}"
    what = f"{thing.kind.value} {thing.name}, {thing.width_px} px, {times}"
    if not score.told:
        return f"{what}: {'MISSED' if score.is_counted else 'missed, too small to count'}"
    wrong = "" if score.is_once else f", {len(score.told)} TIMES"
    wrong += ", ENDED EARLY" if score.ends_early else ""
    if thing.there.until < END and not score.is_seen_gone:
        wrong += ", NOT SEEN AS GONE"
    return f"{what}: {'; '.join(_incident(told) for told in score.told)}{wrong}"


def _incident(told: Told) -> str:
    end = "open" if told.ended_at is None else f"ended {told.ended_at:%d %H:%M}"
    where = "" if told.box is None else " at " + " ".join(f"{value:.3f}" for value in told.box)
    return (
        f"{told.kind.value} opened {told.opened_at:%d %H:%M}, {end}, {told.confidence:.2f}{where}"
    )
