from datetime import date, timedelta

import pytest

from gridmap.workdays import Workdays

DAYS = Workdays()


@pytest.mark.parametrize("day", [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28)])
def test_a_weekend_day_worked_for_a_festival_is_a_working_day(day):
    assert day.weekday() >= 5
    assert DAYS.is_working_day(day)


def test_the_spring_festival_of_2026_has_nine_days():
    off = [date(2026, 2, 15) + timedelta(days=n) for n in range(9)]
    assert not any(DAYS.is_working_day(day) for day in off)
    assert DAYS.is_working_day(date(2026, 2, 24))


def test_a_working_day_of_december_that_the_next_years_notice_named():
    assert DAYS.is_working_day(date(2006, 12, 30))  # for New Year 2007


def test_a_year_that_has_its_notice_is_not_provisional_and_one_after_it_is():
    assert DAYS.announced_until >= 2026
    assert not DAYS.is_provisional(2026)
    assert DAYS.is_provisional(DAYS.announced_until + 1)


def test_a_guessed_year_has_its_festivals_and_no_weekend_is_worked():
    year = DAYS.announced_until + 1
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    assert not DAYS.is_working_day(date(year, 10, 1))
    assert not any(DAYS.is_working_day(day) for day in days if day.weekday() >= 5)


def test_the_version_is_the_librarys():
    assert DAYS.version.startswith("holidays ")
