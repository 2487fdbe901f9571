"""The figures on the wire."""

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from pydantic import Field

from api.schemas.values import Wire
from gridmap.dispatch.figures import Figure, Rate
from gridmap.dispatch.step import Step


class RateOut(Wire):
    """A figure: the counts always; rate and rank from the minimum count on."""

    part: int
    of: int
    rate: float | None = Field(description="null below the minimum count")
    rank: int | None = Field(description="among the groups of this answer, the best first")
    cases: str = Field(description="the address of the cases behind it")

    @classmethod
    def of_rate(cls, one: Rate, address: str) -> "RateOut":
        return cls(part=one.part, of=one.of, rate=one.rate, rank=one.rank, cases=address)


class MeanOut(Wire):
    """A mean with how many it is of; null below the minimum count."""

    mean: float | None
    of: int

    @classmethod
    def of_sum(cls, total: float, of: int, minimum: int) -> "MeanOut":
        return cls(mean=total / of if of >= minimum else None, of=of)


class GroupOut(Wire):
    key: str
    name: str
    cases: int
    figures: dict[Figure, RateOut]
    evaluation: MeanOut = Field(description="what conveners gave, 1 to 5")
    wrong_places: int = Field(description="arrivals reported from elsewhere; they count as none")
    left_early: int = Field(description="units that left before their release")
    steps_s: dict[Step, MeanOut] = Field(description="seconds spent in each step, when it ended")


class FiguresOut(Wire):
    by: str
    from_at: datetime
    until_at: datetime
    minimum: int
    groups: tuple[GroupOut, ...]
    now: datetime


class BehindOut(Wire):
    id: UUID
    number: str
    part: int
    of: int


class BehindListOut(Wire):
    figure: Figure
    cases: tuple[BehindOut, ...]


def address(figure: Figure, query: dict[str, str]) -> str:
    """Return where the cases behind a figure are."""
    return f"/api/v1/figures/{figure}/cases?{urlencode(query)}"
