"""Cameras that take processes down: kept apart, let out again, and sooner back the next time."""

from edge.quarantine import CRASHES, FIRST_S, LONGEST_S, WITHIN_S, Quarantine


def test_a_camera_is_kept_apart_after_its_third_crash_and_let_out_again() -> None:
    quarantine = Quarantine()
    for number in range(CRASHES - 1):
        quarantine.crashed("bad", 10.0 * number)
    assert not quarantine.holds("bad", 30.0)

    quarantine.crashed("bad", 40.0)

    assert quarantine.holds("bad", 40.0 + FIRST_S - 1)
    assert not quarantine.holds("bad", 40.0 + FIRST_S + 1)
    assert not quarantine.holds("good", 41.0)


def test_crashes_far_apart_are_no_habit() -> None:
    quarantine = Quarantine()
    for number in range(10):
        at_s = number * (WITHIN_S + 1)
        quarantine.crashed("unlucky", at_s)
        assert not quarantine.holds("unlucky", at_s)


def test_who_crashes_again_after_his_time_is_kept_apart_at_once_and_for_longer() -> None:
    quarantine = Quarantine()
    for _ in range(CRASHES):
        quarantine.crashed("bad", 0.0)
    at_s, terms = FIRST_S + 1, []
    for _ in range(12):
        quarantine.crashed("bad", at_s)
        terms.append(quarantine.until_s("bad") - at_s)
        at_s = quarantine.until_s("bad") + 1

    assert terms[:2] == [2 * FIRST_S, 4 * FIRST_S]
    assert terms[-1] == LONGEST_S


def test_a_camera_whose_settings_change_starts_anew() -> None:
    quarantine = Quarantine()
    for _ in range(CRASHES):
        quarantine.crashed("bad", 0.0)
    quarantine.forget("bad")
    assert not quarantine.holds("bad", 1.0)
