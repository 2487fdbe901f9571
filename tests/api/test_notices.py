"""What people are told of: each what is theirs, once, and of a confidential case the named only."""

from uuid import uuid4

import psycopg
import pytest

from gridmap.dispatch.actor import Grant, Role
from tests.at_once import at_once
from tests.desk import BUILDING, REFERENCE, agreed, point, refused, shape
from tests.service import psycopg_url

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("everything_adds_up")]


@pytest.fixture
def case(desk, spot):
    return desk.opened(point(*spot))


def told(desk, case):
    """The kinds of what somebody is told of a case, as it happened."""
    listed = agreed(desk.get("notices", limit=200))["notices"]
    mine = [one for one in listed if one["case_id"] == case["id"]]
    return [one["kind"] for one in sorted(mine, key=lambda one: one["seq"])]


def test_every_side_of_a_whistle_is_told_of_what_the_others_do(desk, desk_of, spot):
    reporter = desk_of()
    case = reporter.opened(point(*spot))
    convener = desk.crew.desk_of(case["convener"])
    assert told(convener, case) == ["reported"]
    case = desk.stepped(case, "whistles")
    unit = desk.crew.desk_of(case["summons"][0]["unit"])
    assert told(unit, case) == ["whistle_blown"]
    one = case["summons"][0]
    elsewhere = point(spot[0] + 0.05, spot[1], accuracy_m=5)
    desk.summons(case, one, "respond")
    desk.summons(case, one, "arrive", place=elsewhere)
    desk.worked_off(case, at=point(*spot))
    desk.stepped(case, "close", result="done")
    others = len(case["summons"]) - 1
    assert told(convener, case) == (
        ["reported", "responded", "wrong_place"] + ["arrived", "finished"] * (1 + others)
    )
    assert told(unit, case) == ["whistle_blown", "evaluated"]
    assert told(reporter, case) == ["closed"]


def test_both_sides_and_the_superior_are_told_of_a_dispute(desk, desk_of):
    case = desk.opened(shape(REFERENCE), category=BUILDING)
    first, second = case["plan"]["jurisdictions"]
    other = desk.crew.desk_of(second["office"])
    evidence = agreed(
        other.post(f"cases/{case['id']}/evidence", {"kind": "text", "title": "x", "text": "x"}),
        status=201,
    )
    body = {
        "proposes": second["area"]["code"],
        "reason": "x",
        "evidence": [evidence["id"]],
    }
    agreed(other.post(f"cases/{case['id']}/objections", body))
    lead = desk.crew.desk_of(first["office"])
    assert told(lead, case) == ["reported", "objected"]
    assert told(other, case) == []
    agreed(lead.post(f"cases/{case['id']}/objections/1/refer", {}))
    assert told(other, case) == ["referred_up"]
    city = desk_of(Grant(Role.COMMAND, "110000"))
    assert told(city, case) == ["referred_up"]


def test_unread_ones_come_first_and_pages_meet_without_a_gap_or_a_double(desk, case):
    convener = desk.crew.desk_of(case["convener"])
    case = desk.stepped(case, "whistles")
    for one in case["summons"]:
        desk.summons(case, one, "respond")
    before = agreed(convener.get("notices", limit=1))
    newest = before["notices"][0]
    assert newest["kind"] == "responded"
    for _twice in range(2):
        answer = convener.post(f"notices/{newest['id']}/read", {})
        assert answer.status_code == 204
    seen, after = [], {}
    while True:
        page = agreed(convener.get("notices", limit=2, **after))
        assert page["unread"] == before["unread"] - 1
        seen += page["notices"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert len({one["id"] for one in seen}) == len(seen)
    states = [one["read_at"] is not None for one in seen]
    assert states == sorted(states)
    assert newest["id"] in {one["id"] for one in seen if one["read_at"]}
    assert agreed(convener.post("notices/read-all", {})) == {"read": before["unread"] - 1}
    assert agreed(convener.get("notices"))["unread"] == 0


def test_what_one_has_read_another_with_the_same_key_has_not(desk, desk_of, case):
    convener = desk.crew.desk_of(case["convener"])
    office = case["convener"]
    colleague = desk_of(Grant(Role.CONVENER, office["area_code"], office["id"]))
    agreed(convener.post("notices/read-all", {}))
    assert told(colleague, case) == ["reported"]
    assert agreed(colleague.get("notices"))["unread"] > 0


def test_a_confidential_whistle_hides_even_the_notices_from_before_it(desk, desk_of, spot):
    reporter = desk_of()
    case = reporter.opened(point(*spot))
    convener = desk.crew.desk_of(case["convener"])
    watcher = desk_of(Grant(Role.CONVENER, case["holder"]["code"], case["convener"]["id"]))
    desk.stepped(case, "whistles", named=[f"account:{uuid4()}"])
    case = convener.case(case["id"])
    assert case["confidential"]
    desk.summons(case, case["summons"][0], "respond")
    assert told(watcher, case) == ["reported", "responded"]  # the office is named
    above = desk_of(Grant(Role.COMMAND, case["holder"]["code"]))
    assert told(above, case) == []
    assert told(reporter, case) == []


def test_nobody_reads_or_marks_what_is_somebody_elses(desk, desk_of, nobody, case):
    convener = desk.crew.desk_of(case["convener"])
    (one,) = [
        one
        for one in agreed(convener.get("notices", limit=200))["notices"]
        if one["case_id"] == case["id"]
    ]
    stranger = desk_of()
    assert agreed(stranger.get("notices")) == {"notices": [], "unread": 0, "next": None}
    refused(stranger.post(f"notices/{one['id']}/read", {}), 404, "unknown-notice")
    refused(nobody.get("notices"), 401, "sign-in-needed")
    refused(nobody.post("notices/read-all", {}), 401, "sign-in-needed")


def test_the_database_itself_shows_notices_to_their_keys_only(case, loaded):
    key = f"unit:{case['convener']['id']}"
    area = f"area:{case['holder']['code']}"
    count = "SELECT count(*) FROM gridmap.notices WHERE case_id = %s"
    with psycopg.connect(psycopg_url(loaded.urls().service)) as plain:
        for keys, shown in (([], 0), ([key], 0), ([area], 0), ([key, area], 1), (["*"], 1)):
            plain.execute("SELECT set_config('gridmap.keys', %s::text[]::text, true)", [keys])
            assert plain.execute(count, [case["id"]]).fetchone() == (shown,), keys


@pytest.mark.parametrize("after", ["x", "u", "u-1", "r1e3", "u" + "9" * 19])
def test_a_cursor_that_is_none_is_refused(desk, after):
    refused(desk.get("notices", after=after), 422, "validation")


def test_two_who_read_all_at_once_read_each_once(desk, case):
    convener = desk.crew.desk_of(case["convener"])
    unread = agreed(convener.get("notices"))["unread"]
    marks = at_once(*[lambda: agreed(convener.post("notices/read-all", {}))] * 2)
    assert sum(one["read"] for one in marks) == unread > 0
    assert agreed(convener.get("notices"))["unread"] == 0
