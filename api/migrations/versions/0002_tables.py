"""The main job's tables: releases, units, cases, incidents and the append-only events.

The service may read everything, open and advance cases, and append: it may not change or delete
an event, an incident or a boundary. Boundaries and units are the owner's to write.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "releases",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("in_force_on", sa.Date(), nullable=True),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "imported_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        schema="gridmap",
    )
    op.create_index(
        "uq_releases_active",
        "releases",
        ["active"],
        unique=True,
        schema="gridmap",
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "units",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("can_rule", sa.Boolean(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column(
            "written_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        schema="gridmap",
    )
    op.create_index(
        "uq_units_area_code_kind", "units", ["area_code", "kind"], unique=True, schema="gridmap"
    )
    op.create_geospatial_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column(
            "place",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("place_kind", sa.String(), nullable=False),
        sa.Column("given_crs", sa.String(), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("catalogue", sa.String(), nullable=False),
        sa.Column("attribution", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decision", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("holder_code", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("open_summons", sa.Integer(), nullable=False),
        sa.Column("whistle_blown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("holder_code <> ''", name=op.f("ck_cases_has_holder")),
        sa.CheckConstraint(
            "closed_at IS NULL OR open_summons = 0", name=op.f("ck_cases_closed_when_done")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["gridmap.releases.id"], name=op.f("fk_cases_release_id_releases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
        schema="gridmap",
    )
    op.create_index(
        "ix_cases_closed_at",
        "cases",
        ["closed_at"],
        unique=False,
        schema="gridmap",
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index(
        "ix_cases_open_due",
        "cases",
        ["next_due_at", "opened_at"],
        unique=False,
        schema="gridmap",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_geospatial_index(
        "ix_cases_open_place",
        "cases",
        ["place"],
        unique=False,
        schema="gridmap",
        postgresql_using="gist",
        postgresql_where=sa.text("closed_at IS NULL"),
        postgresql_ops={},
    )
    op.create_table(
        "layers",
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("line_accuracy_m", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["gridmap.releases.id"],
            name=op.f("fk_layers_release_id_releases"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "level", name=op.f("pk_layers")),
        schema="gridmap",
    )
    op.create_geospatial_table(
        "areas",
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent_code", sa.String(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "level"],
            ["gridmap.layers.release_id", "gridmap.layers.level"],
            name=op.f("fk_areas_release_id_level_layers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "code", name=op.f("pk_areas")),
        schema="gridmap",
    )
    op.create_geospatial_index(
        "ix_areas_geom",
        "areas",
        ["geom"],
        unique=False,
        schema="gridmap",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        op.f("ix_areas_release_id_level"),
        "areas",
        ["release_id", "level"],
        unique=False,
        schema="gridmap",
    )
    op.create_table(
        "events",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["gridmap.cases.id"], name=op.f("fk_events_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_events")),
        schema="gridmap",
    )
    op.create_geospatial_table(
        "incidents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column(
            "place",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("place_kind", sa.String(), nullable=False),
        sa.Column("given_crs", sa.String(), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("intake_code", sa.String(), nullable=True),
        sa.Column("filings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sides", sa.String(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["gridmap.cases.id"], name=op.f("fk_incidents_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        schema="gridmap",
    )
    op.create_index(
        op.f("ix_incidents_case_id"), "incidents", ["case_id"], unique=False, schema="gridmap"
    )
    op.create_geospatial_index(
        "ix_incidents_place",
        "incidents",
        ["place"],
        unique=False,
        schema="gridmap",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["gridmap.incidents.id"],
            name=op.f("fk_idempotency_keys_incident_id_incidents"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_keys")),
        schema="gridmap",
    )
    op.execute(sa.schema.CreateSequence(sa.Sequence("case_numbers", schema="gridmap")))
    grant()


def grant() -> None:
    """Give the service what it needs and no more; without that role the owner serves."""
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridmap_service') THEN
                GRANT SELECT ON ALL TABLES IN SCHEMA gridmap TO gridmap_service;
                GRANT INSERT ON gridmap.cases, gridmap.incidents, gridmap.events,
                    gridmap.idempotency_keys TO gridmap_service;
                GRANT UPDATE (holder_code, step, version, open_summons, whistle_blown_at,
                    next_due_at, closed_at) ON gridmap.cases TO gridmap_service;
                GRANT USAGE ON SEQUENCE gridmap.case_numbers TO gridmap_service;
            END IF;
        END $$
        """
    )


def downgrade() -> None:
    op.execute(sa.schema.DropSequence(sa.Sequence("case_numbers", schema="gridmap")))
    op.drop_table("idempotency_keys", schema="gridmap")
    op.drop_geospatial_index(
        "ix_incidents_place",
        table_name="incidents",
        schema="gridmap",
        postgresql_using="gist",
        column_name="place",
    )
    op.drop_index(op.f("ix_incidents_case_id"), table_name="incidents", schema="gridmap")
    op.drop_geospatial_table("incidents", schema="gridmap")
    op.drop_table("events", schema="gridmap")
    op.drop_index(op.f("ix_areas_release_id_level"), table_name="areas", schema="gridmap")
    op.drop_geospatial_index(
        "ix_areas_geom",
        table_name="areas",
        schema="gridmap",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_geospatial_table("areas", schema="gridmap")
    op.drop_table("layers", schema="gridmap")
    op.drop_geospatial_index(
        "ix_cases_open_place",
        table_name="cases",
        schema="gridmap",
        postgresql_using="gist",
        postgresql_where=sa.text("closed_at IS NULL"),
        column_name="place",
    )
    op.drop_index(
        "ix_cases_open_due",
        table_name="cases",
        schema="gridmap",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(
        "ix_cases_closed_at",
        table_name="cases",
        schema="gridmap",
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.drop_geospatial_table("cases", schema="gridmap")
    op.drop_index("uq_units_area_code_kind", table_name="units", schema="gridmap")
    op.drop_table("units", schema="gridmap")
    op.drop_index(
        "uq_releases_active",
        table_name="releases",
        schema="gridmap",
        postgresql_where=sa.text("active"),
    )
    op.drop_table("releases", schema="gridmap")
