"""Periods of scores, and what a department's result is made of."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.dispatch import score
from gridmap.dispatch.actor import Role
from gridmap.dispatch.event import Signature
from gridmap.dispatch.lead import Measures
from gridmap.dispatch.score import ScoreHead, Standing, result, span
from gridmap.dispatch.subject_refusals import SubjectStateError, SubjectValueError

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, tzinfo=UTC)
BY = Signature("clerk", Role.CONVENER, "office")
HEAD = ScoreHead("2026-11", "office", "110102020", "bureau", "110102")


@pytest.mark.parametrize(
    ("period", "first", "end"),
    [
        ("2026-11", "2026-11-01", "2026-12-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2026-Q1", "2026-01-01", "2026-04-01"),
        ("2026-Q4", "2026-10-01", "2027-01-01"),
    ],
)
def test_a_period_runs_from_midnight_to_midnight_of_the_citys_days(period, first, end):
    from_at, until_at = span(period, BEIJING)
    assert (from_at.isoformat(), until_at.isoformat()) == (
        f"{first}T00:00:00+08:00",
        f"{end}T00:00:00+08:00",
    )


@pytest.mark.parametrize("period", ["", "2026", "2026-13", "2026-Q5", "2026-1", "0000-01"])
def test_what_is_no_period_is_refused(period):
    with pytest.raises(SubjectValueError):
        span(period, BEIJING)


def test_a_score_is_revised_until_it_is_closed():
    told = [score.give(HEAD, {"速度": 80.0, "质量": 90.0}, remark="", by=BY, now=NOW)]
    one = score.fold("1", told)
    assert one.value == 85
    told.append(score.revise(one, {"速度": 60.0}, remark="复查", by=BY, now=NOW))
    one = score.fold("1", told)
    assert (one.value, one.remark, one.version) == (60, "复查", 2)
    told.append(score.close(one, by=BY, now=NOW))
    one = score.fold("1", told)
    with pytest.raises(SubjectStateError):
        score.revise(one, {"速度": 100.0}, remark="", by=BY, now=NOW)
    with pytest.raises(SubjectStateError):
        score.close(one, by=BY, now=NOW)


@pytest.mark.parametrize("items", [{}, {"a": 0.9}, {"a": 100.5}, {"a": float("nan")}])
def test_points_are_1_to_100(items):
    with pytest.raises(SubjectValueError):
        score.give(HEAD, items, remark="", by=BY, now=NOW)


def test_a_result_is_the_weighted_mean_of_its_parts():
    measures = Measures(minimum=2, weight_score=0.6, weight_evaluation=0.2, weight_satisfaction=0.2)
    whole = Standing("u", 2, 180.0, evaluated=4, evaluations=16, rated=10, satisfied=5)
    assert result(whole, measures) == pytest.approx(0.6 * 90 + 0.2 * 80 + 0.2 * 50)
    alone = Standing("u", 2, 180.0, 0, 0, 0, 0)
    assert result(alone, measures) == pytest.approx(90)
    assert result(Standing("u", 1, 100.0, 9, 45, 9, 9), measures) is None


weights = st.floats(0, 1)


@given(
    st.builds(
        Standing,
        unit=st.just("u"),
        streets=st.just(3),
        scores=st.floats(3, 300),
        evaluated=st.just(2),
        evaluations=st.integers(2, 10),
        rated=st.just(4),
        satisfied=st.integers(0, 4),
    ),
    st.tuples(weights, weights, weights).filter(lambda three: sum(three) > 0),
)
def test_a_result_lies_within_what_it_is_made_of(standing, three):
    measures = Measures(1, 1, 1, *three)
    found = result(standing, measures)
    assert found is not None
    assert -1e-9 <= found <= 100 + 1e-9
