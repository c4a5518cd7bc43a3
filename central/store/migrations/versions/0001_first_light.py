"""The first schema: sites and cameras, messages, incidents, evidence, complaints, dead letters."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_SLUG = sa.String(63)
_WORD = sa.String(32)


def upgrade() -> None:
    """Create every table."""
    _create_sites()
    _create_complaints()
    _create_incidents()
    _create_feeds()


def _create_sites() -> None:
    op.create_table(
        "site",
        sa.Column("site", _SLUG, primary_key=True),
        sa.Column("name", sa.String(120)),
        sa.Column("catalogue_at", _TIME),
        sa.Column("status", sa.JSON()),
        sa.Column("status_at", _TIME),
    )
    op.create_table(
        "camera",
        sa.Column("site", _SLUG, primary_key=True),
        sa.Column("camera", _SLUG, primary_key=True),
        sa.Column("is_listed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("entry", sa.JSON()),
        sa.Column("health", sa.JSON()),
        sa.Column("observed_at", _TIME),
    )


def _create_complaints() -> None:
    op.create_table(
        "complaint",
        sa.Column("complaint_id", _KEY, primary_key=True),
        sa.Column("number", sa.String(32), nullable=False, unique=True),
        sa.Column("category", _SLUG, nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("agency", sa.String(120), nullable=False),
        sa.Column("status", _WORD, nullable=False, index=True),
        sa.Column("severity", _WORD, nullable=False),
        sa.Column("site", _SLUG, nullable=False),
        sa.Column("camera", _SLUG, nullable=False),
        sa.Column("zone", _SLUG),
        sa.Column("latitude_deg", sa.Double()),
        sa.Column("longitude_deg", sa.Double()),
        sa.Column("accuracy_m", sa.Double()),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("status_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("last_seen_at", _TIME, nullable=False),
        sa.Column("duplicate_of", _KEY, sa.ForeignKey("complaint.complaint_id")),
    )
    op.create_index("ix_complaint_category_last_seen_at", "complaint", ["category", "last_seen_at"])
    op.create_index("ix_complaint_category_latitude_deg", "complaint", ["category", "latitude_deg"])
    op.create_index(
        "ix_complaint_site_camera_started_at", "complaint", ["site", "camera", "started_at"]
    )
    op.create_table(
        "complaint_event",
        sa.Column("event_id", _KEY, primary_key=True),
        sa.Column(
            "complaint_id",
            _KEY,
            sa.ForeignKey("complaint.complaint_id"),
            nullable=False,
            index=True,
        ),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("actor_kind", _WORD, nullable=False),
        sa.Column("actor", sa.String(130), nullable=False),
        sa.Column("from_status", _WORD),
        sa.Column("to_status", _WORD, nullable=False),
        sa.Column("reason", _WORD, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
    )
    op.create_table(
        "complaint_count",
        sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer(), nullable=False),
    )


def _create_incidents() -> None:
    op.create_table(
        "message",
        sa.Column("site", _SLUG, primary_key=True),
        sa.Column("message_id", sa.Uuid(), primary_key=True),
        sa.Column("received_at", _TIME, nullable=False, index=True),
    )
    op.create_table(
        "incident",
        sa.Column("incident_id", sa.Uuid(), primary_key=True),
        sa.Column("site", _SLUG, nullable=False),
        sa.Column("camera", _SLUG, nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("phase", _WORD, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("observed_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("review", _WORD, nullable=False),
        sa.Column("hold", _WORD),
        sa.Column("reviewed_at", _TIME),
        sa.Column("reviewed_by", sa.String(120)),
        sa.Column("review_note", sa.Text()),
        sa.Column("complaint_id", _KEY, sa.ForeignKey("complaint.complaint_id"), index=True),
    )
    op.create_index("ix_incident_review_started_at", "incident", ["review", "started_at"])
    op.create_index("ix_incident_started_at_incident_id", "incident", ["started_at", "incident_id"])
    op.create_table(
        "evidence",
        sa.Column("site", _SLUG, primary_key=True),
        sa.Column("message_id", sa.Uuid(), primary_key=True),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("camera", _SLUG, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, index=True),
        sa.Column("role", _WORD, nullable=False),
        sa.Column("media_type", _WORD, nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("captured_at", _TIME, nullable=False),
        sa.Column("blurred_regions", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("incident_id", "sha256", "role", "site", "camera"),
    )


def _create_feeds() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("dead_letter_id", _KEY, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("fault", _WORD, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", _TIME, nullable=False),
        sa.Column("last_seen_at", _TIME, nullable=False),
        sa.Column("times_seen", sa.BigInteger(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "change",
        sa.Column("sequence", _KEY, primary_key=True),
        sa.Column("at", _TIME, nullable=False, index=True),
        sa.Column("subject", _WORD, nullable=False),
        sa.Column("key", sa.String(130), nullable=False),
        sqlite_autoincrement=True,
    )
