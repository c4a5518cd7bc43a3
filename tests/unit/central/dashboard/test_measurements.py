import pytest

from analytics.messages import (
    CameraFaultMeasurement,
    CongestionMeasurement,
    Measurement,
    PotholeMeasurement,
    RubbishMeasurement,
    RubbishState,
    StreetLightMeasurement,
    VehicleClass,
)
from central.dashboard.measurements import in_words
from central.dashboard.texts import Language, load_catalogues

CATALOGUES = load_catalogues()


@pytest.mark.parametrize(
    ("measurement", "expected"),
    [
        pytest.param(
            CongestionMeasurement(
                occupancy=0.714,
                stopped_share=0.9,
                vehicles={VehicleClass.TRUCK: 1, VehicleClass.BUS: 0, VehicleClass.CAR: 14},
                dense_s=190,
            ),
            "Vehicles cover 71% of the zone; 90% of them do not move, for 3 min. "
            "On average 14 cars, 1 truck.",
            id="the most frequent vehicle first, none that is not there",
        ),
        pytest.param(
            CongestionMeasurement(
                occupancy=0.5,
                stopped_share=1.0,
                vehicles={},
                dense_s=45,
                queue_length_m=81.6,
                mean_speed_kmh=3.2,
            ),
            "Vehicles cover 50% of the zone; 100% of them do not move, for 45 s. "
            "The queue is 82 m long. Mean speed 3 km/h.",
            id="a calibrated view knows metres",
        ),
        pytest.param(
            PotholeMeasurement(looks=1, width_px=62, water_filled=True),
            "Found by 1 inspection. 62 pixels wide. Filled with water.",
            id="without calibration, pixels",
        ),
        pytest.param(
            PotholeMeasurement(looks=3, width_px=62, width_m=0.84, area_m2=0.5),
            "Found by 3 inspections. 0.8 m wide. Area 0.5 m².",
            id="with calibration, metres",
        ),
        pytest.param(
            RubbishMeasurement(looks=4, state=RubbishState.PILE, width_px=90),
            "Pile. Found by 4 inspections.",
            id="rubbish",
        ),
        pytest.param(
            StreetLightMeasurement(lamp="east-4", dark_nights=3),
            "Lamp east-4 is dark. For 3 nights.",
            id="street light",
        ),
        pytest.param(
            CameraFaultMeasurement(fault="covered", lasted_s=600),
            "The camera is covered, for 10 min.",
            id="camera fault",
        ),
    ],
)
def test_a_measurement_is_told_in_sentences(measurement: Measurement, expected: str) -> None:
    assert in_words(measurement, CATALOGUES[Language.ENGLISH]) == expected
    assert in_words(measurement, CATALOGUES[Language.INDONESIAN])
