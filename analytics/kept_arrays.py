"""Arrays as bytes that outlive the process, and that tell when they were damaged."""

import io
import zlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_HEAD_BYTES: Final = 4

Array = npt.NDArray[Any]


def pack(**arrays: Array) -> bytes:
    """Return arrays under their names, compressed, behind a checksum."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    packed = buffer.getvalue()
    return zlib.crc32(packed).to_bytes(_HEAD_BYTES, "big") + packed


def unpack(data: bytes, names: Sequence[str]) -> tuple[Array, ...]:
    """Return the arrays of these names.

    Raises
    ------
    ValueError
        Where the bytes are something else or damaged, or hold no array of such a name.
    """
    head, packed = data[:_HEAD_BYTES], data[_HEAD_BYTES:]
    if len(head) < _HEAD_BYTES or zlib.crc32(packed) != int.from_bytes(head, "big"):
        raise ValueError("something else, or damaged: its checksum is wrong")
    with np.load(io.BytesIO(packed), allow_pickle=False) as stored:
        missing = [name for name in names if name not in stored]
        if missing:
            msg = f"of another version: it holds no {', '.join(missing)}"
            raise ValueError(msg)
        return tuple(stored[name] for name in names)
