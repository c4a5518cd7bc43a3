"""The camera's own incident, from a view that cannot be trusted until it is back."""

from analytics.camera_fault import CameraFaultWatch
from analytics.messages import CameraFaultMeasurement, ViewState
from tests.scenes import at


def test_a_fault_holds_from_its_first_look_until_the_view_is_back() -> None:
    watch = CameraFaultWatch()
    assert watch.look(ViewState.UNKNOWN, at(0), at(0)) is None
    assert watch.look(ViewState.VALID, at(1), at(1)) is None

    finding = watch.look(ViewState.TURNED, at(2), at(17))
    assert finding is not None
    assert finding.zone is None
    later = watch.look(ViewState.TURNED, at(2), at(22))
    assert later is not None
    assert later.started_at == at(2)
    assert later.measurement == CameraFaultMeasurement(fault="turned", lasted_s=20)

    assert watch.look(ViewState.VALID, at(23), at(23)) is None


def test_a_fault_that_becomes_another_is_one_incident() -> None:
    watch = CameraFaultWatch()
    watch.look(ViewState.TURNED, at(0), at(0))
    dark = watch.look(ViewState.DARK, at(5), at(5))
    assert dark is not None
    assert dark.started_at == at(0)
    assert dark.measurement == CameraFaultMeasurement(fault="dark", lasted_s=5)


def test_after_a_restart_it_goes_on_until_the_view_is_known_to_be_back() -> None:
    told = CameraFaultMeasurement(fault="covered", lasted_s=30)
    watch = CameraFaultWatch((told, at(0)))
    still = watch.look(ViewState.UNKNOWN, at(40), at(40))
    assert still is not None
    assert still.measurement == CameraFaultMeasurement(fault="covered", lasted_s=40)
    assert watch.look(ViewState.VALID, at(41), at(41)) is None
