"""What cameras were asked to look at again, and what they answered."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_WORD = sa.String(32)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "recheck",
        sa.Column(
            "incident_id", sa.Uuid(), sa.ForeignKey("incident.incident_id"), primary_key=True
        ),
        sa.Column(
            "complaint_id",
            _KEY,
            sa.ForeignKey("complaint.complaint_id"),
            nullable=False,
            index=True,
        ),
        sa.Column("resolved_at", _TIME),
        sa.Column("next_at", _TIME, index=True),
        sa.Column("since_at", _TIME, nullable=False),
        sa.Column("command_id", sa.Uuid(), unique=True),
        sa.Column("asked_at", _TIME),
        sa.Column("expires_at", _TIME),
        sa.Column("answered_at", _TIME),
        sa.Column("outcome", _WORD),
        sa.Column("answer", _WORD),
        sa.Column("text", sa.Text(), nullable=False),
    )
