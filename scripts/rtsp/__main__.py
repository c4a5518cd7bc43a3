"""Play films as cameras until Ctrl-C: ``python -m scripts.rtsp [--port N] NAME=FILM ...``."""

import argparse
import contextlib
import signal
from pathlib import Path

from scripts.rtsp import Feed, RtspServer


def main() -> None:
    """Serve what the command line names, and print each camera's address."""
    parser = argparse.ArgumentParser(prog="python -m scripts.rtsp", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="where to listen; 0 picks a free port")
    parser.add_argument("cameras", nargs="+", metavar="NAME=FILM")
    arguments = parser.parse_args()
    feeds = {}
    for camera in arguments.cameras:
        name, equals, film = camera.partition("=")
        if not equals:
            parser.error(f"{camera} names no film, expected NAME=FILM")
        feeds[name] = Feed(Path(film))
    with RtspServer(feeds, port=arguments.port) as server, contextlib.suppress(KeyboardInterrupt):
        for name in feeds:
            print(server.url(name), flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
