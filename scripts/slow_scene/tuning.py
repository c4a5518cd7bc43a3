"""Scenarios to tune on, of the cameras and things to learn from."""

from scripts.slow_scene.scenario import (
    END,
    Ask,
    Heap,
    Hole,
    Parked,
    Puddle,
    Scenario,
    Shade,
    Span,
    Spell,
    Turned,
    moment,
)
from scripts.slow_scene.testing import BAG, CANNOT, GONE, PILE, SCATTERED, STILL
from scripts.training.weather import Weather

_SOME_HOURS = Span(moment(2, 9.5), moment(2, 16.5))

TUNE_SET = (
    Scenario(
        "corner-mended",
        "corner",
        101,
        holes=(Hole("hole", (0.35, 0.75), 44, Span(moment(1, 9.5), moment(2, 12.5))),),
        asks=(Ask(moment(2, 9), "hole", STILL), Ask(moment(2, 14), "hole", GONE)),
    ),
    Scenario(
        "corner-grows",
        "corner",
        102,
        heaps=(
            Heap(
                "heap",
                (0.08, 0.78),
                40,
                ((moment(1, 9.5), SCATTERED), (moment(1, 14.5), PILE)),
                moment(2, 15.5),
            ),
        ),
        asks=(Ask(moment(2, 11), "heap", STILL), Ask(moment(3, 7), "heap", GONE)),
    ),
    Scenario(
        "gates-never-mended",
        "gates",
        103,
        holes=(Hole("hole", (0.5, 0.75), 36, Span(moment(1, 8.5))),),
        heaps=(Heap("heap", (0.3, 0.62), 32, ((moment(1, 11.5), PILE),)),),
        asks=(Ask(moment(3, 13), "hole", STILL), Ask(moment(3, 14), "heap", STILL)),
    ),
    Scenario(
        "gates-nothing-puddles",
        "gates",
        104,
        parked=(
            Parked((0.22, 0.72), Span(moment(1, 8.5), moment(1, 10.5)), classes=("motorcycle",)),
            Parked((0.4, 0.75), Span(moment(3, 8.5), moment(3, 11.5))),
        ),
        puddles=(Puddle((0.5, 0.7), 56, Span(moment(2, 10.5), moment(2, 16.5))),),
        weather=(Spell(Weather.RAIN, Span(moment(2, 7.5), moment(2, 10.5))),),
    ),
    Scenario(
        "gates-full-car-on-it",
        "gates-full",
        105,
        holes=(Hole("hole", (0.46, 0.72), 34, Span(moment(1, 8.5), moment(3, 8.5)), patch=1.2),),
        parked=(Parked((0.46, 0.78), Span(moment(2, 8.5), moment(2, 13.5)), hides=("hole",)),),
        asks=(
            Ask(moment(2, 9), "hole", CANNOT),
            Ask(moment(2, 15), "hole", STILL),
            Ask(moment(3, 10), "hole", GONE),
        ),
    ),
    Scenario(
        "umbrella-turned",
        "umbrella",
        106,
        holes=(Hole("hole", (0.75, 0.72), 40, Span(moment(1, 7.5), moment(3, 7.5))),),
        heaps=(Heap("heap", (0.46, 0.78), 46, ((moment(1, 10.5), BAG),), moment(3, 9.5)),),
        turned=(Turned(Span(moment(2, 9.5), moment(2, 14.5)), to="corner"),),
        asks=(
            Ask(moment(2, 10), "hole", CANNOT),
            Ask(moment(3, 9), "hole", GONE),
            Ask(moment(3, 11), "heap", GONE),
        ),
    ),
    Scenario(
        "umbrella-nothing",
        "umbrella",
        107,
        shades=(Shade((0.7, 0.85), 60, Span(moment(2, 7.5), moment(2, 13.5))),),
        parked=(
            Parked((0.75, 0.6), Span(moment(1, 9.5), moment(1, 12.5)), classes=("motorcycle",)),
        ),
    ),
    Scenario(
        "toll-holes",
        "toll",
        108,
        holes=(
            Hole("large", (0.2, 0.75), 56, Span(moment(1, 8.5), moment(2, 10.5)), patch=0.66),
            Hole("small", (0.75, 0.62), 26, Span(moment(1, 10.5))),
        ),
        weather=(Spell(Weather.RAIN, Span(moment(2, 13.5), moment(2, 16.5))),),
        asks=(Ask(moment(2, 12), "large", GONE), Ask(moment(3, 12), "small", STILL)),
    ),
    Scenario(
        "corner-through-the-nights",
        "corner",
        109,
        holes=(Hole("hole", (0.45, 0.55), 28, Span(moment(1, 9.5))),),
        heaps=(Heap("heap", (0.8, 0.63), 36, ((moment(1, 13.5), PILE),), moment(3, 8.5)),),
        after_dark=(18.0, 19.0, 21.0),
        asks=(Ask(moment(2, 21), "hole", CANNOT), Ask(moment(3, 10), "heap", GONE)),
    ),
    Scenario(
        "corner-nothing-turned",
        "corner",
        110,
        shades=(Shade((0.35, 0.7), 60, Span(moment(1, 9.5), moment(1, 14.5))),),
        turned=(Turned(Span(moment(2, 8.5), moment(2, 11.5))),),
    ),
    Scenario(
        "umbrella-grows",
        "umbrella",
        111,
        heaps=(
            Heap(
                "heap",
                (0.4, 0.8),
                58,
                ((moment(1, 8.5), SCATTERED), (moment(1, 13.5), BAG), (moment(2, 9.5), PILE)),
                moment(2, 16.5),
            ),
        ),
        asks=(Ask(moment(2, 12), "heap", STILL), Ask(moment(3, 8), "heap", GONE)),
    ),
    Scenario(
        "corner-two-holes",
        "corner",
        112,
        holes=(
            Hole("near", (0.5, 0.7), 36, Span(moment(1, 9.5), moment(2, 9.5))),
            Hole("far", (0.4, 0.42), 26, Span(moment(1, 9.5))),
        ),
        asks=(Ask(moment(2, 11), "near", GONE), Ask(moment(3, 12), "far", STILL)),
    ),
    Scenario(
        "umbrella-through-the-nights",
        "umbrella",
        113,
        holes=(Hole("hole", (0.7, 0.78), 54, Span(moment(1, 8.5), moment(2, 8.5)), patch=0.66),),
        heaps=(Heap("heap", (0.42, 0.72), 52, ((moment(1, 15.5), PILE),), moment(3, 8.5)),),
        after_dark=(18.0, 19.0, 21.0),
        asks=(
            Ask(moment(2, 10), "hole", GONE),
            Ask(moment(2, 15), "heap", STILL),
            Ask(moment(3, 10), "heap", GONE),
        ),
    ),
    Scenario(
        "corner-two-heaps",
        "corner",
        114,
        heaps=(
            Heap("stays", (0.08, 0.75), 46, ((moment(1, 9.5), BAG), (moment(2, 8.5), PILE))),
            Heap("goes", (0.76, 0.58), 36, ((moment(1, 13.5), PILE),), moment(2, 12.5)),
        ),
        asks=(Ask(moment(2, 14), "goes", GONE), Ask(moment(3, 10), "stays", STILL)),
    ),
    Scenario(
        "gates-large-and-small",
        "gates",
        115,
        holes=(
            Hole("large", (0.55, 0.88), 66, Span(moment(1, 11.5), moment(3, 6.5))),
            Hole("small", (0.66, 0.45), 26, Span(moment(1, 7.5), moment(2, 13.5)), patch=0.75),
            Hole("middle", (0.35, 0.8), 44, Span(moment(1, 7.5))),
        ),
        heaps=(Heap("heap", (0.28, 0.63), 38, ((moment(1, 7.5), PILE),), moment(2, 7.5)),),
        parked=(
            Parked((0.2, 0.72), Span(moment(2, 9.5), moment(2, 11.5)), classes=("motorcycle",)),
        ),
        asks=(
            Ask(moment(2, 9), "heap", GONE),
            Ask(moment(3, 8), "large", GONE),
            Ask(moment(3, 13), "middle", STILL),
        ),
    ),
    Scenario(
        "gates-through-the-nights",
        "gates",
        116,
        heaps=(Heap("heap", (0.33, 0.6), 46, ((moment(1, 11.5), BAG),), moment(3, 9.5)),),
        after_dark=(18.0, 18.5, 20.0, 22.0),
        asks=(
            Ask(moment(2, 14), "heap", STILL),
            Ask(moment(2, 20), "heap", CANNOT),
            Ask(moment(3, 11), "heap", GONE),
        ),
    ),
    Scenario(
        "corner-rain",
        "corner",
        117,
        holes=(Hole("hole", (0.6, 0.8), 32, Span(moment(1, 10.5), moment(3, 7.5)), patch=1.2),),
        heaps=(Heap("heap", (0.09, 0.7), 60, ((moment(1, 9.5), PILE),)),),
        weather=(
            Spell(Weather.RAIN, Span(moment(1, 14.5), moment(1, 17.5))),
            Spell(Weather.RAIN, Span(moment(2, 12.5), moment(2, 16.5))),
        ),
        asks=(Ask(moment(3, 9), "hole", GONE), Ask(moment(3, 12), "heap", STILL)),
    ),
    Scenario(
        "umbrella-carried-off-behind-a-van",
        "umbrella",
        118,
        heaps=(Heap("heap", (0.36, 0.68), 46, ((moment(1, 8.5), PILE),), moment(2, 11.5)),),
        parked=(Parked((0.36, 0.73), Span(moment(2, 8.5), moment(2, 13.5)), hides=("heap",)),),
        asks=(Ask(moment(2, 9), "heap", CANNOT), Ask(moment(2, 15), "heap", GONE)),
    ),
    Scenario(
        "corner-shadow-over-it",
        "corner",
        119,
        holes=(Hole("hole", (0.47, 0.72), 42, Span(moment(1, 7.5))),),
        shades=(
            Shade((0.45, 0.76), 70, Span(moment(1, 13.5), moment(1, 17.5))),
            Shade((0.45, 0.76), 70, Span(moment(2, 13.5), moment(2, 17.5))),
            Shade((0.3, 0.75), 60, Span(moment(2, 7.5), moment(2, 12.5))),
        ),
        asks=(Ask(moment(2, 10), "hole", STILL), Ask(moment(3, 14), "hole", STILL)),
    ),
    Scenario(
        "corner-flooded",
        "corner",
        120,
        holes=(
            Hole(
                "near",
                (0.38, 0.76),
                46,
                Span(moment(1, 7.5), moment(3, 8.5)),
                flooded=(Span(moment(1, 14.5), moment(2, 9.5)), Span(moment(2, 14.5), END)),
            ),
            Hole("far", (0.6, 0.62), 34, Span(moment(1, 8.5)), flooded=(_SOME_HOURS,)),
        ),
        asks=(Ask(moment(2, 12), "near", STILL), Ask(moment(3, 10), "near", GONE)),
    ),
    Scenario(
        "gates-flooded",
        "gates",
        121,
        holes=(
            Hole("near", (0.52, 0.8), 60, Span(moment(1, 7.5)), flooded=(_SOME_HOURS,)),
            Hole("far", (0.5, 0.64), 30, Span(moment(1, 8.5)), flooded=(_SOME_HOURS,)),
        ),
        asks=(Ask(moment(3, 10), "near", STILL), Ask(moment(3, 13), "far", STILL)),
    ),
)
