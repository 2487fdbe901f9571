"""The building on the Xicheng/Fengtai line, from the report to the closed case, over HTTP."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
import shapely
from pyproj import Geod
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from tests.desk import BUILDING, REFERENCE, agreed, point, refused, shape

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("everything_adds_up")]

XICHENG, FENGTAI = "110102020", "110106002"  # 广安门外街道, 太平桥街道

# On the shipped lines the reference building is 86.8 % Xicheng's, which decides alone. The same
# building 8.5 m further west is divided 65.4 to 34.6.
CLEAR, DISPUTED = REFERENCE, translate(REFERENCE, -0.0001, 0)

CHAIN = [
    "ruling",
    "agreement",
    "owner_of_part",
    "only_territory",
    "territorial_fallback",
    "first_to_file",
    "dominant_share",
    "first_receiver",
    "largest_share",
]

# The departments that 违法建设 calls on each side, the one with the power first.
KINDS = [
    "urban_management",
    "planning",
    "public_security",
    "fire",
    "housing",
    "civil_affairs",
    "power",
]


def filing(code, hour):
    return {
        "area_code": code,
        "filed_at": f"2025-06-03T{hour:02}:00:00+08:00",
        "document": f"立案〔2025〕{hour}号",
    }


class Story(NamedTuple):
    """What is reported, and who is to lead by which rule."""

    building: BaseGeometry
    received: dict[str, Any]
    lead: str
    rule: str


STORIES = {
    "received by Xicheng, clear": Story(CLEAR, {"intake": XICHENG}, XICHENG, "dominant_share"),
    "received by Fengtai, clear": Story(CLEAR, {"intake": FENGTAI}, XICHENG, "dominant_share"),
    "received by neither, clear": Story(CLEAR, {}, XICHENG, "dominant_share"),
    "received by Xicheng, disputed": Story(
        DISPUTED, {"intake": XICHENG}, XICHENG, "first_receiver"
    ),
    "received by Fengtai, disputed": Story(
        DISPUTED, {"intake": FENGTAI}, FENGTAI, "first_receiver"
    ),
    "received by neither, disputed": Story(DISPUTED, {}, XICHENG, "largest_share"),
    "filed first by Fengtai": Story(
        CLEAR,
        {"intake": XICHENG, "filings": [filing(XICHENG, 10), filing(FENGTAI, 9)]},
        FENGTAI,
        "first_to_file",
    ),
}


@pytest.mark.parametrize("story", STORIES.values(), ids=list(STORIES))
def test_the_reference_case_is_played_from_the_report_to_the_closed_case(desk, ledger, story):
    building = story.building
    answer = desk.report(shape(building), category=BUILDING, separate=True, **story.received)
    case = agreed(answer, status=201)["case"]
    assert answer.headers["location"] == f"/api/v1/cases/{case['id']}"
    assert_decided(case, lead=story.lead, rule=story.rule)
    assert_planned(case)

    refuse(desk, ledger, "not-whistled", case, "close")

    case = desk.stepped(case, "whistles")
    assert_summoned(case)
    assert refuse(desk, ledger, "whistle-runs", case, "whistles")
    units = [summons["unit"]["name"] for summons in case["summons"]]
    assert refuse(desk, ledger, "open-summons", case, "close")["fields"]["units"] == units

    case = arrive_at_the_wrong_place(desk, case, building)
    first = case["summons"][0]["id"]
    assert refuse(desk, ledger, "wrong-stage", case, "summons", first, "finish")

    case = arrive_and_finish(desk, ledger, case, building)

    case = desk.stepped(case, "close", result="已拆除")
    assert (case["step"], case["result"], case["may"]) == (
        "feedback",
        "已拆除",
        ["feed_back", "reopen", "add_evidence"],
    )
    assert case["closed_at"]
    assert refuse(desk, ledger, "case-closed", case, "close")
    assert_told_in_order(desk, case)


def assert_decided(case, *, lead, rule):
    other = {XICHENG: FENGTAI, FENGTAI: XICHENG}[lead]
    decision = case["decision"]
    assert decision["lead"]["code"] == lead
    assert [area["code"] for area in decision["assisting"]] == [other]
    assert decision["rule"] == rule
    assert decision["legal_basis"]
    assert decision["policy"]
    considered = decision["considered"]
    assert [one["rule"] for one in considered] == CHAIN[: CHAIN.index(rule) + 1]
    assert [one["decided"] for one in considered] == [False] * (len(considered) - 1) + [True]
    assert all(one["why"] and one["why_en"] for one in considered)
    assert case["holder"]["code"] == lead
    assert case["convener"]["id"] == f"government-{lead}"


def unit_of(kind, street):
    """The nearest unit of a kind: 公安 has one in every street, the others in the district."""
    return f"{kind}-{street if kind == 'public_security' else street[:6]}"


def assert_planned(case):
    lead, assisting = case["plan"]["jurisdictions"]
    expected = [unit_of(kind, lead["area"]["code"]) for kind in KINDS]
    assert [one["unit"]["id"] for one in lead["units"]] == expected
    street = assisting["area"]["code"]
    expected = [f"government-{street}", *(unit_of(kind, street) for kind in KINDS)]
    assert [one["unit"]["id"] for one in assisting["units"]] == expected
    roles = ["lead", *["assisting"] * (len(KINDS) - 1)]
    assert [one["role"] for one in lead["units"]] == roles
    assert [one["role"] for one in assisting["units"]] == ["office", *roles]
    assert lead["missing"] == assisting["missing"] == []


def assert_summoned(case):
    planned = [one["unit"]["id"] for side in case["plan"]["jurisdictions"] for one in side["units"]]
    assert [summons["unit"]["id"] for summons in case["summons"]] == planned
    assert case["plan"]["summons"] == len(planned) == 2 * len(KINDS) + 1
    blown_at = datetime.fromisoformat(case["whistles"][0]["blown_at"])
    for summons in case["summons"]:
        assert summons["state"] == "called"
        assert datetime.fromisoformat(summons["called_at"]) == blown_at
        for clock in ("respond_by", "arrive_by"):
            assert datetime.fromisoformat(summons[clock]) == blown_at + timedelta(minutes=30)


def refuse(desk, ledger, slug, case, *step):
    """Try a step that must be refused, and see that it changed nothing."""
    before = (ledger.counts(), desk.case(case["id"]) | {"now": None})
    problem = refused(desk.step(case, *step), 409, slug)
    assert problem["fields"]["case"] == case["number"]
    assert (ledger.counts(), desk.case(case["id"]) | {"now": None}) == before
    return problem


def arrive_at_the_wrong_place(desk, case, building):
    """Five kilometres away: recorded, and every clock goes on."""
    spot = building.centroid
    lng, lat, _ = Geod(ellps="GRS80").fwd(spot.x, spot.y, 90, 5_000)
    before = case["summons"][0]
    case = desk.summons(case, before, "arrive", place=point(lng, lat, accuracy_m=10))
    after = case["summons"][0]
    (arrival,) = after["arrivals"]
    assert arrival["verdict"] == "wrong_place"
    assert arrival["distance_m"] == pytest.approx(5_000, abs=50)  # to the outline, not the middle
    assert after | {"arrivals": [], "may": before["may"]} == before
    return case


def arrive_and_finish(desk, ledger, case, building):
    spot = building.centroid
    on_site = point(spot.x, spot.y, accuracy_m=10)
    case = desk.summons(case, case["summons"][0], "respond")
    for summons in case["summons"]:
        case = desk.summons(case, summons, "arrive", place=on_site)
    assert {summons["state"] for summons in case["summons"]} == {"arrived"}
    assert all(summons["responded_at"] for summons in case["summons"])
    units = [summons["unit"]["name"] for summons in case["summons"]]
    for done, summons in enumerate(case["summons"], start=1):
        assert case["step"] == "reporting_in"
        case = desk.summons(case, summons, "finish", result=f"完成 {done}")
        if done < len(units):
            problem = refuse(desk, ledger, "open-summons", case, "close")
            assert problem["fields"]["units"] == units[done:]
    assert case["step"] == "evaluation"
    assert refuse(desk, ledger, "unevaluated", case, "close")["fields"]["units"] == units
    for summons in case["summons"]:
        case = desk.summons(case, summons, "evaluate", score=5, reason="到位")
    assert "close" in case["may"]
    return case


def assert_told_in_order(desk, case):
    events = desk.events(case)
    calls = len(case["summons"])
    assert [event["kind"] for event in events] == [
        "reported",
        "whistle_blown",
        "wrong_place",
        "responded",
        *["arrived"] * calls,
        *["finished"] * calls,
        *["evaluated"] * calls,
        "closed",
    ]
    assert [event["seq"] for event in events] == list(range(1, case["version"] + 1))
    times = [datetime.fromisoformat(event["at"]) for event in events]
    assert times == sorted(times)


def ground_m2(ground, area, footprint):
    parts = shapely.get_parts(shapely.intersection(area, footprint))
    return sum(abs(ground.geometry_area_perimeter(part)[0]) for part in parts)


@pytest.mark.parametrize("building", [CLEAR, DISPUTED], ids=["clear", "disputed"])
def test_the_shares_agree_with_an_independent_computation_to_a_tenth_of_a_square_metre(
    desk, beijing, ground, building
):
    whole_m2 = ground_m2(ground, building.envelope, building)
    for level in desk.resolved(shape(building))["levels"]:
        parts = level["parts"] + level["touches"]
        for part in parts:
            alone_m2 = ground_m2(ground, beijing.geometry(part["code"]), building)
            assert part["area_m2"] == pytest.approx(alone_m2, abs=0.1)
            assert part["share"] == pytest.approx(alone_m2 / whole_m2, abs=1e-5)
        assert sum(part["area_m2"] for part in parts) == pytest.approx(whole_m2, abs=0.1)


def test_on_the_shipped_lines_xicheng_has_1737_7_and_fengtai_263_7_square_metres(desk):
    levels = {level["level"]: level for level in desk.resolved(shape(CLEAR))["levels"]}
    districts = {part["code"]: part["area_m2"] for part in levels["district"]["parts"]}
    assert districts == pytest.approx({"110102": 1737.7, "110106": 263.7}, abs=0.1)
    streets = {part["code"]: part["area_m2"] for part in levels["street"]["parts"]}
    assert streets == pytest.approx({XICHENG: 1737.7, FENGTAI: 263.7}, abs=0.1)
    assert levels["district"]["basis"] == "mapped"
    assert levels["street"]["basis"] == "schematic"
    assert {level["relation"] for level in levels.values()} == {"inside", "straddles"}
    assert levels["street"]["border_distance_m"] == 0


def test_what_was_resolved_before_sending_is_what_the_report_decides(desk):
    asked = desk.resolved(shape(DISPUTED), category=BUILDING, intake=FENGTAI)
    case = desk.opened(shape(DISPUTED), category=BUILDING, intake=FENGTAI)
    for part in ("decision", "plan", "levels", "place"):
        assert case[part] == asked[part]
    assert case["release"] == asked["release"]
