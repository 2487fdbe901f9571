"""PostGIS, and the schema that the service may look into.

The private cluster has made the extension and the roles already; on a server that somebody
else runs the extension is made here if the owner may, and the service may share the owner's
role, so a missing ``gridmap_service`` is no error.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE SCHEMA IF NOT EXISTS gridmap")
    op.execute("REVOKE ALL ON SCHEMA gridmap FROM PUBLIC")
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridmap_service') THEN
                GRANT USAGE ON SCHEMA gridmap TO gridmap_service;
            END IF;
        END $$
        """
    )


def downgrade() -> None:
    # The schema stays for alembic's own table, the extension for whoever else uses it.
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridmap_service') THEN
                REVOKE USAGE ON SCHEMA gridmap FROM gridmap_service;
            END IF;
        END $$
        """
    )
