"""Policies and agreements with what happened to them; whose a reported part is.

The service may propose agreements and append to their history; it may change or delete neither.
Policies are the owner's to write, as releases are.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incidents", sa.Column("owner", sa.String(), nullable=True), schema="gridmap")
    # Cases are decided again in the order in which they were opened, batch by batch.
    op.create_index("ix_cases_opened_at", "cases", ["opened_at", "id"], schema="gridmap")
    op.create_table(
        "policies",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "imported_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_policies")),
        schema="gridmap",
    )
    op.create_index(
        "uq_policies_active",
        "policies",
        ["active"],
        unique=True,
        schema="gridmap",
        postgresql_where=sa.text("active"),
    )
    op.create_geospatial_table(
        "agreements",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column(
            "stretch",
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
        sa.Column("stretch_kind", sa.String(), nullable=False),
        sa.Column("given_crs", sa.String(), nullable=False),
        sa.Column("reach_m", sa.Double(), nullable=False),
        sa.Column("parties", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("lead_code", sa.String(), nullable=False),
        sa.Column("categories", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("cardinality(parties) >= 2", name=op.f("ck_agreements_has_parties")),
        sa.CheckConstraint("lead_code = ANY (parties)", name=op.f("ck_agreements_lead_is_party")),
        sa.CheckConstraint(
            "valid_until >= valid_from", name=op.f("ck_agreements_ends_after_it_begins")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        schema="gridmap",
    )
    op.create_geospatial_index(
        "ix_agreements_stretch",
        "agreements",
        ["stretch"],
        unique=False,
        schema="gridmap",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "agreement_events",
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["gridmap.agreements.id"],
            name=op.f("fk_agreement_events_agreement_id_agreements"),
        ),
        sa.PrimaryKeyConstraint("agreement_id", "seq", name=op.f("pk_agreement_events")),
        schema="gridmap",
    )
    op.create_index(
        "uq_agreement_events_once",
        "agreement_events",
        ["agreement_id", "kind", sa.text("coalesce(party, '')")],
        unique=True,
        schema="gridmap",
    )
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridmap_service') THEN
                GRANT SELECT ON gridmap.policies TO gridmap_service;
                GRANT SELECT, INSERT ON gridmap.agreements, gridmap.agreement_events
                    TO gridmap_service;
            END IF;
        END $$
        """
    )


def downgrade() -> None:
    op.drop_index("uq_agreement_events_once", table_name="agreement_events", schema="gridmap")
    op.drop_table("agreement_events", schema="gridmap")
    op.drop_geospatial_index(
        "ix_agreements_stretch",
        table_name="agreements",
        schema="gridmap",
        postgresql_using="gist",
        column_name="stretch",
    )
    op.drop_geospatial_table("agreements", schema="gridmap")
    op.drop_index(
        "uq_policies_active",
        table_name="policies",
        schema="gridmap",
        postgresql_where=sa.text("active"),
    )
    op.drop_table("policies", schema="gridmap")
    op.drop_index("ix_cases_opened_at", table_name="cases", schema="gridmap")
    op.drop_column("incidents", "owner", schema="gridmap")
