from scripts.twin.actors import Kind
from scripts.twin.film.heaps import actors, surface_z_m
from scripts.twin.scenario import Prop, Rubbish

HEAP = Rubbish(kind="rubbish", thing="heap", at=(-8.0, -15.0), state="pile", bags=14, seed=1)


def test_the_same_rubbish_lies_the_same_way() -> None:
    assert actors(HEAP) == actors(HEAP)
    assert len({actor.actor_id for actor in actors(HEAP)}) == len(actors(HEAP))


def test_a_pile_is_higher_in_the_middle_than_what_is_scattered() -> None:
    scattered = HEAP.model_copy(update={"state": "scattered"})

    assert max(actor.z_m for actor in actors(HEAP)) > 0.4
    assert {actor.z_m for actor in actors(scattered)} <= {0.0, 0.15}


def test_a_full_bin_stands_upright_among_its_bags() -> None:
    full = HEAP.model_copy(update={"state": "overflowing"})

    (bin_,) = [actor for actor in actors(full) if actor.shape == "bin_overflowing"]
    assert bin_.scale == 1
    assert bin_.kind is Kind.THING


def test_a_parked_truck_is_a_truck_to_a_detector() -> None:
    prop = Prop(kind="prop", thing="truck", shape="truck_open", at=(8.0, -280.0))

    assert actors(prop)[0].kind is Kind.TRUCK


def test_pavements_are_higher_than_roads_and_round_at_the_corners() -> None:
    assert surface_z_m(0, -280) == 0
    assert surface_z_m(-8, -280) == 0.15
    assert surface_z_m(-8, -14) == 0.15
    assert surface_z_m(-6.9, -6.9) == 0
    assert surface_z_m(40, 3) == 0
