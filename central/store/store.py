"""The books of the city: everything that central knows, read and written here only.

Each method is one transaction. Safe to use from any thread.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from analytics.messages import (
    CatalogueMessage,
    CommandMessage,
    EvidenceMessage,
    HealthMessage,
    IncidentMessage,
    ReplyMessage,
    StatusMessage,
)
from central.complaints import Actor, Status
from central.errors import NotFoundError
from central.incidents import Decision
from central.opening import DEFAULT_POLICIES, Policies
from central.reading import (
    CameraHealth,
    ComplaintDetail,
    ComplaintSummary,
    Counts,
    DeadLetterItem,
    EvidenceFile,
    Feed,
    IncidentItem,
    Overview,
    SiteHealth,
)
from central.rechecking import DEFAULT_RECHECKS, RecheckPolicy
from central.store import complaint_queries, feed_queries, site_queries
from central.store.complaint_book import move_by_operator
from central.store.database import Database, Writing, upsert
from central.store.dead_letter_book import (
    KEPT_DEAD_LETTERS,
    DeadLetter,
    drop_dead_letter,
    prune_dead_letters,
    read_dead_letter,
    record_dead_letter,
)
from central.store.incident_book import lock_name, record_incident, review_incident
from central.store.recheck_book import (
    ReplyUse,
    category_of_reply,
    claim_rechecks,
    due_rechecks,
    recheck_by_operator,
    record_reply,
)
from central.store.schema import check_schema
from central.store.site_book import (
    record_catalogue,
    record_evidence,
    record_health,
    record_status,
)
from central.store.tables import (
    ChangeRow,
    EvidenceRow,
    MessageRow,
)

BookMessage = (
    IncidentMessage
    | EvidenceMessage
    | HealthMessage
    | CatalogueMessage
    | StatusMessage
    | ReplyMessage
)
"""What the books take; the rest of the contract is not for them."""

CHANGES_KEPT = timedelta(days=1)
MESSAGES_KEPT = timedelta(days=90)
"""Far longer than an edge keeps what is not acked; later, revisions alone prevent doubles."""


CLAIMED = 20
"""Second looks that one transaction asks for: it holds up ingest meanwhile."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch changed nothing with.

    Attributes
    ----------
    repeated
        Messages that were taken before and have come again, to another replica for example.
    unasked
        Replies to no command that waits for one.
    """

    repeated: int = 0
    unasked: int = 0


class Store:
    """The books, on one database.

    Parameters
    ----------
    database
        SQLite or PostgreSQL, with the schema of this program.
    policies
        How incidents become complaints.
    rechecks
        How often the cameras of a resolved complaint are asked to look again.
    """

    def __init__(
        self,
        database: Database,
        policies: Policies = DEFAULT_POLICIES,
        rechecks: RecheckPolicy = DEFAULT_RECHECKS,
    ) -> None:
        self._database = database
        self._policies = policies
        self._rechecks = rechecks

    def take(
        self,
        messages: Sequence[BookMessage],
        dead_letters: Sequence[DeadLetter] = (),
        *,
        at: datetime,
    ) -> Taken:
        """Write down a batch as one transaction, in its order; what is known changes nothing.

        Raises
        ------
        StoreUnavailableError
            Nothing was written; try again later.
        StoreRefusedError, ForeignIncidentError
            Nothing was written, because of one of the messages.
        """
        with self._database.write(at) as writing:
            taken = self._take(writing, messages)
            for letter in dead_letters:
                record_dead_letter(writing, letter)
        return taken

    def take_dead_letter(self, dead_letter_id: int, message: BookMessage, *, at: datetime) -> None:
        """Write down what a dead letter turned out to hold, and remove it: one transaction.

        Raises
        ------
        NotFoundError
            Where there is no dead letter of that id.
        StoreUnavailableError, StoreRefusedError, ForeignIncidentError
            As for `take`; the dead letter stays.
        """
        with self._database.write(at) as writing:
            self._take(writing, [message])
            drop_dead_letter(writing, dead_letter_id)

    def move_complaint(
        self,
        number: str,
        to: Status,
        *,
        actor: Actor,
        at: datetime,
        note: str = "",
        duplicate_of: str | None = None,
    ) -> ComplaintDetail:
        """Move a complaint, and return it as it is then.

        Parameters
        ----------
        duplicate_of
            The number of the complaint that takes its place, where ``to`` says so.

        Raises
        ------
        NotFoundError
            Where there is no complaint of that number.
        IllegalMoveError
            Where its life has no such step.
        IncompleteMoveError
            Where the step needs a note, or another complaint's number.
        """
        with self._database.write(at) as writing:
            move_by_operator(writing, number, to, actor=actor, note=note, duplicate_of=duplicate_of)
            writing.session.flush()
            return complaint_queries.complaint_detail(writing.session, number, self._policies)

    def ask_recheck(self, number: str, *, actor: Actor, at: datetime) -> ComplaintDetail:
        """Have a complaint's cameras look again at once, and return it as it is then.

        Raises
        ------
        NotFoundError
            Where there is no complaint of that number.
        IllegalRecheckError
            Where no camera can look again at what it is about, or one has been asked already.
        """
        with self._database.write(at) as writing:
            recheck_by_operator(writing, number, actor=actor)
            writing.session.flush()
            return complaint_queries.complaint_detail(writing.session, number, self._policies)

    def claim_rechecks(self, *, at: datetime) -> tuple[CommandMessage, ...]:
        """Return the second looks to ask for now; of several replicas, one gets each.

        One that is not sent after all is asked for again when its turn comes.

        Raises
        ------
        StoreUnavailableError
            Nothing was claimed; try again later.
        """
        with self._database.read() as session:
            due = due_rechecks(session, at=at, limit=CLAIMED)
        if not due:
            return ()
        with self._database.write(at) as writing:
            return claim_rechecks(writing, due, self._rechecks)

    def review(
        self, incident_id: UUID, decision: Decision, *, actor: Actor, at: datetime, note: str = ""
    ) -> IncidentItem:
        """Write down what an operator says of an incident, and return it as it is then.

        Raises
        ------
        NotFoundError
            Where there is no such incident.
        IllegalReviewError
            Where it awaits no review.
        IncompleteMoveError
            Where it is dismissed without a note.
        """
        with self._database.write(at) as writing:
            review_incident(
                writing, incident_id, decision, actor=actor, note=note, policies=self._policies
            )
            writing.session.flush()
            return complaint_queries.incident_item(writing.session, incident_id, self._policies)

    def drop_dead_letter(self, dead_letter_id: int, *, at: datetime) -> None:
        """Remove a dead letter for good.

        Raises
        ------
        NotFoundError
            Where there is none of that id.
        """
        with self._database.write(at) as writing:
            drop_dead_letter(writing, dead_letter_id)

    def prune(self, *, at: datetime) -> int:
        """Remove what nobody will ask for again: old changes, old message ids, dead letters.

        Returns
        -------
        int
            Dead letters that went.
        """
        with self._database.write(at) as writing:
            session = writing.session
            session.execute(delete(ChangeRow).where(ChangeRow.at < at - CHANGES_KEPT))
            session.execute(delete(MessageRow).where(MessageRow.received_at < at - MESSAGES_KEPT))
            return prune_dead_letters(writing, kept=KEPT_DEAD_LETTERS)

    def check(self) -> None:
        """Make sure that the books can be written, and have this program's schema.

        Raises
        ------
        StoreUnavailableError
            Where they cannot.
        SchemaError
            Where the schema is another one.
        """
        with self._database.check() as connection:
            check_schema(connection)

    def complaints(
        self, *, open_only: bool = False, limit: int = 100, before: str | None = None
    ) -> tuple[ComplaintSummary, ...]:
        """Return complaints, the newest first; only those older than number ``before``.

        Raises
        ------
        NotFoundError
            Where there is no complaint ``before``.
        """
        with self._database.read() as session:
            return complaint_queries.complaint_summaries(
                session, open_only=open_only, limit=limit, before=before
            )

    def complaint(self, number: str) -> ComplaintDetail:
        """Return one complaint with its incidents, pictures and history.

        Raises
        ------
        NotFoundError
            Where there is none of that number.
        """
        with self._database.read() as session:
            return complaint_queries.complaint_detail(session, number, self._policies)

    def incidents(
        self, *, awaiting_review: bool = False, limit: int = 100, before: UUID | None = None
    ) -> tuple[IncidentItem, ...]:
        """Return incidents, the one that began last first; only those that follow ``before``.

        Raises
        ------
        NotFoundError
            Where there is no incident ``before``.
        """
        with self._database.read() as session:
            return complaint_queries.incident_items(
                session,
                awaiting_review=awaiting_review,
                limit=limit,
                before=before,
                policies=self._policies,
            )

    def incident(self, incident_id: UUID) -> IncidentItem:
        """Return one incident.

        Raises
        ------
        NotFoundError
            Where there is none of that id.
        """
        with self._database.read() as session:
            return complaint_queries.incident_item(session, incident_id, self._policies)

    def evidence(self, sha256: str) -> EvidenceFile:
        """Return the bytes of a picture.

        Raises
        ------
        NotFoundError
            Where it has not come, or not yet.
        """
        with self._database.read() as session:
            row = session.scalars(
                select(EvidenceRow).where(EvidenceRow.sha256 == sha256).limit(1)
            ).first()
            if row is None:
                raise NotFoundError("evidence", sha256)
            return EvidenceFile(row.sha256, row.media_type, row.content)

    def cameras(self, *, at: datetime) -> tuple[CameraHealth, ...]:
        """Return how every camera is, as seen at ``at``."""
        with self._database.read() as session:
            return site_queries.camera_healths(session, at=at)

    def sites(self, *, at: datetime) -> tuple[SiteHealth, ...]:
        """Return how every site is, as seen at ``at``."""
        with self._database.read() as session:
            return feed_queries.overview(session, at=at).sites

    def counts(self, *, at: datetime) -> Counts:
        """Return the figures at the top of the screen."""
        with self._database.read() as session:
            return feed_queries.overview(session, at=at).counts

    def overview(self, *, at: datetime) -> Overview:
        """Return cameras, sites and figures as seen at ``at``: one read for a whole page."""
        with self._database.read() as session:
            return feed_queries.overview(session, at=at)

    def dead_letters(self, *, limit: int = 100) -> tuple[DeadLetterItem, ...]:
        """Return dead letters, the one seen last first."""
        with self._database.read() as session:
            return feed_queries.dead_letter_items(session, limit=limit)

    def dead_letter(self, dead_letter_id: int) -> DeadLetter:
        """Return one dead letter with what is kept of its payload.

        Raises
        ------
        NotFoundError
            Where there is none of that id.
        """
        with self._database.read() as session:
            return read_dead_letter(session, dead_letter_id)

    def changes_after(self, sequence: int | None, *, limit: int = 500) -> Feed:
        """Return what changed after ``sequence``; with None, only where the feed ends now."""
        with self._database.read() as session:
            return feed_queries.changes_after(session, sequence, limit=limit)

    def _take(self, writing: Writing, messages: Sequence[BookMessage]) -> Taken:
        writing.lock(*self._lock_names(writing, messages))
        repeated = unasked = 0
        for message in messages:
            if isinstance(message, ReplyMessage):
                use = record_reply(writing, message)
                repeated += use is ReplyUse.REPEATED
                unasked += use is ReplyUse.UNASKED
            elif _is_new(writing, message):
                self._record(writing, message)
            else:
                repeated += 1
        return Taken(repeated, unasked)

    def _lock_names(self, writing: Writing, messages: Sequence[BookMessage]) -> Iterator[str]:
        for message in messages:
            if isinstance(message, IncidentMessage):
                yield lock_name(message.kind, self._policies)
            elif isinstance(message, ReplyMessage):
                category = category_of_reply(writing.session, message)
                if category is not None:
                    yield category

    def _record(self, writing: Writing, message: BookMessage) -> None:
        match message:
            case IncidentMessage():
                record_incident(writing, message, self._policies)
            case EvidenceMessage():
                record_evidence(writing, message)
            case HealthMessage():
                record_health(writing, message)
            case CatalogueMessage():
                record_catalogue(writing, message)
            case StatusMessage():
                record_status(writing, message)


def _is_new(writing: Writing, message: BookMessage) -> bool:
    """Tell whether a message has not been taken before, and remember that it is now."""
    if not isinstance(message, IncidentMessage | EvidenceMessage):
        return True
    inserted = writing.session.execute(
        upsert(writing.session, MessageRow)
        .values(message_id=message.message_id, site=message.site, received_at=writing.at)
        .on_conflict_do_nothing()
        .returning(MessageRow.message_id)
    )
    return inserted.scalar() is not None
