"""Turns what a rule holds into revisions on the disk: one incident at a time, with its pictures."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from analytics.incidents import Finding, Sender, advance
from analytics.messages import EvidenceMessage, IncidentMessage, IncidentPhase
from edge.keeping import Keeping

logger = logging.getLogger(__name__)

Pictures = Callable[[IncidentMessage], Sequence[EvidenceMessage]]
"""Takes the pictures of an incident; none where they had to be withheld."""


class Reporter:
    """Reports what one camera finds, in one sender's name."""

    def __init__(self, sender: Sender, keeping: Keeping) -> None:
        self.sender = sender
        self._keeping = keeping

    def advance(
        self,
        last: IncidentMessage | None,
        finding: Finding | None,
        at: datetime,
        pictures: Pictures,
    ) -> IncidentMessage | None:
        """Report what a rule holds after a look, if it is news.

        Parameters
        ----------
        last
            The last revision of the incident; None where none is open.
        pictures
            Asked for those of an incident that opens.

        Returns
        -------
        IncidentMessage | None
            The revision that was reported; None where there was nothing to tell.
        """
        revision = advance(last, finding, self.sender, at)
        if revision is not None:
            opens = revision.phase is IncidentPhase.OPENED
            self.store(revision, pictures(revision) if opens else ())
        return revision

    def store(self, revision: IncidentMessage, pictures: Sequence[EvidenceMessage]) -> None:
        """Store a revision and its pictures, and say so."""
        self._keeping.keep(revision, pictures)
        logger.info(
            "%s %s in %s",
            revision.kind.value,
            revision.phase.value,
            "/".join(filter(None, (revision.camera, revision.zone))),
            extra={"incident_id": str(revision.incident_id), "camera_id": revision.camera},
        )
