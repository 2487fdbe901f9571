"""What all tables share: the schema, the names of constraints, the CRS of what is stored."""

from geoalchemy2 import Geometry
from sqlalchemy import Column, MetaData

SCHEMA = "gridmap"

# Names that a migration can refer to later, whichever server made them up first.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(schema=SCHEMA, naming_convention=NAMING)

SRID = 4490  # CGCS2000


def place_column() -> Column[object]:
    # The GiST index is named in the table, so that alembic and the reader see it.
    return Column("place", Geometry("GEOMETRY", srid=SRID, spatial_index=False), nullable=False)
