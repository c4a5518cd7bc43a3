"""What a film's file tells without being decoded."""

from pathlib import Path

from analytics.messages import StreamFaultType
from edge.errors import StreamError

BOXES = frozenset({b"ftyp", b"moov", b"moof", b"mdat"})
"""The boxes that make a film; junk that a recorder left behind the last one has other names."""


def check_film(path: Path) -> bool:
    """Return whether ``path`` is an MP4 or MOV that is cut off.

    Raises
    ------
    StreamError
        ``not_found`` or ``not_video``, where there is no file to decode.
    """
    try:
        # Opening a pipe would wait for its writer.
        if path.exists() and not path.is_file():
            text = f"{path}: this is a folder or a device, expected a file"
            raise StreamError(StreamFaultType.NOT_VIDEO, text)
        if path.stat().st_size == 0:
            raise StreamError(StreamFaultType.NOT_VIDEO, f"{path}: the file is empty")
        return _is_cut_mp4(path)
    except FileNotFoundError:
        raise StreamError(StreamFaultType.NOT_FOUND, f"{path}: there is no such file") from None
    except OSError as exc:
        text = f"{path}: cannot be read: {exc.strerror}"
        raise StreamError(StreamFaultType.NOT_FOUND, text) from exc


def _is_cut_mp4(path: Path) -> bool:
    """Return whether this is an MP4 or MOV whose last box is not whole (ISO/IEC 14496-12, 4.2).

    Its index does not tell: it also counts the pictures that an edit list leaves out.
    """
    end = path.stat().st_size
    at = 0
    kind = b""
    with path.open("rb") as file:
        while at < end:
            file.seek(at)
            head = file.read(16)
            kind = head[4:8]
            if at == 0 and kind != b"ftyp":
                return False
            size = int.from_bytes(head[:4], "big")
            if size == 0:
                return False
            at += int.from_bytes(head[8:16], "big") if size == 1 else max(size, 8)
    return at > end and kind in BOXES
