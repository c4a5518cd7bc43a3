"""Topic names: built by one function each, and read back by one.

``simpang/v1/<site>/<camera>/incident|evidence|traffic|health`` and
``simpang/v1/<site>/cameras|status|ack|command|reply``.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from analytics.messages.errors import DecodeError, DecodeFault

ROOT = "simpang/v1"


class Channel(StrEnum):
    """The last level of a topic: what travels on it."""

    INCIDENT = "incident"
    EVIDENCE = "evidence"
    TRAFFIC = "traffic"
    HEALTH = "health"
    CAMERAS = "cameras"
    STATUS = "status"
    ACK = "ack"
    COMMAND = "command"
    REPLY = "reply"


CAMERA_CHANNELS = frozenset({Channel.INCIDENT, Channel.EVIDENCE, Channel.TRAFFIC, Channel.HEALTH})
"""Channels that belong to one camera; the others belong to its site."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic, taken apart.

    Attributes
    ----------
    camera
        None on the channels of a site.
    """

    site: str
    camera: str | None
    channel: Channel

    def __str__(self) -> str:
        if self.camera is None:
            return f"{ROOT}/{self.site}/{self.channel.value}"
        return f"{ROOT}/{self.site}/{self.camera}/{self.channel.value}"


def camera_topic(site: str, camera: str, channel: Channel) -> str:
    """Return the topic on which ``camera`` sends ``channel``."""
    assert channel in CAMERA_CHANNELS, channel
    return str(Topic(site, camera, channel))


def catalogue_topic(site: str) -> str:
    """Return the retained topic of the site's catalogue of cameras."""
    return str(Topic(site, None, Channel.CAMERAS))


def status_topic(site: str) -> str:
    """Return the retained topic, and last will, that says whether the site is online."""
    return str(Topic(site, None, Channel.STATUS))


def ack_topic(site: str) -> str:
    """Return the topic on which central names the site's committed messages."""
    return str(Topic(site, None, Channel.ACK))


def command_topic(site: str) -> str:
    """Return the topic on which central asks the site for something."""
    return str(Topic(site, None, Channel.COMMAND))


def reply_topic(site: str) -> str:
    """Return the topic on which the site answers commands."""
    return str(Topic(site, None, Channel.REPLY))


def subscription(channel: Channel) -> str:
    """Return the filter that catches ``channel`` from every site, and every camera."""
    levels = "+/+" if channel in CAMERA_CHANNELS else "+"
    return f"{ROOT}/{levels}/{channel.value}"


def parse_topic(text: str) -> Topic:
    """Take a topic apart.

    Raises
    ------
    DecodeError
        With ``unknown_topic``, where it is none of this contract's.
    """
    levels = text.removeprefix(f"{ROOT}/").split("/")
    try:
        channel = Channel(levels[-1])
    except ValueError:
        channel = None
    expected = 3 if channel in CAMERA_CHANNELS else 2
    slugs = levels[:-1]
    if (
        channel is None
        or not text.startswith(f"{ROOT}/")
        or len(levels) != expected
        or not all(_SLUG.fullmatch(slug) for slug in slugs)
    ):
        raise DecodeError(
            DecodeFault.UNKNOWN_TOPIC,
            f"{text[:200]!r} is no topic of {ROOT}: expected {ROOT}/<site>/<camera>/"
            f"{'|'.join(sorted(CAMERA_CHANNELS))} or {ROOT}/<site>/"
            f"{'|'.join(sorted(set(Channel) - CAMERA_CHANNELS))}",
        )
    return Topic(slugs[0], slugs[1] if len(slugs) == 2 else None, channel)
