"""Accounts through the service: administrators inside their area, and nobody beyond it."""

from uuid import uuid4

import pytest

from gridmap.dispatch.actor import Grant, Role
from tests.desk import Desk, agreed, refused
from tests.people import PASSWORD, person

pytestmark = pytest.mark.store

CITY, XICHENG, FENGTAI = "110000", "110102", "110106"
GUANGWAI, TAIPINGQIAO = "110102020", "110106002"


@pytest.fixture
def district(desk_of):
    """A desk of the administrator of 西城区."""
    return desk_of(Grant(Role.ADMINISTRATOR, XICHENG))


@pytest.fixture
def city(desk_of):
    return desk_of(Grant(Role.ADMINISTRATOR, CITY))


@pytest.fixture
def made(loaded):
    """Make an account directly."""
    return lambda *grants: person(loaded.urls().service, *grants)


def body(*grants, **more):
    given = [{"role": role, "area_code": area, "unit": unit} for role, area, unit in grants]
    return {"login": f"new-{uuid4()}", "name": "新人", "password": PASSWORD, "grants": given} | more


def add(desk, *grants, **more):
    return desk.post("accounts", body(*grants, **more))


def change(desk, account, **values):
    return desk.http.patch(f"/api/v1/accounts/{account}", json=values)


def grant(desk, account, role, area, unit=None):
    return desk.post(f"accounts/{account}/grants", {"role": role, "area_code": area, "unit": unit})


CONVENER = ("convener", GUANGWAI, f"government-{GUANGWAI}")


def test_an_administrator_makes_an_account_that_can_sign_in(district, service_url):
    given = body(CONVENER)
    made = agreed(district.post("accounts", given), status=201)
    assert made["grants"][0]["unit"]["name"] == "西城区广安门外街道办事处"
    with Desk(service_url) as desk:
        assert agreed(desk.sign_in(given["login"], PASSWORD))["account"]["id"] == made["id"]
    listed = agreed(district.get("accounts"))["accounts"]
    assert made["id"] in {one["id"] for one in listed}
    assert "password" not in str(listed)


@pytest.mark.parametrize("area", [CITY, FENGTAI, TAIPINGQIAO])
def test_no_role_is_given_over_an_area_beyond_ones_own(district, made, area):
    refused(add(district, ("inspector", area, None)), 403, "beyond-authority")
    refused(add(district, CONVENER, ("inspector", area, None)), 403, "beyond-authority")
    somebody = made(Grant(Role.INSPECTOR, GUANGWAI))
    refused(grant(district, somebody.id, "inspector", area), 403, "beyond-authority")
    refused(grant(district, district.person.id, "administrator", area), 403, "beyond-authority")


def test_no_unit_is_given_beyond_ones_own_area(district, made):
    answer = add(district, ("department", XICHENG, f"urban_management-{FENGTAI}"))
    refused(answer, 422, "unit-elsewhere")
    refused(
        add(district, ("department", XICHENG, f"urban_management-{CITY}")), 422, "unit-elsewhere"
    )
    refused(add(district, ("department", XICHENG, None)), 422, "unit-needed")
    refused(add(district, ("department", XICHENG, "x")), 422, "unknown-unit")


@pytest.mark.parametrize("above", [CITY, FENGTAI])
@pytest.mark.parametrize(
    "values", [{"password": PASSWORD + "!"}, {"disabled": True}, {"name": "x"}]
)
def test_who_is_anything_outside_is_not_changed_from_inside(
    district, made, service_url, above, values
):
    """Whoever could set a password of somebody above would be above."""
    somebody = made(Grant(Role.INSPECTOR, GUANGWAI), Grant(Role.COMMAND, above))
    refused(change(district, somebody.id, **values), 403, "beyond-authority")
    with Desk(service_url, somebody) as desk:
        assert agreed(desk.get("session"))["account"]["name"] == "测试员"


def test_of_who_is_elsewhere_nothing_is_listed(district, made):
    inside = made(Grant(Role.INSPECTOR, GUANGWAI), Grant(Role.COMMAND, FENGTAI))
    outside = made(Grant(Role.COMMAND, FENGTAI))
    bare = made()
    listed = {one["id"]: one for one in agreed(district.get("accounts"))["accounts"]}
    assert [grant["area_code"] for grant in listed[inside.id]["grants"]] == [GUANGWAI]
    assert outside.id not in listed
    assert bare.id not in listed


def test_an_account_without_grants_is_for_those_over_the_city(district, city, made):
    bare = made()
    refused(change(district, bare.id, disabled=True), 403, "beyond-authority")
    assert agreed(change(city, bare.id, disabled=True))["disabled_at"]
    assert bare.id in {one["id"] for one in agreed(city.get("accounts"))["accounts"]}


def test_a_grant_is_taken_back_from_inside_only(district, city, made):
    somebody = made(Grant(Role.INSPECTOR, GUANGWAI), Grant(Role.COMMAND, FENGTAI))
    listed = {one["id"]: one for one in agreed(city.get("accounts"))["accounts"]}
    grants = {one["area_code"]: one["id"] for one in listed[somebody.id]["grants"]}
    own, other = grants[GUANGWAI], grants[FENGTAI]
    address = f"/api/v1/accounts/{somebody.id}/grants"
    refused(district.http.delete(f"{address}/{other}"), 403, "beyond-authority")
    assert agreed(district.http.delete(f"{address}/{own}"))["grants"] == []
    refused(district.http.delete(f"{address}/{own}"), 404, "unknown-grant")


def test_a_new_password_and_disabling_end_all_sessions(district, made, service_url):
    somebody = made(Grant(Role.INSPECTOR, GUANGWAI))
    for values in ({"password": "another sentence of theirs"}, {"password": PASSWORD}):
        with Desk(service_url) as desk:
            desk.sign_in(somebody.login, somebody.password)
            agreed(change(district, somebody.id, **values))
            assert agreed(desk.get("session"))["account"] is None
    agreed(change(district, somebody.id, disabled=True))
    agreed(change(district, somebody.id, disabled=False, name="又一名"))
    with Desk(service_url, somebody) as desk:
        assert agreed(desk.get("session"))["account"]["name"] == "又一名"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_accounts_are_for_administrators(desk_of, made, role):
    unit = f"urban_management-{XICHENG}" if role is Role.DEPARTMENT else None
    desk = desk_of(Grant(role, XICHENG, unit))
    somebody = made(Grant(Role.INSPECTOR, GUANGWAI))
    for answer in (
        desk.get("accounts"),
        add(desk, CONVENER),
        change(desk, somebody.id, disabled=True),
        grant(desk, desk.person.id, "administrator", XICHENG),
    ):
        refused(answer, 403, "administrator-needed")


@pytest.mark.parametrize(
    ("given", "status", "slug"),
    [
        ({"grants": []}, 422, "validation"),
        ({"password": "short"}, 422, "password-length"),
        ({"password": "long" * 100}, 422, "password-length"),
        ({"grants": [{"role": "king", "area_code": XICHENG}]}, 422, "validation"),
        ({"grants": [{"role": "inspector", "area_code": "999999"}]}, 422, "unknown-area"),
        ({"name": "\x00"}, 422, "validation"),
        ({"demonstration": True}, 422, "validation"),
    ],
)
def test_an_account_that_cannot_be_is_refused_whole(city, given, status, slug):
    login = f"never-{uuid4()}"
    refused(city.post("accounts", body(CONVENER, login=login) | given), status, slug)
    assert login not in str(agreed(city.get("accounts")))


def test_a_taken_login_and_an_unknown_account_are_refused(city):
    given = body(CONVENER)
    agreed(city.post("accounts", given), status=201)
    refused(city.post("accounts", given), 409, "login-taken")
    refused(change(city, uuid4(), disabled=True), 404, "unknown-account")
    refused(grant(city, uuid4(), "inspector", GUANGWAI), 404, "unknown-account")
