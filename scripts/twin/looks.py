"""Hour and weather: how much of each light there is, and what the air and the sensor make of it."""

from dataclasses import dataclass

Rgb = tuple[float, float, float]
"""Linear RGB."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one hour in one weather looks like.

    Attributes
    ----------
    name
        Its key in ``LOOKS``.
    weights
        Plate layer to its weight; layers that are not named give no light. ``lamps`` also weighs
        the lamps that can fail by themselves.
    exposure
        What the sensor multiplies radiance with before its tone curve.
    head_lamps
        Whether every vehicle has its lamps on; motorcycles always have.
    wet
        Whether the ground is wet: which plates belong to it.
    rain
        How hard it rains, 0 to 1.
    fog_per_m, fog
        How much of what is behind a metre of air is lost in it, and the radiance of the air.
    bloom
        Share of the light that the lens spreads around bright lamps.
    noise
        Standard deviation of the sensor's noise, in levels of 255 at middle grey.
    shutter_s
        How long the shutter is open.
    """

    name: str
    weights: dict[str, Rgb]
    exposure: float
    head_lamps: bool = False
    wet: bool = False
    rain: float = 0.0
    fog_per_m: float = 0.0
    fog: Rgb = (0.0, 0.0, 0.0)
    bloom: float = 0.0
    noise: float = 2.0
    shutter_s: float = 0.03


LOOKS: dict[str, Look] = {
    look.name: look
    for look in (
        Look(
            "day",
            {"sun": (1.0, 1.0, 1.0), "sky": (1.0, 1.0, 1.0)},
            exposure=1.3,
            fog_per_m=0.0006,
            fog=(0.55, 0.60, 0.66),
            shutter_s=0.004,
        ),
        Look(
            "overcast",
            {"sky": (2.05, 1.92, 1.80)},
            exposure=1.0,
            fog_per_m=0.0012,
            fog=(0.62, 0.64, 0.66),
            shutter_s=0.01,
        ),
        Look(
            "dusk",
            {
                "sky": (0.48, 0.47, 0.55),
                "lamps": (0.6, 0.6, 0.6),
                "windows": (0.8, 0.8, 0.8),
            },
            exposure=2.2,
            head_lamps=True,
            fog_per_m=0.001,
            fog=(0.20, 0.20, 0.24),
            bloom=0.10,
            noise=3.5,
        ),
        Look(
            "night",
            {
                "sky": (0.036, 0.040, 0.055),
                "lamps": (1.0, 1.0, 1.0),
                "windows": (1.0, 1.0, 1.0),
            },
            exposure=2.4,
            head_lamps=True,
            bloom=0.16,
            noise=6.0,
        ),
        Look(
            "rain",
            {"sky": (1.35, 1.32, 1.30), "windows": (0.3, 0.3, 0.3)},
            exposure=1.0,
            head_lamps=True,
            wet=True,
            rain=1.0,
            fog_per_m=0.003,
            fog=(0.40, 0.42, 0.44),
            bloom=0.08,
            noise=3.0,
            shutter_s=0.015,
        ),
        Look(
            "night-rain",
            {
                "sky": (0.036, 0.040, 0.055),
                "lamps": (1.0, 1.0, 1.0),
                "windows": (0.8, 0.8, 0.8),
            },
            exposure=2.4,
            head_lamps=True,
            wet=True,
            rain=1.0,
            fog_per_m=0.003,
            fog=(0.030, 0.024, 0.018),
            bloom=0.2,
            noise=6.5,
        ),
    )
}
