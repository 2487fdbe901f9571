"""Signing in: who may, how long it lasts, and what a stranger learns."""

import json
import re
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest
from argon2 import PasswordHasher, extract_parameters

from api.services.passwords import NOBODYS, Passwords
from api.settings import AccountSettings
from gridmap.dispatch.actor import Grant, Role
from tests.at_once import at_once
from tests.desk import BUILDING, Desk, agreed, point, refused
from tests.people import PASSWORD, person
from tests.service import QUICK, running

pytestmark = pytest.mark.store

COOKIE = "gridmap_session"


@pytest.fixture
def somebody(loaded):
    return person(
        loaded.urls().service,
        Grant(Role.CONVENER, "110102020", "government-110102020"),
        name="广外 召集人",
    )


def who(desk):
    return agreed(desk.get("session"))


# --- who one is -----------------------------------------------------------------------------------


def test_who_signs_in_is_told_who_they_are_with_the_names_of_area_and_unit(nobody, somebody):
    answer = agreed(nobody.sign_in(somebody.login, PASSWORD))
    assert answer == who(nobody)
    assert answer["account"] == {
        "id": somebody.id,
        "login": somebody.login,
        "name": "广外 召集人",
        "demonstration": False,
    }
    (grant,) = answer["grants"]
    assert grant["role"] == "convener"
    assert grant["area"]["name"] == "广安门外街道"
    assert grant["unit"]["name"] == "西城区广安门外街道办事处"


def test_nobody_is_an_answer_too(nobody):
    answer = who(nobody)
    assert (answer["account"], answer["grants"]) == (None, [])
    assert answer["demonstration"] is False


def test_a_login_is_the_same_in_another_case_or_width(nobody, somebody):
    agreed(nobody.sign_in(f"  {somebody.login.upper().replace('T', 'Ｔ')} ", PASSWORD))


# --- the cookie -----------------------------------------------------------------------------------


def cookie_of(answer):
    return answer.headers["set-cookie"].lower()


def test_the_cookie_is_for_no_script_and_no_other_site(nobody, somebody):
    cookie = cookie_of(nobody.sign_in(somebody.login, PASSWORD))
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie


def test_over_https_the_cookie_goes_over_https_alone(nobody, somebody):
    answer = nobody.sign_in(somebody.login, PASSWORD, **{"X-Forwarded-Proto": "https"})
    assert "secure" in cookie_of(answer)


def test_the_database_holds_no_token(nobody, somebody, owner):
    nobody.sign_in(somebody.login, PASSWORD)
    token = nobody.http.cookies[COOKIE]
    assert len(token) >= 43  # 256 bits
    (row,) = owner.execute(
        "SELECT row_to_json(s)::text FROM gridmap.sessions s WHERE account_id = %s",
        [somebody.account],
    ).fetchall()
    assert token not in row[0]


def test_signing_in_gives_a_new_token_and_ends_the_session_there_was(service_url, somebody):
    with Desk(service_url, somebody) as desk, Desk(service_url) as thief:
        first = desk.http.cookies[COOKIE]
        agreed(desk.sign_in(somebody.login, PASSWORD))
        assert desk.http.cookies[COOKIE] != first
        thief.http.cookies.set(COOKIE, first)
        assert who(thief)["account"] is None


def test_a_token_that_somebody_planted_never_becomes_a_session(service_url, somebody):
    planted = "planted-by-somebody-else"
    with Desk(service_url) as desk, Desk(service_url) as thief:
        desk.http.cookies.set(COOKIE, planted, domain="127.0.0.1", path="/")
        agreed(desk.sign_in(somebody.login, PASSWORD))
        thief.http.cookies.set(COOKIE, planted)
        assert who(thief)["account"] is None


@pytest.mark.parametrize("token", ["", "x", "é", "a" * 5_000, '"', "%00"])
def test_a_cookie_that_is_no_token_is_nobody(service_url, token):
    raw = f"{COOKIE}={token}".encode()
    answer = httpx.get(f"{service_url}/api/v1/session", headers=[(b"Cookie", raw)], trust_env=False)
    assert agreed(answer)["account"] is None


# --- the end --------------------------------------------------------------------------------------


def test_after_signing_out_the_token_opens_nothing(service_url, somebody):
    with Desk(service_url, somebody) as desk, Desk(service_url) as thief:
        token = desk.http.cookies[COOKIE]
        assert desk.http.delete("/api/v1/session").status_code == 204
        assert COOKIE not in desk.http.cookies
        thief.http.cookies.set(COOKIE, token)
        refused(thief.get("cases"), 401, "sign-in-needed")
        assert desk.http.delete("/api/v1/session").status_code == 204


def test_what_depends_on_who_asks_is_kept_in_no_cache(desk, somebody, nobody):
    answers = (desk.get("session"), desk.get("cases"), nobody.sign_in(somebody.login, PASSWORD))
    assert [answer.headers["cache-control"] for answer in answers] == ["no-store"] * 3


def test_the_last_use_of_a_session_is_known_to_five_minutes(service_url, somebody, owner):
    def seen():
        return owner.execute(
            "SELECT last_seen_at FROM gridmap.sessions WHERE account_id = %s", [somebody.account]
        ).fetchone()[0]

    with Desk(service_url, somebody) as desk:
        first = seen()
        agreed(desk.get("cases"))
        assert seen() == first
        owner.execute(
            "UPDATE gridmap.sessions SET last_seen_at = now() - interval '6 min'"
            " WHERE account_id = %s",
            [somebody.account],
        )
        agreed(desk.get("cases"))
        assert seen() >= first


def test_a_session_ends_by_itself(service_url, somebody, owner):
    with Desk(service_url, somebody) as desk:
        agreed(desk.get("cases"))
        owner.execute(
            "UPDATE gridmap.sessions SET expires_at = now() - interval '1 s' WHERE account_id = %s",
            [somebody.account],
        )
        refused(desk.get("cases"), 401, "sign-in-needed")
        assert who(desk)["account"] is None


def test_a_disabled_account_neither_goes_on_nor_comes_in(service_url, somebody, owner):
    with Desk(service_url, somebody) as desk:
        agreed(desk.get("cases"))
        owner.execute(
            "UPDATE gridmap.accounts SET disabled_at = now() WHERE id = %s", [somebody.account]
        )
        refused(desk.get("cases"), 401, "sign-in-needed")
        refused(desk.sign_in(somebody.login, PASSWORD), 401, "sign-in-refused")


def test_a_revoked_grant_is_gone_at_once(desk, service_url, somebody, owner, spot):
    case = desk.opened(point(116.3174, 39.885), category=BUILDING)
    with Desk(service_url, somebody) as own:
        own.case(case["id"])
        owner.execute(
            "UPDATE gridmap.grants SET revoked_at = now(), revoked_by = 'test'"
            " WHERE account_id = %s",
            [somebody.account],
        )
        refused(own.get(f"cases/{case['id']}"), 404, "unknown-case")


# --- what a stranger learns -----------------------------------------------------------------------


def test_an_unknown_login_and_a_wrong_password_are_one_answer(nobody, somebody):
    wrong = nobody.sign_in(somebody.login, "not the sentence they know")
    unknown = nobody.sign_in(f"nobody-{uuid4()}", "not the sentence they know")
    assert refused(wrong, 401, "sign-in-refused") == refused(unknown, 401, "sign-in-refused")
    assert "set-cookie" not in wrong.headers
    assert {*wrong.headers} == {*unknown.headers}


class Counting(PasswordHasher):
    """The real hasher, with a note of the cost of all that it was held against."""

    def verify(self, kept, password):
        self.costs = [*getattr(self, "costs", []), extract_parameters(kept)]
        return super().verify(kept, password)


def test_both_cost_the_same_work():
    passwords = Passwords(AccountSettings(**QUICK))
    hasher = passwords._hasher = Counting.from_parameters(passwords._hasher._parameters)
    kept = passwords.hashed(PASSWORD)
    assert passwords.matches(kept, PASSWORD)
    for none in (None, "", kept):
        assert not passwords.matches(none, "wrong")
    assert not passwords.matches(None, PASSWORD)
    assert hasher.costs == [extract_parameters(kept)] * 5


def test_passwords_are_kept_as_argon2id_at_the_cost_of_rfc_9106():
    settings = AccountSettings(_env_file=None)
    assert (settings.password_time_cost, settings.password_memory_kib) == (3, 65_536)
    kept = Passwords(AccountSettings(**QUICK)).hashed("a")
    assert kept.startswith("$argon2id$")


def test_a_password_kept_at_a_lower_cost_is_kept_anew_when_its_owner_signs_in(
    nobody, loaded, owner
):
    weak = Passwords(AccountSettings(password_time_cost=2, password_memory_kib=64))
    somebody = person(loaded.urls().service, password_hash=weak.hashed(PASSWORD))
    agreed(nobody.sign_in(somebody.login, PASSWORD))
    (kept,) = owner.execute(
        "SELECT password_hash FROM gridmap.accounts WHERE id = %s", [somebody.account]
    ).fetchone()
    assert extract_parameters(kept).time_cost == QUICK["password_time_cost"]
    agreed(nobody.sign_in(somebody.login, PASSWORD))


# --- guessing -------------------------------------------------------------------------------------


def test_who_guesses_has_to_wait_even_with_the_right_password(nobody, somebody):
    for _ in range(10):
        refused(nobody.sign_in(somebody.login, "wrong"), 401, "sign-in-refused")
    answer = nobody.sign_in(somebody.login, PASSWORD)
    problem = refused(answer, 429, "too-many-attempts")
    assert int(answer.headers["retry-after"]) == problem["fields"]["wait_s"] >= 1


def test_the_wait_holds_in_another_process_and_for_unknown_logins(nobody, loaded, tmp_path):
    login = f"nobody-{uuid4()}"
    for _ in range(10):
        nobody.sign_in(login, "wrong")
    with running(loaded.urls().service, tmp_path / "log") as other, Desk(other.url) as desk:
        # The wait is a second long and the other process took longer to start: guess once more.
        desk.sign_in(login, "wrong")
        refused(desk.sign_in(login, "wrong"), 429, "too-many-attempts")
        refused(nobody.sign_in(login, "wrong"), 429, "too-many-attempts")


def test_guesses_sent_all_at_once_count_as_if_in_turn(service_url, somebody):
    def guess():
        with Desk(service_url) as desk:
            return desk.sign_in(somebody.login, "wrong").status_code

    statuses = at_once(*[guess] * 20)
    assert statuses.count(401) <= 10
    assert set(statuses) == {401, 429}


def test_signing_in_forgets_the_failures_before(nobody, somebody):
    for _ in range(3):
        for _ in range(8):
            refused(nobody.sign_in(somebody.login, "wrong"), 401, "sign-in-refused")
        agreed(nobody.sign_in(somebody.login, PASSWORD))


def test_what_was_typed_as_a_login_is_kept_nowhere(nobody, owner):
    typed = f"my password by mistake {uuid4()}"
    refused(nobody.sign_in(typed, "x"), 401, "sign-in-refused")
    rows = owner.execute("SELECT f::text FROM gridmap.sign_in_failures f").fetchall()
    assert rows
    assert not any(typed in row[0] for row in rows)


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"login": "a"},
        {"login": "", "password": "x"},
        {"login": "a", "password": ""},
        {"login": "a\x00", "password": "x"},
        {"login": "a", "password": "\ud800"},
        {"login": "a", "password": "x" * 3_000},
        {"login": 1, "password": "x"},
        {"login": "a", "password": "x", "role": "administrator"},
    ],
)
def test_a_sign_in_that_is_none_is_refused(nobody, body):
    refused(nobody.post("session", body), 422, "validation")


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_form_cannot_sign_in(nobody, somebody, media_type):
    body = json.dumps({"login": somebody.login, "password": PASSWORD}).encode()
    answer = nobody.post("session", body, **{"Content-Type": media_type})
    assert answer.status_code in {415, 422}
    assert who(nobody)["account"] is None


# --- what needs somebody --------------------------------------------------------------------------

PUBLIC = {
    ("get", "/api/v1/areas"),
    ("get", "/api/v1/areas/{code}"),
    ("get", "/api/v1/areas/{code}/duty"),
    ("get", "/api/v1/catalogue"),
    ("get", "/api/v1/catalogues"),
    ("get", "/api/v1/catalogues/{version}"),
    ("get", "/api/v1/catalogues/{before}/diff/{after}"),
    ("get", "/api/v1/policies"),
    ("get", "/api/v1/policy"),
    ("get", "/api/v1/agreements"),
    ("get", "/api/v1/agreements/{agreement_id}"),
    ("get", "/api/v1/release"),
    ("get", "/api/v1/units"),
    ("get", "/api/v1/units/{unit_id}"),
    ("get", "/api/v1/session"),
    ("get", "/api/v1/session/demonstration"),
    ("post", "/api/v1/session"),
    ("post", "/api/v1/session/demonstration"),
    ("delete", "/api/v1/session"),
    ("post", "/api/v1/resolve"),
    ("get", "/healthz"),
}


def operations(desk):
    described = agreed(desk.http.get("/openapi.json"))["paths"]
    return {(method, path) for path, methods in described.items() for method in methods}


def test_everything_but_what_is_public_needs_somebody_signed_in(nobody):
    """Whatever the body: who is nobody learns nothing of what it should have been."""
    behind = operations(nobody) - PUBLIC
    assert len(behind) >= 13
    for method, path in behind:
        address = re.sub(r"\{\w+\}", lambda _: str(uuid4()), path)
        answer = nobody.http.request(method, address, json={})
        problem = refused(answer, 401, "sign-in-needed")
        assert "sign in" in problem["detail"]


def test_what_is_public_is_there(nobody):
    assert operations(nobody) >= PUBLIC
    for path in ("release", "catalogue", "policy"):
        agreed(nobody.get(path))


# --- other sites ----------------------------------------------------------------------------------


@contextmanager
def nothing_new(ledger):
    before = ledger.counts()
    yield
    assert ledger.counts() == before


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1:1"])
def test_a_write_from_another_sites_page_is_refused(desk, ledger, spot, origin):
    with nothing_new(ledger):
        body = {"place": point(*spot), "category": BUILDING}
        headers = {"Origin": origin, "Idempotency-Key": str(uuid4())}
        refused(desk.post("incidents", body, **headers), 403, "foreign-origin")
        answer = desk.sign_in("a", "b", Origin=origin)
        refused(answer, 403, "foreign-origin")
        answer = desk.http.delete("/api/v1/session", headers={"Origin": origin})
        refused(answer, 403, "foreign-origin")
        agreed(desk.get("cases"))


def test_a_write_from_the_services_own_page_is_taken(desk, service_url, spot):
    body = {"place": point(*spot), "category": BUILDING}
    headers = {"Origin": service_url, "Idempotency-Key": str(uuid4())}
    agreed(desk.post("incidents", body, **headers), status=201)


# --- the demonstration ----------------------------------------------------------------------------


@pytest.fixture
def invented(loaded):
    """Somebody of a demonstration."""
    grant = Grant(Role.CONVENER, "110102020")
    return person(loaded.urls().service, grant, demonstration=True, password_hash=NOBODYS)


def test_where_there_is_no_demonstration_nobody_of_it_comes_in(nobody, invented):
    refused(nobody.get("session/demonstration"), 404, "no-demonstration")
    answer = nobody.post("session/demonstration", {"account": invented.id})
    refused(answer, 404, "no-demonstration")
    refused(nobody.sign_in(invented.login, PASSWORD), 401, "sign-in-refused")


def test_where_there_is_one_its_people_come_in_and_nobody_else_without_a_password(
    nobody, loaded, invented, somebody, tmp_path
):
    with (
        running(loaded.urls().service, tmp_path / "log", GRIDMAP_DEMONSTRATION="true") as shown,
        Desk(shown.url) as desk,
    ):
        listed = agreed(desk.get("session/demonstration"))["accounts"]
        assert {one["id"] for one in listed} >= {invented.id}
        assert somebody.id not in {one["id"] for one in listed}
        answer = desk.post("session/demonstration", {"account": invented.id})
        assert agreed(answer)["account"]["demonstration"] is True
        agreed(desk.get("cases"))
        token = desk.http.cookies[COOKIE]
        for other in (somebody.id, str(uuid4())):
            answer = desk.post("session/demonstration", {"account": other})
            refused(answer, 404, "unknown-account")
        refused(desk.sign_in(invented.login, PASSWORD), 401, "sign-in-refused")
    nobody.http.cookies.set(COOKIE, token)
    assert who(nobody)["account"] is None, "its session is none where there is no demonstration"
