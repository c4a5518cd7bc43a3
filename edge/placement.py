"""Which worker has which camera. Pure: it starts nothing."""

from collections.abc import Iterable, Mapping


def placed(cameras: Iterable[str], workers: int, before: Mapping[str, int]) -> dict[str, int]:
    """Return the worker of each camera, by number from 0.

    Who has a worker keeps it, because to move a camera interrupts its stream; others go, in their
    order, where the fewest are.

    Parameters
    ----------
    before
        Where cameras are now; those that are not among ``cameras`` any more count for nothing.
    """
    wanted = list(cameras)
    found = {camera: before[camera] for camera in wanted if camera in before}
    load = [0] * workers
    for worker in found.values():
        load[worker] += 1
    for camera in wanted:
        if camera not in found:
            found[camera] = load.index(min(load))
            load[found[camera]] += 1
    return found
