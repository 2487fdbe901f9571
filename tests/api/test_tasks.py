"""Tasks from a department to townships, and the obligations to assign them."""

from datetime import UTC, datetime, timedelta

import pytest

from gridmap.dispatch.actor import Grant, Role
from tests.desk import agreed, refused

pytestmark = pytest.mark.store

DISTRICT, STREETS = "110102", ("110102020", "110102003")
BUREAU = f"ecology-{DISTRICT}"
OFFICES = tuple(f"government-{code}" for code in STREETS)


@pytest.fixture
def bureau(desk_of):
    return desk_of(Grant(Role.DEPARTMENT, DISTRICT, BUREAU))


@pytest.fixture
def offices(desk_of):
    return [
        desk_of(Grant(Role.CONVENER, code, office))
        for code, office in zip(STREETS, OFFICES, strict=True)
    ]


@pytest.fixture
def supervisor(desk_of):
    return desk_of(Grant(Role.SUPERVISOR, DISTRICT))


BODY = {
    "title": "散煤清零",
    "text": "核查辖区散煤",
    "proof": "核查表一份",
    "assigner": BUREAU,
    "units": OFFICES,
    "deadline": {"minutes": 480.0, "working": True},
}


@pytest.fixture
def task(bureau):
    return agreed(bureau.post("tasks", BODY), status=201)


def step(desk, task, unit, *what, **body):
    return desk.post("/".join(["tasks", task["id"], "units", unit, *what]), body)


def part(task, unit):
    return next(one for one in task["assignments"] if one["unit"] == unit)


def test_a_task_goes_from_a_department_to_each_of_many_townships_and_back(bureau, offices, task):
    first, second = offices
    assert part(task, OFFICES[0])["state"] == "given"
    seen = agreed(first.get(f"tasks/{task['id']}"))
    assert set(part(seen, OFFICES[0])["may"]) == {"accept_task", "report_proof"}
    assert part(seen, OFFICES[1])["may"] == []
    refused(step(first, task, OFFICES[0], "proof", proof="x"), 409, "subject-state")
    agreed(step(first, task, OFFICES[0], "accept"))
    refused(step(first, task, OFFICES[0], "proof", proof=" "), 422, "subject-value")
    agreed(step(first, task, OFFICES[0], "proof", proof="核查表"))
    back = agreed(step(bureau, task, OFFICES[0], "proof", "return", reason="缺签字"))
    assert (part(back, OFFICES[0])["state"], part(back, OFFICES[0])["returned"]) == ("returned", 1)
    agreed(step(first, task, OFFICES[0], "proof", proof="核查表（已签字）"))
    done = agreed(step(bureau, task, OFFICES[0], "proof", "accept"))
    assert (part(done, OFFICES[0])["state"], done["done"]) == ("done", False)
    agreed(step(second, task, OFFICES[1], "accept"))
    agreed(step(second, task, OFFICES[1], "proof", proof="核查表"))
    assert agreed(step(bureau, task, OFFICES[1], "proof", "accept"))["done"] is True
    entries = agreed(bureau.get(f"tasks/{task['id']}/entries"))["entries"]
    assert [one["kind"] for one in entries][:3] == ["assigned", "task_accepted", "proof_reported"]
    assert entries[2]["unit"] == OFFICES[0]


def test_each_does_its_own_part_and_nobody_elses(bureau, offices, desk_of, task):
    first, second = offices
    refused(step(second, task, OFFICES[0], "accept"), 403, "subject-right")
    refused(step(bureau, task, OFFICES[0], "accept"), 403, "subject-right")
    agreed(step(first, task, OFFICES[0], "accept"))
    agreed(step(first, task, OFFICES[0], "proof", proof="x"))
    refused(step(first, task, OFFICES[0], "proof", "accept"), 403, "subject-right")
    refused(step(first, task, "nobody", "accept"), 403, "subject-right")
    stranger = desk_of(Grant(Role.CONVENER, "110105001", "government-110105001"))
    refused(stranger.get(f"tasks/{task['id']}"), 404, "unknown-subject")


def test_a_task_past_its_deadline_is_seen_as_overdue(bureau, owner, offices, task):
    def line():
        lines = agreed(bureau.get("tasks", unit=BUREAU, limit=500))["tasks"]
        return next(one for one in lines if one["id"] == task["id"])

    assert (line()["units"], line()["overdue"]) == (2, 0)
    agreed(step(offices[0], task, OFFICES[0], "accept"))
    agreed(step(offices[0], task, OFFICES[0], "proof", proof="x"))
    due = datetime.now(UTC)
    owner.execute("UPDATE gridmap.tasks SET due_at = %s WHERE id = %s", [due, task["id"]])
    assert line()["overdue"] == 1
    owner.execute(
        "UPDATE gridmap.tasks SET due_at = %s WHERE id = %s",
        [due - timedelta(minutes=10), task["id"]],
    )
    assert line()["overdue"] == 2
    agreed(bureau.post(f"tasks/{task['id']}/withdraw", {"reason": "重复"}))
    assert line()["overdue"] == 0
    refused(step(offices[1], task, OFFICES[1], "accept"), 409, "subject-state")


@pytest.mark.parametrize(
    ("more", "status", "slug"),
    [
        ({"units": []}, 422, "validation"),
        ({"units": [BUREAU]}, 422, "subject-value"),
        ({"units": ["nobody"]}, 422, "unknown-unit"),
        ({"proof": " "}, 422, "subject-value"),
        ({"deadline": {"minutes": 0.0}}, 422, "validation"),
        ({"assigner": OFFICES[0]}, 403, "subject-right"),
        ({"obligation": "00000000-0000-0000-0000-000000000000"}, 404, "unknown-subject"),
    ],
)
def test_a_wrong_task_is_refused(bureau, more, status, slug):
    refused(bureau.post("tasks", BODY | more), status, slug)


# --- 应当布置 -----------------------------------------------------------------------------------


@pytest.fixture
def owed(supervisor):
    due = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body = {"title": "布置散煤清零", "unit": BUREAU, "due_at": due}
    return agreed(supervisor.post("obligations", body), status=201)


def overdue(owner, obligation):
    """Let an obligation's date have passed: in its journal, which is the truth."""
    due = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    owner.execute(
        "UPDATE gridmap.journal SET data = jsonb_set(data, '{due_at}', to_jsonb(%s::text))"
        " WHERE subject_id = %s AND seq = 1",
        [due, obligation["id"]],
    )
    owner.execute(
        "UPDATE gridmap.obligations SET due_at = %s WHERE id = %s", [due, obligation["id"]]
    )


def test_a_task_that_names_it_meets_an_obligation(bureau, owed):
    task = agreed(bureau.post("tasks", BODY | {"obligation": owed["id"]}), status=201)
    met = agreed(bureau.get(f"obligations/{owed['id']}"))
    assert (met["task"], met["failed"]) == (task["id"], False)
    again = bureau.post("tasks", BODY | {"obligation": owed["id"]})
    refused(again, 409, "subject-state")


def test_an_obligation_that_nobody_met_is_explained_first_and_exempted_afterwards(
    bureau, supervisor, owed, owner
):
    path = f"obligations/{owed['id']}"
    refused(bureau.post(f"{path}/explain", {"reason": "x"}), 409, "subject-state")
    overdue(owner, owed)
    assert agreed(bureau.get(path))["failed"] is True
    refused(supervisor.post(f"{path}/exempt", {"reason": "x"}), 409, "subject-state")
    refused(supervisor.post(f"{path}/explain", {"reason": "x"}), 403, "subject-right")
    refused(bureau.post(f"{path}/exempt", {"reason": "x"}), 403, "subject-right")
    agreed(bureau.post(f"{path}/explain", {"reason": "当日抢险"}))
    done = agreed(supervisor.post(f"{path}/exempt", {"reason": "尽职免责"}))
    assert (done["explanation"], done["failed"]) == ("当日抢险", True)
    assert done["exempted_at"]


def test_nobody_expects_an_assignment_from_above_or_in_the_past(bureau, offices, supervisor):
    due = datetime.now(UTC)
    body = {"title": "x", "unit": BUREAU, "due_at": (due + timedelta(hours=1)).isoformat()}
    refused(offices[0].post("obligations", body), 403, "subject-right")
    refused(bureau.post("obligations", body), 403, "subject-right")
    refused(
        supervisor.post("obligations", body | {"due_at": due.isoformat()}), 422, "subject-value"
    )
