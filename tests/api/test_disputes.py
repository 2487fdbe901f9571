"""Disputes and the platform through the service; who is faster when two want the same at once."""

from functools import partial

import psycopg
import pytest

from gridmap.dispatch.actor import Grant, Role
from tests.at_once import at_once
from tests.desk import BUILDING, REFERENCE, Desk, agreed, refused, shape
from tests.ledger import see_everything
from tests.service import psycopg_url, running

XICHENG, FENGTAI, CITY = "110102020", "110106002", "110000"
PLATFORM = "E0615"  # 道路综合整治: by way of the district's platform


@pytest.fixture(scope="module")
def second(loaded, tmp_path_factory):
    """A second service over the same database, in a process of its own."""
    log = tmp_path_factory.mktemp("second") / "log"
    with running(loaded.urls().service, log) as service:
        yield service.url


@pytest.fixture
def superior(desk_of):
    return desk_of(Grant(Role.COMMAND, CITY))


def evidence(desk, case):
    body = {"kind": "text", "title": "界址说明", "text": "界线在路东"}
    return agreed(desk.post(f"cases/{case['id']}/evidence", body), status=201)["id"]


@pytest.fixture
def disputed(desk):
    """The building on the line, whistled, with an objection that waits for the superior."""
    case = desk.opened(shape(REFERENCE), category=BUILDING)
    case = desk.stepped(case, "whistles")
    convener = desk.crew.desk_of(case["convener"])
    shown = evidence(convener, case)
    case = agreed(objected(convener, case, [shown]))
    return agreed(convener.post(f"cases/{case['id']}/objections/1/refer", {}))


def objected(convener, case, shown):
    body = {"proposes": FENGTAI, "reason": "勘界", "evidence": shown}
    return convener.post(f"cases/{case['id']}/objections", body)


def rule(desk, case, *, upheld=True):
    body = {"upheld": upheld, "document": "指〔2026〕1号", "reason": ""}
    return desk.post(f"cases/{case['id']}/objections/1/rule", body)


def tenures(loaded, case):
    with psycopg.connect(psycopg_url(loaded.urls().service)) as connection:
        see_everything(connection)
        return connection.execute(
            "SELECT holder_code, from_at, until_at FROM gridmap.tenures WHERE case_id = %s"
            " ORDER BY from_at",
            [case["id"]],
        ).fetchall()


def test_an_objection_without_evidence_or_with_another_cases_is_refused(desk):
    case = desk.opened(shape(REFERENCE), category=BUILDING)
    convener = desk.crew.desk_of(case["convener"])
    refused(objected(convener, case, []), 422, "missing-evidence")
    other = desk.opened(shape(REFERENCE), category=BUILDING)
    foreign = evidence(convener, other)
    refused(objected(convener, case, [foreign]), 422, "unknown-evidence")
    assert desk.case(case["id"])["version"] == 1


def test_only_the_common_superior_rules(desk_of, disputed):
    district = desk_of(Grant(Role.COMMAND, "110102"))
    refused(rule(district, disputed), 403, "not-yours")
    assert disputed["objections"][0]["superior"] == CITY


def test_a_ruling_hands_the_case_over_without_a_moment_between(loaded, superior, disputed):
    after = agreed(rule(superior, disputed))
    assert after["holder"]["code"] == FENGTAI
    assert after["convener"]["id"] == f"government-{FENGTAI}"
    (first, _, ended), (second, begun, _) = tenures(loaded, disputed)
    assert (first, second) == (XICHENG, FENGTAI)
    assert ended == begun


@pytest.mark.parametrize("_round", range(3))
def test_of_two_rulings_in_two_processes_one_counts(loaded, superior, second, disputed, _round):
    with Desk(second, superior.person) as elsewhere:
        answers = at_once(
            partial(rule, superior, disputed), partial(rule, elsewhere, disputed, upheld=False)
        )
    lost = [answer for answer in answers if not answer.is_success]
    assert len(lost) == 1
    refused(lost[0], 409, "objection-state")
    held = tenures(loaded, disputed)
    assert len(held) in {1, 2}
    assert held[-1][0] == superior.case(disputed["id"])["holder"]["code"]


@pytest.mark.parametrize("_round", range(3))
def test_of_two_who_accept_one_proposal_one_sends_the_units(desk, desk_of, second, spot, _round):
    case = desk.opened(
        {"crs": "EPSG:4326", "geometry": {"type": "Point", "coordinates": spot}, "accuracy_m": 5},
        category=PLATFORM,
    )
    case = desk.stepped(case, "whistles")
    assert case["step"] == "platform"
    platform = desk_of(Grant(Role.COMMAND, case["holder"]["code"][:6]))
    with Desk(second, platform.person) as elsewhere:
        address = f"cases/{case['id']}/whistles/1/dispatch"
        answers = at_once(partial(platform.post, address, {}), partial(elsewhere.post, address, {}))
    lost = [answer for answer in answers if not answer.is_success]
    assert len(lost) == 1
    refused(lost[0], 409, "wrong-step")
    kinds = [event["kind"] for event in desk.events(case)]
    assert kinds.count("dispatched") == 1


BROKEN = {
    "two holders now": (
        "INSERT INTO gridmap.tenures (case_id, holder_code, from_at) VALUES (%(case)s, 'x', now())"
    ),
    "a gap": (
        "UPDATE gridmap.tenures SET until_at = now() WHERE case_id = %(case)s;"
        " INSERT INTO gridmap.tenures (case_id, holder_code, from_at, previous_until_at)"
        " VALUES (%(case)s, 'x', now() + interval '1 s', now() + interval '1 s')"
    ),
    "nobody from now on": "UPDATE gridmap.tenures SET until_at = now() WHERE case_id = %(case)s",
    "another than the case says": "UPDATE gridmap.cases SET holder_code = 'x' WHERE id = %(case)s",
    "none at all": "UPDATE gridmap.cases SET holder_code = '' WHERE id = %(case)s",
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=list(BROKEN))
def test_the_database_itself_knows_one_holder_at_every_instant(loaded, disputed, change):
    with psycopg.connect(psycopg_url(loaded.urls().owner)) as connection:
        see_everything(connection)
        with pytest.raises(psycopg.IntegrityError):  # noqa: PT012 - it may come with the commit
            for statement in change.split(";"):
                connection.execute(statement, {"case": disputed["id"]})
            connection.commit()
