"""Whistles: proposed by the plan, blown by a person, sent by the platform."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from api.services.errors import UnknownUnitError, UnknownWhistleKindError
from api.services.turn import Turn
from api.services.working import Scene, advance
from gridmap.boundary import Area
from gridmap.dispatch import calling
from gridmap.dispatch.calling import Proposal
from gridmap.dispatch.catalogue import WhistleKind
from gridmap.dispatch.event import Event
from gridmap.dispatch.plan import Call, Capacity, Plan, plan
from gridmap.dispatch.record import CaseRecord
from gridmap.dispatch.rights import Action, permit_whistle
from gridmap.resolution import Reference


@dataclass(frozen=True)
class Wish:
    """What a person makes of the proposal; nothing said means: as proposed.

    ``units`` are all to be called, by id; ``named`` the accounts or units (as keys) that alone see
    a confidential whistle besides those called.
    """

    kind: str | None = None
    units: tuple[str, ...] | None = None
    named: tuple[str, ...] = ()


async def blow(turn: Turn, case_id: UUID, wish: Wish) -> CaseRecord:
    """A whistle is blown by one of those whom its kind names; see `gridmap.dispatch.calling`."""

    def step(scene: Scene) -> Event:
        planned = current_plan(scene.record, scene.reference)
        kind = _kind(wish.kind, planned, scene.reference)
        by = permit_whistle(scene.actor, scene.matter(), kind)
        proposed = tuple(call for call in planned.calls if call.unit.id != by.unit)
        calls = _chosen(wish.units, scene, proposed)
        return calling.blow(
            scene.case,
            Proposal(proposed, calls),
            kind,
            named=wish.named,
            working_time=scene.reference.working_time,
            by=by,
            now=scene.now,
        )

    return await advance(turn, case_id, step)


def _kind(code: str | None, planned: Plan, reference: Reference) -> WhistleKind:
    if code is None:
        return planned.whistle
    if code not in reference.catalogue.whistle_kinds:
        raise UnknownWhistleKindError(kind=code, catalogue=reference.catalogue.version)
    return reference.catalogue.whistle_kinds[code]


async def dispatch(
    turn: Turn, case_id: UUID, whistle: str, units: tuple[str, ...] | None
) -> CaseRecord:
    """The platform accepts a whistle and sends the units, as called or changed."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.DISPATCH, whistle=whistle)
        called = scene.matter(whistle=whistle).whistle
        assert called is not None
        proposed = tuple(
            Call(one.unit, one.role, _areas(one.areas, scene.record)) for one in called.summons
        )
        return calling.dispatch(
            scene.case,
            whistle,
            _chosen(units, scene, proposed),
            working_time=scene.reference.working_time,
            by=by,
            now=scene.now,
        )

    return await advance(turn, case_id, step)


async def send_back(turn: Turn, case_id: UUID, whistle: str, *, reason: str) -> CaseRecord:
    """The platform returns a whistle."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.SEND_BACK, whistle=whistle)
        return calling.send_back(scene.case, whistle, reason=reason, by=by, now=scene.now)

    return await advance(turn, case_id, step)


async def lift_secrecy(turn: Turn, case_id: UUID, whistle: str) -> CaseRecord:
    """A confidential whistle becomes one like all others."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.LIFT_SECRECY, whistle=whistle)
        return calling.lift_secrecy(scene.case, whistle, by=by, now=scene.now)

    return await advance(turn, case_id, step)


async def summon(turn: Turn, case_id: UUID, whistle: str, *, unit: str, reason: str) -> CaseRecord:
    """One more unit is called."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.SUMMON, whistle=whistle)
        return calling.summon(
            scene.case,
            whistle,
            _call(unit, scene),
            reason=reason,
            working_time=scene.reference.working_time,
            by=by,
            now=scene.now,
        )

    return await advance(turn, case_id, step)


async def stand_down(turn: Turn, case_id: UUID, summons: str, *, reason: str) -> CaseRecord:
    """A unit is not needed after all."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.STAND_DOWN, summons=summons)
        return calling.stand_down(scene.case, summons, reason=reason, by=by, now=scene.now)

    return await advance(turn, case_id, step)


def current_plan(record: CaseRecord, reference: Reference) -> Plan:
    """The plan by today's directory: units that were missing when the case opened may be there.

    The decision stays. Under another release than the case's own the plan stays, too: codes may
    have changed hands.
    """
    release = reference.index.release
    known = record.plan.item.whistle_kind in reference.catalogue.whistle_kinds
    if release.id != record.release or not known:
        return record.plan
    return plan(
        record.decision,
        record.plan.item,
        catalogue=reference.catalogue,
        directory=reference.directory,
        release=release,
    )


def _chosen(
    units: Iterable[str] | None, scene: Scene, proposed: tuple[Call, ...]
) -> tuple[Call, ...]:
    """The calls of the units that a person chose, in the capacity in which they were proposed."""
    if units is None:
        return proposed
    known = {call.unit.id: call for call in proposed}
    return tuple(known.get(unit) or _call(unit, scene) for unit in dict.fromkeys(units))


def _call(unit_id: str, scene: Scene) -> Call:
    unit = scene.reference.directory.find(unit_id)
    if unit is None:
        raise UnknownUnitError(unit=unit_id)
    return Call(unit, Capacity.ASSISTING, (scene.record.holder,))


def _areas(codes: Iterable[str], record: CaseRecord) -> tuple[Area, ...]:
    sides = {area.code: area for area in (record.decision.lead, *record.decision.assisting)}
    return tuple(sides[code] for code in codes if code in sides)
