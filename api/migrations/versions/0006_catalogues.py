"""The catalogue by versions, one of them active; staff, with their names apart."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalogues",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "imported_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_catalogues")),
        schema="gridmap",
    )
    op.create_index(
        "uq_catalogues_active",
        "catalogues",
        ["active"],
        unique=True,
        schema="gridmap",
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("areas", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("shifts", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("lng", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("located_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column(
            "written_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(lng IS NULL) = (lat IS NULL) AND (lng IS NULL) = (located_at IS NULL)",
            name=op.f("ck_staff_located"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        schema="gridmap",
    )
    op.create_index(
        "ix_staff_areas",
        "staff",
        ["areas"],
        unique=False,
        schema="gridmap",
        postgresql_using="gin",
    )
    op.create_table(
        "staff_names",
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["gridmap.staff.id"],
            name=op.f("fk_staff_names_staff_id_staff"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_names")),
        schema="gridmap",
    )
    grant()


def grant() -> None:
    """Let the service read, and note where somebody is; everything else is the owner's."""
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridmap_service') THEN
                GRANT SELECT ON gridmap.catalogues, gridmap.staff, gridmap.staff_names
                    TO gridmap_service;
                GRANT UPDATE (lng, lat, located_at, accuracy_m) ON gridmap.staff
                    TO gridmap_service;
            END IF;
        END $$
        """
    )


def downgrade() -> None:
    op.drop_table("staff_names", schema="gridmap")
    op.drop_index("ix_staff_areas", table_name="staff", schema="gridmap", postgresql_using="gin")
    op.drop_table("staff", schema="gridmap")
    op.drop_index(
        "uq_catalogues_active",
        table_name="catalogues",
        schema="gridmap",
        postgresql_where=sa.text("active"),
    )
    op.drop_table("catalogues", schema="gridmap")
