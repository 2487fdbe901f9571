"""Releases under a running service: swapped without a restart, and broken ones shown as such."""

import pytest
from shapely.affinity import translate

from tests import people, toy
from tests.desk import BUILDING, FIRE, REFERENCE, Crew, Desk, agreed, point, refused, shape
from tests.ledger import Ledger
from tests.service import activate, fresh_database, load, running, seed, until

pytestmark = pytest.mark.store

# A service looks for another release every two seconds; loading one takes it some more.
SWAPPED_S = 60.0


def answering(desk):
    return agreed(desk.get("release"))["id"]


def swap(server, desk, release):
    """Let another release answer, and wait until the running service does with it."""
    activate(server, release)
    until(lambda: answering(desk) == release.id, within_s=SWAPPED_S, what=release.id)


def streets_m2(desk):
    levels = {level["level"]: level for level in desk.resolved(shape(REFERENCE))["levels"]}
    return {part["name"]: part["area_m2"] for part in levels["street"]["parts"]}


def test_a_running_service_swaps_to_the_real_streets_and_back_without_a_restart(
    loaded, desk, beijing, real_streets
):
    shipped = {"广安门外街道": 1_737.7, "太平桥街道": 263.7}
    assert streets_m2(desk) == pytest.approx(shipped, abs=0.1)
    before = desk.opened(shape(REFERENCE), category=BUILDING)
    try:
        swap(loaded, desk, real_streets)
        real = {"广安门外街道": 1_300.8, "太平桥街道": 700.7}
        assert streets_m2(desk) == pytest.approx(real, abs=0.1)
        during = desk.opened(shape(REFERENCE), category=BUILDING)
        assert (during["release"]["id"], during["decision"]["rule"]) == (
            real_streets.id,
            "largest_share",
        )
        # Who is on duty is asked of the release of now; all else is what it was.
        of_now = {"now": None, "turnout": None}
        assert desk.case(before["id"]) | of_now == before | of_now
        assert (
            agreed(desk.get("areas", level="cell", bbox="116.3,39.8,116.4,39.9"))["features"] == []
        )
    finally:
        swap(loaded, desk, beijing)
    assert streets_m2(desk) == pytest.approx(shipped, abs=0.1)
    assert desk.case(during["id"])["release"]["id"] == real_streets.id


# --- a broken release ---------------------------------------------------------------------------

# The toy city without the ground between its two western streets, and with two claims to a strip.
BROKEN = toy.STREETS | {
    toy.NORTH_STREET: "POLYGON ((0 3, 4 3, 4 4, 0 4, 0 3))",
    toy.SOUTH_STREET: "POLYGON ((0 0, 4.5 0, 4.5 1, 4 1, 4 2, 0 2, 0 0))",
}
GAP, OVERLAP, SOUND = (1.0, 2.5), (4.25, 0.5), (1.0, 1.0)

MISSING = "power"  # a kind that nobody has in the directory of the broken city


@pytest.fixture(scope="module")
def broken_city(server, templates, tmp_path_factory):
    """A service over a database of its own, whose only release has a gap and an overlap."""
    kinds = [kind for kind in templates["kinds"] if kind["kind"] != MISSING]
    with fresh_database(server) as own:
        load(own, toy.release(BROKEN, release_id="broken"), templates | {"kinds": kinds})
        url = own.urls().service
        log = tmp_path_factory.mktemp("broken") / "log"
        somebody = people.commander(url, people.TOY_CITY)
        with (
            running(url, log) as service,
            Crew(service.url, url) as crew,
            Desk(service.url, somebody, crew) as desk,
            Ledger(url) as ledger,
        ):
            yield desk
            assert ledger.faults() == {}


def street_level(answer):
    return next(level for level in answer["levels"] if level["level"] == "street")


def test_a_place_in_a_gap_is_held_by_the_lowest_area_that_contains_it(broken_city):
    case = broken_city.opened(point(*GAP, crs="EPSG:4490"))
    level = street_level(case)
    assert (level["relation"], level["parts"]) == ("gap", [])
    nearest = level["nearby"][0]
    assert nearest["code"] in {toy.SOUTH_STREET, toy.NORTH_STREET}
    assert nearest["distance_m"] == pytest.approx(55_290, rel=0.01)  # half a degree of latitude
    decision = case["decision"]
    assert decision["rule"] == "territorial_fallback"
    assert decision["lead"]["code"] == case["holder"]["code"] == toy.WEST
    assert decision["assisting"] == []
    assert case["convener"]["id"] == f"government-{toy.WEST}"


def test_a_case_in_a_gap_goes_on_like_any_other(broken_city):
    case = broken_city.opened(point(*GAP, crs="EPSG:4490"))
    case = broken_city.stepped(case, "whistles")
    assert {one["areas"][0] for one in case["summons"]} == {toy.WEST}
    broken_city.worked_off(case, at=point(*GAP, crs="EPSG:4490"))
    assert broken_city.stepped(case, "close", result="done")["closed_at"]


def test_a_footprint_partly_in_a_gap_says_how_much(broken_city):
    around = translate(REFERENCE, GAP[0] - REFERENCE.centroid.x, 3.0 - REFERENCE.centroid.y)
    level = street_level(broken_city.resolved(shape(around, crs="EPSG:4490")))
    (part,) = level["parts"]
    assert part["code"] == toy.NORTH_STREET
    assert part["share"] == pytest.approx(0.5, abs=0.01)
    assert level["gap_share"] == pytest.approx(1 - part["share"])
    assert level["relation"] == "straddles"


def test_a_place_that_two_areas_claim_is_led_by_one_with_the_other_assisting(broken_city):
    case = broken_city.opened(point(*OVERLAP, crs="EPSG:4490"), category=BUILDING)
    assert street_level(case)["relation"] == "overlap"
    assert case["decision"]["rule"] == "lowest_code"
    assert case["holder"]["code"] == toy.SOUTH_STREET
    assert [area["code"] for area in case["decision"]["assisting"]] == [toy.EAST_STREET]


@pytest.mark.parametrize("where", [GAP, SOUND], ids=["in a gap", "elsewhere"])
def test_a_department_that_nobody_has_is_shown_as_missing(broken_city, where):
    case = broken_city.opened(point(*where, crs="EPSG:4490"), category=FIRE)
    (side,) = case["plan"]["jurisdictions"]
    assert [missing["kind"] for missing in side["missing"]] == [MISSING]
    assert side["missing"][0]["kind_name"] == "电力"
    assert MISSING not in {one["unit"]["kind"] for one in side["units"]}


def test_the_release_says_what_it_is_and_has_no_levels_that_it_lacks(broken_city):
    release = agreed(broken_city.get("release"))
    assert release["id"] == "broken"
    assert {level["level"]: level["basis"] for level in release["levels"]} == dict.fromkeys(
        ("city", "district", "street"), "surveyed"
    )
    assert agreed(broken_city.get("areas", level="cell", bbox="0,0,1,1"))["features"] == []


def test_a_filing_of_an_area_in_another_city_is_refused(broken_city):
    filing = {"area_code": "110102020", "filed_at": "2025-06-03T08:00:00+08:00", "document": "1"}
    answer = broken_city.resolve(point(*SOUND, crs="EPSG:4490"), filings=[filing])
    assert refused(answer, 422, "unknown-area")["fields"]["code"] == "110102020"


# --- no release ---------------------------------------------------------------------------------


def test_without_a_release_or_units_every_question_is_answered_with_what_to_do(
    server, templates, tmp_path
):
    with (
        fresh_database(server) as own,
        running(own.urls().service, tmp_path / "log") as service,
        Desk(service.url, people.commander(own.urls().service, people.TOY_CITY)) as desk,
    ):
        for answer in (
            desk.resolve(point(*SOUND)),
            desk.report(point(*SOUND)),
            desk.get("release"),
        ):
            assert "python -m api import" in refused(answer, 503, "no-release")["detail"]
        health = desk.http.get("/healthz")
        refused(health, 503, "no-release")
        activate(own, toy.release())
        until(
            lambda: desk.http.get("/healthz").status_code == 200,
            within_s=SWAPPED_S,
            what="the first release",
        )
        assert agreed(desk.http.get("/healthz"))["release"] == "toy"

        case = desk.opened(point(*SOUND, crs="EPSG:4490"))
        refused(desk.step(case, "whistles"), 409, "nobody-to-summon")
        seed(own, templates)
        until(
            lambda: desk.step(case, "whistles").is_success,
            within_s=SWAPPED_S,
            what="the first directory",
        )
        assert desk.case(case["id"])["summons"]
