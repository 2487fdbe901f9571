"""Ledgers, tasks, obligations and operations: what each allows, and that entries rebuild them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.dispatch import ledger, obligation, operation, task
from gridmap.dispatch.actor import Role
from gridmap.dispatch.event import Signature
from gridmap.dispatch.ledger import LedgerHead, Target
from gridmap.dispatch.operation import OperationHead, Team
from gridmap.dispatch.subject_audience import ledger_audience, operation_audience
from gridmap.dispatch.subject_refusals import (
    SubjectStateError,
    SubjectValueError,
    UnknownSubjectError,
)
from gridmap.dispatch.task import Assignment, AssignmentState, TaskHead
from gridmap.errors import GridmapError
from gridmap.place import point

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
BY = Signature("clerk", Role.CONVENER, "office")
PERIOD = {"from_on": date(2026, 11, 1), "until_on": date(2026, 12, 31)}
HEAD = LedgerHead("台账", "office", "110102020", "E0501", None, **PERIOD)


def opened(*codes):
    entries = [ledger.open_ledger(HEAD, by=BY, now=NOW)]
    targets = [
        Target(code, code, "110102020", point(116.1 + n / 3, 39.9, crs="EPSG:4326"))
        for n, code in enumerate(codes)
    ]
    if targets:
        one = ledger.fold("1", entries)
        entries.append(ledger.add_targets(one, targets, by=BY, now=NOW))
    return entries


def test_what_stands_on_a_ledger_reads_back_as_it_was_given():
    one = ledger.fold("1", opened("A", "B"))
    assert [target.code for target in one.lines] == ["A", "B"]
    assert one.target("B").place == point(116.1 + 1 / 3, 39.9, crs="EPSG:4326")
    assert not one.is_done
    assert not ledger.fold("1", opened()).is_done
    with pytest.raises(UnknownSubjectError):
        one.target("C")


def test_a_target_stands_once():
    one = ledger.fold("1", opened("A"))
    for codes in (["A"], ["B", "B"], []):
        with pytest.raises(SubjectValueError):
            ledger.add_targets(
                one, [Target(code, "x", "110102020") for code in codes], by=BY, now=NOW
            )


STEPS = st.lists(
    st.tuples(st.sampled_from(["strike", "back", "link"]), st.sampled_from("AB"), st.booleans()),
    max_size=12,
)


@given(STEPS)
def test_whatever_is_done_to_a_ledger_each_target_is_struck_or_not_and_entries_tell_it(steps):
    entries = opened("A", "B")
    one, struck = ledger.fold("1", entries), set()
    for what, code, by_case in steps:
        case = "20261125-000001" if by_case else None
        words = {"reason": "x"}
        try:
            if what == "strike":
                entry = ledger.strike_off(
                    one, code, case=case, evidence="y", by=BY, now=NOW, **words
                )
            elif what == "back":
                entry = ledger.put_back(one, code, case=case, by=BY, now=NOW, **words)
            else:
                entry = ledger.link_case(one, code, "20261125-000002", by=BY, now=NOW)
        except SubjectStateError:
            assert (code in struck) == (what != "back")
            continue
        assert (code in struck) == (what == "back")
        struck ^= {code} if what != "link" else set()
        entries.append(entry)
        one = ledger.apply(one, entry)
        assert one == ledger.fold("1", entries)
        assert one.struck == len(struck)
    assert one.is_done == (struck == {"A", "B"})


def test_an_audience_holds_owner_and_all_over_the_targets_or_the_named_only():
    one = ledger.fold("1", opened("A"))
    assert {"unit:office", "area:110102020", "area:110102", "area:110000", "*"} <= (
        ledger_audience(one)
    )
    assert ledger_audience(one, frozenset({"unit:x"})) == {"*", "unit:office", "unit:x"}


# --- tasks ------------------------------------------------------------------------------------

TASK = TaskHead("任务", "", "照片", "bureau", "110102", {"a": "110102001", "b": "110102003"})
DUE = NOW + timedelta(hours=1)
ACTS = {
    "accept": task.accept,
    "report": task.report_proof,
    "content": task.accept_proof,
    "return": task.return_proof,
}
NEXT = {
    ("accept", "given"): "accepted",
    ("report", "accepted"): "reported",
    ("report", "returned"): "reported",
    ("content", "reported"): "done",
    ("return", "reported"): "returned",
}


@given(st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.sampled_from("ab")), max_size=15))
def test_an_assignee_goes_from_step_to_step_and_no_other_way(acts):
    entries = [task.assign(TASK, due_at=DUE, by=BY, now=NOW)]
    states = {"a": "given", "b": "given"}
    for act, unit in acts:
        one = task.fold("1", entries)
        words = {"report": {"proof": "p"}, "return": {"reason": "r"}}.get(act, {})
        try:
            entries.append(ACTS[act](one, unit, by=BY, now=NOW, **words))
        except SubjectStateError:
            assert (act, states[unit]) not in NEXT
        else:
            states[unit] = NEXT[act, states[unit]]
    one = task.fold("1", entries)
    assert {part.unit: part.state for part in one.assignments} == states
    assert one.is_done == (set(states.values()) == {"done"})


@pytest.mark.parametrize(
    ("part", "now", "overdue"),
    [
        (Assignment("a", "1"), DUE, False),
        (Assignment("a", "1"), DUE + timedelta(microseconds=1), True),
        (Assignment("a", "1", AssignmentState.REPORTED, reported_at=DUE), DUE, False),
        (
            Assignment("a", "1", AssignmentState.DONE, reported_at=DUE),
            DUE + timedelta(days=1),
            False,
        ),
    ],
)
def test_a_task_is_overdue_after_its_deadline(part, now, overdue):
    assert part.is_overdue(DUE, now) is overdue


# --- obligations ------------------------------------------------------------------------------


def owed():
    entry = obligation.expect(
        "x", unit="bureau", unit_area="110102", due_at=DUE, operation=None, by=BY, now=NOW
    )
    return obligation.fold("1", [entry])


def test_an_obligation_fails_when_its_instant_has_passed_and_a_late_task_does_not_undo_it():
    one, bureau = owed(), Signature("b", Role.DEPARTMENT, "bureau")
    assert not one.has_failed(DUE)
    late = DUE + timedelta(seconds=1)
    assert one.has_failed(late)
    in_time = obligation.apply(one, obligation.meet(one, "7", by=bureau, now=DUE))
    assert not in_time.has_failed(late)
    too_late = obligation.apply(one, obligation.meet(one, "7", by=bureau, now=late))
    assert too_late.has_failed(late)
    with pytest.raises(SubjectStateError):
        obligation.meet(in_time, "8", by=bureau, now=DUE)
    with pytest.raises(SubjectValueError):
        obligation.meet(one, "8", by=BY, now=DUE)


# --- operations -------------------------------------------------------------------------------


def test_an_operations_members_are_those_of_all_its_teams():
    head = OperationHead(
        "x", "office", "110102", **PERIOD, members=frozenset({"unit:m"}), confidential=True
    )
    one = operation.fold("1", [operation.begin(head, by=BY, now=NOW)])
    team = Team("一", "bureau", frozenset({"account:z"}))
    one = operation.apply(one, operation.form_team(one, team, by=BY, now=NOW))
    everybody = {"unit:m", "account:clerk", "unit:office", "unit:bureau", "account:z"}
    assert one.members == everybody
    assert operation_audience(one) == everybody | {"*"}
    over = operation.apply(one, operation.end(one, result="", by=BY, now=NOW))
    for step in (
        lambda: operation.form_team(over, team, by=BY, now=NOW),
        lambda: operation.join_case(over, "1", by=BY, now=NOW),
        lambda: operation.change_members(over, frozenset(), by=BY, now=NOW),
    ):
        with pytest.raises(GridmapError):
            step()
