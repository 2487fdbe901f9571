"""When somebody must be told that time is running out, and whom; each moment is told once.

A case's events are the memory of what was told: a worker that was killed in between, or a second
one beside it, finds the moment told or tells it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from gridmap.dispatch.case import Case, Told
from gridmap.dispatch.clock import Escalated, Escalation, Span, WorkingTime, moments
from gridmap.dispatch.dispute import Objection
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
                found.append(Alarm(at, told, _whom(to[percent], told)))
    return tuple(sorted(found, key=lambda alarm: (alarm.at, alarm.told.percent)))


def _whom(to: Escalated, told: Told) -> Escalated:
    """Nobody has been summoned while the holder analyses: it is the unit itself."""
    return Escalated.CONVENER if told.summons is None and to is Escalated.UNIT else to


def _clocks(case: Case) -> Iterator[tuple[str | None, Stage | None, datetime, Span]]:
    if case.step is Step.ANALYSIS and case.analysis:
        yield None, None, case.reopened_at or case.opened_at, case.analysis
    for whistle in case.whistles:
        for summons in whistle.open_summons:
            for stage in summons.owes:
                if span := whistle.spans.get(stage):
                    yield summons.id, stage, summons.called_at, span


def next_moment(
    case: Case, steps: Iterable[Escalation], working_time: WorkingTime
) -> datetime | None:
    """Return when somebody must look at the case again; ``None``: nothing runs.

    At the next moment of its clocks, when a negotiation has had its time, and on the morning of
    the day on which a hold is reviewed.
    """
    waiting: list[datetime | None] = [one.at for one in alarms(case, steps, working_time)[:1]]
    if not case.closed_at:
        waiting += [one.settle_by for one in overdue_talks(case)]
        waiting.append(review_at(case, working_time))
    return min((at for at in waiting if at), default=None)


def overdue_talks(case: Case, now: datetime | None = None) -> tuple[Objection, ...]:
    """Return the objections that are still talked about and have a clock; ended by ``now``."""
    talks = [one for one in case.open_objections if one.settle_by and not one.referred_at]
    return tuple(
        one for one in talks if now is None or (one.settle_by is not None and one.settle_by <= now)
    )


def review_at(case: Case, working_time: WorkingTime) -> datetime | None:
    """Return when the hold that runs is to be reviewed and nobody was told; else ``None``."""
    hold = case.hold
    if hold is None or hold.reviewed_at:
        return None
    opens, _ = next(iter(working_time.hours.on(hold.review_on)))
    return opens


def remind(case: Case, *, by: Signature, now: datetime) -> Event:
    """Say that the day has come on which a hold is looked at again."""
    if case.hold is None:
        raise ValueError("no hold is running; ask review_at first")
    return Event(EventKind.REVIEW_DUE, now, by, {"hold": case.hold.id})


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
