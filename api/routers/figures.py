"""The figures: rates with their counts, and the cases behind each (docs/figures.md)."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from api.deps import SignedInHere, signed_in
from api.schemas.figures import (
    BehindListOut,
    BehindOut,
    FiguresOut,
    GroupOut,
    MeanOut,
    RateOut,
    address,
)
from api.schemas.values import Code, Name
from api.services.turn import Turn
from api.store import figures
from api.store.engine import reading
from api.store.figures import By, Counts, Question
from gridmap.dispatch.figures import Figure, Rate, ranked
from gridmap.dispatch.subject_refusals import SubjectValueError
from gridmap.errors import UnknownAreaError
from gridmap.level import Level

router = APIRouter(tags=["figures"], dependencies=[Depends(signed_in)])

_DAYS = 30  # back from now, where no period is named
_DIGITS = {Level.DISTRICT: 6, Level.STREET: 9, Level.COMMUNITY: 12, Level.CELL: 15}
From = Annotated[AwareDatetime | None, Query(alias="from", description="30 days ago if absent")]
Until = Annotated[AwareDatetime | None, Query(description="now if absent")]


def _question(
    here: SignedInHere,
    *,
    from_at: From = None,
    until: Until = None,
    by: By = By.ALL,
    area: Annotated[Code | None, Query(description="with all in it")] = None,
    level: Annotated[Level, Query(description="of the areas told apart")] = Level.DISTRICT,
    category: Name | None = None,
    class_code: Annotated[Name | None, Query(alias="class")] = None,
    unit: Name | None = None,
    operation: UUID | None = None,
    key: Annotated[Name | None, Query(description="one group alone")] = None,
) -> Question:
    """Return which cases are counted, and how they are told apart."""
    until_at = until or here.now
    begin = from_at or until_at - timedelta(days=_DAYS)
    if begin >= until_at:
        why = f"{begin.isoformat()} is not before {until_at.isoformat()}"
        raise SubjectValueError(what="figures", where="from", why=why)
    if level not in _DIGITS:
        known = ", ".join(_DIGITS)
        raise SubjectValueError(what="figures", where="level", why=f"tell apart {known}")
    return Question(
        from_at=begin,
        until_at=until_at,
        now=here.now,
        measures=here.reference.policy.measures,
        by=by,
        area=area,
        digits=_DIGITS[level],
        category=category,
        class_code=class_code,
        unit=unit,
        operation=operation,
        key=key,
    )


Asked = Annotated[Question, Depends(_question)]


@router.get("/figures")
async def read_figures(asked: Asked, here: SignedInHere) -> FiguresOut:
    """Return the figures of the cases that whoever asks sees, opened in a period."""
    async with reading(here.engine, here.actor) as connection:
        found = await figures.counts(connection, asked)
    minimum = asked.measures.minimum
    rates = {
        figure: ranked(figure, [one.shares[figure] for one in found], minimum=minimum)
        for figure in Figure
    }
    groups = tuple(
        _group(one, {figure: rates[figure][row] for figure in Figure}, asked, here)
        for row, one in enumerate(found)
    )
    return FiguresOut(
        by=asked.by,
        from_at=asked.from_at,
        until_at=asked.until_at,
        minimum=minimum,
        groups=groups,
        now=here.now,
    )


@router.get("/figures/{figure}/cases")
async def read_cases_behind(
    figure: Figure,
    asked: Asked,
    here: SignedInHere,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> BehindListOut:
    """Return the cases that a figure counts, with what each adds to it."""
    async with reading(here.engine, here.actor) as connection:
        rows = await figures.behind(connection, asked, figure, limit=limit)
    return BehindListOut(
        figure=figure,
        cases=tuple(
            BehindOut(id=one.id, number=one.number, part=one.share.part, of=one.share.of)
            for one in rows
        ),
    )


def _group(one: Counts, rates: dict[Figure, Rate], asked: Question, here: Turn) -> GroupOut:
    query = _query(asked) | ({"key": one.key} if asked.by is not By.ALL else {})
    minimum = asked.measures.minimum
    return GroupOut(
        key=one.key,
        name=_name(one.key, asked.by, here),
        cases=one.cases,
        figures={
            figure: RateOut.of_rate(
                found if asked.by is not By.ALL else Rate(found.part, found.of, found.rate),
                address(figure, query),
            )
            for figure, found in rates.items()
        },
        evaluation=MeanOut.of_sum(one.scores, one.evaluated, minimum),
        wrong_places=one.wrong_places,
        left_early=one.left_early,
        steps_s={
            step: MeanOut.of_sum(seconds, of, minimum) for step, (seconds, of) in one.steps.items()
        },
    )


def _query(asked: Question) -> dict[str, str]:
    """What asks for the same cases again."""
    level = next(level for level, digits in _DIGITS.items() if digits == asked.digits)
    given: dict[str, object | None] = {
        "from": _text(asked.from_at),
        "until": _text(asked.until_at),
        "by": asked.by,
        "level": level,
        "area": asked.area,
        "category": asked.category,
        "class": asked.class_code,
        "unit": asked.unit,
        "operation": asked.operation,
    }
    return {key: str(value) for key, value in given.items() if value is not None}


def _text(at: datetime) -> str:
    return at.isoformat()


def _name(key: str, by: By, here: Turn) -> str:
    reference = here.reference
    if by is By.UNIT:
        unit = reference.directory.find(key)
        return unit.name if unit else key
    if by is By.CATEGORY:
        item = reference.catalogue.items.get(key)
        return item.name if item else key
    if by is By.CLASS:
        found = reference.catalogue.classes.get(key)
        return found.name if found else key
    if by is By.AREA:
        with suppress(UnknownAreaError):  # of an older release
            return reference.index.release.area(key).name
    return key
