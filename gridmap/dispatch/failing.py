"""The three failings (督查问责), read from the record alone.

应当吹哨没吹: a case that needs a power its street lacks, not whistled by its analysis deadline.
应当主责没出面: a lead that did not arrive in time. 应当布置没行动: a department that owed an
assignment and gave none. The unit explains first; a supervisor may exempt it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gridmap.dispatch.case import Case
from gridmap.dispatch.plan import Capacity
from gridmap.dispatch.step import Step
from gridmap.dispatch.summons import Stage


class Failing(StrEnum):
    NOT_WHISTLED = "not_whistled"  # 应当吹哨没吹
    LEAD_ABSENT = "lead_absent"  # 应当主责没出面
    NOT_ASSIGNED = "not_assigned"  # 应当布置没行动


@dataclass(frozen=True)
class Failed:
    """One failing of one unit in one case, since when, and what was said of it."""

    failing: Failing
    unit: str
    since: datetime
    summons: str | None = None
    explained_at: datetime | None = None
    exempted_at: datetime | None = None


def failings(case: Case, *, now: datetime) -> tuple[Failed, ...]:
    """Return the failings that a case's record shows at an instant, exempted ones as well."""
    return tuple(
        _with_excuse(case, failed) for failed in (*_unblown(case, now), *_absent(case, now))
    )


def _unblown(case: Case, now: datetime) -> Iterator[Failed]:
    for lapse in case.lapses:
        if lapse.convener:
            yield Failed(Failing.NOT_WHISTLED, lapse.convener, lapse.since)
    due = case.analysis_by
    waits = case.needs_whistle and case.step is Step.ANALYSIS and not case.hold
    if waits and case.convener and due is not None and now > due:
        yield Failed(Failing.NOT_WHISTLED, case.convener, due)


def _absent(case: Case, now: datetime) -> Iterator[Failed]:
    for summons in case.summons:
        due = summons.due.get(Stage.ARRIVE)
        if summons.role is not Capacity.LEAD or due is None:
            continue
        came_at = summons.arrived_at or summons.stood_down_at or (due if case.hold else now)
        if came_at > due:
            yield Failed(Failing.LEAD_ABSENT, summons.unit.id, due, summons.id)


def _with_excuse(case: Case, failed: Failed) -> Failed:
    for excuse in case.excuses:
        if (excuse.failing, excuse.unit) == (failed.failing, failed.unit):
            return Failed(
                failed.failing,
                failed.unit,
                failed.since,
                failed.summons,
                excuse.explained_at,
                excuse.exempted_at,
            )
    return failed
