"""Agreements over HTTP: proposed, signed by all, honoured, ended; and what is refused."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from gridmap.dispatch.actor import Grant, Role
from tests.desk import BUILDING, FIRE, agreed, point, refused
from tests.service import psycopg_url

pytestmark = pytest.mark.store

HAIDIAN, SHIJINGSHAN = "110108", "110107"
XICHENG, FENGTAI = "110102020", "110106002"
# On the border of 广安门外街道 (Xicheng) and 太平桥街道 (Fengtai); the point is Xicheng's.
BORDER = [[116.3175, 39.8840], [116.3175, 39.8860]]
TODAY = datetime.now(UTC).date()


def proposal(**more):
    return {
        "id": f"t-{uuid4().hex[:12]}",
        "title": "马连道欣园协议",
        "place": {
            "crs": "EPSG:4326",
            "geometry": {"type": "LineString", "coordinates": BORDER},
        },
        "reach_m": 60.0,
        "parties": [XICHENG, FENGTAI],
        "lead": FENGTAI,
        "document": {"title": "联合治理协议", "number": "联〔2026〕3号", "signed_on": "2026-02-27"},
        "valid_from": "2026-03-01",
        "categories": ["E0401"],
    } | more


@pytest.fixture
def in_force(desk):
    """Bring agreements into force; they are ended after the test."""
    made = []

    def in_force(**more):
        given = proposal(**more)
        agreed(desk.post("agreements", given), status=201)
        made.append(given["id"])
        for party in given["parties"]:
            done = agreed(desk.post(f"agreements/{given['id']}/sign", {"party": party}))
        return done

    yield in_force
    for name in made:
        desk.post(f"agreements/{name}/end", {"reason": "test"})


def decided(desk, category=FIRE, lng=116.3175, lat=39.885):
    answer = desk.resolved(point(lng, lat), category=category)
    return answer["decision"]


def test_it_holds_only_when_every_party_has_signed(desk):
    given = proposal()
    made = desk.post("agreements", given)
    assert made.headers["location"] == f"/api/v1/agreements/{given['id']}"
    proposed = agreed(made, status=201)
    assert proposed["state"] == "proposed"
    first = agreed(desk.post(f"agreements/{given['id']}/sign", {"party": XICHENG}))
    assert (first["state"], decided(desk)["rule"] == "agreement") == ("proposed", False)
    both = agreed(desk.post(f"agreements/{given['id']}/sign", {"party": FENGTAI}))
    assert (both["state"], both["standing"]) == ("in_force", "in_force")
    assert [event["kind"] for event in both["events"]] == [
        "proposed",
        "signed",
        "signed",
        "in_force",
    ]
    decision = decided(desk)
    assert (decision["rule"], decision["lead"]["code"]) == ("agreement", FENGTAI)
    assert decision["inputs"]["document_number"] == "联〔2026〕3号"
    assert decided(desk, category=BUILDING)["rule"] != "agreement"

    ended = agreed(desk.post(f"agreements/{given['id']}/end", {"reason": "并入新协议"}))
    assert (ended["state"], ended["standing"]) == ("ended", "expired")
    after = decided(desk)
    assert after["rule"] != "agreement"
    said = next(one for one in after["considered"] if one["rule"] == "agreement")
    assert "马连道欣园协议" in said["why"]
    assert "已于" in said["why"]


def test_a_case_under_an_agreement_is_held_by_its_lead_and_the_territory_is_called(desk, in_force):
    in_force()
    case = desk.opened(point(116.3175, 39.885), category=FIRE)
    assert case["holder"]["code"] == FENGTAI
    assert case["decision"]["rule"] == "agreement"
    assert [side["area"]["code"] for side in case["plan"]["jurisdictions"]] == [FENGTAI, XICHENG]


def test_only_who_speaks_for_a_party_signs_for_it(desk, desk_of, nobody):
    given = proposal()
    path = f"agreements/{given['id']}"
    mine = desk_of(Grant(Role.CONVENER, XICHENG))
    refused(nobody.post("agreements", given), 401, "sign-in-needed")
    foreign = desk_of(Grant(Role.COMMAND, HAIDIAN))
    refused(foreign.post("agreements", given), 403, "foreign-signature")
    agreed(mine.post("agreements", given), status=201)
    refused(mine.post(f"{path}/sign", {"party": FENGTAI}), 403, "foreign-signature")
    inspector = desk_of(Grant(Role.INSPECTOR, XICHENG))
    refused(inspector.post(f"{path}/sign", {"party": XICHENG}), 403, "foreign-signature")
    agreed(mine.post(f"{path}/sign", {"party": XICHENG}))
    district = desk_of(Grant(Role.COMMAND, "110106"))
    assert agreed(district.post(f"{path}/sign", {"party": FENGTAI}))["state"] == "in_force"
    refused(foreign.post(f"{path}/end", {"reason": "x"}), 403, "foreign-signature")
    agreed(mine.post(f"{path}/end", {"reason": "test"}))
    assert agreed(nobody.get(path))["state"] == "ended", "agreements are public"


def test_a_dry_run_says_what_would_be_and_writes_nothing(desk):
    given = proposal()
    would = agreed(desk.http.post("/api/v1/agreements?dry_run=true", json=given))
    assert would["id"] == given["id"]
    refused(desk.get(f"agreements/{given['id']}"), 404, "agreement-not-found")


def test_two_leads_for_one_thing_are_refused_when_proposed_and_when_signed(desk, in_force):
    rival = proposal(lead=XICHENG, title="另一份协议")
    agreed(desk.post("agreements", rival), status=201)
    agreed(desk.post(f"agreements/{rival['id']}/sign", {"party": XICHENG}))
    standing = in_force()
    late = refused(
        desk.post(f"agreements/{rival['id']}/sign", {"party": FENGTAI}),
        409,
        "overlapping-agreements",
    )
    assert {late["fields"]["agreement"], late["fields"]["other"]} == {rival["id"], standing["id"]}
    assert agreed(desk.get(f"agreements/{rival['id']}"))["state"] == "proposed"
    refused(desk.post("agreements", proposal(lead=XICHENG)), 409, "overlapping-agreements")
    agreed(desk.post(f"agreements/{rival['id']}/end", {"reason": "withdrawn"}))


def test_it_is_found_by_box_party_district_state_and_day(desk, in_force):
    last = TODAY + timedelta(days=9)
    made = in_force(valid_until=str(last))

    def listed(**query):
        return {one["id"]: one for one in agreed(desk.get("agreements", **query))["agreements"]}

    assert listed(bbox="116.3,39.8,116.4,39.9")[made["id"]]["days_left"] in {8, 9}
    assert made["id"] not in listed(bbox="116.0,40.0,116.1,40.1")
    assert made["id"] in listed(area=XICHENG)
    assert made["id"] in listed(area="110106")
    assert made["id"] not in listed(area=HAIDIAN)
    assert made["id"] in listed(state="in_force")
    assert made["id"] not in listed(state="ended")
    later = f"{TODAY + timedelta(days=20)}T08:00:00+08:00"
    assert listed(at=later)[made["id"]]["state"] == "expired"
    assert made["id"] not in listed(at="2026-01-01T08:00:00+08:00"), "it was not known then"


def test_as_geojson_it_is_a_collection_of_features(desk, in_force):
    made = in_force()
    collection = agreed(desk.get("agreements", format="geojson"))
    feature = next(one for one in collection["features"] if one["id"] == made["id"])
    assert feature["geometry"]["type"] == "LineString"
    assert feature["properties"]["lead"]["name"] == "太平桥街道"


def test_a_feature_is_a_proposal_too(desk):
    given = proposal()
    feature = {
        "type": "Feature",
        "geometry": given.pop("place")["geometry"],
        "properties": given,
    }
    answer = desk.post(
        "agreements?dry_run=true", feature, **{"Content-Type": "application/geo+json"}
    )
    assert agreed(answer)["place"]["geometry"]["coordinates"] == BORDER


@pytest.mark.parametrize(
    ("more", "status", "slug"),
    [
        ({"parties": [XICHENG]}, 422, "agreement-parties"),
        ({"lead": HAIDIAN}, 422, "agreement-lead"),
        ({"parties": [XICHENG, FENGTAI, "110102999"]}, 422, "unknown-area"),
        ({"valid_until": "2026-02-28"}, 422, "agreement-dates"),
        ({"reach_m": 0.0}, 422, "agreement-reach"),
        ({"reach_m": -1}, 422, "agreement-reach"),
        ({"categories": ["X9"]}, 422, "unknown-category"),
        ({"valid_from": 0}, 422, "validation"),
        ({"valid_from": "2026-02-30"}, 422, "validation"),
        ({"id": "../x"}, 422, "validation"),
        ({"title": "\x00"}, 422, "validation"),
        ({"hours": [{"weekdays": [8], "begins": "08:00", "ends": "09:00"}]}, 422, "validation"),
        ({"hours": [{"weekdays": [1], "begins": "8", "ends": "09:00"}]}, 422, "validation"),
        (
            {"place": {"geometry": {"type": "LineString", "coordinates": BORDER}}},
            422,
            "missing-crs",
        ),
        (
            {
                "place": {
                    "crs": "EPSG:4326",
                    "geometry": {
                        "type": "LineString",
                        "coordinates": [[116.4, 40.0], [116.4, 40.1]],
                    },
                }
            },
            422,
            "agreement-off-border",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(desk, more, status, slug):
    given = proposal(**more)
    refused(desk.post("agreements", given), status, slug)
    if given["id"] != "../x":
        refused(desk.get(f"agreements/{given['id']}"), 404, "agreement-not-found")


def test_steps_out_of_order_are_refused(desk):
    given = proposal()
    path = f"agreements/{given['id']}"
    refused(desk.post(f"{path}/sign", {"party": XICHENG}), 404, "agreement-not-found")
    agreed(desk.post("agreements", given), status=201)
    refused(desk.post("agreements", given), 409, "agreement-exists")
    refused(desk.post(f"{path}/sign", {"party": SHIJINGSHAN}), 409, "foreign-party")
    agreed(desk.post(f"{path}/sign", {"party": XICHENG}))
    refused(desk.post(f"{path}/sign", {"party": XICHENG}), 409, "already-signed")
    refused(desk.post(f"{path}/end", {"reason": ""}), 422, "validation")
    agreed(desk.post(f"{path}/end", {"reason": "withdrawn"}))
    refused(desk.post(f"{path}/sign", {"party": FENGTAI}), 409, "agreement-over")
    refused(desk.post(f"{path}/end", {"reason": "again"}), 409, "agreement-over")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE gridmap.agreements SET title = 'x'",
        "DELETE FROM gridmap.agreements",
        "UPDATE gridmap.agreement_events SET party = NULL",
        "DELETE FROM gridmap.agreement_events",
        "UPDATE gridmap.policies SET active = true",
        "DELETE FROM gridmap.policies",
    ],
)
def test_the_service_may_neither_edit_nor_delete_what_was_agreed(database, statement):
    if database.owner == database.service:
        pytest.skip("a given server with one URL: the service is the owner")
    with (
        psycopg.connect(psycopg_url(database.service)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_the_owner_of_a_part_leads_and_an_unknown_one_is_refused(desk):
    here = point(116.3175, 39.885)
    answer = desk.resolved(here, category="P0201", owner=_unit_of(desk, FENGTAI))
    assert (answer["decision"]["rule"], answer["decision"]["lead"]["code"]) == (
        "owner_of_part",
        FENGTAI,
    )
    event = desk.resolved(here, category=FIRE, owner=_unit_of(desk, FENGTAI))
    assert event["decision"]["rule"] != "owner_of_part"
    refused(desk.resolve(here, category="P0201", owner="nobody"), 422, "unknown-owner")


def _unit_of(desk, street):
    """The id of a street's own office, from a plan."""
    plan = desk.resolved(point(116.3070, 39.8850), category=FIRE)["plan"]
    offices = {side["area"]["code"]: side["office"]["id"] for side in plan["jurisdictions"]}
    return offices[street]
