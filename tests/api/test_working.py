"""Steps on a case: what each needs, and what happens when two come at the same instant."""

from functools import partial

import pytest

from gridmap.dispatch.actor import Grant, Role
from tests.at_once import at_once
from tests.desk import BUILDING, FIRE, STREET_POWER, agreed, point, refused

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("everything_adds_up")]


@pytest.fixture
def site(spot):
    return point(*spot, accuracy_m=10)


@pytest.fixture
def whistled(desk, spot):
    """A case whose whistle has been blown."""
    return desk.stepped(desk.opened(point(*spot)), "whistles")


@pytest.fixture
def refuse(desk, ledger):
    """Try a step that must be refused, and see that it changed nothing."""

    def refuse(case, *step, slug, status=409, **body):
        before = (ledger.counts(), desk.case(case["id"]) | {"now": None})
        problem = refused(desk.step(case, *step, **body), status, slug)
        assert (ledger.counts(), desk.case(case["id"]) | {"now": None}) == before
        return problem

    return refuse


# --- what a step needs ------------------------------------------------------------------------


def test_a_close_with_open_summons_is_refused_and_names_them(refuse, whistled):
    problem = refuse(whistled, "close", slug="open-summons")
    assert problem["fields"]["units"] == [one["unit"]["name"] for one in whistled["summons"]]
    assert "事不完、人不撤" in problem["detail"]


def test_a_close_without_the_whistle_that_the_case_needs_is_refused(desk, refuse, spot):
    refuse(desk.opened(point(*spot)), "close", slug="not-whistled")


def test_what_one_street_can_do_alone_closes_without_a_whistle(desk, spot):
    case = desk.opened(point(*spot), category=STREET_POWER)
    assert case["plan"]["needs_whistle"] is False
    convener = desk.crew.desk_of(case["convener"])
    assert {"blow", "close"} <= set(convener.case(case["id"])["may"])
    assert desk.stepped(case, "close", result="done")["step"] == "feedback"


def test_a_second_whistle_is_refused(refuse, whistled):
    refuse(whistled, "whistles", slug="whistle-runs")


@pytest.mark.parametrize("step", ["respond", "arrive", "finish"])
def test_before_the_whistle_nobody_has_been_summoned(desk, refuse, spot, site, step):
    case = desk.opened(point(*spot))
    body = {"place": site} if step == "arrive" else {}
    problem = refuse(case, "summons", "1", step, slug="unknown-summons", status=404, **body)
    assert problem["fields"]["summons"] == "1"


def test_a_finish_before_the_arrival_is_refused(desk, refuse, whistled):
    one = whistled["summons"][0]["id"]
    assert refuse(whistled, "summons", one, "finish", slug="wrong-stage")["fields"] == {
        "case": whistled["number"],
        "unit": whistled["summons"][0]["unit"]["name"],
        "stage": "called",
        "needed": "arrived",
    }
    desk.stepped(whistled, "summons", one, "respond")
    refuse(whistled, "summons", one, "finish", slug="wrong-stage")


def test_a_step_that_was_done_is_not_done_again(desk, refuse, whistled, site):
    one = whistled["summons"][0]["id"]
    for step, body in (("respond", {}), ("arrive", {"place": site}), ("finish", {})):
        desk.stepped(whistled, "summons", one, step, **body)
        refuse(whistled, "summons", one, step, slug="wrong-stage", **body)


@pytest.mark.parametrize("summons", ["99", "0", "x", "1%20", "%F0%9F%94%A5"])
def test_an_unknown_summons_is_refused(refuse, whistled, summons):
    refuse(whistled, "summons", summons, "respond", slug="unknown-summons", status=404)


def test_an_arrival_without_crs_or_as_a_footprint_is_refused(refuse, whistled, site):
    step = (whistled, "summons", "1", "arrive")
    refuse(*step, slug="missing-crs", status=422, place=site | {"crs": None})
    ring = [[116.3, 39.9], [116.4, 39.9], [116.4, 40.0], [116.3, 39.9]]
    area = {"crs": "EPSG:4326", "geometry": {"type": "Polygon", "coordinates": [ring]}}
    problem = refuse(*step, slug="position-not-point", status=422, place=area)
    assert problem["fields"]["kind"] == "Polygon"


def test_a_phone_that_knows_its_position_to_a_kilometre_proves_nothing(desk, whistled, spot):
    one = whistled["summons"][0]
    case = desk.summons(whistled, one, "arrive", place=point(*spot, accuracy_m=1_000))
    assert case["summons"][0]["arrivals"][0]["verdict"] == "unproven"
    assert case["summons"][0]["state"] == "called"
    case = desk.summons(whistled, one, "arrive", place=point(*spot, accuracy_m=20))
    assert [one["verdict"] for one in case["summons"][0]["arrivals"]] == ["unproven", "on_site"]


def test_on_a_closed_case_every_step_is_refused(desk, refuse, whistled, site):
    desk.worked_off(whistled, at=site)
    desk.stepped(whistled, "close", result="done")
    for step in (
        ("close",),
        ("whistles",),
        ("summons", "1", "respond"),
        ("summons", "1", "finish"),
    ):
        refuse(whistled, *step, slug="case-closed")
    refuse(whistled, "summons", "1", "arrive", slug="case-closed", place=site)


def test_who_did_a_step_and_why_is_in_its_event(desk, desk_of, whistled, site):
    one = whistled["summons"][0]
    unit = one["unit"]
    other = desk_of(Grant(Role.DEPARTMENT, unit["area_code"], unit["id"]), name="李")
    desk.summons(whistled, one, "respond")
    desk.summons(whistled, one, "arrive", place=site)
    other.summons(whistled, one, "finish", result="已处置")
    respond, arrive, finish = desk.events(whistled)[-3:]
    by = [event["actor"] for event in (respond, arrive, finish)]
    own = desk.crew.desk_of(unit).person.id
    assert by == [own, own, other.person.id]
    assert (finish["actor_name"], finish["role"], finish["unit"]) == (
        "李",
        "department",
        unit["id"],
    )
    assert arrive["data"]["distance_m"] == pytest.approx(0, abs=0.01)
    assert finish["data"] == {"summons": one["id"], "outcome": None}
    assert finish["texts"] == {"result": "已处置"}


# --- at the same instant ----------------------------------------------------------------------

ROUNDS = 5


def one_wins(answers, *, slug):
    """Of several at once exactly one succeeded, and the others were told why not."""
    lost = [answer for answer in answers if answer.status_code != 200]
    assert len(answers) - len(lost) == 1
    for answer in lost:
        refused(answer, 409, slug)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_whistles_at_once_one_is_blown(desk, spot, _round):
    case = desk.opened(point(*spot))
    one_wins(at_once(*[partial(desk.step, case, "whistles")] * 2), slug="whistle-runs")
    assert desk.case(case["id"])["version"] == 2


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_finishes_of_one_unit_at_once_one_counts(desk, whistled, site, _round):
    one = whistled["summons"][0]["id"]
    desk.stepped(whistled, "summons", one, "arrive", place=site)
    finishes = [
        partial(desk.step, whistled, "summons", one, "finish", result=result) for result in "ab"
    ]
    answers = at_once(*finishes)
    one_wins(answers, slug="wrong-stage")
    (won,) = [result for answer, result in zip(answers, "ab", strict=True) if answer.is_success]
    assert desk.case(whistled["id"])["summons"][0]["result"] == won


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_closes_at_once_one_closes(desk, spot, _round):
    case = desk.opened(point(*spot), category=STREET_POWER)
    one_wins(at_once(*[partial(desk.step, case, "close")] * 2), slug="case-closed")
    assert desk.case(case["id"])["version"] == 2


def test_units_that_arrive_and_finish_all_at_once_each_count_once(desk, whistled, site):
    for step, body in (("arrive", {"place": site}), ("finish", {})):
        units = [
            partial(desk.step, whistled, "summons", one["id"], step, **body)
            for one in whistled["summons"]
        ]
        for answer in at_once(*units):
            agreed(answer)
    case = desk.case(whistled["id"])
    assert {one["state"] for one in case["summons"]} == {"finished"}
    assert case["version"] == 2 + 2 * len(case["summons"])
    assert [event["seq"] for event in desk.events(case)] == list(range(1, case["version"] + 1))


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_report_at_the_instant_of_the_close_joins_before_it_or_opens_a_new_case(
    desk, spot, _round
):
    case = agreed(desk.report(point(*spot), category=STREET_POWER), status=201)["case"]
    report, close = at_once(
        partial(desk.report, point(*spot), category=STREET_POWER),
        partial(desk.step, case, "close", result="done"),
    )
    agreed(close)
    joined = agreed(report, status=201)["joined"]
    kinds = [event["kind"] for event in desk.events(case)]
    assert kinds == (["reported", "joined", "closed"] if joined else ["reported", "closed"])


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_the_last_evaluation_and_the_close_at_once_never_close_too_early(
    desk, whistled, site, _round
):
    *others, last = whistled["summons"]
    for one in others:
        desk.summons(whistled, one, "arrive", place=site)
        desk.summons(whistled, one, "finish")
        desk.summons(whistled, one, "evaluate", score=3)
    desk.summons(whistled, last, "arrive", place=site)
    desk.summons(whistled, last, "finish")
    evaluate, close = at_once(
        partial(desk.step, whistled, "summons", last["id"], "evaluate", score=3),
        partial(desk.step, whistled, "close"),
    )
    agreed(evaluate)
    if not close.is_success:
        refused(close, 409, "unevaluated")
    kinds = [event["kind"] for event in desk.events(whistled)]
    assert kinds.count("evaluated") == len(whistled["summons"])
    assert kinds.count("closed") == close.is_success


def test_a_footprint_case_counts_the_geofence_from_its_outline(desk, spot):
    lng, lat = spot
    west, east = lng - 0.001, lng + 0.001
    ring = [[west, lat], [east, lat], [east, lat + 0.001], [west, lat + 0.001], [west, lat]]
    area = {"crs": "EPSG:4326", "geometry": {"type": "Polygon", "coordinates": [ring]}}
    case = desk.stepped(desk.opened(area, category=BUILDING), "whistles")
    outside = point(east + 0.0005, lat + 0.0005, accuracy_m=5)  # 43 m from it, 128 m from within
    case = desk.summons(case, case["summons"][0], "arrive", place=outside)
    (arrival,) = case["summons"][0]["arrivals"]
    assert arrival["verdict"] == "on_site"
    assert arrival["distance_m"] == pytest.approx(42.8, abs=0.5)


def test_the_categories_used_here_are_what_their_names_say(desk):
    items = {item["code"]: item for item in agreed(desk.get("catalogue"))["items"]}
    assert items[FIRE]["whistle_kind"] == items[BUILDING]["whistle_kind"] == "emergency"
    assert items[STREET_POWER]["power_levels"] == ["street"]
