"""Figures through the service: their counts, what is behind them, and who sees them."""

import pytest

from gridmap.dispatch.actor import Grant, Role
from gridmap.dispatch.figures import CaseRow, Figure, SummonsRow, counted
from tests.desk import FIRE, STREET_POWER, agreed, point, refused

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("everything_adds_up")]

CITY_OFFICE = "government-110000"


@pytest.fixture
def operation(desk_of):
    """An operation, so that a test counts its own cases alone."""
    chief = desk_of(Grant(Role.CONVENER, "110000", CITY_OFFICE))
    body = {
        "title": "x",
        "headquarters": CITY_OFFICE,
        "from_on": "2026-11-01",
        "until_on": "2026-12-31",
    }
    return agreed(chief.post("operations", body), status=201)["id"]


@pytest.fixture
def figures(desk, operation):
    def figures(sitting=desk, **asked):
        return agreed(sitting.get("figures", operation=operation, **asked))

    return figures


def only(answer):
    (group,) = answer["groups"]
    return group


def share(group, figure):
    one = group["figures"][figure]
    return (one["part"], one["of"])


@pytest.fixture
def told(desk, operation, spots):
    """Two fires, one of them worked off, and two small things of which one comes again."""
    here, there, third = next(spots), next(spots), next(spots)
    done = desk.opened(point(*here), category=FIRE, operation=operation)
    done = done if done["whistles"] else desk.stepped(done, "whistles")
    first = done["summons"][0]
    desk.summons(done, first, "arrive", place=point(*there, accuracy_m=5))  # the wrong place
    desk.worked_off(done, at=point(*here))
    desk.stepped(done, "close", result="done")
    incident = done["incidents"][0]["id"]
    desk.stepped(done, "feedback", incident=incident, satisfaction=5)
    waits = desk.opened(point(*there), category=FIRE, operation=operation)
    waits = waits if waits["whistles"] else desk.stepped(waits, "whistles")
    small = desk.opened(point(*third), category=STREET_POWER, operation=operation)
    desk.stepped(small, "close", result="done")
    again = desk.opened(point(*third), category=STREET_POWER, operation=operation)
    return {"done": desk.case(done["id"]), "waits": waits, "small": small, "again": again}


def test_every_figure_comes_with_its_count_and_the_cases_behind_it(desk, figures, told):
    group = only(figures())
    units = len(told["done"]["summons"])
    assert group["cases"] == 4
    assert share(group, "response") == share(group, "arrival") == share(group, "finish")
    assert share(group, "arrival") == (units, units)
    assert share(group, "resolution") == (2, 4)
    assert share(group, "satisfaction") == (1, 1)
    assert share(group, "whistle") == (2, 4)
    assert share(group, "return") == (0, 2)
    assert share(group, "repeat") == (1, 4)
    assert (group["wrong_places"], group["left_early"]) == (1, 0)
    assert group["evaluation"] == {"mean": 4.0 if units >= 5 else None, "of": units}
    behind = agreed(desk.http.get(group["figures"]["repeat"]["cases"]))["cases"]
    parts = {one["number"]: one["part"] for one in behind}
    assert parts == {one["number"]: int(one is told["again"]) for one in told.values()}
    arrivals = agreed(desk.http.get(group["figures"]["arrival"]["cases"]))["cases"]
    assert [(one["number"], one["of"]) for one in arrivals] == [(told["done"]["number"], units)]


def test_below_the_minimum_there_is_no_rate_and_no_rank(figures, told):
    answer = figures(by="category")
    assert answer["minimum"] == 5
    for group in answer["groups"]:
        for one in group["figures"].values():
            assert (one["rate"] is None) == (one["of"] < 5)
            assert (one["rank"] is None) == (one["rate"] is None)
    assert {group["key"]: group["cases"] for group in answer["groups"]} == {
        FIRE: 2,
        STREET_POWER: 2,
    }


def test_a_group_leads_to_its_own_cases(desk, figures, told):
    for group in figures(by="category")["groups"]:
        behind = agreed(desk.http.get(group["figures"]["whistle"]["cases"]))["cases"]
        assert len(behind) == 2
        assert sum(one["part"] for one in behind) == (2 if group["key"] == FIRE else 0)
    for group in figures(by="unit")["groups"]:
        behind = agreed(desk.http.get(group["figures"]["arrival"]["cases"]))["cases"]
        assert sum(one["of"] for one in behind) == group["figures"]["arrival"]["of"]


def test_areas_hold_all_that_lies_in_them(figures, told):
    levels = {"district": 6, "street": 9, "community": 12, "cell": 15}
    for level, digits in levels.items():
        groups = figures(by="area", level=level, area="110000")["groups"]
        assert groups
        assert all(len(group["key"]) == digits for group in groups)
        assert sum(group["cases"] for group in groups) >= 4
        assert all(group["name"] != group["key"] for group in groups)
    holder = told["done"]["holder"]["code"]
    assert only(figures(area=holder))["cases"] >= 1
    assert figures(area="110117")["groups"] == []


def test_what_sql_counts_is_what_the_definitions_say(owner, figures, told, operation):
    of_cases = owner.execute(
        "SELECT c.closed_at IS NOT NULL, c.merged_into IS NOT NULL, coalesce(t.whistles, 0),"
        " coalesce(t.sent_back, 0), coalesce(t.reopened, 0), coalesce(t.rated, 0),"
        " coalesce(t.satisfied, 0), c.number FROM gridmap.cases c"
        " JOIN gridmap.operation_cases o ON o.case_id = c.id"
        " LEFT JOIN gridmap.tallies t ON t.case_id = c.id WHERE o.operation_id = %s",
        [operation],
    ).fetchall()
    of_summons = owner.execute(
        "SELECT respond_by, responded_at, arrive_by, arrived_at, finish_by, finished_at,"
        " state = 'stood_down', c.next_due_at IS NULL FROM gridmap.summons s"
        " JOIN gridmap.cases c ON c.id = s.case_id"
        " JOIN gridmap.operation_cases o ON o.case_id = c.id WHERE o.operation_id = %s",
        [operation],
    ).fetchall()
    again = told["again"]["number"]
    cases = [
        CaseRow(*row[:5], repeats=row[7] == again, rated=row[5], satisfied=row[6])
        for row in of_cases
    ]
    answer = figures()
    (now,) = owner.execute("SELECT now()").fetchone()
    expected = counted(cases, [SummonsRow(*row) for row in of_summons], now)
    group = only(answer)
    for figure in Figure:
        assert share(group, figure) == (expected[figure].part, expected[figure].of), figure


def test_a_reopened_case_is_a_repeat_and_its_step_was_timed(desk, figures, told):
    desk.stepped(told["small"], "reopen", reason="又来了")
    group = only(figures())
    assert share(group, "repeat") == (2, 4)
    assert share(group, "resolution") == (1, 4)
    assert group["steps_s"]["analysis"]["of"] >= 3


def test_only_what_the_asker_sees_counts(desk_of, figures, told):
    beside = desk_of(Grant(Role.COMMAND, "110117"))
    answer = beside.get("figures", category=FIRE, area="110105")
    assert agreed(answer)["groups"] == []
    stranger = desk_of()
    assert agreed(stranger.get("figures"))["groups"] == []
    assert figures(sitting=beside)["groups"] == []


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2026-11-02T00:00:00Z", "until": "2026-11-01T00:00:00Z"},
        {"from": "2026-11-02T00:00:00"},
        {"by": "wealth"},
        {"level": "city"},
        {"area": "nowhere"},
    ],
)
def test_a_wrong_question_is_refused(desk, asked):
    answer = desk.get("figures", **asked)
    problem = answer.json()
    assert answer.status_code == 422
    refused(answer, 422, problem["type"].removeprefix("/problems/"))
