"""Mails about notices, taken by a real mail server."""

import email
import email.policy
from contextlib import ExitStack
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller

from gridmap.dispatch.actor import Grant, Role
from tests import people, toy
from tests.desk import Desk, agreed, point, refused
from tests.ledger import Ledger
from tests.service import fresh_database, load, running, until
from tests.workers import working

pytestmark = pytest.mark.store

SOON_S = 60.0
HERE = point(1, 1, crs="EPSG:4490")


class Taking:
    """Takes mails, unless it was told to answer otherwise first."""

    def __init__(self):
        self.mails, self.refusals = [], {}

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        (to,) = envelope.rcpt_tos
        if self.refusals.get(to):
            return self.refusals[to].pop()
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 taken"

    def to(self, address):
        return [mail for mail in self.mails if mail["To"] == address]


class AnyPort(Controller):
    """A controller that learns which port it was given before it knocks at it."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture(scope="module")
def post():
    """A mail server on any free port of this machine."""
    taking = Taking()
    controller = AnyPort(taking, hostname="127.0.0.1", port=0)
    controller.start()
    taking.port = controller.port
    yield taking
    controller.stop()


@pytest.fixture(scope="module")
def town(server, templates):
    with fresh_database(server) as own:
        load(own, toy.release(), templates)
        yield own.urls()


@pytest.fixture(scope="module")
def url(town, post, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mails")
    settings = {
        "GRIDMAP_WORKER_MAIL": "* * * * * *",
        "GRIDMAP_SMTP_HOST": "127.0.0.1",
        "GRIDMAP_SMTP_PORT": str(post.port),
        "GRIDMAP_SMTP_SECURITY": "none",
        "GRIDMAP_SMTP_SENDER": "gridmap@example.gov.cn",
        "GRIDMAP_SMTP_ATTEMPTS": "3",
        "GRIDMAP_SMTP_FIRST_WAIT_S": "0.1",
        "GRIDMAP_SMTP_WAIT_FACTOR": "1",
    }
    with (
        running(town.service, folder / "service") as service,
        working(town.service, folder / "worker", **settings),
    ):
        yield service.url


@pytest.fixture
def desk_of(url, town):
    with ExitStack() as desks:

        def desk_of(*grants, **values):
            somebody = people.person(town.service, *grants, **values)
            return desks.enter_context(Desk(url, somebody))

        yield desk_of


@pytest.fixture
def address():
    return f"{uuid4()}@example.gov.cn"


def taken(post, address):
    return until(lambda: post.to(address), within_s=SOON_S, what="the mail")


def test_who_has_an_address_is_mailed_what_they_are_told_of(desk_of, post, address):
    convener = Grant(Role.CONVENER, toy.SOUTH_STREET, f"government-{toy.SOUTH_STREET}")
    desk_of(convener, email=address)
    case = desk_of().opened(HERE, text="不可外传")
    (mail,) = taken(post, address)
    text = mail.get_content()
    assert mail["From"] == "gridmap@example.gov.cn"
    assert f"案件 {case['number']}：新案件" in text
    assert "不可外传" not in text


def test_a_mail_that_is_refused_at_first_comes_later_and_once(desk_of, post, address, town):
    post.refusals[address] = ["451 later", "451 later"]
    reporter = desk_of(email=address)
    case = reporter.opened(HERE, category="E0501")
    office = case["convener"]
    convener = desk_of(Grant(Role.CONVENER, office["area_code"], office["id"]))
    agreed(convener.step(case, "close", result="done"))
    (mail,) = taken(post, address)
    assert f"案件 {case['number']}：结案" in mail.get_content()
    with Ledger(town.service) as ledger:
        query = (
            "SELECT m.state, m.attempts FROM gridmap.mails m"
            " JOIN gridmap.accounts a ON a.id = m.account_id WHERE a.email = %s"
        )
        until(lambda: ledger.one(query, address)[0] == "sent", within_s=SOON_S, what="the record")
        assert ledger.one(query, address) == ("sent", 3)
    assert len(post.to(address)) == 1


def test_of_a_confidential_case_a_mail_says_nothing_but_that_there_is_news(desk_of, post, address):
    reporter = desk_of()
    case = reporter.opened(HERE)
    office = case["convener"]
    grant = Grant(Role.CONVENER, office["area_code"], office["id"])
    unit = case["plan"]["jurisdictions"][0]["units"][0]["unit"]
    desk_of(Grant(Role.DEPARTMENT, unit["area_code"], unit["id"]), email=address)
    agreed(desk_of(grant).step(case, "whistles", named=[f"account:{uuid4()}"]))
    (mail,) = taken(post, address)
    text = mail.get_content()
    assert "保密案件有新情况" in text
    assert case["number"] not in text


def test_administrators_set_and_take_away_addresses(desk_of, town):
    administrator = desk_of(Grant(Role.ADMINISTRATOR, toy.CITY))
    made = agreed(
        administrator.post(
            "accounts",
            {
                "login": f"login-{uuid4()}",
                "name": "王",
                "password": "a sentence that is long enough",
                "email": "wang@example.gov.cn",
                "grants": [{"role": "steward", "area_code": toy.WEST}],
            },
        ),
        status=201,
    )
    assert made["email"] == "wang@example.gov.cn"
    path = f"/api/v1/accounts/{made['id']}"
    changed = agreed(administrator.http.patch(path, json={"email": "li@example.gov.cn"}))
    assert changed["email"] == "li@example.gov.cn"
    for wrong in ("x", "a b@c", "a@b\nBcc: c@d", "@"):
        refused(administrator.http.patch(path, json={"email": wrong}), 422, "validation")
    assert agreed(administrator.http.patch(path, json={"email": ""}))["email"] is None
