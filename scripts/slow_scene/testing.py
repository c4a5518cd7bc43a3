"""The twenty scenarios to measure on: two cameras, and things, that nothing was tuned on."""

from analytics.messages import RecheckAnswer
from scripts.slow_scene.scenario import (
    Ask,
    Heap,
    Hole,
    Parked,
    Puddle,
    Scenario,
    Shade,
    Span,
    Spell,
    Stage,
    Turned,
    moment,
)
from scripts.training.weather import Weather

GONE, STILL, CANNOT = RecheckAnswer.GONE, RecheckAnswer.STILL_THERE, RecheckAnswer.CANNOT_SEE
BAG, PILE, SCATTERED = Stage.BAG, Stage.PILE, Stage.SCATTERED
_BIKE = ("motorcycle",)

TEST_SET = (
    Scenario(
        "shops-mended",
        "shops",
        201,
        holes=(Hole("hole", (0.42, 0.72), 46, Span(moment(1, 9.5), moment(2, 11.5))),),
        asks=(Ask(moment(2, 8), "hole", STILL), Ask(moment(2, 13), "hole", GONE)),
    ),
    Scenario(
        "shops-grows",
        "shops",
        202,
        heaps=(
            Heap(
                "heap",
                (0.66, 0.47),
                44,
                ((moment(1, 10.5), SCATTERED), (moment(1, 15.5), PILE)),
                moment(2, 14.5),
            ),
        ),
        asks=(Ask(moment(2, 10), "heap", STILL), Ask(moment(3, 6), "heap", GONE)),
    ),
    Scenario(
        "shops-never-mended",
        "shops",
        203,
        holes=(Hole("hole", (0.28, 0.6), 38, Span(moment(1, 8.5))),),
        heaps=(Heap("heap", (0.79, 0.57), 56, ((moment(1, 12.5), PILE),)),),
        asks=(Ask(moment(3, 13), "hole", STILL), Ask(moment(3, 14), "heap", STILL)),
    ),
    Scenario(
        "shops-rain-old-hole",
        "shops",
        204,
        holes=(Hole("hole", (0.58, 0.66), 34, Span(moment(1, 6), moment(3, 8.5)), patch=1.22),),
        weather=(Spell(Weather.RAIN, Span(moment(2, 7.5), moment(2, 12.5))),),
        asks=(Ask(moment(1, 15), "hole", STILL), Ask(moment(3, 10), "hole", GONE)),
    ),
    Scenario(
        "shops-nothing-puddles",
        "shops",
        205,
        puddles=(
            Puddle((0.35, 0.75), 60, Span(moment(1, 13.5), moment(1, 17.5))),
            Puddle((0.55, 0.58), 40, Span(moment(2, 9.5), moment(2, 15.5))),
        ),
        weather=(
            Spell(Weather.RAIN, Span(moment(1, 10.5), moment(1, 13.5))),
            Spell(Weather.RAIN, Span(moment(2, 6.5), moment(2, 9.5))),
        ),
    ),
    Scenario(
        "shops-van-on-it",
        "shops",
        206,
        holes=(Hole("hole", (0.45, 0.58), 36, Span(moment(1, 8.5))),),
        parked=(Parked((0.45, 0.64), Span(moment(2, 8.5), moment(2, 13.5)), hides=("hole",)),),
        asks=(
            Ask(moment(2, 9), "hole", CANNOT),
            Ask(moment(2, 15), "hole", STILL),
            Ask(moment(3, 14), "hole", STILL),
        ),
    ),
    Scenario(
        "shops-hidden-at-the-end",
        "shops",
        207,
        holes=(Hole("hole", (0.3, 0.7), 40, Span(moment(1, 10.5))),),
        heaps=(Heap("heap", (0.6, 0.4), 36, ((moment(1, 9.5), PILE),), moment(2, 10.5)),),
        parked=(Parked((0.3, 0.76), Span(moment(3, 11.5)), hides=("hole",)),),
        asks=(Ask(moment(2, 12), "heap", GONE), Ask(moment(3, 13), "hole", CANNOT)),
    ),
    Scenario(
        "shops-turned",
        "shops",
        208,
        holes=(Hole("hole", (0.5, 0.8), 52, Span(moment(1, 7.5), moment(3, 7.5)), patch=0.62),),
        turned=(Turned(Span(moment(2, 9.5), moment(2, 14.5)), to="haze"),),
        asks=(Ask(moment(2, 10), "hole", CANNOT), Ask(moment(3, 9), "hole", GONE)),
    ),
    Scenario(
        "shops-nothing-parked",
        "shops",
        209,
        parked=(
            Parked((0.72, 0.6), Span(moment(1, 8.5), moment(1, 12.5))),
            Parked((0.68, 0.48), Span(moment(1, 14.5), moment(1, 16.5)), classes=_BIKE),
            Parked((0.79, 0.57), Span(moment(2, 9.5), moment(2, 11.5)), classes=_BIKE),
            Parked((0.62, 0.41), Span(moment(2, 13.5), moment(2, 15.5)), classes=_BIKE),
            Parked((0.3, 0.6), Span(moment(3, 7.5), moment(3, 10.5))),
        ),
    ),
    Scenario(
        "shops-through-the-nights",
        "shops",
        210,
        heaps=(Heap("heap", (0.76, 0.53), 48, ((moment(1, 11.5), BAG),), moment(3, 9.5)),),
        after_dark=(18.0, 18.5, 20.0, 22.0),
        asks=(
            Ask(moment(2, 14), "heap", STILL),
            Ask(moment(2, 20), "heap", CANNOT),
            Ask(moment(3, 11), "heap", GONE),
        ),
    ),
    Scenario(
        "haze-mended",
        "haze",
        211,
        holes=(Hole("hole", (0.36, 0.78), 50, Span(moment(1, 12.5), moment(3, 6.5))),),
        asks=(Ask(moment(2, 15), "hole", STILL), Ask(moment(3, 8), "hole", GONE)),
    ),
    Scenario(
        "haze-grows",
        "haze",
        212,
        heaps=(
            Heap(
                "heap",
                (0.74, 0.72),
                62,
                ((moment(1, 8.5), SCATTERED), (moment(1, 13.5), BAG), (moment(2, 9.5), PILE)),
                moment(2, 16.5),
            ),
        ),
        asks=(Ask(moment(2, 12), "heap", STILL), Ask(moment(3, 8), "heap", GONE)),
    ),
    Scenario(
        "haze-two-holes",
        "haze",
        213,
        holes=(
            Hole("near", (0.22, 0.72), 34, Span(moment(1, 9.5), moment(2, 9.5))),
            Hole("far", (0.5, 0.52), 20, Span(moment(1, 9.5))),
        ),
        asks=(Ask(moment(2, 11), "near", GONE), Ask(moment(3, 12), "far", STILL)),
    ),
    Scenario(
        "haze-shadow-over-it",
        "haze",
        214,
        holes=(Hole("hole", (0.43, 0.66), 42, Span(moment(1, 7.5))),),
        shades=(
            Shade((0.41, 0.7), 70, Span(moment(1, 13.5), moment(1, 17.5))),
            Shade((0.41, 0.7), 70, Span(moment(2, 13.5), moment(2, 17.5))),
            Shade((0.18, 0.75), 60, Span(moment(2, 7.5), moment(2, 12.5))),
        ),
        asks=(Ask(moment(2, 10), "hole", STILL), Ask(moment(3, 14), "hole", STILL)),
    ),
    Scenario(
        "haze-nothing-turned",
        "haze",
        215,
        parked=(Parked((0.8, 0.75), Span(moment(1, 9.5), moment(1, 11.5)), classes=_BIKE),),
        shades=(
            Shade((0.35, 0.7), 60, Span(moment(1, 7.5), moment(1, 12.5))),
            Shade((0.5, 0.6), 45, Span(moment(3, 8.5), moment(3, 14.5))),
        ),
        turned=(Turned(Span(moment(2, 8.5), moment(2, 12.5))),),
    ),
    Scenario(
        "haze-carried-off-behind-a-van",
        "haze",
        216,
        heaps=(Heap("heap", (0.69, 0.68), 46, ((moment(1, 8.5), PILE),), moment(2, 11.5)),),
        parked=(Parked((0.69, 0.73), Span(moment(2, 8.5), moment(2, 13.5)), hides=("heap",)),),
        asks=(Ask(moment(2, 9), "heap", CANNOT), Ask(moment(2, 15), "heap", GONE)),
    ),
    Scenario(
        "haze-rain",
        "haze",
        217,
        holes=(Hole("hole", (0.28, 0.66), 30, Span(moment(1, 10.5), moment(3, 7.5)), patch=1.2),),
        heaps=(Heap("heap", (0.82, 0.85), 74, ((moment(1, 9.5), PILE),)),),
        weather=(
            Spell(Weather.RAIN, Span(moment(1, 14.5), moment(1, 17.5))),
            Spell(Weather.RAIN, Span(moment(2, 12.5), moment(2, 16.5))),
        ),
        asks=(Ask(moment(3, 9), "hole", GONE), Ask(moment(3, 12), "heap", STILL)),
    ),
    Scenario(
        "shops-two-heaps",
        "shops",
        218,
        heaps=(
            Heap("stays", (0.81, 0.6), 40, ((moment(1, 9.5), BAG), (moment(2, 8.5), PILE))),
            Heap("goes", (0.62, 0.41), 34, ((moment(1, 13.5), PILE),), moment(2, 12.5)),
        ),
        asks=(Ask(moment(2, 14), "goes", GONE), Ask(moment(3, 10), "stays", STILL)),
    ),
    Scenario(
        "haze-through-the-nights",
        "haze",
        219,
        holes=(Hole("hole", (0.15, 0.8), 60, Span(moment(1, 8.5), moment(2, 8.5)), patch=0.66),),
        heaps=(Heap("heap", (0.64, 0.86), 58, ((moment(1, 15.5), PILE),), moment(3, 8.5)),),
        after_dark=(18.0, 19.0, 21.0),
        asks=(
            Ask(moment(2, 10), "hole", GONE),
            Ask(moment(2, 15), "heap", STILL),
            Ask(moment(3, 10), "heap", GONE),
        ),
    ),
    Scenario(
        "shops-large-and-small",
        "shops",
        220,
        holes=(
            Hole("large", (0.62, 0.88), 70, Span(moment(1, 11.5), moment(3, 6.5))),
            Hole("small", (0.33, 0.39), 18, Span(moment(1, 7.5), moment(2, 13.5)), patch=0.75),
            Hole("middle", (0.25, 0.84), 44, Span(moment(1, 7.5))),
        ),
        heaps=(Heap("heap", (0.71, 0.5), 38, ((moment(1, 7.5), PILE),), moment(2, 7.5)),),
        parked=(Parked((0.82, 0.6), Span(moment(2, 9.5), moment(2, 11.5)), classes=_BIKE),),
        asks=(
            Ask(moment(2, 9), "heap", GONE),
            Ask(moment(3, 8), "large", GONE),
            Ask(moment(3, 13), "middle", STILL),
        ),
    ),
)
