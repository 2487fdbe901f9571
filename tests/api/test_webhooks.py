"""Webhooks: signed, at least once, tried again, dead and revived; a real receiver at the end."""

import base64
import hashlib
import hmac
import json
from collections import deque
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import pytest

from gridmap.dispatch.actor import Grant, Role
from tests import people, toy
from tests.desk import Desk, agreed, point, refused
from tests.ledger import Ledger
from tests.service import fresh_database, load, running, until
from tests.workers import working

pytestmark = pytest.mark.store

SOON_S = 60.0
HERE = point(1, 1, crs="EPSG:4490")
PATIENT = {
    "GRIDMAP_WEBHOOK_PRIVATE": "true",
    "GRIDMAP_WEBHOOK_ATTEMPTS": "4",
    "GRIDMAP_WEBHOOK_FIRST_WAIT_S": "0.1",
    "GRIDMAP_WEBHOOK_WAIT_FACTOR": "1",
}


class Receiver(ThreadingHTTPServer):
    """Takes deliveries; answers as it was told to, then that all is well."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Taking)
        self.taken, self.answers, self.always = [], deque(), 204
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook"

    def bodies(self):
        return [json.loads(body) for _, body in self.taken]


class Taking(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.taken.append((dict(self.headers.items()), body))
        answers = self.server.answers
        self.send_response(answers.popleft() if answers else self.server.always)
        self.end_headers()

    def log_message(self, *_said):
        """Say nothing: the tests look at what was taken."""


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.shutdown()
    receiver.server_close()


@pytest.fixture(scope="module")
def town(server, templates):
    with fresh_database(server) as own:
        load(own, toy.release(), templates)
        yield own.urls()


@pytest.fixture(scope="module")
def url(town, tmp_path_factory):
    """A service and a worker that may send to this machine."""
    folder = tmp_path_factory.mktemp("hooks")
    with (
        running(town.service, folder / "service", **PATIENT) as service,
        working(town.service, folder / "worker", **PATIENT),
    ):
        yield service.url


@pytest.fixture
def desk_of(url, town):
    with ExitStack() as desks:

        def desk_of(role, area, unit=None):
            somebody = people.person(town.service, Grant(role, area, unit))
            return desks.enter_context(Desk(url, somebody))

        yield desk_of


@pytest.fixture
def administrator(desk_of):
    return desk_of(Role.ADMINISTRATOR, toy.WEST)


@pytest.fixture
def hook(administrator, receiver):
    """A webhook for the western district, ended after the test."""
    made = agreed(
        administrator.post("webhooks", {"url": receiver.url, "area_code": toy.WEST}), status=201
    )
    yield made
    administrator.http.delete(f"/api/v1/webhooks/{made['id']}")


@pytest.fixture
def reporter(desk_of):
    return desk_of(Role.COMMAND, toy.CITY)


def deliveries(desk, hook, **params):
    return agreed(desk.get(f"webhooks/{hook['id']}/deliveries", **params))["deliveries"]


def arrived(receiver, count):
    until(lambda: len(receiver.taken) >= count, within_s=SOON_S, what=f"delivery {count}")


def test_an_event_is_delivered_signed_and_without_a_word_that_somebody_wrote(
    reporter, receiver, hook, administrator
):
    case = reporter.opened(HERE, text="不可外传")
    arrived(receiver, 1)
    sent, body = receiver.taken[0]
    (known,) = until(
        lambda: deliveries(administrator, hook, state="sent"), within_s=SOON_S, what="the record"
    )
    assert sent["webhook-id"] == known["id"]
    secret = base64.b64decode(hook["secret"].removeprefix("whsec_"))
    signed = f"{sent['webhook-id']}.{sent['webhook-timestamp']}.".encode() + body
    digest = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert sent["webhook-signature"] == f"v1,{digest}"
    told = json.loads(body)
    assert (told["type"], told["data"]["number"]) == ("case.reported", case["number"])
    assert "不可外传" not in body.decode()


def test_what_fails_twice_is_delivered_the_third_time_under_the_same_id(
    reporter, receiver, hook, administrator
):
    receiver.answers.extend([500, 503])
    reporter.opened(HERE)
    arrived(receiver, 3)
    assert len({sent["webhook-id"] for sent, _ in receiver.taken}) == 1
    (known,) = until(
        lambda: deliveries(administrator, hook, state="sent"), within_s=SOON_S, what="the record"
    )
    assert (known["attempts"], known["error"]) == (3, None)


def test_what_never_arrives_is_dead_after_its_attempts_and_can_be_sent_once_more(
    reporter, receiver, hook, administrator
):
    receiver.always = 500
    reporter.opened(HERE)
    (dead,) = until(
        lambda: deliveries(administrator, hook, state="dead"), within_s=SOON_S, what="the end"
    )
    assert (dead["attempts"], dead["error"], dead["next_at"]) == (4, "it answered 500", None)
    assert len(receiver.taken) == 4
    receiver.always = 200
    again = agreed(administrator.post(f"deliveries/{dead['id']}/redeliver", {}), status=202)
    assert again["state"] == "waiting"
    (sent,) = until(
        lambda: deliveries(administrator, hook, state="sent"), within_s=SOON_S, what="the delivery"
    )
    assert sent["id"] == dead["id"]
    assert deliveries(administrator, hook, state="dead") == []


def test_a_redirect_is_not_followed(reporter, receiver, hook, administrator):
    receiver.always = 302
    reporter.opened(HERE)
    (dead,) = until(
        lambda: deliveries(administrator, hook, state="dead"), within_s=SOON_S, what="the end"
    )
    assert dead["error"] == "it answered 302"


def test_of_other_areas_and_of_confidential_cases_nothing_is_sent(
    town, reporter, receiver, hook, desk_of
):
    reporter.opened(point(7.5, 0.5, crs="EPSG:4490"))  # in the east
    case = reporter.opened(HERE)
    office = case["convener"]
    convener = desk_of(Role.CONVENER, office["area_code"], office["id"])
    agreed(convener.step(case, "whistles", named=[f"account:{uuid4()}"]))
    with Ledger(town.service) as ledger:
        count = "SELECT count(*) FROM gridmap.deliveries WHERE webhook_id = %s"
        assert ledger.one(count, hook["id"]) == (1,), "of its report, before it was confidential"
        left = f"{count} AND state = 'waiting'"
        until(lambda: ledger.one(left, hook["id"]) == (0,), within_s=SOON_S, what="the sending")
    assert {one["type"] for one in receiver.bodies()} <= {"case.reported"}


def test_who_ended_a_webhook_is_sent_nothing_more(reporter, receiver, hook, administrator, town):
    assert administrator.http.delete(f"/api/v1/webhooks/{hook['id']}").status_code == 204
    reporter.opened(HERE)
    with Ledger(town.service) as ledger:
        count = "SELECT count(*) FROM gridmap.deliveries WHERE webhook_id = %s"
        assert ledger.one(count, hook["id"]) == (0,)
        query = "SELECT secret FROM gridmap.webhooks WHERE id = %s"
        assert ledger.one(query, hook["id"]) == (b"",)
    refused(administrator.get(f"webhooks/{hook['id']}/deliveries"), 404, "unknown-webhook")


def test_administrators_have_a_say_over_their_own_area_alone(
    administrator, desk_of, hook, receiver, reporter
):
    body = {"url": receiver.url, "area_code": toy.EAST}
    refused(administrator.post("webhooks", body), 403, "beyond-authority")
    refused(reporter.post("webhooks", body), 403, "administrator-needed")
    refused(administrator.post("webhooks", body | {"area_code": "123456"}), 422, "unknown-area")
    other = desk_of(Role.ADMINISTRATOR, toy.EAST)
    assert agreed(other.get("webhooks"))["webhooks"] == []
    refused(other.get(f"webhooks/{hook['id']}/deliveries"), 404, "unknown-webhook")
    gone = other.http.delete(f"/api/v1/webhooks/{hook['id']}")
    refused(gone, 404, "unknown-webhook")
    refused(other.post(f"deliveries/{uuid4()}/redeliver", {}), 404, "unknown-delivery")


def test_the_secret_is_told_once(administrator, hook):
    (listed,) = [
        one for one in agreed(administrator.get("webhooks"))["webhooks"] if one["id"] == hook["id"]
    ]
    assert "secret" not in listed
    assert hook["secret"].startswith("whsec_")


@pytest.mark.parametrize(
    "where",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://192.168.1.1/x",
        "https://169.254.169.254/latest",
        "https://0.0.0.0/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "https://user:pass@example.com/",
        "https://",
        "https://[/",
        "https://example.com:99999/",
        "https://nobody.invalid/",
        "file:///etc/passwd",
        "ftp://example.com/",
    ],
)
def test_what_leads_into_a_private_network_or_nowhere_is_refused(service_url, loaded, where):
    somebody = people.person(loaded.urls().service, Grant(Role.ADMINISTRATOR, "110000"))
    with Desk(service_url, somebody) as desk:
        answer = desk.post("webhooks", {"url": where, "area_code": "110000"})
        refused(answer, 422, "webhook-url")
        assert agreed(desk.get("webhooks"))["webhooks"] == []
