"""Scores (考核): given, revised, frozen when their period is closed."""

from collections.abc import Mapping
from uuid import UUID

from api.services import books
from api.services.bookkeeping import unit_of
from api.services.books import SCORES
from api.services.turn import Turn
from api.store import scores
from api.store.engine import as_service, transaction
from api.store.failings import prefix
from gridmap.dispatch import score
from gridmap.dispatch.mandates import Affair, Deed, permit
from gridmap.dispatch.score import Score, ScoreHead
from gridmap.dispatch.subject_audience import lineage
from gridmap.dispatch.subject_refusals import SubjectStateError, SubjectValueError
from gridmap.level import Level


async def give(
    turn: Turn,
    *,
    period: str,
    street: str,
    unit: str,
    items: Mapping[str, float],
    remark: str,
) -> Score:
    """A street scores a department, or revises what it gave it in the period.

    Raises
    ------
    SubjectStateError
        The period is closed.
    SubjectValueError
        The scored unit is the street's own, or the scorer no street.
    """
    score.span(period, turn.reference.policy.timezone)
    office, scored = unit_of(turn, street), unit_of(turn, unit)
    head = ScoreHead(period, office.id, office.area_code, scored.id, scored.area_code)
    about = Affair("score", "", owner=office.id, owner_area=office.area_code)
    by = permit(Deed.SCORE, turn.actor, about)
    if turn.reference.index.release.area(office.area_code).level is not Level.STREET:
        raise SubjectValueError(what="score", where="street", why=f"{street} is no street's office")
    if office.area_code == scored.area_code:
        raise SubjectValueError(what="score", where="unit", why=f"{unit} is of the street itself")
    async with transaction(turn.engine, turn.actor) as connection:
        await scores.lock_period(connection, period)
        if await scores.is_closed(connection, period, lineage(office.area_code)):
            why = f"period {period} is closed"
            raise SubjectStateError(what="score", id=f"{street} of {unit}", why=why)
        known = await scores.given(connection, head)
        if known is None:
            entry = score.give(head, items, remark=remark, by=by, now=turn.now)
            return (await books.begin(connection, SCORES, entry)).state
        page = await books.locked(connection, SCORES, known, turn.now)
        entry = score.revise(page.state, items, remark=remark, by=by, now=page.now)
        return (await books.append(connection, page, entry)).state


async def close(turn: Turn, *, period: str, area: str) -> int:
    """A supervisor closes a period for an area and all in it; returns how many scores that froze.

    Raises
    ------
    SubjectStateError
        It is closed already, or has not ended.
    """
    _, until_at = score.span(period, turn.reference.policy.timezone)
    turn.reference.index.release.area(area)
    by = permit(Deed.CLOSE_SCORES, turn.actor, Affair("period", period, owner_area=area))
    if turn.now < until_at:
        why = f"it runs until {until_at.date().isoformat()}"
        raise SubjectStateError(what="period", id=period, why=why)
    async with transaction(turn.engine, turn.actor) as connection:
        await scores.lock_period(connection, period)
        if await scores.is_closed(connection, period, lineage(area)):
            raise SubjectStateError(what="period", id=period, why=f"it is closed for {area}")
        await scores.close(connection, period, area, now=turn.now, account=turn.actor.account)
        async with as_service(connection):
            ids: list[UUID] = await scores.open_in(connection, period, prefix(area))
            for one in ids:
                page = await books.locked(connection, SCORES, one, turn.now)
                entry = score.close(page.state, by=by, now=page.now)
                await books.append(connection, page, entry)
    return len(ids)
