"""The catalogue by versions: stored whole, never edited, one of them active."""

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
    grant()


def grant() -> None:
    """Let the service read; versions are imported and activated by the owner."""
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridmap_service') THEN
                GRANT SELECT ON gridmap.catalogues TO gridmap_service;
            END IF;
        END $$
        """
    )


def downgrade() -> None:
    op.drop_index(
        "uq_catalogues_active",
        table_name="catalogues",
        schema="gridmap",
        postgresql_where=sa.text("active"),
    )
    op.drop_table("catalogues", schema="gridmap")
