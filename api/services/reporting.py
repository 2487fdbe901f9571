"""A report comes in: one transaction from the idempotency key to the case that holds it."""

import hashlib
from dataclasses import dataclass
from uuid import UUID, uuid4

import shapely

from api.services.errors import IdempotencyKeyReusedError
from api.services.resolving import Question, duplicates_in, resolution
from api.store import cases, incidents
from api.store.engine import Connection, Engine, reading, transaction
from gridmap.dispatch import workflow
from gridmap.dispatch.case import apply
from gridmap.dispatch.incident import Incident
from gridmap.dispatch.record import CaseRecord
from gridmap.resolution import Reference, Resolution


@dataclass(frozen=True)
class Reported:
    """What a report led to. ``repeated``: the same key had been acknowledged before."""

    incident_id: UUID
    case_id: UUID
    joined: bool
    repeated: bool


async def report(engine: Engine, reference: Reference, incident: Incident, *, key: str) -> Reported:
    """Store a report and open its case, or join it to the open one of the same problem.

    All or nothing: when this returns, the report, its case, the opening event and the
    idempotency key are on disk together.

    Raises
    ------
    IdempotencyKeyReusedError
        The key stands for another report.
    GridmapError
        The place or category cannot be used; nothing was written.
    """
    fingerprint = _fingerprint(incident)
    async with reading(engine) as connection:
        # Before resolving: what was acknowledged once stays so under any later release.
        if known := await _acknowledged(connection, key, fingerprint):
            return known
    question = Question(
        place=incident.place,
        category=incident.category,
        intake=incident.intake,
        filings=incident.filings,
        sides=incident.sides,
        owner=incident.owner,
    )
    answer = await resolution(question, reference, now=incident.reported_at)
    async with transaction(engine) as connection:
        await incidents.lock_key(connection, key)
        if known := await _acknowledged(connection, key, fingerprint):
            return known
        case_id, joined = await _place_in_case(connection, reference, incident, answer)
        incident_id = UUID(incident.id)
        await incidents.store(connection, incident, case_id=case_id)
        await incidents.acknowledge(
            connection, key, fingerprint=fingerprint, incident_id=incident_id, joined=joined
        )
    return Reported(incident_id, case_id, joined, repeated=False)


async def _acknowledged(connection: Connection, key: str, fingerprint: str) -> Reported | None:
    known = await incidents.acknowledged(connection, key)
    if known is None:
        return None
    if known.fingerprint != fingerprint:
        raise IdempotencyKeyReusedError(key=key)
    return Reported(known.incident_id, known.case_id, known.joined, repeated=True)


async def _place_in_case(
    connection: Connection, reference: Reference, incident: Incident, answer: Resolution
) -> tuple[UUID, bool]:
    """Return the case that takes the report and whether it was there before."""
    await cases.lock_neighbourhood(
        connection,
        incident.place,
        category=incident.category,
        radius_m=reference.policy.duplicates.radius_m,
    )
    if not incident.separate:
        for near in await duplicates_in(
            connection,
            incident.place,
            incident.category,
            reference,
            decision=answer.decision,
            now=incident.reported_at,
        ):
            if await _joined(connection, incident, near.id):
                return near.id, True
    return await _opened(connection, reference, incident, answer), False


async def _joined(connection: Connection, incident: Incident, case_id: UUID) -> bool:
    """Join the report to a case, unless somebody closed the case in the meantime."""
    record = await cases.locked(connection, case_id)
    if record is None or record.case.closed_at:
        return False
    event = workflow.join(
        record.case,
        incident=incident.id,
        actor=incident.source,
        now=max(incident.reported_at, record.case.last_at),
    )
    await cases.append(connection, case_id, apply(record.case, event), event)
    return True


async def _opened(
    connection: Connection, reference: Reference, incident: Incident, answer: Resolution
) -> UUID:
    if answer.plan is None:
        raise ValueError("a report names a category, so its resolution has a plan")
    local = incident.reported_at.astimezone(reference.policy.timezone)
    event = workflow.report(
        answer.plan,
        number=await cases.next_number(connection, day=local),
        holder=answer.decision.lead.code,
        actor=incident.source,
        now=incident.reported_at,
    )
    record = CaseRecord(
        id=uuid4(),
        category=incident.category,
        place=incident.place,
        release=answer.attribution.release,
        release_title=reference.index.release.title,
        catalogue=reference.catalogue.version,
        levels=answer.attribution.levels,
        decision=answer.decision,
        plan=answer.plan,
        case=apply(None, event),
    )
    await cases.open_case(connection, record, event)
    return record.id


def _fingerprint(incident: Incident) -> str:
    """What makes two requests the same report: everything but its id and time."""
    parts = (
        incident.category,
        shapely.to_wkb(incident.place.geometry, hex=True),
        incident.place.accuracy_m,
        incident.text,
        incident.source,
        incident.intake,
        incident.filings,
        incident.sides,
        incident.separate,
        *((incident.owner,) if incident.owner else ()),  # older keys know no owners
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()
