"""What a case has lived through: chained events, texts apart, holders, summons, evidence.

The events of before are told again in the words of now (`retold`), so that a database of the first
releases goes on; their chain begins here.
"""

import hashlib
import json
import secrets
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Row = sa.RowMapping

ANY_ROW = "(SELECT '*' = ANY (gridmap.keys())) OR "
OF_A_CASE = ANY_ROW + "EXISTS (SELECT FROM gridmap.cases c WHERE c.id = case_id)"
SECURED = ("event_texts", "tenures", "summons", "evidence")


def upgrade() -> None:
    make_columns()
    make_tables()
    retell()
    op.execute(FILL_SUMMONS)
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks pending cannot be altered
    for table, column in (("events", "hash"), ("cases", "head")):
        op.alter_column(table, column, nullable=False, schema="gridmap")
    secure()
    grant()


def make_columns() -> None:
    for name in ("role", "unit"):
        op.add_column("events", sa.Column(name, sa.String(), nullable=True), schema="gridmap")
    op.add_column("events", sa.Column("hash", sa.LargeBinary(), nullable=True), schema="gridmap")
    columns: tuple[sa.Column[Any], ...] = (
        sa.Column("head", sa.LargeBinary(), nullable=True),
        sa.Column("convener", sa.String(), nullable=True),
        sa.Column("next_moment_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("confidential", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    for column in columns:
        op.add_column("cases", column, schema="gridmap")
    op.create_foreign_key(
        op.f("fk_cases_merged_into_cases"),
        "cases",
        "cases",
        ["merged_into"],
        ["id"],
        source_schema="gridmap",
        referent_schema="gridmap",
    )
    op.create_index(
        "ix_cases_merged_into",
        "cases",
        ["merged_into"],
        schema="gridmap",
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index(
        "ix_cases_next_moment_at",
        "cases",
        ["next_moment_at"],
        schema="gridmap",
        postgresql_where=sa.text("next_moment_at IS NOT NULL"),
    )
    op.create_index(
        "ix_cases_open_holder",
        "cases",
        ["holder_code", "next_due_at"],
        schema="gridmap",
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def make_tables() -> None:
    op.create_table(
        "event_texts",
        sa.Column("case_id", sa.Uuid(), nullable=False),
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
            name=op.f("ck_event_texts_erased_or_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "seq"],
            ["gridmap.events.case_id", "gridmap.events.seq"],
            name=op.f("fk_event_texts_case_id_seq_events"),
        ),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_event_texts")),
        schema="gridmap",
    )
    op.create_table(
        "tenures",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("holder_code", sa.String(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "until_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("'9999-01-01 00:00+00'"),
            nullable=False,
        ),
        sa.Column("previous_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("from_at < until_at", name=op.f("ck_tenures_lasts")),
        sa.CheckConstraint("previous_until_at = from_at", name=op.f("ck_tenures_no_gap")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["gridmap.cases.id"], name=op.f("fk_tenures_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "previous_until_at"],
            ["gridmap.tenures.case_id", "gridmap.tenures.until_at"],
            name=op.f("fk_tenures_case_id_previous_until_at_tenures"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("case_id", "until_at", name=op.f("pk_tenures")),
        sa.UniqueConstraint(
            "case_id",
            "previous_until_at",
            name=op.f("uq_tenures_case_id_previous_until_at"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint(
            "case_id",
            "holder_code",
            "until_at",
            name=op.f("uq_tenures_case_id_holder_code_until_at"),
        ),
        schema="gridmap",
    )
    op.add_column(
        "cases",
        sa.Column(
            "held_until_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("'9999-01-01 00:00+00'"),
            nullable=False,
        ),
        schema="gridmap",
    )
    op.execute(
        "INSERT INTO gridmap.tenures (case_id, holder_code, from_at)"
        " SELECT id, holder_code, opened_at FROM gridmap.cases"
    )
    op.create_check_constraint(
        op.f("ck_cases_held_now"),
        "cases",
        "held_until_at = '9999-01-01 00:00+00'",
        schema="gridmap",
    )
    op.create_foreign_key(
        op.f("fk_cases_id_holder_code_held_until_at_tenures"),
        "cases",
        "tenures",
        ["id", "holder_code", "held_until_at"],
        ["case_id", "holder_code", "until_at"],
        source_schema="gridmap",
        referent_schema="gridmap",
        deferrable=True,
        initially="DEFERRED",
    )
    stages = ("respond_by", "arrive_by", "finish_by", "responded_at", "arrived_at", "finished_at")
    op.create_table(
        "summons",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("whistle", sa.String(), nullable=False),
        sa.Column("whistle_kind", sa.String(), nullable=False),
        sa.Column("convener", sa.String(), nullable=True),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("unit_kind", sa.String(), nullable=False),
        sa.Column("unit_area", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(stage, sa.DateTime(timezone=True), nullable=True) for stage in stages),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_early", sa.Boolean(), nullable=False),
        sa.Column("wrong_places", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["gridmap.cases.id"], name=op.f("fk_summons_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("case_id", "id", name=op.f("pk_summons")),
        schema="gridmap",
    )
    op.create_index(
        "ix_summons_open_unit",
        "summons",
        ["unit_id", "next_due_at"],
        schema="gridmap",
        postgresql_where=sa.text("state IN ('called', 'responded', 'arrived')"),
    )
    op.create_index(
        op.f("ix_summons_unit_id_called_at"), "summons", ["unit_id", "called_at"], schema="gridmap"
    )
    op.create_geospatial_table(
        "evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("surveyed_on", sa.Date(), nullable=True),
        sa.Column("surveyed_by", sa.String(), nullable=True),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["gridmap.cases.id"], name=op.f("fk_evidence_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        schema="gridmap",
    )
    op.create_index(op.f("ix_evidence_case_id"), "evidence", ["case_id"], schema="gridmap")


# --- what was told before ---------------------------------------------------------------------


def retell() -> None:
    connection = op.get_bind()
    cases = connection.execute(
        sa.text("SELECT id, decision, plan, areas FROM gridmap.cases ORDER BY id")
    ).mappings()
    for case in cases.all():
        events = connection.execute(
            sa.text("SELECT * FROM gridmap.events WHERE case_id = :id ORDER BY seq"),
            {"id": case["id"]},
        ).mappings()
        head = bytes(32)
        for event in events.all():
            head = retold(connection, case, event, head)
        connection.execute(
            sa.text("UPDATE gridmap.cases SET head = :head, convener = :convener WHERE id = :id"),
            {"head": head, "convener": convener_of(case), "id": case["id"]},
        )


def convener_of(case: Row) -> str | None:
    office = case["plan"]["jurisdictions"][0]["office"]
    return office["id"] if office else None


def retold(connection: sa.Connection, case: Row, event: Row, head: bytes) -> bytes:
    data, texts = words(case, event)
    digest = None
    if texts:
        salt = secrets.token_bytes(16)
        digest = hashlib.sha256(salt + canonical(texts)).digest()
        connection.execute(
            sa.text(
                "INSERT INTO gridmap.event_texts (case_id, seq, digest, salt, texts)"
                " VALUES (:case, :seq, :digest, :salt, CAST(:texts AS jsonb))"
            ),
            {
                "case": case["id"],
                "seq": event["seq"],
                "digest": digest,
                "salt": salt,
                "texts": json.dumps(texts),
            },
        )
    body = {
        "case": str(case["id"]),
        "seq": event["seq"],
        "kind": event["kind"],
        "at": event["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        "account": event["actor"],
        "role": None,
        "unit": None,
        "data": data,
        "texts": digest.hex() if digest else None,
    }
    head = hashlib.sha256(head + canonical(body)).digest()
    connection.execute(
        sa.text(
            "UPDATE gridmap.events SET data = CAST(:data AS jsonb), hash = :hash"
            " WHERE case_id = :case AND seq = :seq"
        ),
        {"data": json.dumps(data), "hash": head, "case": case["id"], "seq": event["seq"]},
    )
    return head


def words(case: Row, event: Row) -> tuple[dict[str, Any], dict[str, str]]:
    """The data and texts of an event in the words of now."""
    data = dict(event["data"])
    if event["kind"] == "reported":
        decision = case["decision"]
        sides = [area["code"] for area in (decision["lead"], *decision["assisting"])]
        none: dict[str, Any] = {
            "superior": None,
            "analysis": None,
            "analysis_by": None,
            "areas": [],
        }
        return data | none | {"sides": sides}, {}
    if event["kind"] == "whistle_blown":
        return blown(case, data), {}
    if event["kind"] == "finished":
        return {"summons": data["summons"], "outcome": None}, {"result": data["result"]}
    if event["kind"] == "closed":
        return {}, {"result": data["result"]}
    return data, {}


def blown(case: Row, data: dict[str, Any]) -> dict[str, Any]:
    stages = {stage: data[f"{stage}_by"] for stage in ("respond", "arrive", "finish")}
    due = {stage: at for stage, at in stages.items() if at}
    return {
        "whistle": "1",
        "kind": data["whistle"],
        "convener": convener_of(case),
        "spans": {},
        "outcomes": [],
        "named": [],
        "pending": False,
        "calls": [{**call, "due": due} for call in data["summons"]],
        "added": [],
        "left_out": [],
    }


def canonical(value: Any) -> bytes:
    text = json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.encode("ascii")


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) + 0.0
    return value


FILL_SUMMONS = """
    INSERT INTO gridmap.summons (case_id, id, whistle, whistle_kind, convener, unit_id, unit_kind,
        unit_area, role, state, called_at, respond_by, arrive_by, finish_by, responded_at,
        arrived_at, finished_at, next_due_at, left_early, wrong_places)
    SELECT *, CASE state
            WHEN 'called' THEN least(respond_by, arrive_by, finish_by)
            WHEN 'responded' THEN least(arrive_by, finish_by)
            WHEN 'arrived' THEN finish_by END,
        false, 0
    FROM (
        SELECT e.case_id, c.call ->> 'id', '1', e.data ->> 'kind', e.data ->> 'convener',
            c.call ->> 'unit', c.call ->> 'kind', c.call ->> 'area_code', c.call ->> 'role',
            CASE WHEN done.at IS NOT NULL THEN 'finished' WHEN came.at IS NOT NULL THEN 'arrived'
                WHEN said.at IS NOT NULL THEN 'responded' ELSE 'called' END AS state,
            e.at,
            (c.call -> 'due' ->> 'respond')::timestamptz AS respond_by,
            (c.call -> 'due' ->> 'arrive')::timestamptz AS arrive_by,
            (c.call -> 'due' ->> 'finish')::timestamptz AS finish_by,
            coalesce(said.at, came.at), came.at, done.at
        FROM gridmap.events e
        CROSS JOIN LATERAL jsonb_array_elements(e.data -> 'calls') AS c (call)
        LEFT JOIN gridmap.events said ON said.case_id = e.case_id AND said.kind = 'responded'
            AND said.data ->> 'summons' = c.call ->> 'id'
        LEFT JOIN gridmap.events came ON came.case_id = e.case_id AND came.kind = 'arrived'
            AND came.data ->> 'summons' = c.call ->> 'id'
        LEFT JOIN gridmap.events done ON done.case_id = e.case_id AND done.kind = 'finished'
            AND done.data ->> 'summons' = c.call ->> 'id'
        WHERE e.kind = 'whistle_blown'
    ) AS told
"""


# --- who may ----------------------------------------------------------------------------------


def secure() -> None:
    for table in SECURED:
        op.execute(f"ALTER TABLE gridmap.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE gridmap.{table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY shown ON gridmap.{table} USING ({OF_A_CASE})")


def grant() -> None:
    """Give the service what it needs and no more: what happened can be added to, not changed."""
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridmap_service') THEN
                GRANT SELECT, INSERT ON gridmap.event_texts, gridmap.tenures, gridmap.summons,
                    gridmap.evidence TO gridmap_service;
                GRANT UPDATE (salt, texts, erased_at, erased_by) ON gridmap.event_texts
                    TO gridmap_service;
                GRANT UPDATE (until_at) ON gridmap.tenures TO gridmap_service;
                GRANT UPDATE ON gridmap.summons TO gridmap_service;
                GRANT UPDATE (title, text, geom, surveyed_by, erased_at) ON gridmap.evidence
                    TO gridmap_service;
                GRANT UPDATE (head, convener, next_moment_at, merged_into, confidential)
                    ON gridmap.cases TO gridmap_service;
            END IF;
        END $$
        """
    )


def downgrade() -> None:
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM gridmap.events) THEN
                RAISE EXCEPTION 'there are cases, and their events cannot be told in the words '
                    'of before; restore a backup instead';
            END IF;
        END $$
        """
    )
    op.drop_constraint("fk_cases_id_holder_code_held_until_at_tenures", "cases", schema="gridmap")
    for table in ("evidence", "summons", "tenures", "event_texts"):
        op.drop_table(table, schema="gridmap")
    for index in ("merged_into", "next_moment_at", "open_holder"):
        op.drop_index(f"ix_cases_{index}", table_name="cases", schema="gridmap")
    op.drop_constraint("ck_cases_held_now", "cases", schema="gridmap")
    op.drop_constraint("fk_cases_merged_into_cases", "cases", schema="gridmap")
    for column in (
        "held_until_at",
        "confidential",
        "merged_into",
        "next_moment_at",
        "convener",
        "head",
    ):
        op.drop_column("cases", column, schema="gridmap")
    for column in ("hash", "unit", "role"):
        op.drop_column("events", column, schema="gridmap")
