"""Clocks: a start and a span of real or working time, stopped by pauses.

A deadline is the instant at which so much of a clock's time has passed outside of its pauses: a
pure function, asked again when the State Council announces next year's holidays. Now is always a
parameter; nothing here reads the time.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count
from typing import Protocol
from zoneinfo import ZoneInfo

from gridmap.dispatch.errors import (
    NaiveInstantError,
    PauseError,
    SpanError,
    WorkingHoursError,
)

_LONGEST_MIN = 10 * 366 * 1440.0  # ten years; a longer clock is a slip of the pen
_LONGEST_REST_DAYS = 366  # no working day for longer than this: the calendar is broken
_MIDNIGHT = time(0)


@dataclass(frozen=True)
class Span:
    """So many minutes of real time, or of ``working`` time."""

    minutes: float
    working: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.minutes) and 0 < self.minutes <= _LONGEST_MIN):
            raise SpanError(minutes=self.minutes, longest_min=_LONGEST_MIN)

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Pause:
    """A clock stands still from one instant until another; ``None``: it is not known until when."""

    from_at: datetime
    until_at: datetime | None = None

    def __post_init__(self) -> None:
        _refuse_naive(self.from_at)
        if self.until_at is not None:
            _refuse_naive(self.until_at)
            if self.until_at < self.from_at:
                raise PauseError(from_at=self.from_at, until_at=self.until_at)


@dataclass(frozen=True)
class WorkingHours:
    """The working intervals of a working day, in local time, in order; 00:00 ends a day."""

    intervals: tuple[tuple[time, time], ...]
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if not self.intervals:
            raise WorkingHoursError(interval="", why="there is none")
        before = timedelta(0)
        for opens, closes in self.intervals:
            begin, end = _since_midnight(opens), _since_midnight(closes) or timedelta(days=1)
            interval = f"{opens:%H:%M}-{closes:%H:%M}"
            if end <= begin:
                raise WorkingHoursError(interval=interval, why="it ends before it begins")
            if begin < before:
                raise WorkingHoursError(interval=interval, why="it begins before the last one ends")
            before = end

    def on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield the day's working intervals as instants."""
        for opens, closes in self.intervals:
            last = day + timedelta(days=1) if closes == _MIDNIGHT else day
            yield self._instant(day, opens), self._instant(last, closes)

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)


def _since_midnight(at: time) -> timedelta:
    return timedelta(
        hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond
    )


class Calendar(Protocol):
    """Which days are worked. ``version`` changes when the answers may."""

    @property
    def version(self) -> str: ...

    def is_working_day(self, on: date) -> bool: ...

    def is_provisional(self, year: int) -> bool:
        """Whether the year's holidays are a guess: they have not been announced yet."""
        ...


@dataclass(frozen=True)
class WorkingTime:
    """When work is done: these hours on the working days of this calendar."""

    hours: WorkingHours
    calendar: Calendar


class Escalated(StrEnum):
    """Who is told that a part of a clock has passed."""

    UNIT = "unit"  # the unit summoned
    CONVENER = "convener"  # who called it
    SUPERIOR = "superior"  # the government above the convener


@dataclass(frozen=True)
class Escalation:
    """At so many percent of a clock somebody is told; 100: it has run out."""

    percent: int
    to: Escalated


@dataclass(frozen=True)
class Moment:
    """When so many percent of a span have passed; ``None`` while a pause has no end."""

    percent: int
    at: datetime | None


def due(
    start: datetime, span: Span, working_time: WorkingTime, pauses: Iterable[Pause] = ()
) -> datetime | None:
    """Return the instant (UTC) at which the span has passed; ``None`` while a pause has no end.

    A span that is used up exactly at closing time, or as a pause begins, is due then, and not when
    work goes on.
    """
    return _after(span.length, _running(start, span, working_time, pauses))


def elapsed(
    start: datetime,
    until: datetime,
    span: Span,
    working_time: WorkingTime,
    pauses: Iterable[Pause] = (),
) -> timedelta:
    """Return how much of the clock's own time has passed until an instant; none before its start.

    It goes on past the deadline: what is more than the span is how late somebody is.
    """
    _refuse_naive(until)
    passed = timedelta(0)
    for opens, closes in _running(start, span, working_time, pauses):
        if opens >= until:
            break
        passed += min(closes, until) - opens
        if closes >= until:
            break
    return passed


def remaining(
    start: datetime,
    now: datetime,
    span: Span,
    working_time: WorkingTime,
    pauses: Iterable[Pause] = (),
) -> timedelta:
    """Return how much of the span is left, in the clock's own time; negative when it is over."""
    return span.length - elapsed(start, now, span, working_time, pauses)


def moments(
    start: datetime,
    span: Span,
    percents: Iterable[int],
    working_time: WorkingTime,
    pauses: Iterable[Pause] = (),
) -> tuple[Moment, ...]:
    """Return the instants at which so many percent of the span have passed, as asked for."""
    stopped = tuple(pauses)

    def after(percent: int) -> datetime | None:
        running = _running(start, span, working_time, stopped)
        return _after(span.length * percent / 100, running)

    return tuple(Moment(percent, after(percent)) for percent in percents)


def is_provisional(start: datetime, until: datetime, span: Span, working_time: WorkingTime) -> bool:
    """Whether a deadline may move: working time that runs through a year not announced yet."""
    zone = working_time.hours.zone
    years = range(start.astimezone(zone).year, until.astimezone(zone).year + 1)
    return span.working and any(working_time.calendar.is_provisional(year) for year in years)


# --- the time that counts -------------------------------------------------------------------

# The instants between which a clock runs, in order and apart from each other; the last interval of
# real time has no end.
_Interval = tuple[datetime, datetime]
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def _after(length: timedelta, running: Iterable[_Interval]) -> datetime | None:
    left = length
    for opens, closes in running:
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    return None


def _running(
    start: datetime, span: Span, working_time: WorkingTime, pauses: Iterable[Pause]
) -> Iterator[_Interval]:
    _refuse_naive(start)
    begin = start.astimezone(UTC)
    stopped = _merged(pauses)
    counts = _working(begin, working_time) if span.working else iter([(begin, _END_OF_TIME)])
    for opens, closes in counts:
        if stopped and stopped[-1][1] == _END_OF_TIME and opens >= stopped[-1][0]:
            return  # nothing counts any more
        yield from _outside(opens, closes, stopped)


def _working(begin: datetime, working_time: WorkingTime) -> Iterator[_Interval]:
    hours, rest_days = working_time.hours, 0
    # From the day before: where a day's hours end at midnight, the zone may put them after it.
    first = begin.astimezone(hours.zone).date() - timedelta(days=1)
    for number in count():
        day = first + timedelta(days=number)
        if not working_time.calendar.is_working_day(day):
            rest_days += 1
            if rest_days > _LONGEST_REST_DAYS:
                why = f"the calendar has no working day in the {rest_days} days up to {day}"
                raise WorkingHoursError(interval="", why=why)
            continue
        rest_days = 0
        for opens, closes in hours.on(day):
            if closes > begin:
                yield max(opens, begin), closes


def _merged(pauses: Iterable[Pause]) -> list[_Interval]:
    merged: list[_Interval] = []
    spans = ((one.from_at, one.until_at or _END_OF_TIME) for one in pauses)
    for from_at, until_at in sorted((a.astimezone(UTC), b.astimezone(UTC)) for a, b in spans):
        if merged and from_at <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until_at))
        else:
            merged.append((from_at, until_at))
    return merged


def _outside(
    opens: datetime, closes: datetime, stopped: Iterable[_Interval]
) -> Iterator[_Interval]:
    """Yield what is left of an interval outside of pauses that are merged and in order."""
    for from_at, until_at in stopped:
        if until_at <= opens:
            continue
        if from_at >= closes:
            break
        if from_at > opens:
            yield opens, from_at
        opens = until_at
        if opens >= closes:
            return
    if opens < closes:
        yield opens, closes


def _refuse_naive(instant: datetime) -> None:
    if instant.tzinfo is None:
        raise NaiveInstantError(instant=instant)
