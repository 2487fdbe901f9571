"""What is kept beside cases: a journal of signed entries, and what its subjects come to.

Ledgers, tasks, obligations, operations and scores are *subjects*: each has an audience, asked by
the same keys as a case's, and a chain of entries. With them come two tables of the figures, which
the events of cases fill: tallies and failings.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ANY_ROW = "(SELECT '*' = ANY (gridmap.keys())) OR "
# By table: when a row of it shows itself.
SHOWN = {"subjects": "audience && (SELECT gridmap.keys())"}
SHOWN |= {
    table: f"{ANY_ROW}EXISTS (SELECT FROM gridmap.subjects s WHERE s.id = {table}.{column})"
    for table, column in {
        "journal": "subject_id",
        "journal_texts": "subject_id",
        "ledgers": "id",
        "ledger_targets": "ledger_id",
        "target_cases": "ledger_id",
        "tasks": "id",
        "assignments": "task_id",
        "obligations": "id",
        "operations": "id",
        "operation_cases": "operation_id",
        "scores": "id",
    }.items()
}
OF_A_CASE = f"{ANY_ROW}EXISTS (SELECT FROM gridmap.cases c WHERE c.id = case_id)"
SHOWN |= dict.fromkeys(("tallies", "failings"), OF_A_CASE)


def upgrade() -> None:
    make_tables()
    op.create_index(
        "ix_cases_closed_place",
        "cases",
        ["place"],
        schema="gridmap",
        postgresql_using="gist",
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.execute(FILL_TALLIES)
    for table, shown in SHOWN.items():
        op.execute(f"ALTER TABLE gridmap.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE gridmap.{table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY shown ON gridmap.{table} USING ({shown})")
    grant()


def make_tables() -> None:
    op.create_table(
        "subjects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("audience", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["gridmap.subjects.id"],
            name=op.f("fk_subjects_operation_id_subjects"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subjects")),
        schema="gridmap",
    )
    op.create_index(
        "ix_subjects_audience",
        "subjects",
        ["audience"],
        unique=False,
        schema="gridmap",
        postgresql_using="gin",
    )
    op.create_index(
        "ix_subjects_operation_id",
        "subjects",
        ["operation_id"],
        unique=False,
        schema="gridmap",
        postgresql_where=sa.text("operation_id IS NOT NULL"),
    )
    op.create_table(
        "journal",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["gridmap.subjects.id"], name=op.f("fk_journal_subject_id_subjects")
        ),
        sa.PrimaryKeyConstraint("subject_id", "seq", name=op.f("pk_journal")),
        schema="gridmap",
    )
    op.create_table(
        "journal_texts",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (texts IS NOT NULL)"
            " AND (erased_at IS NULL) = (salt IS NOT NULL)"
            " AND (erased_at IS NULL) = (erased_by IS NULL)",
            name=op.f("ck_journal_texts_erased_or_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["subject_id", "seq"],
            ["gridmap.journal.subject_id", "gridmap.journal.seq"],
            name=op.f("fk_journal_texts_subject_id_seq_journal"),
        ),
        sa.PrimaryKeyConstraint("subject_id", "seq", name=op.f("pk_journal_texts")),
        schema="gridmap",
    )
    op.create_table(
        "ledgers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("owner_unit", sa.String(), nullable=False),
        sa.Column("owner_area", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("class_code", sa.String(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("targets", sa.Integer(), nullable=False),
        sa.Column("struck", sa.Integer(), nullable=False),
        sa.CheckConstraint("struck <= targets", name=op.f("ck_ledgers_struck_of_targets")),
        sa.ForeignKeyConstraint(
            ["id"], ["gridmap.subjects.id"], name=op.f("fk_ledgers_id_subjects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledgers")),
        schema="gridmap",
    )
    op.create_geospatial_table(
        "ledger_targets",
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column(
            "place",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("struck_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ledger_id"], ["gridmap.ledgers.id"], name=op.f("fk_ledger_targets_ledger_id_ledgers")
        ),
        sa.PrimaryKeyConstraint("ledger_id", "code", name=op.f("pk_ledger_targets")),
        schema="gridmap",
    )
    op.create_table(
        "target_cases",
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["gridmap.cases.id"], name=op.f("fk_target_cases_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["ledger_id", "code"],
            ["gridmap.ledger_targets.ledger_id", "gridmap.ledger_targets.code"],
            name=op.f("fk_target_cases_ledger_id_code_ledger_targets"),
        ),
        sa.PrimaryKeyConstraint("ledger_id", "code", "case_id", name=op.f("pk_target_cases")),
        schema="gridmap",
    )
    op.create_index(
        op.f("ix_target_cases_case_id"), "target_cases", ["case_id"], unique=False, schema="gridmap"
    )
    op.create_table(
        "obligations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("unit_area", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["id"], ["gridmap.subjects.id"], name=op.f("fk_obligations_id_subjects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligations")),
        schema="gridmap",
    )
    op.create_index(
        op.f("ix_obligations_due_at"), "obligations", ["due_at"], unique=False, schema="gridmap"
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("assigner_unit", sa.String(), nullable=False),
        sa.Column("assigner_area", sa.String(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("obligation_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["gridmap.subjects.id"], name=op.f("fk_tasks_id_subjects")),
        sa.ForeignKeyConstraint(
            ["obligation_id"],
            ["gridmap.obligations.id"],
            name=op.f("fk_tasks_obligation_id_obligations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        schema="gridmap",
    )
    op.create_index(op.f("ix_tasks_due_at"), "tasks", ["due_at"], unique=False, schema="gridmap")
    op.create_table(
        "assignments",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("unit_area", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["gridmap.tasks.id"], name=op.f("fk_assignments_task_id_tasks")
        ),
        sa.PrimaryKeyConstraint("task_id", "unit_id", name=op.f("pk_assignments")),
        schema="gridmap",
    )
    op.create_index(
        op.f("ix_assignments_unit_id"), "assignments", ["unit_id"], unique=False, schema="gridmap"
    )
    op.create_table(
        "operations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("headquarters", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["id"], ["gridmap.subjects.id"], name=op.f("fk_operations_id_subjects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
        schema="gridmap",
    )
    op.create_table(
        "operation_cases",
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["gridmap.cases.id"], name=op.f("fk_operation_cases_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["gridmap.operations.id"],
            name=op.f("fk_operation_cases_operation_id_operations"),
        ),
        sa.PrimaryKeyConstraint("operation_id", "case_id", name=op.f("pk_operation_cases")),
        schema="gridmap",
    )
    op.create_index(
        op.f("ix_operation_cases_case_id"),
        "operation_cases",
        ["case_id"],
        unique=False,
        schema="gridmap",
    )
    op.create_table(
        "scores",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("street_unit", sa.String(), nullable=False),
        sa.Column("street_area", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("unit_area", sa.String(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("score BETWEEN 1 AND 100", name=op.f("ck_scores_of_a_hundred")),
        sa.ForeignKeyConstraint(
            ["id"], ["gridmap.subjects.id"], name=op.f("fk_scores_id_subjects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scores")),
        sa.UniqueConstraint(
            "period", "street_area", "unit_id", name=op.f("uq_scores_period_street_area_unit_id")
        ),
        schema="gridmap",
    )
    op.create_table(
        "closed_periods",
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("period", "area_code", name=op.f("pk_closed_periods")),
        schema="gridmap",
    )
    op.create_table(
        "tallies",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("whistles", sa.Integer(), nullable=False),
        sa.Column("sent_back", sa.Integer(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("rated", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("satisfied", sa.Integer(), nullable=False),
        sa.Column("step_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("analysis_s", sa.Double(), nullable=False),
        sa.Column("platform_s", sa.Double(), nullable=False),
        sa.Column("reporting_in_s", sa.Double(), nullable=False),
        sa.Column("evaluation_s", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["gridmap.cases.id"], name=op.f("fk_tallies_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_tallies")),
        schema="gridmap",
    )
    op.create_table(
        "failings",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("failing", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("summons", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["gridmap.cases.id"], name=op.f("fk_failings_case_id_cases")
        ),
        sa.PrimaryKeyConstraint(
            "case_id", "failing", "unit_id", "summons", "since", name=op.f("pk_failings")
        ),
        schema="gridmap",
    )
    op.create_index(
        op.f("ix_failings_since"), "failings", ["since"], unique=False, schema="gridmap"
    )


# What was counted before there were tallies; how long a case then stood at a step is not known.
FILL_TALLIES = """
    INSERT INTO gridmap.tallies (case_id, whistles, sent_back, reopened, told, rated, rating,
        satisfied, analysis_s, platform_s, reporting_in_s, evaluation_s)
    SELECT case_id,
        count(*) FILTER (WHERE kind = 'whistle_blown'),
        count(*) FILTER (WHERE kind = 'sent_back'),
        count(*) FILTER (WHERE kind = 'reopened'),
        count(*) FILTER (WHERE kind = 'fed_back'),
        count((data ->> 'satisfaction')::int) FILTER (WHERE kind = 'fed_back'),
        coalesce(sum((data ->> 'satisfaction')::int) FILTER (WHERE kind = 'fed_back'), 0),
        count(*) FILTER (WHERE kind = 'fed_back' AND (data ->> 'satisfaction')::int >= 4),
        0, 0, 0, 0
    FROM gridmap.events GROUP BY case_id HAVING count(*) > 1
"""


def grant() -> None:
    """Give the service what it needs and no more: the journal can be added to, not changed."""
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridmap_service') THEN
                GRANT SELECT, INSERT ON gridmap.subjects, gridmap.journal, gridmap.journal_texts,
                    gridmap.ledgers, gridmap.ledger_targets, gridmap.target_cases, gridmap.tasks,
                    gridmap.assignments, gridmap.obligations, gridmap.operations,
                    gridmap.operation_cases, gridmap.scores, gridmap.closed_periods,
                    gridmap.tallies, gridmap.failings TO gridmap_service;
                GRANT UPDATE (audience, version, head, last_at) ON gridmap.subjects
                    TO gridmap_service;
                GRANT UPDATE (salt, texts, erased_at, erased_by) ON gridmap.journal_texts
                    TO gridmap_service;
                GRANT UPDATE (targets, struck) ON gridmap.ledgers TO gridmap_service;
                GRANT UPDATE (struck_at, struck_by) ON gridmap.ledger_targets TO gridmap_service;
                GRANT UPDATE (withdrawn_at) ON gridmap.tasks TO gridmap_service;
                GRANT UPDATE (state, accepted_at, reported_at, done_at, returned)
                    ON gridmap.assignments TO gridmap_service;
                GRANT UPDATE (task_id, met_at, explained_at, exempted_at) ON gridmap.obligations
                    TO gridmap_service;
                GRANT UPDATE (ended_at) ON gridmap.operations TO gridmap_service;
                GRANT UPDATE (score, items, scored_at, closed_at) ON gridmap.scores
                    TO gridmap_service;
                GRANT UPDATE ON gridmap.tallies TO gridmap_service;
                GRANT UPDATE (explained_at, exempted_at), DELETE ON gridmap.failings
                    TO gridmap_service;
            END IF;
        END $$
        """
    )


def downgrade() -> None:
    op.drop_index(
        "ix_cases_closed_place", table_name="cases", schema="gridmap", postgresql_using="gist"
    )
    for table in (
        "failings",
        "tallies",
        "closed_periods",
        "scores",
        "operation_cases",
        "operations",
        "assignments",
        "tasks",
        "obligations",
        "target_cases",
        "ledger_targets",
        "ledgers",
        "journal_texts",
        "journal",
        "subjects",
    ):
        op.drop_table(table, schema="gridmap")
