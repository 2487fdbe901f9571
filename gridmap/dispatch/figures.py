"""The figures, defined: what counts, and what of it was as it should be (docs/figures.md).

A rate is a share of a count, and is told of no fewer than the policy's minimum. The store counts
the same in SQL; a test holds the two against each other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gridmap.dispatch.case import Case
from gridmap.dispatch.event import Event, EventKind
from gridmap.dispatch.step import Step

SATISFIED = 4  # of 1 to 5: content, very content


class Figure(StrEnum):
    RESPONSE = "response"  # 响应率
    ARRIVAL = "arrival"  # 按时到场率
    FINISH = "finish"  # 办结率
    RESOLUTION = "resolution"  # 结案率
    SATISFACTION = "satisfaction"  # 满意率
    WHISTLE = "whistle"  # 吹哨率
    RETURN = "return"  # 退回率
    REPEAT = "repeat"  # 重复率


# The lower the better.
FEWER_IS_BETTER = frozenset({Figure.RETURN, Figure.REPEAT})
OF_SUMMONS = frozenset({Figure.RESPONSE, Figure.ARRIVAL, Figure.FINISH})


@dataclass(frozen=True)
class Share:
    """``part`` of ``of``."""

    part: int = 0
    of: int = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.part + other.part, self.of + other.of)


@dataclass(frozen=True)
class SummonsRow:
    """What the figures ask of one summons. ``held``: its case is on hold, its clocks stand still.

    ``arrived_at`` is set by a position inside the geofence or the convener's countersignature
    alone; ``wrong_places`` and ``left_early`` are counted beside it.
    """

    respond_by: datetime | None = None
    responded_at: datetime | None = None
    arrive_by: datetime | None = None
    arrived_at: datetime | None = None
    finish_by: datetime | None = None
    finished_at: datetime | None = None
    stood_down: bool = False
    held: bool = False
    wrong_places: int = 0
    left_early: bool = False
    score: int | None = None


@dataclass(frozen=True)
class CaseRow:
    """What the figures ask of one case; ``repeats``: an earlier one of the item was near."""

    closed: bool = False
    merged: bool = False
    whistles: int = 0
    sent_back: int = 0
    reopened: int = 0
    repeats: bool = False
    rated: int = 0
    satisfied: int = 0


def of_summons(figure: Figure, row: SummonsRow, now: datetime) -> Share:
    """Return what a summons adds to a figure: it counts once it was done or its clock is over.

    A unit that was stood down before it did so does not count, nor one without the clock; a
    finish without a clock counts when it is done.
    """
    by, at = _stage(figure, row)
    if by is None:
        return Share(1, 1) if at is not None and figure is Figure.FINISH else Share()
    if at is not None:
        return Share(int(at <= by), 1)
    is_over = by < now and not row.stood_down and not row.held
    return Share(0, int(is_over))


def _stage(figure: Figure, row: SummonsRow) -> tuple[datetime | None, datetime | None]:
    if figure is Figure.RESPONSE:
        return row.respond_by, row.responded_at
    if figure is Figure.ARRIVAL:
        return row.arrive_by, row.arrived_at
    return row.finish_by, row.finished_at


def of_case(figure: Figure, row: CaseRow) -> Share:
    """Return what a case adds to a figure; one that was merged goes on as another and adds none."""
    if row.merged:
        return Share()
    return _OF_CASE[figure](row)


_OF_CASE: Mapping[Figure, Callable[[CaseRow], Share]] = {
    Figure.RESOLUTION: lambda row: Share(int(row.closed), 1),
    Figure.SATISFACTION: lambda row: Share(row.satisfied, row.rated),
    Figure.WHISTLE: lambda row: Share(int(row.whistles > 0), 1),
    Figure.RETURN: lambda row: Share(row.sent_back, row.whistles),
    Figure.REPEAT: lambda row: Share(int(row.reopened > 0 or row.repeats), 1),
}


def counted(
    cases: Iterable[CaseRow], summons: Iterable[SummonsRow], now: datetime
) -> dict[Figure, Share]:
    """Return every figure's count over some cases and the summons of them."""
    totals = dict.fromkeys(Figure, Share())
    for case in cases:
        for figure in _OF_CASE:
            totals[figure] += of_case(figure, case)
    for one in summons:
        for figure in OF_SUMMONS:
            totals[figure] += of_summons(figure, one, now)
    return totals


@dataclass(frozen=True)
class Rate:
    """A figure as it is told: the count always, the share and the rank from the minimum on."""

    part: int
    of: int
    rate: float | None = None
    rank: int | None = None


def rate(share: Share, *, minimum: int) -> Rate:
    """Return a share as it is told.

    >>> rate(Share(4, 5), minimum=5)
    Rate(part=4, of=5, rate=0.8, rank=None)
    >>> rate(Share(4, 4), minimum=5)
    Rate(part=4, of=4, rate=None, rank=None)
    """
    told = share.part / share.of if share.of >= max(minimum, 1) else None
    return Rate(share.part, share.of, told)


def ranked(figure: Figure, shares: Sequence[Share], *, minimum: int) -> list[Rate]:
    """Return shares with their ranks, the best first; equal ones share one, small ones have none.

    >>> [one.rank for one in ranked(Figure.ARRIVAL, [Share(9, 9), Share(1, 9), Share(1, 1)],
    ...                             minimum=5)]
    [1, 2, None]
    """
    rates = [rate(share, minimum=minimum) for share in shares]
    told = [one.rate for one in rates if one.rate is not None]
    sign = 1 if figure in FEWER_IS_BETTER else -1

    def rank(one: Rate) -> int | None:
        if one.rate is None:
            return None
        return 1 + sum(sign * other < sign * one.rate for other in told)

    return [Rate(one.part, one.of, one.rate, rank(one)) for one in rates]


# --- what an event adds to a case's tally -----------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """What one event adds to the counts of its case; the step that ended with it, if one did."""

    whistles: int = 0
    sent_back: int = 0
    reopened: int = 0
    told: int = 0
    rated: int = 0
    rating: int = 0
    satisfied: int = 0
    left: Step | None = None


def tally(before: Case, after: Case, event: Event) -> Tally:
    """Return what an event adds."""
    rating = event.data.get("satisfaction") if event.kind is EventKind.FED_BACK else None
    return Tally(
        whistles=int(event.kind is EventKind.WHISTLE_BLOWN),
        sent_back=int(event.kind is EventKind.SENT_BACK),
        reopened=int(event.kind is EventKind.REOPENED),
        told=int(event.kind is EventKind.FED_BACK),
        rated=int(rating is not None),
        rating=rating or 0,
        satisfied=int(rating is not None and rating >= SATISFIED),
        left=before.step if after.step is not before.step else None,
    )
