"""One connection: answers requests, and plays when asked to."""

import asyncio
import re
import secrets
from collections.abc import Mapping

from scripts.rtsp.camera import Camera
from scripts.rtsp.feed import Fault
from scripts.rtsp.messages import Doorman, Request, read_request, response
from scripts.rtsp.outlets import Datagrams, Interleaved
from scripts.rtsp.player import Player
from scripts.rtsp.rtp import rtp_time

_STATUS_OF_FAULT = {Fault.NOT_FOUND: 404, Fault.UNAUTHORISED: 401, Fault.UNAVAILABLE: 503}

_SDP_HEAD = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
_SDP_OF_FAULT = {
    Fault.NO_MEDIA: "",
    Fault.NO_VIDEO: "m=audio 0 RTP/AVP 0\r\na=control:trackID=0\r\n",
    Fault.UNKNOWN_CODEC: (
        "m=video 0 RTP/AVP 96\r\na=rtpmap:96 X-UNHEARD-OF/90000\r\na=control:trackID=0\r\n"
    ),
}


class Viewer:
    """Serves one connection until it ends."""

    def __init__(
        self,
        cameras: Mapping[str, Camera],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._cameras = cameras
        self._reader = reader
        self._writer = writer
        self._doorman = Doorman()
        self._session = secrets.token_hex(4)
        self._outlet: Interleaved | Datagrams | None = None
        self._playing: asyncio.Task[None] | None = None
        self._has_answered = False

    async def serve(self) -> None:
        """Answer until the client goes, or says so."""
        try:
            while (request := await read_request(self._reader)) is not None:
                await self._answer(request)
                if request.method == "TEARDOWN":
                    break
        except OSError:
            pass
        finally:
            # First of all: a server that stops may cancel the wait for the player.
            if self._outlet is not None:
                self._outlet.close()
            if self._playing is not None:
                self._playing.cancel()
                await asyncio.gather(self._playing, return_exceptions=True)

    async def _answer(self, request: Request) -> None:
        camera = self._cameras.get(request.path)
        if camera is not None:
            if camera.is_gone():
                self._writer.close()
                return
            if camera.feed.fault is Fault.NEVER_ANSWER:
                return
            if not self._has_answered:
                await asyncio.sleep(camera.feed.answer_after_s)
        self._has_answered = True
        self._writer.write(self._response(request, camera))
        await self._writer.drain()

    def _response(self, request: Request, camera: Camera | None) -> bytes:
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
        port = re.search(r"client_port=(\d{1,5})\b", transport)
        if self._outlet is not None:
            return response(request, 455)
        if "RTP/AVP/TCP" in transport:
            self._outlet = Interleaved(self._writer)
        elif port is not None and "multicast" not in transport:
            self._outlet = Datagrams(int(port[1]))
        else:
            return response(request, 461)
        session = f"{self._session};timeout=60"
        return response(request, 200, {"Transport": self._outlet.transport, "Session": session})

    def _play(self, request: Request, camera: Camera) -> bytes:
        # FFmpeg plays what it could set nothing up of, too, and believes the answer.
        if self._playing is None and self._outlet is not None:
            self._playing = asyncio.create_task(self._stream(camera, Player(camera, self._outlet)))
            camera.playing.add(self._playing)
            self._playing.add_done_callback(camera.playing.discard)
        return response(
            request,
            200,
            {
                "Session": self._session,
                "Range": "npt=0.000-",
                "RTP-Info": f"url={request.url.rstrip('/')}/trackID=0;seq=1;rtptime={rtp_time(0)}",
            },
        )

    async def _stream(self, camera: Camera, player: Player) -> None:
        camera.connections += 1
        camera.viewers += 1
        try:
            await player.play()
        except OSError:
            pass
        finally:
            camera.viewers -= 1
            self._writer.close()


def _description(request: Request, camera: Camera) -> bytes:
    fault = camera.feed.fault
    media = _SDP_OF_FAULT.get(fault) if fault is not None else None
    if media is None:
        media = camera.film.sdp_media()
    headers = {"Content-Base": f"{request.url.rstrip('/')}/", "Content-Type": "application/sdp"}
    return response(request, 200, headers, _SDP_HEAD + media)
