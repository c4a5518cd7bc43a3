"""An RTSP server that plays films as cameras would, and fails like them on request.

For tests and the demo, never part of a site: it listens on loopback only. Films go out as they are
encoded, H.264 or H.265 over interleaved TCP; nothing is transcoded, so a camera costs next to
nothing. ``python -m scripts.rtsp cam-1=film.mp4`` runs it by hand.
"""

from scripts.rtsp.feed import Fault, Feed
from scripts.rtsp.server import RtspServer

__all__ = ["Fault", "Feed", "RtspServer"]
