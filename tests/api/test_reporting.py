"""Reports: acknowledged once under their key, and joined where they are about one problem."""

from functools import partial
from uuid import uuid4

import pytest
import shapely
from pyproj import Geod

from tests.at_once import at_once
from tests.desk import BUILDING, FIRE, STREET_POWER, agreed, point, refused, shape

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("everything_adds_up")]


def metres_away(spot, metres):
    lng, lat, _ = Geod(ellps="GRS80").fwd(*spot, 60, metres)
    return point(lng, lat)


def reported(answer):
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


def written(ledger, before):
    """How many rows of each table came since."""
    return {table: count - before[table] for table, count in ledger.counts().items()}


# --- keys -------------------------------------------------------------------------------------


def test_a_repeat_with_the_same_key_and_body_is_stored_once_and_answered_alike(desk, ledger, spot):
    key, before = str(uuid4()), ledger.counts()
    first = agreed(desk.report(point(*spot), key=key, text="火情"), status=201)
    again = agreed(desk.report(point(*spot), key=key, text="火情"), status=200)
    for part in ("incident_id", "case_id", "number", "joined"):
        assert again[part] == first[part]
    assert written(ledger, before) == dict.fromkeys(before, 1)


def test_a_repeat_is_the_same_report_whatever_the_order_of_its_keys(desk, spot):
    key = str(uuid4())
    body = {"place": point(*spot), "category": FIRE, "text": "x"}
    first = agreed(desk.post("incidents", body, **{"Idempotency-Key": key}), status=201)
    turned = dict(reversed(body.items()))
    again = agreed(desk.post("incidents", turned, **{"Idempotency-Key": key}))
    assert again["incident_id"] == first["incident_id"]


@pytest.mark.parametrize(
    "other",
    [
        {"text": "another"},
        {"category": BUILDING},
        {"intake": "110102020"},
        {"source": "hotline"},
        {"separate": True},
    ],
    ids=lambda other: next(iter(other)),
)
def test_the_same_key_with_another_body_is_refused(desk, ledger, spot, other):
    key = str(uuid4())
    body = {"category": FIRE, "text": "first"}
    agreed(desk.report(point(*spot), key=key, **body), status=201)
    before = ledger.counts()
    problem = refused(
        desk.report(point(*spot), key=key, **body | other), 409, "idempotency-key-reused"
    )
    assert problem["fields"]["key"] == key
    refused(desk.report(metres_away(spot, 1), key=key, **body), 409, "idempotency-key-reused")
    assert ledger.counts() == before


def test_a_key_whose_report_was_refused_is_free_for_the_right_one(desk, spot):
    key = str(uuid4())
    refused(desk.report(point(*spot), key=key, category="E9999"), 422, "unknown-category")
    agreed(desk.report(point(*spot), key=key), status=201)


def test_a_key_may_hold_what_a_header_can(desk, spot):
    key = "a b/c?d=e&f;g'h\"i%00,j"
    first = agreed(desk.report(point(*spot), key=key), status=201)
    assert agreed(desk.report(point(*spot), key=key))["incident_id"] == first["incident_id"]


def test_a_repeat_after_the_case_has_closed_is_still_the_first_answer(desk, spot):
    key = str(uuid4())
    send = partial(desk.report, point(*spot), category=STREET_POWER, key=key, separate=True)
    first = agreed(send(), status=201)
    desk.stepped(first["case"], "close", result="done")
    again = agreed(send())
    assert again["incident_id"] == first["incident_id"]
    assert again["case"]["closed_at"]


def test_the_same_report_sent_four_times_at_once_is_stored_once(desk, ledger, spot):
    send = partial(desk.report, point(*spot), key=str(uuid4()), text="四次")
    before = ledger.counts()
    answers = at_once(*[send] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({reported(answer)["incident_id"] for answer in answers}) == 1
    assert written(ledger, before) == dict.fromkeys(before, 1)


# --- duplicates -------------------------------------------------------------------------------


def test_a_second_report_twenty_metres_away_joins_the_case(desk, ledger, spot):
    first = agreed(desk.report(point(*spot), text="一"), status=201)
    near = metres_away(spot, 20)
    (found,) = desk.resolved(near, category=FIRE)["duplicates"]
    assert found["case_id"] == first["case_id"]
    assert found["distance_m"] == pytest.approx(20, abs=0.1)

    before = ledger.counts()
    second = agreed(desk.report(near, text="二", source="hotline"), status=201)
    assert (second["joined"], second["case_id"]) == (True, first["case_id"])
    assert written(ledger, before) == {
        "cases": 0,
        "incidents": 1,
        "events": 1,
        "idempotency_keys": 1,
    }
    case = second["case"]
    assert [incident["text"] for incident in case["incidents"]] == ["一", "二"]
    event = desk.events(case)[-1]
    assert (event["kind"], event["actor"]) == ("joined", desk.person.id)
    assert [one["source"] for one in case["incidents"]] == ["inspector", "hotline"]
    assert event["data"] == {"incident": second["incident_id"]}


def test_a_repeated_report_that_joined_says_so_again(desk, spot):
    agreed(desk.report(point(*spot)), status=201)
    key = str(uuid4())
    first = agreed(desk.report(point(*spot), key=key), status=201)
    again = agreed(desk.report(point(*spot), key=key))
    assert (first["joined"], again["joined"]) == (True, True)
    assert again["case"]["version"] == 2


@pytest.mark.parametrize(
    ("metres", "more"),
    [(20, {"category": BUILDING}), (20, {"separate": True}), (60, {})],
    ids=["another category", "separate", "sixty metres away"],
)
def test_a_report_about_something_else_opens_a_case_of_its_own(desk, spot, metres, more):
    first = agreed(desk.report(point(*spot)), status=201)
    second = agreed(desk.report(metres_away(spot, metres), **more), status=201)
    assert not second["joined"]
    assert second["case_id"] != first["case_id"]


def test_a_report_where_a_case_was_closed_opens_a_new_one(desk, spot):
    first = agreed(desk.report(point(*spot), category=STREET_POWER), status=201)
    desk.stepped(first["case"], "close", result="done")
    second = agreed(desk.report(point(*spot), category=STREET_POWER), status=201)
    assert not second["joined"]
    assert second["case_id"] != first["case_id"]


def test_a_report_joins_the_nearest_of_several_cases(desk, spot):
    far = agreed(desk.report(metres_away(spot, 40), separate=True), status=201)
    near = agreed(desk.report(metres_away(spot, 10), separate=True), status=201)
    joined = agreed(desk.report(point(*spot)), status=201)
    assert joined["case_id"] == near["case_id"] != far["case_id"]


def test_a_report_joins_a_case_that_has_been_whistled_and_stops_no_clock(desk, spot):
    first = agreed(desk.report(point(*spot)), status=201)
    before = desk.stepped(first["case"], "whistles")
    after = agreed(desk.report(metres_away(spot, 5)), status=201)["case"]
    clocks = [
        [case["summons"][0][by] for by in ("respond_by", "arrive_by")] for case in (before, after)
    ]
    assert clocks[0] == clocks[1]
    assert len(after["incidents"]) == 2


@pytest.mark.parametrize("senders", [2, 4])
def test_reports_of_one_new_problem_at_the_same_instant_make_one_case(desk, ledger, spots, senders):
    for _round in range(5):
        spot, before = next(spots), ledger.counts()
        sends = [partial(desk.report, metres_away(spot, 5 * n)) for n in range(senders)]
        answers = [agreed(answer, status=201) for answer in at_once(*sends)]
        assert len({answer["case_id"] for answer in answers}) == 1
        assert sorted(answer["joined"] for answer in answers) == [False, *[True] * (senders - 1)]
        assert len(desk.case(answers[0]["case_id"])["incidents"]) == senders
        assert written(ledger, before)["cases"] == 1


def test_reports_of_one_problem_across_the_edge_of_two_lock_tiles_make_one_case(desk):
    """Reports take turns by tiles of 0.01 degrees; these two lie on both sides of an edge."""
    for _round in range(5):
        sends = [partial(desk.report, point(116.51 + side, 40.0)) for side in (-1e-5, 1e-5)]
        answers = [agreed(answer, status=201) for answer in at_once(*sends)]
        assert len({answer["case_id"] for answer in answers}) == 1


# --- lists ------------------------------------------------------------------------------------


def test_an_open_case_is_listed_by_its_next_deadline_until_it_closes(desk, spot):
    case = desk.opened(point(*spot))
    case = desk.stepped(case, "whistles")
    lines = agreed(desk.get("cases", limit=500))["cases"]
    (line,) = [line for line in lines if line["id"] == case["id"]]
    assert line["next_due_at"] == case["summons"][0]["arrive_by"]
    assert line["open_summons"] == len(case["summons"])
    assert line["point"] == list(spot)
    dues = [line["next_due_at"] for line in lines if line["next_due_at"]]
    assert dues == sorted(dues)

    desk.worked_off(case, at=point(*spot, accuracy_m=5))
    desk.stepped(case, "close", result="done")
    assert case["id"] not in {line["id"] for line in agreed(desk.get("cases", limit=500))["cases"]}
    assert agreed(desk.get("cases", state="closed", limit=1))["cases"][0]["id"] == case["id"]


def test_a_report_that_concerns_another_side_does_not_join_a_case_that_leaves_it_out(desk):
    inside = shape(shapely.box(116.3166, 39.8847, 116.3171, 39.8850))
    across = shape(shapely.box(116.3169, 39.8847, 116.3178, 39.8850))
    one_sided = desk.opened(inside, category="E0604")
    assert [area["code"] for area in one_sided["decision"]["assisting"]] == []
    joint = agreed(desk.report(across, category="E0604"), status=201)
    assert not joint["joined"]
    assert len(joint["case"]["decision"]["assisting"]) == 1
    again = agreed(desk.report(inside, category="E0604"), status=201)
    assert again["joined"], "one side of a joint case is in it"


def test_an_item_may_be_held_by_the_village_itself(desk, spot):
    street = desk.resolved(point(*spot), category=FIRE)["decision"]["lead"]
    village = desk.resolved(point(*spot), category="E0105")["decision"]["lead"]
    assert (street["level"], village["level"]) == ("street", "community")
    assert village["code"].startswith(street["code"])
