"""Scores through the service: one per street, department and period, frozen in the end."""

from datetime import datetime
from functools import partial

import pytest

from gridmap.dispatch.actor import Grant, Role
from tests.at_once import at_once
from tests.desk import FIRE, agreed, point, refused
from tests.working import BEIJING

pytestmark = pytest.mark.store

DISTRICT = "110102"
BUREAU = f"ecology-{DISTRICT}"


@pytest.fixture(scope="module")
def periods():
    """Months that have ended, none given out twice."""
    return (f"{year}-{month:02}" for year in range(2000, 2020) for month in range(1, 13))


@pytest.fixture
def period(periods):
    return next(periods)


@pytest.fixture
def streets(desk_of, beijing):
    codes = [area.code for area in _streets(beijing)][:5]
    return {code: desk_of(Grant(Role.CONVENER, code, f"government-{code}")) for code in codes}


def _streets(release):
    layer = next(layer for level, layer in release.layers.items() if level == "street")
    found = (layer.area(row) for row in range(len(layer.codes)))
    return [area for area in found if area.code.startswith(DISTRICT)]


@pytest.fixture
def supervisor(desk_of):
    return desk_of(Grant(Role.SUPERVISOR, DISTRICT))


def body(code, period, points=80.0, unit=BUREAU):
    return {
        "period": period,
        "street": f"government-{code}",
        "unit": unit,
        "items": {"响应": points, "质量": points},
    }


def read(desk, period):
    return agreed(desk.get("scores", period=period))


def test_a_street_has_one_score_of_a_department_in_a_period_and_revises_it(streets, period):
    code, desk = next(iter(streets.items()))
    first = agreed(desk.post("scores", body(code, period)))
    again = agreed(desk.post("scores", body(code, period, 70.0) | {"remark": "复查"}))
    assert (again["id"], again["score"], again["version"]) == (first["id"], 70, 2)
    assert [one["score"] for one in read(desk, period)["scores"]] == [70]


def test_of_two_first_scores_at_once_one_is_the_others_revision(streets, period):
    code, desk = next(iter(streets.items()))
    answers = at_once(*[partial(desk.post, "scores", body(code, period))] * 2)
    assert {agreed(one)["id"] for one in answers} == {agreed(answers[0])["id"]}
    assert sorted(one.json()["version"] for one in answers) == [1, 2]


def test_results_are_told_from_the_minimum_of_streets_on(streets, supervisor, period):
    for number, (code, desk) in enumerate(streets.items(), start=1):
        agreed(desk.post("scores", body(code, period, 50.0 + number)))
        (line,) = read(supervisor, period)["results"]
        assert (line["streets"], line["result"] is None) == (number, number < 5)
    assert line["result"] == pytest.approx(53)
    assert line["rank"] == 1
    own = read(desk, period)["scores"]
    assert [one["street"] for one in own] == [f"government-{code}"]


def test_a_closed_period_is_frozen(streets, supervisor, period, desk_of):
    (first, one), (second, other), *_ = streets.items()
    agreed(one.post("scores", body(first, period)))
    closing = {"period": period, "area": DISTRICT}
    refused(one.post("scores/periods", closing), 403, "subject-right")
    beside = desk_of(Grant(Role.SUPERVISOR, "110106"))
    refused(beside.post("scores/periods", closing), 403, "subject-right")
    assert agreed(supervisor.post("scores/periods", closing))["frozen"] == 1
    refused(one.post("scores", body(first, period, 100.0)), 409, "subject-state")
    refused(other.post("scores", body(second, period)), 409, "subject-state")
    refused(supervisor.post("scores/periods", closing), 409, "subject-state")
    assert read(one, period)["scores"][0]["closed_at"]


def test_a_period_that_runs_is_not_closed(supervisor):
    closing = {"period": "2099-Q4", "area": DISTRICT}
    refused(supervisor.post("scores/periods", closing), 409, "subject-state")


def test_streets_score_departments_and_nobody_else_does(streets, desk_of, period):
    (first, one), (second, _), *_ = streets.items()
    refused(one.post("scores", body(second, period)), 403, "subject-right")
    bureau = desk_of(Grant(Role.DEPARTMENT, DISTRICT, BUREAU))
    refused(bureau.post("scores", body(first, period)), 403, "subject-right")
    own = body(first, period, unit=f"public_security-{first}")
    refused(one.post("scores", own), 422, "subject-value")
    refused(one.post("scores", body(first, period, 100.5)), 422, "subject-value")
    refused(one.post("scores", body(first, "2026-13")), 422, "validation")
    refused(one.post("scores", body(first, period, unit="nobody")), 422, "unknown-unit")


def test_a_result_has_the_evaluations_and_the_content_of_the_period(desk, streets, spot):
    now = f"{datetime.now(BEIJING):%Y-%m}"
    case = desk.opened(point(*spot), category=FIRE)
    case = case if case["whistles"] else desk.stepped(case, "whistles")
    desk.worked_off(case, at=point(*spot))
    desk.stepped(case, "close", result="done")
    incident = case["incidents"][0]["id"]
    desk.stepped(case, "feedback", incident=incident, satisfaction=2)
    unit = case["summons"][0]["unit"]["id"]
    code, office = next(iter(streets.items()))
    agreed(office.post("scores", body(code, now, unit=unit)))
    (line,) = (one for one in read(desk, now)["results"] if one["unit"] == unit)
    calls = desk.case(case["id"])["summons"]
    own = sum(one["unit"]["id"] == unit for one in calls)
    assert line["evaluated"] >= own >= 1
    assert line["rated"] >= 1
    assert line["satisfied"] < line["rated"]
