"""The tables, as SQLAlchemy knows them, by what they keep; the migrations make them."""

from api.store.tables.accounts import accounts, grants, sessions, sign_in_failures
from api.store.tables.agreements import agreement_events, agreements, policies
from api.store.tables.audit import anchor_heads, anchors, erasures, reporters
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
from api.store.tables.jobs import calendars, jobs
from api.store.tables.journal import (
    assignments,
    closed_periods,
    failings,
    journal,
    journal_texts,
    ledger_targets,
    ledgers,
    obligations,
    operation_cases,
    operations,
    scores,
    subjects,
    tallies,
    target_cases,
    tasks,
)
from api.store.tables.notices import notice_reads, notices
from api.store.tables.outboxes import deliveries, mails, webhooks

__all__ = [
    "SCHEMA",
    "SRID",
    "accounts",
    "agreement_events",
    "agreements",
    "anchor_heads",
    "anchors",
    "areas",
    "assignments",
    "calendars",
    "case_numbers",
    "cases",
    "catalogues",
    "closed_periods",
    "deliveries",
    "erasures",
    "event_texts",
    "events",
    "evidence",
    "failings",
    "grants",
    "idempotency_keys",
    "incidents",
    "jobs",
    "journal",
    "journal_texts",
    "layers",
    "ledger_targets",
    "ledgers",
    "mails",
    "metadata",
    "notice_reads",
    "notices",
    "obligations",
    "operation_cases",
    "operations",
    "policies",
    "positions",
    "releases",
    "reporters",
    "scores",
    "sessions",
    "sign_in_failures",
    "staff",
    "staff_names",
    "subjects",
    "summons",
    "tallies",
    "target_cases",
    "tasks",
    "tenures",
    "units",
    "webhooks",
]
