"""Scores of departments by streets on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas.values import Code, Name, Text, Wire
from gridmap.dispatch.lead import Measures
from gridmap.dispatch.score import Score, Standing, result

Period = Annotated[str, Field(pattern=r"^[0-9]{4}-(Q[1-4]|0[1-9]|1[0-2])$", examples=["2026-Q4"])]
Points = Annotated[float, Field(strict=True)]


class ScoreIn(Wire):
    """What a street gives a department in a period: the mean of its items, each 1 to 100."""

    period: Period
    street: Name = Field(description="the street's office, by id")
    unit: Name = Field(description="the department, by id")
    items: Annotated[dict[Name, Points], Field(min_length=1, max_length=50)]
    remark: Text = ""


class ScoreOut(Wire):
    id: UUID
    period: str
    street: str
    unit: str
    score: float
    items: dict[str, float]
    remark: str
    scored_at: datetime
    closed_at: datetime | None
    version: int

    @classmethod
    def of(cls, one: Score) -> "ScoreOut":
        return cls(
            id=UUID(one.id),
            period=one.period,
            street=one.street,
            unit=one.unit,
            score=one.value,
            items=dict(one.items),
            remark=one.remark,
            scored_at=one.last_at,
            closed_at=one.closed_at,
            version=one.version,
        )


class ResultOut(Wire):
    """A department's result with what it is made of; null below the minimum of streets."""

    unit: str
    unit_name: str
    result: float | None
    rank: int | None
    streets: int = Field(description="that scored it")
    evaluated: int = Field(description="summons that were evaluated")
    rated: int = Field(description="reporters who answered")
    satisfied: int = Field(description="of them, content")


class ScoresOut(Wire):
    period: str
    minimum: int
    results: tuple[ResultOut, ...]
    scores: tuple[ScoreOut, ...]


class PeriodIn(Wire):
    period: Period
    area: Code = Field(description="with all in it")


class ClosedOut(Wire):
    period: str
    area: str
    frozen: int = Field(description="how many scores")


def results(
    standings: list[Standing], measures: Measures, names: dict[str, str]
) -> tuple[ResultOut, ...]:
    """Return the results, the best first; those below the minimum last, without a rank."""
    found = [(one, result(one, measures)) for one in standings]
    told = [value for _, value in found if value is not None]
    found.sort(key=lambda pair: (pair[1] is None, -(pair[1] or 0), pair[0].unit))
    return tuple(
        ResultOut(
            unit=one.unit,
            unit_name=names.get(one.unit, one.unit),
            result=value,
            rank=None if value is None else 1 + sum(other > value for other in told),
            streets=one.streets,
            evaluated=one.evaluated,
            rated=one.rated,
            satisfied=one.satisfied,
        )
        for one, value in found
    )
