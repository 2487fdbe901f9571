"""When somebody must be told that time is running out, and whom; each moment is told once.

A case's events are the memory of what was told: a worker that was killed in between, or a second
one beside it, finds the moment told or tells it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from gridmap.dispatch.case import Case, Told
from gridmap.dispatch.clock import Escalated, Escalation, Span, WorkingTime, moments
from gridmap.dispatch.event import Event, EventKind, Signature
from gridmap.dispatch.step import Step
from gridmap.dispatch.summons import Stage


@dataclass(frozen=True)
class Alarm:
    """So many percent of a clock are gone at an instant; ``told`` says of which clock."""

    at: datetime
    told: Told
    to: Escalated


def alarms(case: Case, steps: Iterable[Escalation], working_time: WorkingTime) -> tuple[Alarm, ...]:
    """Return the moments of a case's running clocks that were not told yet, the next one first.

    None while a hold stops them. A moment that has passed stays among them until it is told.
    """
    if case.closed_at or case.hold:
        return ()
    to = {step.percent: step.to for step in steps}
    seen: dict[tuple[datetime, Span], Mapping[int, datetime]] = {}
    found = []
    for summons, stage, start, span in _clocks(case):
        if (start, span) not in seen:
            all_moments = moments(start, span, to, working_time, case.pauses)
            seen[start, span] = {one.percent: one.at for one in all_moments if one.at}
        for percent, at in seen[start, span].items():
            told = Told(summons, stage, percent)
            if told not in case.told:
                found.append(Alarm(at, told, to[percent]))
    return tuple(sorted(found, key=lambda alarm: (alarm.at, alarm.told.percent)))


def _clocks(case: Case) -> Iterator[tuple[str | None, Stage | None, datetime, Span]]:
    if case.step is Step.ANALYSIS and case.analysis:
        yield None, None, case.reopened_at or case.opened_at, case.analysis
    for whistle in case.whistles:
        for summons in whistle.open_summons:
            for stage in summons.owes:
                if span := whistle.spans.get(stage):
                    yield summons.id, stage, summons.called_at, span


def escalate(case: Case, alarm: Alarm, *, by: Signature, now: datetime) -> Event:
    """Say that a moment has come. The caller holds the case and took the alarm from it."""
    told = alarm.told
    if told in case.told:
        raise ValueError(f"{told} was told before; take the alarms from the case as it stands")
    data = {
        "summons": told.summons,
        "stage": told.stage.value if told.stage else None,
        "percent": told.percent,
        "to": alarm.to.value,
        "moment": alarm.at.isoformat(),
    }
    return Event(EventKind.ESCALATED, now, by, data)
