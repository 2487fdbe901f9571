"""Ledgers through the service: filled from a table, struck off by cases to the end."""

import json

import pytest

from gridmap.dispatch.actor import Grant, Role
from tests.desk import STREET_POWER, agreed, point, refused

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("everything_adds_up")]

STREET, DISTRICT, BESIDE = "110102020", "110102", "110102003"
OFFICE = f"government-{STREET}"
SHOPFRONTS = 61  # as in the seed: 61 shopfronts on one ledger
CSV = {"Content-Type": "text/csv; charset=utf-8"}


@pytest.fixture
def office(desk_of):
    return desk_of(Grant(Role.CONVENER, STREET, OFFICE))


def opened(desk, **more):
    body = {
        "title": "开墙打洞台账",
        "owner": OFFICE,
        "category": STREET_POWER,
        "from_on": "2026-11-01",
        "until_on": "2026-12-31",
    }
    return agreed(desk.post("ledgers", body | more), status=201)


def table(count=SHOPFRONTS, area=STREET):
    rows = [f"T{n:02},门面{n},{area},EPSG:4326,{116.35 + n / 10_000},39.89" for n in range(count)]
    return "\n".join(["code,name,area,crs,lng,lat", *rows])


def imported(desk, book, text, *, commit=True, **headers):
    path = f"ledgers/{book['id']}/targets/import?commit={str(commit).lower()}"
    return desk.post(path, text.encode(), **(CSV | headers))


@pytest.fixture
def book(office):
    """A ledger with three targets."""
    return agreed(imported(office, opened(office), table(3)))["ledger"]


def read(desk, book):
    return agreed(desk.get(f"ledgers/{book['id']}"))


def targets(book):
    return {one["code"]: one for one in book["targets"]}


def test_an_import_writes_nothing_before_it_is_committed(office, owner):
    book = opened(office)
    tried = agreed(imported(office, book, table(), commit=False))
    assert (tried["committed"], tried["added"]) == (False, SHOPFRONTS)
    assert read(office, book)["targets"] == []
    done = agreed(imported(office, book, table()))
    assert len(done["ledger"]["targets"]) == SHOPFRONTS
    rows = owner.execute(
        "SELECT count(*), count(place) FROM gridmap.ledger_targets WHERE ledger_id = %s",
        [book["id"]],
    ).fetchone()
    assert rows == (SHOPFRONTS, SHOPFRONTS)


@pytest.mark.parametrize(
    ("text", "where", "column"),
    [
        ("code,name\nA,b", "line 1", "area"),
        ("code,name,area,x\nA,b,110102020,", "line 1", "x"),
        ("code,name,area\nA,b,110102020\n,c,110102020", "line 3", "code"),
        ("code,name,area\nA,b,110102020\nA,c,110102020", "line 3", "code"),
        ("code,name,area\nA,b", "line 2", ""),
        ("code,name,area,crs,lng,lat\nA,b,110102020,EPSG:4326,x,39", "line 2", "lng"),
        ("code,name,area,crs,lng,lat\nA,b,110102020,,116,39", "line 2", "crs, lng, lat"),
        ("code,name,area,crs,lng,lat\nA,b,110102020,EPSG:0,116,39", "line 2", "crs, lng, lat"),
        ('code,name,area\n"A,b', "line 2", ""),
    ],
)
def test_a_wrong_table_is_refused_by_row_and_column(office, text, where, column):
    book = opened(office)
    problem = refused(imported(office, book, text), 422, "target-table")
    assert (problem["fields"]["where"], problem["fields"]["column"]) == (where, column)
    assert read(office, book)["version"] == 1


def test_targets_come_from_geojson_too(office):
    book = opened(office)
    feature = {
        "type": "Feature",
        "properties": {"code": "G1", "name": "院落", "area": STREET},
        "geometry": {"type": "Point", "coordinates": [116.35, 39.89]},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    kind = {"Content-Type": "application/geo+json"}
    done = agreed(imported(office, book, text, **kind))
    assert targets(done["ledger"])["G1"]["place"]["given_crs"] == "EPSG:4326"
    bad = json.dumps(
        {"type": "FeatureCollection", "features": [feature, feature | {"geometry": 1}]}
    )
    problem = refused(imported(office, book, bad, **kind), 422, "target-table")
    assert (problem["fields"]["where"], problem["fields"]["column"]) == ("feature 2", "geometry")
    refused(imported(office, book, "{}", **kind), 422, "target-table")
    refused(
        imported(office, book, text, **{"Content-Type": "text/plain"}),
        415,
        "unsupported-media-type",
    )


def test_an_area_that_nobody_knows_is_refused(office):
    book = opened(office)
    refused(imported(office, book, table(2, area="990101001")), 422, "unknown-area")
    assert read(office, book)["targets"] == []


# --- 销账 ---------------------------------------------------------------------------------------


def reported(desk, book, code, spot):
    name = {"ledger": book["id"], "code": code}
    return desk.opened(point(*spot), category=STREET_POWER, target=name)


def test_a_case_that_closes_strikes_its_target_off_and_reopening_puts_it_back(
    desk, office, book, spot
):
    case = reported(desk, book, "T01", spot)
    assert targets(read(office, book))["T01"]["cases"] == []  # the street beside does not see it
    assert targets(read(desk, book))["T01"]["cases"] == [case["number"]]
    desk.stepped(case, "close", result="done")
    struck = targets(read(desk, book))["T01"]["struck"]
    assert struck["case"] == case["number"]
    assert read(desk, book)["struck"] == 1
    desk.stepped(case, "reopen", reason="又开了")
    assert targets(read(desk, book))["T01"]["struck"] is None
    desk.stepped(case, "close", result="done")
    kinds = [one["kind"] for one in agreed(desk.get(f"ledgers/{book['id']}/entries"))["entries"]]
    assert kinds[2:] == ["case_linked", "struck_off", "put_back", "struck_off"]


def test_a_ledger_is_struck_off_to_the_end(desk, office, book, spots):
    for code in ("T00", "T01"):
        case = reported(desk, book, code, next(spots))
        desk.stepped(case, "close", result="done")
    strike = f"ledgers/{book['id']}/targets/T02/strike"
    refused(office.post(strike, {"reason": "已封堵", "evidence": " "}), 422, "subject-value")
    done = agreed(office.post(strike, {"reason": "已封堵", "evidence": "验收单12号"}))
    assert (done["struck"], done["done"]) == (3, True)
    assert targets(done)["T02"]["struck"]["evidence"] == "验收单12号"
    refused(office.post(strike, {"reason": "a", "evidence": "b"}), 409, "subject-state")
    back = f"ledgers/{book['id']}/targets/T02/put-back"
    refused(office.post(back, {"reason": ""}), 422, "subject-value")
    assert agreed(office.post(back, {"reason": "又开了"}))["done"] is False


def test_a_case_that_is_there_is_linked_by_its_number(desk, book, spot):
    case = desk.opened(point(*spot), category=STREET_POWER)
    path = f"ledgers/{book['id']}/targets/T00/cases"
    assert targets(agreed(desk.post(path, {"number": case["number"]})))["T00"]["cases"]
    desk.stepped(case, "close", result="done")
    assert targets(read(desk, book))["T00"]["struck"]["case"] == case["number"]
    refused(desk.post(path, {"number": "20200101-000001"}), 404, "unknown-case")


def test_a_merged_case_leaves_its_targets_to_the_one_that_goes_on(desk, book, spot):
    gone = reported(desk, book, "T00", spot)
    goes_on = desk.opened(point(*spot), category=STREET_POWER)
    desk.stepped(gone, "merge", into=goes_on["id"])
    assert targets(read(desk, book))["T00"]["struck"] is None
    desk.stepped(goes_on, "close", result="done")
    assert targets(read(desk, book))["T00"]["struck"]["case"] == goes_on["number"]


def test_a_report_that_names_an_unknown_target_writes_nothing(desk, book, spot, nothing_is_written):
    name = {"ledger": book["id"], "code": "nowhere"}
    answer = desk.report(point(*spot), category=STREET_POWER, target=name)
    refused(answer, 404, "unknown-subject")


# --- who may ------------------------------------------------------------------------------------


def test_a_ledger_is_its_owners_and_of_those_over_it(desk_of, book):
    for grant in (
        Grant(Role.COMMAND, DISTRICT),
        Grant(Role.SUPERVISOR, "110000"),
        Grant(Role.INSPECTOR, STREET),
    ):
        assert read(desk_of(grant), book)["id"] == book["id"]
    stranger = desk_of(Grant(Role.CONVENER, BESIDE, f"government-{BESIDE}"))
    refused(stranger.get(f"ledgers/{book['id']}"), 404, "unknown-subject")
    assert book["id"] not in {one["id"] for one in agreed(stranger.get("ledgers"))["ledgers"]}
    inspector = desk_of(Grant(Role.INSPECTOR, STREET))
    body = {"reason": "a", "evidence": "b"}
    answer = inspector.post(f"ledgers/{book['id']}/targets/T00/strike", body)
    refused(answer, 403, "subject-right")


def test_nobody_opens_a_ledger_for_another_unit(desk_of):
    other = desk_of(Grant(Role.CONVENER, BESIDE, f"government-{BESIDE}"))
    body = {"title": "x", "owner": OFFICE, "category": STREET_POWER}
    period = {"from_on": "2026-11-01", "until_on": "2026-12-31"}
    refused(other.post("ledgers", body | period), 403, "subject-right")


@pytest.mark.parametrize(
    ("more", "slug"),
    [
        ({"category": None}, "subject-value"),
        ({"class_code": "E05"}, "subject-value"),
        ({"category": None, "class_code": "nowhere"}, "subject-value"),
        ({"category": "nowhere"}, "unknown-category"),
        ({"until_on": "2026-10-01"}, "subject-value"),
        ({"owner": "nobody"}, "unknown-unit"),
        ({"from_on": "someday"}, "validation"),
    ],
)
def test_a_wrong_ledger_is_refused(office, more, slug):
    body = {
        "title": "x",
        "owner": OFFICE,
        "category": STREET_POWER,
        "from_on": "2026-11-01",
        "until_on": "2026-12-31",
    }
    refused(office.post("ledgers", body | more), 422, slug)
