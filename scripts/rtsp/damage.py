"""What a fault does to the packets of a picture."""

from collections.abc import Callable, Mapping
from random import Random

from scripts.rtsp.feed import Fault
from scripts.rtsp.rtp import HEADER_BYTES, Burst

LONGEST_NOISE_BYTES = 200

_KIND_BYTES = 1
"""What names the kind of a NAL unit, so that noise behind it gets as far as the decoder."""

_SPARED_BYTES = 96
"""Of a packet, so that its slice header survives; parameter sets are no longer than this."""

_CUT_SHARE = 0.3
_FLIPPED_BYTES = 3


def damaged(burst: Burst, fault: Fault | None, *, loss: float, random: Random) -> Burst:
    """Return ``burst`` as ``fault`` leaves it; the headers of its packets stay sound."""
    if fault is Fault.LOSS:
        return Burst.framed(packet for packet in burst.packets() if random.random() >= loss)
    damage = None if fault is None else _DAMAGES.get(fault)
    if damage is None:
        return burst
    return Burst.framed(damage(packet, random) for packet in burst.packets())


def noise(random: Random) -> bytes:
    """Return bytes that mean nothing."""
    return random.randbytes(random.randint(1, LONGEST_NOISE_BYTES))


def _fill(packet: bytes, random: Random) -> bytes:
    kept = HEADER_BYTES + _KIND_BYTES
    return packet[:kept] + random.randbytes(len(packet) - kept)


def _break(packet: bytes, random: Random) -> bytes:
    if len(packet) <= _SPARED_BYTES:
        return packet
    if random.random() < _CUT_SHARE:
        return packet[: random.randint(_SPARED_BYTES, len(packet) - 1)]
    broken = bytearray(packet)
    for _ in range(_FLIPPED_BYTES):
        broken[random.randrange(_SPARED_BYTES, len(packet))] ^= random.randint(1, 255)
    return bytes(broken)


_DAMAGES: Mapping[Fault, Callable[[bytes, Random], bytes]] = {
    Fault.GARBAGE: _fill,
    Fault.BROKEN: _break,
}
