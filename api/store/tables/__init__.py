"""The tables, as SQLAlchemy knows them, by what they keep; the migrations make them."""

from api.store.tables.base import SCHEMA, SRID, metadata
from api.store.tables.boundaries import areas, layers, releases
from api.store.tables.cases import case_numbers, cases, events, idempotency_keys, incidents
from api.store.tables.catalogues import catalogues
from api.store.tables.directory import staff, staff_names, units

__all__ = [
    "SCHEMA",
    "SRID",
    "areas",
    "case_numbers",
    "cases",
    "catalogues",
    "events",
    "idempotency_keys",
    "incidents",
    "layers",
    "metadata",
    "releases",
    "staff",
    "staff_names",
    "units",
]
