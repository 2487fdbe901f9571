"""Incidents, and the keys under which they were acknowledged."""

from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, text

from api.store.engine import Connection
from api.store.mapping import FILINGS, place_columns, place_of
from api.store.tables import cases, idempotency_keys, incidents
from api.store.visibility import visible
from gridmap.dispatch.incident import Incident, Source
from gridmap.dispatch.question import Sides


@dataclass(frozen=True)
class Acknowledged:
    """What an idempotency key stands for."""

    fingerprint: str
    incident_id: UUID
    case_id: UUID
    joined: bool


async def lock_key(connection: Connection, account: str, key: str) -> None:
    """Let one account's requests with the same key take turns until the transaction ends."""
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"),
        {"key": f"key {account} {key}"},
    )


async def acknowledged(connection: Connection, account: str, key: str) -> Acknowledged | None:
    """Return what was acknowledged to an account under a key; ``None`` when nothing was.

    Whether the account still sees the case is not asked: a repeat must never open a second one.
    """
    row = (
        await connection.execute(
            select(
                idempotency_keys.c.fingerprint,
                idempotency_keys.c.incident_id,
                idempotency_keys.c.case_id,
                idempotency_keys.c.joined,
            ).where(idempotency_keys.c.account == account, idempotency_keys.c.key == key)
        )
    ).one_or_none()
    return Acknowledged(*row) if row else None


async def acknowledge(
    connection: Connection, account: str, key: str, acknowledged: Acknowledged
) -> None:
    """Keep the key with the incident, in the transaction that stores it."""
    row = {"account": account, "key": key, **asdict(acknowledged)}
    await connection.execute(insert(idempotency_keys).values(row))


async def store(connection: Connection, incident: Incident, *, case_id: UUID) -> None:
    """Insert a report under its case."""
    await connection.execute(
        insert(incidents).values(
            id=UUID(incident.id),
            case_id=case_id,
            category=incident.category,
            **place_columns(incident.place),
            text=incident.text,
            source=incident.source.value,
            reporter=incident.reporter,
            intake_code=incident.intake,
            filings=FILINGS.dump_python(incident.filings, mode="json"),
            sides=incident.sides.value,
            owner=incident.owner,
            reported_at=incident.reported_at,
        )
    )


async def of_case(connection: Connection, case_id: UUID) -> list[Incident]:
    """Return a case's reports, the first first."""
    rows = await connection.execute(
        select(incidents)
        .join(cases, cases.c.id == incidents.c.case_id)
        .where(incidents.c.case_id == case_id, visible(connection))
        .order_by(incidents.c.reported_at)
    )
    return [incident_of(row) for row in rows.mappings()]


def incident_of(row: RowMapping) -> Incident:
    """Return the incident of a row that has all of the table's columns."""
    return Incident(
        id=str(row["id"]),
        category=row["category"],
        place=place_of(row),
        reported_at=row["reported_at"],
        text=row["text"],
        source=Source(row["source"]),
        intake=row["intake_code"],
        filings=FILINGS.validate_python(row["filings"]),
        sides=Sides(row["sides"]),
        owner=row["owner"],
        reporter=row["reporter"],
    )
