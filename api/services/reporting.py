"""A report comes in: one transaction from the idempotency key to the case that holds it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import shapely

from api.services import linking
from api.services.errors import IdempotencyKeyReusedError, UnknownCaseError
from api.services.linking import Joins
from api.services.resolving import Question, duplicates_in, resolution
from api.services.turn import TICK, Turn
from api.services.working import Scene, append, follow, locked_scene, moment_of
from api.store import cases, incidents, nearby, reporters
from api.store.engine import Connection, reading, transaction
from api.store.incidents import Acknowledged
from gridmap.codes import is_parent
from gridmap.dispatch import calling, workflow
from gridmap.dispatch.actor import SYSTEM, Actor
from gridmap.dispatch.audience import territory
from gridmap.dispatch.calling import Proposal
from gridmap.dispatch.event import Signature
from gridmap.dispatch.fold import apply
from gridmap.dispatch.incident import Caller, Incident
from gridmap.dispatch.record import CaseRecord
from gridmap.resolution import Resolution


@dataclass(frozen=True)
class Reported:
    """What a report led to. ``repeated``: the same key had been acknowledged before."""

    incident_id: UUID
    case_id: UUID
    joined: bool
    repeated: bool


_NOTHING = Joins()


async def report(
    turn: Turn,
    incident: Incident,
    *,
    key: str,
    caller: Caller | None = None,
    joins: Joins = _NOTHING,
) -> Reported:
    """Store a report and open its case, or join it to the open one of the same problem.

    The case works on the target and in the operation that the report names.

    It joins only a case that the actor sees: somebody else's secret opens a second one. Where the
    whistle of the category blows by itself, it has been blown when this returns.

    All or nothing: when this returns, the report, its case, the opening event and the
    idempotency key are on disk together.

    Raises
    ------
    IdempotencyKeyReusedError
        The key stands for another report.
    GridmapError
        The place or category cannot be used; nothing was written.
    """
    actor, fingerprint = turn.actor, _fingerprint(incident, joins)
    incident = replace(incident, reporter=actor.account)
    async with reading(turn.engine, actor) as connection:
        # Before resolving: what was acknowledged once stays so under any later release.
        if known := await _repeated(connection, actor, key, fingerprint):
            return known
    question = Question(
        place=incident.place,
        category=incident.category,
        intake=incident.intake,
        filings=incident.filings,
        sides=incident.sides,
        owner=incident.owner,
    )
    answer = await resolution(question, turn.reference, now=incident.reported_at)
    async with transaction(turn.engine, actor) as connection:
        await incidents.lock_key(connection, actor.account, key)
        if known := await _repeated(connection, actor, key, fingerprint):
            return known
        case_id, joined = await _place_in_case(connection, turn, incident, answer)
        incident_id = UUID(incident.id)
        await incidents.store(connection, incident, case_id=case_id)
        if caller:
            await reporters.add(connection, incident_id, caller)
        await linking.join(connection, turn, case_id, joins)
        acknowledged = Acknowledged(fingerprint, incident_id, case_id, joined)
        await incidents.acknowledge(connection, actor.account, key, acknowledged)
    return Reported(incident_id, case_id, joined, repeated=False)


async def _repeated(
    connection: Connection, actor: Actor, key: str, fingerprint: str
) -> Reported | None:
    known = await incidents.acknowledged(connection, actor.account, key)
    if known is None:
        return None
    if known.fingerprint != fingerprint:
        raise IdempotencyKeyReusedError(key=key)
    return Reported(known.incident_id, known.case_id, known.joined, repeated=True)


async def _place_in_case(
    connection: Connection, turn: Turn, incident: Incident, answer: Resolution
) -> tuple[UUID, bool]:
    """Return the case that takes the report and whether it was there before."""
    await nearby.lock_neighbourhood(
        connection,
        incident.place,
        category=incident.category,
        radius_m=turn.reference.policy.duplicates.radius_m,
    )
    if not incident.separate:
        for near in await duplicates_in(
            connection,
            incident.place,
            incident.category,
            turn.reference,
            decision=answer.decision,
            now=incident.reported_at,
        ):
            if await _joined(connection, turn, incident, near.id):
                return near.id, True
    return await _opened(connection, turn, incident, answer), False


async def _joined(connection: Connection, turn: Turn, incident: Incident, case_id: UUID) -> bool:
    """Join the report to a case, unless somebody closed the case in the meantime."""
    try:
        scene = await locked_scene(connection, turn, case_id)
    except UnknownCaseError:
        return False
    if scene.case.closed_at:
        return False
    event = workflow.join(scene.case, incident=incident.id, by=_reporter(turn.actor), now=scene.now)
    await append(connection, scene, event)
    return True


async def _opened(
    connection: Connection, turn: Turn, incident: Incident, answer: Resolution
) -> UUID:
    if answer.plan is None:
        raise ValueError("a report names a category, so its resolution has a plan")
    reference, levels, planned = turn.reference, answer.attribution.levels, answer.plan
    release = reference.index.release
    sides = [side.area.code for side in planned.jurisdictions]
    superior = release.lowest_common_superior(sides)
    areas = territory(answer.decision, levels, release)
    event = workflow.report(
        planned,
        number=await cases.next_number(
            connection, day=incident.reported_at.astimezone(reference.policy.timezone)
        ),
        superior=superior.code if superior else None,
        areas=_within(areas, sides),
        analysis=planned.item.analysis or reference.policy.analysis,
        working_time=reference.working_time,
        by=_reporter(turn.actor),
        now=incident.reported_at,
    )
    record = CaseRecord(
        id=uuid4(),
        category=incident.category,
        place=incident.place,
        release=answer.attribution.release,
        release_title=release.title,
        catalogue=reference.catalogue.version,
        levels=levels,
        decision=answer.decision,
        plan=planned,
        case=apply(None, event),
        areas=areas,
        reporters=frozenset({incident.reporter}),
    )
    moment = moment_of(record.case, reference)
    opened = await cases.open_case(connection, record, event, moment=moment)
    await follow(connection, opened, event, moment)
    if planned.whistle.automatic and planned.calls:
        await _whistle(connection, turn, opened)
    return record.id


def _within(areas: Iterable[str], sides: Iterable[str]) -> tuple[str, ...]:
    """The concerned areas below the jurisdictions: communities and cells."""
    return tuple(sorted(code for code in areas if any(is_parent(side, code) for side in sides)))


async def _whistle(connection: Connection, turn: Turn, record: CaseRecord) -> None:
    """Blow the whistle that blows by itself: an emergency waits for nobody's analysis."""
    scene = Scene(record, turn.reference, SYSTEM, record.case.last_at + TICK)
    event = calling.blow(
        record.case,
        Proposal(record.plan.calls, record.plan.calls),
        record.plan.whistle,
        working_time=turn.reference.working_time,
        by=Signature(SYSTEM.account),
        now=scene.now,
    )
    await append(connection, scene, event)


def _reporter(actor: Actor) -> Signature:
    """Who reports signs with the first of their roles; everybody may report anywhere."""
    grant = actor.grants[0] if actor.grants else None
    return Signature(actor.account, grant.role, grant.unit) if grant else Signature(actor.account)


def _fingerprint(incident: Incident, joins: Joins) -> str:
    """What makes two requests the same report: everything but its id and time, and who called.

    A digest of a telephone number is the number to who tries them all.
    """
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
        *((joins,) if joins else ()),
        *((incident.owner,) if incident.owner else ()),  # older keys know no owners
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()
