"""What a calibrated view looks like, as a small thing that outlives the process."""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.structure import SHAPE, Edges

_MAGIC: Final = b"SVR1"
"""The last digit is the version of the layout: another one is learnt anew, not read."""
_HEAD: Final = struct.Struct(">4sIff")
_MOST_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class ViewReference:
    """The structure of a view over many looks.

    Attributes
    ----------
    edges
        Mean over the looks, ``(36, 80)``: long where something stands, short where traffic passes.
    sharpness
        Mean of `Structure.sharpness`, above 0.
    learnt_s
        Seconds that it was learnt over.

    Raises
    ------
    ValueError
        Where a value is out of range.
    """

    edges: Edges
    sharpness: float
    learnt_s: float

    def __post_init__(self) -> None:
        if self.edges.shape != SHAPE or self.edges.dtype != np.complex64:
            msg = (
                f"edges are {self.edges.dtype} of shape {self.edges.shape}, "
                f"expected complex64 {SHAPE}"
            )
            raise ValueError(msg)
        if not (0 < self.sharpness < float("inf") and 0 <= self.learnt_s < float("inf")):
            msg = f"sharpness is {self.sharpness}, learnt_s {self.learnt_s}: out of range"
            raise ValueError(msg)

    def to_bytes(self) -> bytes:
        """Return it in 4 to 6 kB; edges are rounded to 1/127."""
        pairs = np.stack((self.edges.real, self.edges.imag))
        packed = zlib.compress(np.rint(np.clip(pairs, -1, 1) * 127).astype(np.int8).tobytes(), 9)
        return _HEAD.pack(_MAGIC, zlib.crc32(packed), self.sharpness, self.learnt_s) + packed

    @classmethod
    def from_bytes(cls, data: bytes) -> "ViewReference":
        """Read what `to_bytes` gave.

        Raises
        ------
        ValueError
            Where it is something else, of another version, or damaged.
        """
        if len(data) < _HEAD.size or data[:3] != _MAGIC[:3]:
            raise ValueError("not a view reference")
        magic, checksum, sharpness, learnt_s = _HEAD.unpack_from(data)
        if magic != _MAGIC:
            msg = f"a view reference of version {magic[3:]!r}, expected {_MAGIC[3:]!r}"
            raise ValueError(msg)
        packed = data[_HEAD.size :]
        if zlib.crc32(packed) != checksum:
            raise ValueError("a damaged view reference: its checksum is wrong")
        try:
            raw = zlib.decompressobj().decompress(packed, _MOST_BYTES)
        except zlib.error as exc:
            msg = f"a damaged view reference: {exc}"
            raise ValueError(msg) from exc
        if len(raw) != 2 * SHAPE[0] * SHAPE[1]:
            msg = f"a damaged view reference: {len(raw)} bytes of edges"
            raise ValueError(msg)
        pairs = np.frombuffer(raw, np.int8).reshape(2, *SHAPE).astype(np.float32) / 127
        return cls((pairs[0] + 1j * pairs[1]).astype(np.complex64), sharpness, learnt_s)
