"""Plays a camera to one viewer, and does to him what the camera's fault says."""

import asyncio
import time
from random import Random

from scripts.rtsp.camera import Camera, timeline
from scripts.rtsp.damage import damaged, noise
from scripts.rtsp.feed import Fault
from scripts.rtsp.film import Film, Picture
from scripts.rtsp.outlets import Outlet
from scripts.rtsp.rtp import Sender

REPORT_EVERY_S = 5.0

FROZEN_EVERY_S = 0.2
"""Key frames are large: all of them at the camera's rate would be many times its bit rate."""


class Player:
    """What one viewer sees, from PLAY to the end of his connection."""

    def __init__(self, camera: Camera, outlet: Outlet) -> None:
        self._camera = camera
        self._outlet = outlet
        self._sender = Sender()
        self._random = Random(camera.feed.seed)  # noqa: S311  # not a secret
        self._began = 0.0
        self._report_at_s = 0.0
        self._key: Picture | None = None
        self._frozen_until_s: float | None = None

    async def play(self) -> None:
        """Send pictures until the film or the connection ends.

        Raises
        ------
        OSError
            Where the viewer has gone.
        """
        camera = self._camera
        await asyncio.sleep(camera.feed.start_after_s)
        self._began = time.monotonic()
        position_s = camera.position_s()
        from_s: float | None = 0.0
        while from_s is not None:
            from_s = await self._play_film(camera.film, from_s, position_s)
            position_s = 0.0

    async def _play_film(self, film: Film, from_s: float, position_s: float) -> float | None:
        """Play ``film`` from second ``from_s`` of the stream on.

        Returns the second at which another film begins, None where nothing comes any more.
        """
        camera = self._camera
        for moved_s, picture in timeline(film, loop=camera.feed.loop, position_s=position_s):
            at_s = from_s + moved_s
            due_s = at_s + picture.send_at_s
            await asyncio.sleep(self._began + due_s - time.monotonic())
            if camera.film is not film:
                return due_s if camera.film.codec == film.codec else None
            fault = camera.fault_after(due_s)
            if fault is Fault.DROP or camera.is_gone():
                return None
            if fault is Fault.STALL:
                await asyncio.get_running_loop().create_future()
            await self._show(picture, at_s, fault)
        return None

    async def _show(self, picture: Picture, at_s: float, fault: Fault | None) -> None:
        """Send one picture, or what is sent in its place; ``at_s`` is the film's beginning."""
        camera = self._camera
        due_s, shown_at_s = at_s + picture.send_at_s, at_s + picture.shown_at_s
        seen = self._as_seen(picture, due_s, fault)
        if seen is None:
            return
        if fault is Fault.TIME_JUMP:
            due_s, shown_at_s = due_s + camera.feed.jump_s, shown_at_s + camera.feed.jump_s
        if time.monotonic() - self._began >= self._report_at_s:
            self._report_at_s += REPORT_EVERY_S
            report = self._sender.report(media_s=due_s, wall_s=time.time())
            await self._outlet.send_report(report)
        if fault is Fault.BAD_FRAMING:
            await self._outlet.send_noise(noise(self._random))
        burst = self._sender.stamp(seen.burst, shown_at_s)
        await self._outlet.send(damaged(burst, fault, loss=camera.feed.loss, random=self._random))
        camera.pictures_sent += 1

    def _as_seen(self, picture: Picture, due_s: float, fault: Fault | None) -> Picture | None:
        """Return ``picture``, the one that is frozen, or None where that was sent just now.

        A frozen picture stays until the next key frame: what comes before it builds on pictures
        that were never sent.
        """
        thaws = self._frozen_until_s is None or picture.is_key
        if self._key is None or (fault is not Fault.FREEZE and thaws):
            self._frozen_until_s = None
            self._key = picture if picture.is_key else self._key
            return picture
        if self._frozen_until_s is not None and due_s < self._frozen_until_s:
            return None
        self._frozen_until_s = due_s + FROZEN_EVERY_S
        return self._key
