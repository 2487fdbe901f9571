"""Scores (考核) of departments by streets, each period."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.deps import SignedInHere, signed_in
from api.schemas.scores import (
    ClosedOut,
    Period,
    PeriodIn,
    ScoreIn,
    ScoreOut,
    ScoresOut,
    results,
)
from api.services import books, scoring
from api.services.books import SCORES
from api.store import scores
from api.store.engine import reading
from gridmap.dispatch.score import span

router = APIRouter(prefix="/scores", tags=["scores"], dependencies=[Depends(signed_in)])


@router.post("")
async def give(given: ScoreIn, here: SignedInHere) -> ScoreOut:
    """Score a department, or revise the score until the period is closed."""
    one = await scoring.give(
        here,
        period=given.period,
        street=given.street,
        unit=given.unit,
        items=given.items,
        remark=given.remark,
    )
    return ScoreOut.of(one)


@router.get("")
async def read_scores(
    here: SignedInHere,
    period: Period,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ScoresOut:
    """Return the scores of a period that whoever asks sees, and what departments come to."""
    measures = here.reference.policy.measures
    from_at, until_at = span(period, here.reference.policy.timezone)
    async with reading(here.engine, here.actor) as connection:
        ids = await scores.ids(connection, period, limit=limit)
        standings = await scores.standings(connection, period, from_at, until_at)
    found = [(await books.read(here, SCORES, one))[0] for one in ids]
    units = {one.unit: here.reference.directory.find(one.unit) for one in standings}
    names = {unit: known.name for unit, known in units.items() if known}
    return ScoresOut(
        period=period,
        minimum=measures.minimum,
        results=results(standings, measures, names),
        scores=tuple(ScoreOut.of(one) for one in found),
    )


@router.post("/periods")
async def close_period(given: PeriodIn, here: SignedInHere) -> ClosedOut:
    """Close a period that has ended, for an area and all in it, as a supervisor."""
    frozen = await scoring.close(here, period=given.period, area=given.area)
    return ClosedOut(period=given.period, area=given.area, frozen=frozen)
