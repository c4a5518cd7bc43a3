"""Reads what central says to one site; what is nothing of the kind is counted, and told once."""

import logging
from typing import Generic, TypeVar

from analytics.messages import AckMessage, CommandMessage, DecodeError, decode

logger = logging.getLogger(__name__)

_Message = TypeVar("_Message", bound=AckMessage | CommandMessage)


class OwnMessages(Generic[_Message]):
    """Messages of one kind for one site. For one thread at a time.

    Parameters
    ----------
    kind
        The messages that are taken.
    name
        What one is called in the log, such as *ack*.

    Attributes
    ----------
    unreadable
        Payloads that were no such message of this site.
    """

    def __init__(self, site: str, kind: type[_Message], name: str) -> None:
        self._site = site
        self._kind = kind
        self._name = name
        self.unreadable = 0

    def read(self, topic: str, payload: bytes) -> _Message | None:
        """Return the message in a payload; None where there is none for this site."""
        try:
            message = decode(topic, payload)
            if isinstance(message, self._kind) and message.site == self._site:
                return message
            why = f"it is no {self._name} of this site, but came on {topic}"
        except DecodeError as exc:
            why = str(exc)
        self.unreadable += 1
        if self.unreadable == 1:
            logger.warning(
                "one %s is passed over, later ones are only counted: %s", self._name, why
            )
        return None
