"""The server: one thread, one asyncio loop, one task per viewer."""

import asyncio
import concurrent.futures
import contextlib
import random
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from scripts.rtsp.feed import Fault, Feed
from scripts.rtsp.film import Film
from scripts.rtsp.messages import Doorman, Request, read_request, response
from scripts.rtsp.rtp import Packetiser, interleaved, rtp_time

REPORT_EVERY_S = 5.0
LOST_ONE_IN = 10

_STATUS_OF_FAULT = {Fault.NOT_FOUND: 404, Fault.UNAUTHORISED: 401, Fault.UNAVAILABLE: 503}

_SDP_HEAD = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
_SDP_OF_FAULT = {
    Fault.NO_MEDIA: "",
    Fault.NO_VIDEO: "m=audio 0 RTP/AVP 0\r\na=control:trackID=0\r\n",
    Fault.UNKNOWN_CODEC: (
        "m=video 0 RTP/AVP 96\r\na=rtpmap:96 X-UNHEARD-OF/90000\r\na=control:trackID=0\r\n"
    ),
}


@dataclass
class _Camera:
    """One path: what it plays now, and what it has done so far."""

    feed: Feed
    film: Film
    viewers: int = 0
    connections: int = 0
    pictures_sent: int = 0


class RtspServer:
    """Plays feeds on ``127.0.0.1``, each under its own path, to any number of viewers.

    Use it as a context manager, or call `start` and `stop`. Each viewer sees the film from its
    beginning. All methods may be called from any thread.

    Parameters
    ----------
    feeds
        By path, without a slash at its ends.
    port
        Where to listen; 0 picks a free one.

    Raises
    ------
    FilmError
        Where a feed's file holds no film that it could play.
    """

    def __init__(self, feeds: Mapping[str, Feed], *, port: int = 0) -> None:
        self._cameras = {path: _Camera(feed, Film.read(feed.path)) for path, feed in feeds.items()}
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
        return f"rtsp://{userinfo}127.0.0.1:{self.port}/{path}"

    def set_feed(self, path: str, feed: Feed) -> None:
        """Play ``feed`` from the next connection on; its film is read again."""
        camera = self._cameras[path]
        camera.film = Film.read(feed.path)
        camera.feed = feed

    def set_fault(self, path: str, fault: Fault | None) -> None:
        """Break or repair ``path``, for those that watch it now too.

        A viewer that has been stalled or dropped stays so; he has to connect again.
        """
        camera = self._cameras[path]
        camera.feed = replace(camera.feed, fault=fault, fault_after_s=0.0)

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
            task = asyncio.create_task(_Viewer(self._cameras, reader, writer).serve())
            viewers.add(task)
            task.add_done_callback(viewers.discard)
            # One that is cancelled before its first step never gets as far as closing anything.
            task.add_done_callback(lambda _: writer.transport.abort())

        try:
            server = await asyncio.start_server(accept, "127.0.0.1", self._wanted_port)
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


class _Viewer:
    """One connection: answers requests, and plays when asked to."""

    def __init__(
        self,
        cameras: Mapping[str, _Camera],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._cameras = cameras
        self._reader = reader
        self._writer = writer
        self._doorman = Doorman()
        self._session = secrets.token_hex(4)
        self._playing: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        try:
            while (request := await read_request(self._reader)) is not None:
                await self._answer(request)
                if request.method == "TEARDOWN":
                    break
        except ConnectionError:
            pass
        finally:
            if self._playing is not None:
                self._playing.cancel()
                await asyncio.gather(self._playing, return_exceptions=True)

    async def _answer(self, request: Request) -> None:
        camera = self._cameras.get(request.path)
        if camera is not None and camera.feed.fault is Fault.NEVER_ANSWER:
            return
        self._writer.write(self._response(request, camera))
        await self._writer.drain()

    def _response(self, request: Request, camera: _Camera | None) -> bytes:
        if request.method == "OPTIONS":
            return response(
                request, 200, {"Public": "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"}
            )
        if camera is None:
            return response(request, 404)
        feed = camera.feed
        if not self._doorman.admits(request, feed):
            return response(request, 401, self._doorman.challenge(feed))
        if feed.fault is not None and (status := _STATUS_OF_FAULT.get(feed.fault)) is not None:
            return response(request, status, self._doorman.challenge(feed))
        match request.method:
            case "DESCRIBE":
                return _description(request, camera)
            case "SETUP":
                return self._set_up(request)
            case "PLAY":
                return self._play(request, camera)
            case "GET_PARAMETER" | "SET_PARAMETER" | "TEARDOWN":
                return response(request, 200, {"Session": self._session})
        return response(request, 501)

    def _set_up(self, request: Request) -> bytes:
        transport = request.headers.get("transport", "")
        if "RTP/AVP/TCP" not in transport:
            return response(request, 461)
        return response(
            request,
            200,
            {
                "Transport": "RTP/AVP/TCP;unicast;interleaved=0-1",
                "Session": f"{self._session};timeout=60",
            },
        )

    def _play(self, request: Request, camera: _Camera) -> bytes:
        if self._playing is None:
            self._playing = asyncio.create_task(self._stream(camera))
        return response(
            request,
            200,
            {
                "Session": self._session,
                "Range": "npt=0.000-",
                "RTP-Info": f"url={request.url.rstrip('/')}/trackID=0;seq=1;rtptime={rtp_time(0)}",
            },
        )

    async def _stream(self, camera: _Camera) -> None:
        camera.connections += 1
        camera.viewers += 1
        try:
            await self._send_film(camera)
        except ConnectionError:
            pass
        finally:
            camera.viewers -= 1
        self._writer.close()

    async def _send_film(self, camera: _Camera) -> None:
        feed, film = camera.feed, camera.film
        packetiser = Packetiser(film.codec)
        await asyncio.sleep(feed.start_after_s)
        started = time.monotonic()
        report_at = 0.0
        for unit in film.units(loop=feed.loop):
            await asyncio.sleep(started + unit.send_at_s - time.monotonic())
            fault = _fault_at(camera.feed, unit.send_at_s)
            if fault is Fault.DROP or self._writer.is_closing():
                return
            if fault is Fault.STALL:
                await asyncio.get_running_loop().create_future()
            if unit.send_at_s >= report_at:
                report = packetiser.sender_report(media_s=unit.send_at_s, wall_s=time.time())
                self._writer.write(interleaved(1, report))
                report_at = unit.send_at_s + REPORT_EVERY_S
            for packet in _spoilt(packetiser.packets(unit), fault):
                self._writer.write(interleaved(0, packet))
            await self._writer.drain()
            camera.pictures_sent += 1


def _description(request: Request, camera: _Camera) -> bytes:
    fault = camera.feed.fault
    media = _SDP_OF_FAULT.get(fault) if fault is not None else None
    if media is None:
        media = camera.film.sdp_media()
    headers = {"Content-Base": f"{request.url.rstrip('/')}/", "Content-Type": "application/sdp"}
    return response(request, 200, headers, _SDP_HEAD + media)


def _fault_at(feed: Feed, elapsed_s: float) -> Fault | None:
    return feed.fault if elapsed_s >= feed.fault_after_s else None


def _spoilt(packets: Iterator[bytes], fault: Fault | None) -> Iterator[bytes]:
    """Yield ``packets`` as ``fault`` leaves them; the RTP headers stay valid."""
    for packet in packets:
        if fault is Fault.LOSS and packet[3] % LOST_ONE_IN == 0:
            continue
        if fault is Fault.GARBAGE:
            # The NAL header stays, so that the noise gets as far as the decoder.
            yield packet[:13] + random.randbytes(len(packet) - 13)  # noqa: S311  # not a secret
        else:
            yield packet
