"""The tables, as SQLAlchemy knows them, by what they keep; the migrations make them."""

from api.store.tables.agreements import agreement_events, agreements, policies
from api.store.tables.base import SCHEMA, SRID, metadata
from api.store.tables.boundaries import areas, layers, releases
from api.store.tables.cases import case_numbers, cases, events, idempotency_keys, incidents
from api.store.tables.directory import units

__all__ = [
    "SCHEMA",
    "SRID",
    "agreement_events",
    "agreements",
    "areas",
    "case_numbers",
    "cases",
    "events",
    "idempotency_keys",
    "incidents",
    "layers",
    "metadata",
    "policies",
    "releases",
    "units",
]
