from datetime import UTC, date, datetime, time, timedelta

import pytest

from api.services.reference import read_policy
from api.settings import DataSettings
from gridmap.dispatch.calling import due_of, spans_of
from gridmap.dispatch.catalogue import WhistleKind
from gridmap.dispatch.clock import (
    Escalated,
    Pause,
    Span,
    WorkingHours,
    WorkingTime,
    due,
    elapsed,
    is_provisional,
    moments,
    remaining,
)
from gridmap.dispatch.errors import (
    NaiveInstantError,
    PauseError,
    SpanError,
    WorkingHoursError,
)
from tests.working import BEIJING, HOURS, WORKING_TIME

HOUR = timedelta(hours=1)


def at(month, day, hour, minute=0, *, year=2026):
    """An instant on Beijing's clock."""
    return datetime(year, month, day, hour, minute, tzinfo=BEIJING)


def working(hours):
    return Span(hours * 60.0, working=True)


def when(start, span, *pauses, working_time=WORKING_TIME):
    return due(start, span, working_time, pauses)


def test_forty_working_hours_across_the_spring_festival_of_2026():
    # Fri 13 Feb from 17:00: 1 h. Sat 14 Feb is worked for the festival: 7.5. 15 to 23 are holidays.
    # Tue 24 to Fri 27: 30. Sat 28 Feb is worked, too: the last 1.5, from 09:00 on.
    assert when(at(2, 13, 17), working(40)) == at(2, 28, 10, 30)


def test_real_time_takes_no_notice_of_a_festival():
    assert when(at(2, 16, 23, 50), Span(30)) == at(2, 17, 0, 20)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (at(11, 25, 7), at(11, 25, 10)),  # before the office opens
        (at(11, 25, 11, 30), at(11, 25, 14)),  # over lunch
        (at(11, 25, 12), at(11, 25, 14, 30)),  # at the beginning of lunch
        (at(11, 25, 18), at(11, 26, 10)),  # at closing time: the next morning
        (at(11, 25, 17), at(11, 25, 18)),  # used up exactly at closing time: due then
        (at(11, 25, 23, 59), at(11, 26, 10)),
        (at(11, 26, 0), at(11, 26, 10)),  # midnight belongs to the new day
        (at(11, 27, 17, 30), at(11, 30, 9, 30)),  # over a weekend
        (at(10, 1, 12), at(10, 8, 10)),  # on a holiday
        (at(9, 20, 8), at(9, 20, 10)),  # a Sunday that is worked
    ],
)
def test_one_working_hour(start, expected):
    assert when(start, working(1)) == expected


def test_a_start_told_in_another_zone_is_the_same_instant():
    assert when(at(11, 25, 11).astimezone(UTC), working(2)) == at(11, 25, 14, 30)


def test_hours_that_end_at_midnight_run_into_the_next_day_without_a_gap():
    night = WorkingHours(((time(0), time(8)), (time(20), time(0))), BEIJING)
    always = WorkingTime(night, WORKING_TIME.calendar)
    assert when(at(11, 25, 23), working(2), working_time=always) == at(11, 26, 1)


def test_a_pause_that_has_no_end_leaves_no_deadline():
    assert when(at(11, 25, 9), Span(60), Pause(at(11, 25, 9, 30))) is None
    assert when(at(11, 25, 9), working(9), Pause(at(11, 25, 9, 30))) is None


def test_a_clock_that_ran_out_before_an_endless_pause_keeps_its_deadline():
    assert when(at(11, 25, 9), Span(60), Pause(at(11, 25, 10))) == at(11, 25, 10)
    assert when(at(11, 25, 9), working(1), Pause(at(11, 25, 10))) == at(11, 25, 10)


def test_a_pause_of_working_time_costs_only_the_working_time_in_it():
    over_lunch = Pause(at(11, 25, 11), at(11, 25, 14))
    assert when(at(11, 25, 10), working(2), over_lunch) == at(11, 25, 15)


def test_what_is_left_is_counted_in_the_clocks_own_time_and_goes_below_zero():
    friday, monday = at(11, 27, 17), at(11, 30, 9, 30)
    assert elapsed(friday, monday, working(1), WORKING_TIME) == 1.5 * HOUR
    assert remaining(friday, monday, working(1), WORKING_TIME) == -0.5 * HOUR
    assert remaining(friday, monday, Span(60), WORKING_TIME) == HOUR - (monday - friday)


def test_nothing_has_passed_before_the_start():
    assert elapsed(at(11, 25, 9), at(11, 24, 9), Span(60), WORKING_TIME) == timedelta(0)


def test_moments_of_escalation():
    found = moments(at(11, 25, 9), Span(30), (50, 80, 100), WORKING_TIME)
    assert [(one.percent, one.at) for one in found] == [
        (50, at(11, 25, 9, 15)),
        (80, at(11, 25, 9, 24)),
        (100, at(11, 25, 9, 30)),
    ]


def test_a_pause_without_end_leaves_the_moments_before_it():
    found = moments(at(11, 25, 9), Span(30), (50, 80), WORKING_TIME, [Pause(at(11, 25, 9, 20))])
    assert [one.at for one in found] == [at(11, 25, 9, 15), None]


def test_a_whistle_has_a_deadline_for_each_stage_that_has_a_clock():
    kind = WhistleKind("x", "x", "x", respond=Span(30), arrive=None, finish=working(8))
    found = due_of(spans_of(kind), at(11, 25, 17), WORKING_TIME)
    assert datetime.fromisoformat(found["respond"]) == at(11, 25, 17, 30)
    assert found.get("arrive") is None
    assert datetime.fromisoformat(found["finish"]) == at(11, 26, 17, 30)


def test_working_time_in_a_year_without_a_notice_is_provisional():
    last = WORKING_TIME.calendar.announced_until
    new_year = at(1, 4, 9, year=last + 1)
    assert is_provisional(at(12, 30, 9, year=last), new_year, working(20), WORKING_TIME)
    assert not is_provisional(at(12, 30, 9, year=last), new_year, Span(20), WORKING_TIME)
    assert not is_provisional(
        at(12, 1, 9, year=last), at(12, 2, 9, year=last), working(1), WORKING_TIME
    )


@pytest.mark.parametrize("minutes", [0, -1, float("nan"), float("inf"), 1e9])
def test_what_is_no_span_is_refused(minutes):
    with pytest.raises(SpanError, match="a clock cannot run for"):
        Span(minutes)


@pytest.mark.parametrize(
    "ask",
    [
        lambda naive: due(naive, Span(1), WORKING_TIME),
        lambda naive: elapsed(at(1, 1, 1), naive, Span(1), WORKING_TIME),
        Pause,
        lambda naive: Pause(at(1, 1, 1), naive),
    ],
)
def test_an_instant_without_a_zone_is_refused(ask):
    with pytest.raises(NaiveInstantError, match="aware instant"):
        ask(datetime(2026, 11, 25, 9))  # noqa: DTZ001


def test_a_pause_that_ends_before_it_begins_is_refused():
    with pytest.raises(PauseError):
        Pause(at(11, 25, 9), at(11, 25, 8))


@pytest.mark.parametrize(
    "intervals",
    [
        (),
        ((time(9), time(9)),),
        ((time(18), time(9)),),
        ((time(9), time(12)), (time(11), time(18))),
        ((time(20), time(0)), (time(0), time(8))),
    ],
)
def test_hours_that_cannot_be_worked_are_refused(intervals):
    with pytest.raises(WorkingHoursError):
        WorkingHours(intervals, BEIJING)


def test_a_calendar_in_which_nobody_ever_works_is_told_and_not_waited_for():
    class Never:
        version = "never"

        def is_working_day(self, on):
            return False

        def is_provisional(self, year):
            return False

    with pytest.raises(WorkingHoursError, match="no working day"):
        due(at(11, 25, 9), working(1), WorkingTime(HOURS, Never()))


def test_hours_are_those_of_the_local_day():
    assert [opens for opens, _ in HOURS.on(date(2026, 11, 25))] == [
        at(11, 25, 9),
        at(11, 25, 13, 30),
    ]


def test_the_shipped_policy_says_who_is_told_when():
    policy = read_policy(DataSettings().policy)
    assert policy.working_hours == HOURS
    assert [(one.percent, one.to) for one in policy.escalations] == [
        (50, Escalated.UNIT),
        (80, Escalated.CONVENER),
        (100, Escalated.SUPERIOR),
    ]
