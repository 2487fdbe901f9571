"""Operations: who is in them sees them, what belongs to them, and nobody else where secret."""

import pytest

from gridmap.dispatch.actor import Grant, Role
from tests.desk import STREET_POWER, agreed, point, refused

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("everything_adds_up")]

DISTRICT, STREET = "110102", "110102020"
HEADQUARTERS, BUREAU, OFFICE = (
    f"government-{DISTRICT}",
    f"ecology-{DISTRICT}",
    f"government-{STREET}",
)
BODY = {
    "title": "金海湖专项行动",
    "headquarters": HEADQUARTERS,
    "from_on": "2026-11-01",
    "until_on": "2026-12-31",
    "place": point(116.35, 39.89),
}


@pytest.fixture
def chief(desk_of):
    return desk_of(Grant(Role.CONVENER, DISTRICT, HEADQUARTERS))


@pytest.fixture
def bureau(desk_of):
    return desk_of(Grant(Role.DEPARTMENT, DISTRICT, BUREAU))


@pytest.fixture
def office(desk_of):
    return desk_of(Grant(Role.CONVENER, STREET, OFFICE))


def begun(desk, **more):
    return agreed(desk.post("operations", BODY | more), status=201)


def listed(desk):
    return {one["id"] for one in agreed(desk.get("operations", limit=500))["operations"]}


def sees(desk, operation):
    answer = desk.get(f"operations/{operation['id']}")
    if answer.is_success:
        assert operation["id"] in listed(desk)
        return True
    refused(answer, 404, "unknown-subject")
    refused(desk.get(f"operations/{operation['id']}/entries"), 404, "unknown-subject")
    refused(desk.post(f"operations/{operation['id']}/end", {}), 404, "unknown-subject")
    assert operation["id"] not in listed(desk)
    return False


def test_a_secret_operation_is_seen_by_its_members_and_by_nobody_else(
    chief, bureau, office, desk_of
):
    operation = begun(chief, confidential=True)
    over_it = desk_of(Grant(Role.COMMAND, DISTRICT))
    assert sees(chief, operation)
    assert not any(sees(desk, operation) for desk in (bureau, office, over_it))
    team = {"name": "一分指挥部", "unit": BUREAU, "members": [f"account:{over_it.person.id}"]}
    formed = agreed(chief.post(f"operations/{operation['id']}/teams", team))
    assert formed["teams"][0]["unit"] == BUREAU
    assert sees(bureau, operation)
    assert sees(over_it, operation)
    assert not sees(office, operation)
    agreed(chief.post(f"operations/{operation['id']}/members", {"members": [f"unit:{OFFICE}"]}))
    assert sees(office, operation)
    agreed(chief.post(f"operations/{operation['id']}/members", {"members": []}))
    assert not sees(office, operation)


def test_an_open_operation_is_seen_over_its_area(chief, office, desk_of):
    operation = begun(chief)
    assert operation["place"]["kind"] == "point"
    assert sees(desk_of(Grant(Role.SUPERVISOR, "110000")), operation)
    assert not sees(office, operation)


def test_what_belongs_to_a_secret_operation_is_as_secret(chief, bureau, office, desk_of):
    operation = begun(chief, confidential=True)
    ledger = agreed(
        chief.post(
            "ledgers",
            {
                "title": "x",
                "owner": HEADQUARTERS,
                "category": STREET_POWER,
                "from_on": "2026-11-01",
                "until_on": "2026-12-31",
                "operation": operation["id"],
            },
        ),
        status=201,
    )
    target = {"code": "T1", "name": "门面", "area": STREET}
    agreed(chief.post(f"ledgers/{ledger['id']}/targets", {"targets": [target]}))
    over_it = desk_of(Grant(Role.SUPERVISOR, DISTRICT))
    for desk in (office, over_it, bureau):
        refused(desk.get(f"ledgers/{ledger['id']}"), 404, "unknown-subject")
    agreed(chief.post(f"operations/{operation['id']}/teams", {"name": "一", "unit": BUREAU}))
    assert agreed(bureau.get(f"ledgers/{ledger['id']}"))["operation"] == operation["id"]
    assert [
        one["id"] for one in agreed(bureau.get("ledgers", operation=operation["id"]))["ledgers"]
    ]
    refused(office.get(f"ledgers/{ledger['id']}"), 404, "unknown-subject")


def test_cases_join_by_number_and_at_their_report(chief, desk, spot, spots):
    operation = begun(chief)
    path = f"operations/{operation['id']}"
    case = desk.opened(point(*spot), category=STREET_POWER)
    joined = agreed(desk.post(f"{path}/cases", {"number": case["number"]}))
    assert [one["number"] for one in joined["cases"]] == [case["number"]]
    refused(desk.post(f"{path}/cases", {"number": case["number"]}), 409, "subject-state")
    refused(chief.post(f"{path}/cases", {"number": "20200101-000001"}), 404, "unknown-case")
    other = desk.opened(point(*next(spots)), category=STREET_POWER, operation=operation["id"])
    numbers = [one["number"] for one in agreed(desk.get(path))["cases"]]
    assert numbers == [case["number"], other["number"]]
    blind = agreed(chief.get(path))["cases"]  # whose area the cases may not be in
    assert {one["number"] for one in blind} <= set(numbers)


def test_an_operation_that_has_ended_takes_nothing_more(chief, bureau, desk, spot):
    operation = begun(chief)
    path = f"operations/{operation['id']}"
    refused(bureau.post(f"{path}/end", {}), 404, "unknown-subject")
    assert agreed(chief.post(f"{path}/end", {"result": "完成"}))["result"] == "完成"
    refused(chief.post(f"{path}/end", {}), 409, "subject-state")
    case = desk.opened(point(*spot), category=STREET_POWER)
    refused(desk.post(f"{path}/cases", {"number": case["number"]}), 409, "subject-state")


def test_nobody_begins_an_operation_for_another_unit(bureau, chief):
    refused(bureau.post("operations", BODY), 403, "subject-right")
    backwards = BODY | {"until_on": "2026-01-01"}
    refused(chief.post("operations", backwards), 422, "subject-value")
    refused(chief.post("operations", BODY | {"members": ["everybody"]}), 422, "validation")
