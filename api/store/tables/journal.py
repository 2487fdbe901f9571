"""What is kept beside cases: a journal of signed entries, and how its subjects stand.

The journal is the truth; the other tables are what its entries add up to, for lists and figures.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from api.store.tables.base import SRID, metadata
from api.store.tables.cases import cases

# One row per ledger, task, obligation, operation and score: who sees it, the head of its chain.
subjects = Table(
    "subjects",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String, nullable=False),
    Column("audience", ARRAY(Text), nullable=False),
    Column("version", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("operation_id", ForeignKey("gridmap.subjects.id")),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Index("ix_subjects_audience", "audience", postgresql_using="gin"),
    Index(
        "ix_subjects_operation_id",
        "operation_id",
        postgresql_where=text("operation_id IS NOT NULL"),
    ),
)

# Append-only: the service may insert and select, nothing else.
journal = Table(
    "journal",
    metadata,
    Column("subject_id", ForeignKey(subjects.c.id), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("subject_kind", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", String, nullable=False),  # the account
    Column("role", String),
    Column("unit", String),
    Column("data", JSONB, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

journal_texts = Table(
    "journal_texts",
    metadata,
    Column("subject_id", Uuid, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("salt", LargeBinary),
    Column("texts", JSONB),
    Column("erased_at", DateTime(timezone=True)),
    Column("erased_by", String),
    ForeignKeyConstraint(
        ["subject_id", "seq"], ["gridmap.journal.subject_id", "gridmap.journal.seq"]
    ),
    CheckConstraint(
        "(erased_at IS NULL) = (texts IS NOT NULL)"
        " AND (erased_at IS NULL) = (salt IS NOT NULL)"
        " AND (erased_at IS NULL) = (erased_by IS NULL)",
        name="erased_or_whole",
    ),
)

ledgers = Table(
    "ledgers",
    metadata,
    Column("id", ForeignKey(subjects.c.id), primary_key=True),
    Column("title", String, nullable=False),
    Column("owner_unit", String, nullable=False),
    Column("owner_area", String, nullable=False),
    Column("category", String),
    Column("class_code", String),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date, nullable=False),
    Column("targets", Integer, nullable=False),
    Column("struck", Integer, nullable=False),
    CheckConstraint("struck <= targets", name="struck_of_targets"),
)

ledger_targets = Table(
    "ledger_targets",
    metadata,
    Column("ledger_id", ForeignKey(ledgers.c.id), primary_key=True),
    Column("code", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("area_code", String, nullable=False),
    Column("place", Geometry("GEOMETRY", srid=SRID, spatial_index=False)),
    Column("struck_at", DateTime(timezone=True)),
    Column("struck_by", String),  # the number of the case; null by hand
)

# Which case works on which target: its closing strikes the target off.
target_cases = Table(
    "target_cases",
    metadata,
    Column("ledger_id", Uuid, primary_key=True),
    Column("code", String, primary_key=True),
    Column("case_id", ForeignKey(cases.c.id), primary_key=True),
    ForeignKeyConstraint(
        ["ledger_id", "code"], ["gridmap.ledger_targets.ledger_id", "gridmap.ledger_targets.code"]
    ),
    Index(None, "case_id"),
)

obligations = Table(
    "obligations",
    metadata,
    Column("id", ForeignKey(subjects.c.id), primary_key=True),
    Column("title", String, nullable=False),
    Column("unit_id", String, nullable=False),
    Column("unit_area", String, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("task_id", Uuid),
    Column("met_at", DateTime(timezone=True)),
    Column("explained_at", DateTime(timezone=True)),
    Column("exempted_at", DateTime(timezone=True)),
    Index(None, "due_at"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", ForeignKey(subjects.c.id), primary_key=True),
    Column("title", String, nullable=False),
    Column("assigner_unit", String, nullable=False),
    Column("assigner_area", String, nullable=False),
    Column("assigned_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("obligation_id", ForeignKey(obligations.c.id)),
    Column("withdrawn_at", DateTime(timezone=True)),
    Index(None, "due_at"),
)

assignments = Table(
    "assignments",
    metadata,
    Column("task_id", ForeignKey(tasks.c.id), primary_key=True),
    Column("unit_id", String, primary_key=True),
    Column("unit_area", String, nullable=False),
    Column("state", String, nullable=False),
    Column("accepted_at", DateTime(timezone=True)),
    Column("reported_at", DateTime(timezone=True)),
    Column("done_at", DateTime(timezone=True)),
    Column("returned", Integer, nullable=False),
    Index(None, "unit_id"),
)

operations = Table(
    "operations",
    metadata,
    Column("id", ForeignKey(subjects.c.id), primary_key=True),
    Column("title", String, nullable=False),
    Column("headquarters", String, nullable=False),
    Column("area_code", String, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date, nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
)

operation_cases = Table(
    "operation_cases",
    metadata,
    Column("operation_id", ForeignKey(operations.c.id), primary_key=True),
    Column("case_id", ForeignKey(cases.c.id), primary_key=True),
    Index(None, "case_id"),
)

# One score per street, department and period; frozen once the period is closed.
scores = Table(
    "scores",
    metadata,
    Column("id", ForeignKey(subjects.c.id), primary_key=True),
    Column("period", String, nullable=False),
    Column("street_unit", String, nullable=False),
    Column("street_area", String, nullable=False),
    Column("unit_id", String, nullable=False),
    Column("unit_area", String, nullable=False),
    Column("score", Double, nullable=False),
    Column("items", JSONB, nullable=False),
    Column("scored_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    UniqueConstraint("period", "street_area", "unit_id"),
    CheckConstraint("score BETWEEN 1 AND 100", name="of_a_hundred"),
)

# A period that is closed for an area and all below it; append-only.
closed_periods = Table(
    "closed_periods",
    metadata,
    Column("period", String, primary_key=True),
    Column("area_code", String, primary_key=True),
    Column("closed_at", DateTime(timezone=True), nullable=False),
    Column("closed_by", String, nullable=False),
)

# What the events of a case come to, for the figures; none for a case with its report alone.
tallies = Table(
    "tallies",
    metadata,
    Column("case_id", ForeignKey(cases.c.id), primary_key=True),
    Column("whistles", Integer, nullable=False),
    Column("sent_back", Integer, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("told", Integer, nullable=False),
    Column("rated", Integer, nullable=False),
    Column("rating", Integer, nullable=False),  # the sum of what `rated` said, 1 to 5
    Column("satisfied", Integer, nullable=False),  # of `rated`, 4 or 5
    Column("step_since", DateTime(timezone=True)),
    Column("analysis_s", Double, nullable=False),
    Column("platform_s", Double, nullable=False),
    Column("reporting_in_s", Double, nullable=False),
    Column("evaluation_s", Double, nullable=False),
)

# The failings that a case's events show; those that are due now are asked for.
failings = Table(
    "failings",
    metadata,
    Column("case_id", ForeignKey(cases.c.id), primary_key=True),
    Column("failing", String, primary_key=True),
    Column("unit_id", String, primary_key=True),
    Column("summons", String, primary_key=True),  # '' where it is none of a summons
    Column("since", DateTime(timezone=True), primary_key=True),
    Column("explained_at", DateTime(timezone=True)),
    Column("exempted_at", DateTime(timezone=True)),
    Index(None, "since"),
)
