"""What an incident measured, as sentences."""

from typing import assert_never

from analytics.messages import (
    CameraFaultMeasurement,
    CongestionMeasurement,
    Measurement,
    PotholeMeasurement,
    RubbishMeasurement,
    StreetLightMeasurement,
)
from central.dashboard.texts import Catalogue
from central.dashboard.times import lasted


def in_words(measurement: Measurement, texts: Catalogue) -> str:
    """Return the sentences that say what ``measurement`` holds; amounts with their units."""
    match measurement:
        case CongestionMeasurement():
            sentences = _congestion(measurement, texts)
        case PotholeMeasurement():
            sentences = _pothole(measurement, texts)
        case RubbishMeasurement():
            sentences = _rubbish(measurement, texts)
        case StreetLightMeasurement():
            sentences = _street_light(measurement, texts)
        case CameraFaultMeasurement():
            sentences = _camera_fault(measurement, texts)
        case _:
            assert_never(measurement)
    return " ".join(sentences)


def _congestion(measurement: CongestionMeasurement, texts: Catalogue) -> list[str]:
    sentences = [
        texts(
            "measurement.congestion",
            occupancy=round(measurement.occupancy * 100),
            stopped=round(measurement.stopped_share * 100),
            time=lasted(measurement.dense_s, texts),
        )
    ]
    vehicles = [
        texts.count(f"vehicle.{name.value}", n)
        for name, n in sorted(measurement.vehicles.items(), key=lambda item: -item[1])
        if n
    ]
    if vehicles:
        sentences.append(texts("measurement.vehicles", list=", ".join(vehicles)))
    if measurement.queue_length_m is not None:
        metres = texts.number(measurement.queue_length_m)
        sentences.append(texts("measurement.queue", metres=metres))
    if measurement.mean_speed_kmh is not None:
        speed = texts.number(measurement.mean_speed_kmh)
        sentences.append(texts("measurement.speed", speed=speed))
    return sentences


def _pothole(measurement: PotholeMeasurement, texts: Catalogue) -> list[str]:
    if measurement.width_m is None:
        width = texts("measurement.width_px", width=texts.number(measurement.width_px))
    else:
        width = texts("measurement.width_m", width=texts.number(measurement.width_m, 1))
    looks = texts.count("measurement.looks", measurement.looks)
    sentences = [looks, width, *_area(measurement, texts)]
    if measurement.water_filled:
        sentences.append(texts("measurement.water"))
    return sentences


def _rubbish(measurement: RubbishMeasurement, texts: Catalogue) -> list[str]:
    state = texts(f"rubbish_state.{measurement.state.value}")
    looks = texts.count("measurement.looks", measurement.looks)
    return [texts("measurement.rubbish", state=state), looks, *_area(measurement, texts)]


def _street_light(measurement: StreetLightMeasurement, texts: Catalogue) -> list[str]:
    lamp = texts("measurement.lamp", lamp=measurement.lamp)
    return [lamp, texts.count("measurement.nights", measurement.dark_nights)]


def _camera_fault(measurement: CameraFaultMeasurement, texts: Catalogue) -> list[str]:
    name = texts(f"camera_fault.{measurement.fault}")
    time = lasted(measurement.lasted_s, texts)
    return [texts("measurement.camera_fault", fault=name, time=time)]


def _area(measurement: PotholeMeasurement | RubbishMeasurement, texts: Catalogue) -> list[str]:
    if measurement.area_m2 is None:
        return []
    return [texts("measurement.area", area=texts.number(measurement.area_m2, 1))]
