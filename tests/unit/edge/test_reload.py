"""What a changed configuration means for a site that runs."""

from pathlib import Path

from edge.config import SiteSettings
from edge.reload import compared


def a_site(**changes: object) -> SiteSettings:
    site: dict[str, object] = {
        "site": "harmoni",
        "name": "Harmoni",
        "data_dir": "data",
        "cameras": [a_camera("one"), a_camera("two")],
    }
    return SiteSettings.model_validate(site | changes, context={"folder": Path("/site")})


def a_camera(camera: str, **changes: object) -> dict[str, object]:
    zone = {"zone": "road", "name": "Road", "polygon": [[0, 0], [1, 0], [1, 1]]}
    url = f"rtsp://192.0.2.1/{camera}"
    return {"camera": camera, "name": camera, "url": url, "zones": [zone]} | changes


def test_nothing_changes_where_nothing_changed() -> None:
    reloaded = compared(a_site(), a_site())
    assert reloaded.text() == "nothing has changed"
    assert not any((reloaded.added, reloaded.removed, reloaded.changed, reloaded.needs_restart))


def test_cameras_that_come_go_and_change_are_told_by_name() -> None:
    cameras = [a_camera("two", looks_per_s=5), a_camera("three")]
    reloaded = compared(a_site(), a_site(cameras=cameras))
    assert (reloaded.added, reloaded.removed, reloaded.changed) == (("three",), ("one",), ("two",))


def test_a_changed_password_is_a_change_and_is_not_told() -> None:
    before = [a_camera("one", username="viewer", password="first")]
    after = [a_camera("one", username="viewer", password="second")]
    reloaded = compared(a_site(cameras=before), a_site(cameras=after))
    assert reloaded.changed == ("one",)
    assert "second" not in reloaded.text()


def test_what_only_a_restart_can_take_over_is_told() -> None:
    reloaded = compared(a_site(workers=2), a_site(model="traffic-int8", workers=1, name="New name"))
    assert reloaded.needs_restart == ("model", "workers")
    assert "needs a restart: model, workers" in reloaded.text()


def test_more_cameras_than_there_were_may_want_more_workers() -> None:
    one = a_site(cameras=[a_camera("one")], workers=2)
    assert compared(one, a_site(workers=2)).needs_restart == ("workers",)
