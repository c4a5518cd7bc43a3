"""An RTSP server that plays films as cameras would, and fails like them on request.

For tests, benches and the demo, never part of a site: it listens on loopback only. Films go out as
they are encoded, H.264 or H.265 over UDP or the RTSP connection, which may be TLS; nothing is
transcoded and a film is packed once for all its viewers, so a camera costs next to nothing.
``python -m scripts.rtsp cam-1=film.mp4`` runs it by hand, `scripts.camera_farm` many at once.
"""

from scripts.rtsp.feed import Fault, Feed
from scripts.rtsp.film import FilmError
from scripts.rtsp.server import RtspServer

__all__ = ["Fault", "Feed", "FilmError", "RtspServer"]
