"""The server: one thread, one asyncio loop, one task per viewer."""

import asyncio
import concurrent.futures
import contextlib
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from scripts.rtsp.camera import Camera
from scripts.rtsp.feed import Fault, Feed
from scripts.rtsp.film import Film
from scripts.rtsp.outlets import HOST
from scripts.rtsp.viewer import Viewer


class RtspServer:
    """Plays feeds on ``127.0.0.1``, each under its own path, to any number of viewers.

    Use it as a context manager, or call `start` and `stop`. Viewers choose between the RTSP
    connection and UDP. All methods may be called from any thread.

    Parameters
    ----------
    feeds
        By path, without a slash at its ends.
    port
        Where to listen; 0 picks a free one.
    tls
        Makes it an rtsps server, with the certificate of this context; UDP stays in the clear.

    Raises
    ------
    FilmError
        Where a feed's file holds no film that it could play.
    """

    def __init__(
        self, feeds: Mapping[str, Feed], *, port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        films: dict[Path, Film] = {}
        for feed in feeds.values():
            if feed.path not in films:
                films[feed.path] = Film.read(feed.path)
        self._cameras = {path: Camera(feed, films[feed.path]) for path, feed in feeds.items()}
        self._tls = tls
        self._wanted_port = port
        self._port: concurrent.futures.Future[int] = concurrent.futures.Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="rtsp-server", daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._port.result()

    def url(self, path: str, *, with_credentials: bool = False) -> str:
        """Return the address of ``path``; with its plain, unescaped credentials where asked."""
        feed = self._cameras[path].feed
        userinfo = f"{feed.username}:{feed.password}@" if with_credentials else ""
        scheme = "rtsp" if self._tls is None else "rtsps"
        return f"{scheme}://{userinfo}{HOST}:{self.port}/{path}"

    def set_feed(self, path: str, feed: Feed) -> None:
        """Play ``feed``, for those that watch ``path`` now too.

        They see another film from its beginning, its parameter sets in band and the timestamps
        going on; where its codec is another, their connections end, as with a camera. Another
        password is asked of the next connection only.

        Raises
        ------
        FilmError
            As of the constructor.
        """
        camera = self._cameras[path]
        shown = camera.film
        camera.play(feed, shown if feed.path == shown.path else Film.read(feed.path))

    def set_fault(self, path: str, fault: Fault | None) -> None:
        """Break or repair ``path``, for those that watch it now too.

        A viewer that has been stalled or dropped stays so; he has to connect again.
        """
        self._cameras[path].break_with(fault)

    def hang_up(self, path: str) -> None:
        """Close the connections of all who watch ``path``; they may come again at once."""
        # Nobody watches a server that does not run.
        with contextlib.suppress(RuntimeError):
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._cameras[path].hang_up)

    def connections(self, path: str) -> int:
        """Return how often playing ``path`` was begun."""
        return self._cameras[path].connections

    def viewers(self, path: str) -> int:
        """Return how many viewers ``path`` has now, stalled ones too."""
        return self._cameras[path].viewers

    def pictures_sent(self, path: str) -> int:
        """Return how many pictures of ``path`` went out, to all viewers together."""
        return self._cameras[path].pictures_sent

    def start(self) -> None:
        """Listen, and return as soon as viewers can connect.

        Raises
        ------
        OSError
            Where the port is taken.
        """
        self._thread.start()
        self._port.result()

    def stop(self) -> None:
        """Close every connection and end the thread."""
        if self._loop is not None and self._stopping is not None and self._thread.is_alive():
            # The loop may close between the check and the call.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        viewers: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(Viewer(self._cameras, reader, writer).serve())
            viewers.add(task)
            task.add_done_callback(viewers.discard)
            # One that is cancelled before its first step never gets as far as closing anything.
            task.add_done_callback(lambda _: writer.transport.abort())

        try:
            server = await asyncio.start_server(accept, HOST, self._wanted_port, ssl=self._tls)
        except OSError as exc:
            self._port.set_exception(exc)
            return
        self._port.set_result(server.sockets[0].getsockname()[1])
        await self._stopping.wait()
        # What is just being accepted becomes a viewer while the others end; asyncio would lose it,
        # and leave its socket open, if the server were closed before.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in viewers:
                task.cancel()
            await asyncio.wait(others)
        server.close()
