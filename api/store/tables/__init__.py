"""The tables, as SQLAlchemy knows them, by what they keep; the migrations make them."""

from api.store.tables.accounts import accounts, grants, sessions, sign_in_failures
from api.store.tables.agreements import agreement_events, agreements, policies
from api.store.tables.base import SCHEMA, SRID, metadata
from api.store.tables.boundaries import areas, layers, releases
from api.store.tables.cases import (
    case_numbers,
    cases,
    event_texts,
    events,
    evidence,
    idempotency_keys,
    incidents,
    summons,
    tenures,
)
from api.store.tables.catalogues import catalogues
from api.store.tables.directory import positions, staff, staff_names, units

__all__ = [
    "SCHEMA",
    "SRID",
    "accounts",
    "agreement_events",
    "agreements",
    "areas",
    "case_numbers",
    "cases",
    "catalogues",
    "event_texts",
    "events",
    "evidence",
    "grants",
    "idempotency_keys",
    "incidents",
    "layers",
    "metadata",
    "policies",
    "positions",
    "releases",
    "sessions",
    "sign_in_failures",
    "staff",
    "staff_names",
    "summons",
    "tenures",
    "units",
]
