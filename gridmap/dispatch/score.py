"""Scores (考核): streets score departments each period; revisable until it is closed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, tzinfo

from gridmap.dispatch.event import Signature
from gridmap.dispatch.journal import Entry, EntryKind
from gridmap.dispatch.lead import Measures
from gridmap.dispatch.subject_refusals import SubjectStateError, SubjectValueError

_PERIOD = re.compile(r"(?P<year>\d{4})-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2]))")
_LOWEST, _HIGHEST = 1.0, 100.0
_BEST_EVALUATION = 5  # of a summons: 1 to 5


def span(period: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the instants between which a period runs, the last one not in it.

    >>> from zoneinfo import ZoneInfo
    >>> [str(one.date()) for one in span("2026-Q4", ZoneInfo("Asia/Shanghai"))]
    ['2026-10-01', '2027-01-01']

    Raises
    ------
    SubjectValueError
        It is neither a month, 2026-11, nor a quarter, 2026-Q4.
    """
    found = _PERIOD.fullmatch(period)
    if found is None or int(found["year"]) == 0:
        why = f"{period!r} is neither a month such as 2026-11 nor a quarter such as 2026-Q4"
        raise SubjectValueError(what="score", where="period", why=why)
    first = int(found["month"]) if found["month"] else 3 * int(found["quarter"]) - 2
    year, months = int(found["year"]), 1 if found["month"] else 3
    end = date(year + (first + months > 12), (first + months - 1) % 12 + 1, 1)  # noqa: PLR2004 - months
    return (
        datetime.combine(date(year, first, 1), time(0), tzinfo=zone),
        datetime.combine(end, time(0), tzinfo=zone),
    )


@dataclass(frozen=True)
class Score:
    """What one street gives one department in one period; ``items`` are its parts by name."""

    id: str
    period: str
    street: str  # unit id
    street_area: str
    unit: str
    unit_area: str
    value: float
    last_at: datetime
    version: int = 1
    items: Mapping[str, float] = field(default_factory=dict)
    remark: str = ""
    closed_at: datetime | None = None


@dataclass(frozen=True)
class ScoreHead:
    period: str
    street: str
    street_area: str
    unit: str
    unit_area: str


def give(
    head: ScoreHead,
    items: Mapping[str, float],
    *,
    remark: str,
    by: Signature,
    now: datetime,
) -> Entry:
    """A street scores a department for the first time in a period."""
    data = {
        "period": head.period,
        "street": head.street,
        "street_area": head.street_area,
        "unit": head.unit,
        "unit_area": head.unit_area,
        "items": _checked(items),
    }
    return Entry(EntryKind.SCORED, now, by, data, {"remark": remark} if remark else {})


def revise(
    score: Score, items: Mapping[str, float], *, remark: str, by: Signature, now: datetime
) -> Entry:
    """The street thinks again, until the period is closed."""
    _refuse_closed(score)
    data = {"items": _checked(items)}
    return Entry(EntryKind.SCORED, now, by, data, {"remark": remark} if remark else {})


def close(score: Score, *, by: Signature, now: datetime) -> Entry:
    """The period is closed: the score stays as it is."""
    _refuse_closed(score)
    return Entry(EntryKind.SCORE_CLOSED, now, by)


def _refuse_closed(score: Score) -> None:
    if score.closed_at:
        why = f"period {score.period} is closed; a score of it stays as it is"
        raise SubjectStateError(what="score", id=score.id, why=why)


def _checked(items: Mapping[str, float]) -> dict[str, float]:
    if not items:
        raise SubjectValueError(what="score", where="items", why="give at least one")
    for name, value in items.items():
        if not _LOWEST <= value <= _HIGHEST:  # also refuses NaN
            raise SubjectValueError(what="score", where=name, why=f"{value} is not in 1 to 100")
    return dict(items)


def fold(score_id: str, entries: Iterable[Entry]) -> Score:
    """Return the score that its entries, in order, add up to."""
    score: Score | None = None
    for entry in entries:
        score = _given(score_id, entry) if score is None else apply(score, entry)
    if score is None:
        raise ValueError("a score has at least the entry that gave it")
    return score


def apply(score: Score, entry: Entry) -> Score:
    """Return the score after one more entry."""
    stamped = replace(score, version=score.version + 1, last_at=entry.at)
    if entry.kind is EntryKind.SCORE_CLOSED:
        return replace(stamped, closed_at=entry.at)
    items = entry.data["items"]
    remark = entry.texts.get("remark", "")
    return replace(stamped, items=items, value=_mean(items), remark=remark)


def _given(score_id: str, entry: Entry) -> Score:
    data = entry.data
    return Score(
        id=score_id,
        period=data["period"],
        street=data["street"],
        street_area=data["street_area"],
        unit=data["unit"],
        unit_area=data["unit_area"],
        value=_mean(data["items"]),
        items=data["items"],
        remark=entry.texts.get("remark", ""),
        last_at=entry.at,
    )


def _mean(items: Mapping[str, float]) -> float:
    return sum(items.values()) / len(items)


@dataclass(frozen=True)
class Standing:
    """What a department's result is made of in a period; sums with their counts."""

    unit: str
    streets: int  # that scored it
    scores: float
    evaluated: int
    evaluations: int
    rated: int
    satisfied: int


def result(one: Standing, measures: Measures) -> float | None:
    """Return a department's result, 0 to 100; ``None`` below the minimum of streets.

    The weighted mean of what streets scored (1 to 100), of how its summons were evaluated (1 to 5,
    told as 20 to 100) and of the share of reporters who were content; a part with nothing to count
    is left out with its weight.
    """
    if one.streets < max(measures.minimum, 1):
        return None
    parts = [(measures.weight_score, one.scores / one.streets)]
    if one.evaluated:
        mean = one.evaluations / one.evaluated
        parts.append((measures.weight_evaluation, 100 * mean / _BEST_EVALUATION))
    if one.rated:
        parts.append((measures.weight_satisfaction, 100 * one.satisfied / one.rated))
    weight = sum(weight for weight, _ in parts)
    return sum(weight * value for weight, value in parts) / weight if weight else None
