"""Closes incidents that nobody watches any more; else they would stay open for ever."""

import logging
from datetime import datetime

from analytics.incidents import Sender, closed
from analytics.messages import IncidentMessage
from edge.errors import OutboxError
from edge.keeping import Keep

logger = logging.getLogger(__name__)


def close_left_open(incident: IncidentMessage, keep: Keep, *, software: str, at: datetime) -> None:
    """Close an incident whose camera or zone is gone; where the disk refuses, it stays open."""
    sender = Sender(
        site=incident.site,
        camera=incident.camera,
        position=incident.position,
        software=software,
        models=incident.models,
    )
    try:
        keep([closed(incident, sender, at)])
    except OutboxError as exc:
        logger.warning("an incident that nobody watches stays open for now: %s", exc)
