"""The figures' definitions, and that what docs/figures.md says is what they count."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.dispatch import workflow
from gridmap.dispatch.figures import (
    CaseRow,
    Figure,
    Share,
    SummonsRow,
    Tally,
    counted,
    of_case,
    of_summons,
    ranked,
    tally,
)
from tests.casework import Story

NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)
DUE, LATE = NOW - timedelta(minutes=30), NOW - timedelta(minutes=10)
RUNNING = NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("row", "share"),
    [
        (SummonsRow(arrive_by=DUE, arrived_at=DUE), Share(1, 1)),  # the deadline is in time
        (SummonsRow(arrive_by=DUE, arrived_at=LATE), Share(0, 1)),
        (SummonsRow(arrive_by=DUE), Share(0, 1)),
        (SummonsRow(arrive_by=RUNNING), Share(0, 0)),
        (SummonsRow(arrive_by=NOW), Share(0, 0)),
        (SummonsRow(arrive_by=DUE, held=True), Share(0, 0)),
        (SummonsRow(arrive_by=DUE, stood_down=True), Share(0, 0)),
        (SummonsRow(arrive_by=DUE, arrived_at=LATE, stood_down=True), Share(0, 1)),
        (SummonsRow(arrived_at=LATE), Share(0, 0)),  # there was no clock
        (SummonsRow(arrive_by=DUE, wrong_places=3), Share(0, 1)),
    ],
)
def test_an_arrival_counts_when_it_was_made_or_its_clock_is_over(row, share):
    assert of_summons(Figure.ARRIVAL, row, NOW) == share


def test_a_finish_without_a_clock_counts_when_it_is_done():
    assert of_summons(Figure.FINISH, SummonsRow(finished_at=LATE), NOW) == Share(1, 1)
    assert of_summons(Figure.FINISH, SummonsRow(), NOW) == Share(0, 0)


def test_a_merged_case_counts_nowhere():
    row = CaseRow(merged=True, closed=True, whistles=2, sent_back=1, reopened=1, rated=3)
    for figure in set(Figure) - {Figure.RESPONSE, Figure.ARRIVAL, Figure.FINISH}:
        assert of_case(figure, row) == Share()


rows = st.builds(
    SummonsRow,
    respond_by=st.sampled_from([None, DUE, RUNNING]),
    responded_at=st.sampled_from([None, DUE, LATE]),
    arrive_by=st.sampled_from([None, DUE, RUNNING]),
    arrived_at=st.sampled_from([None, DUE, LATE]),
    stood_down=st.booleans(),
    held=st.booleans(),
)


@given(st.lists(rows, max_size=8))
def test_no_part_is_more_than_what_it_is_of(summons):
    for share in counted([], summons, NOW).values():
        assert 0 <= share.part <= share.of


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6), st.integers(1, 6))
def test_ranks_follow_rates_and_small_counts_have_neither(pairs, minimum):
    shares = [Share(min(pair), max(pair)) for pair in pairs]
    for figure, sign in ((Figure.ARRIVAL, -1), (Figure.REPEAT, 1)):
        found = ranked(figure, shares, minimum=minimum)
        told = [one for one in found if one.rate is not None]
        assert all((one.of >= minimum) == (one.rate is not None) for one in found)
        assert all((one.rank is None) == (one.rate is None) for one in found)
        by_rank = sorted(told, key=lambda one: one.rank)
        assert [sign * one.rate for one in by_rank] == sorted(sign * one.rate for one in told)


def test_an_event_adds_to_its_cases_tally_and_ends_its_step():
    story = Story()
    before = story.case
    story.blow()
    blown = tally(before, story.case, story.events[-1])
    assert (blown.whistles, blown.left) == (1, "analysis")
    before = story.case
    story.tell(workflow.veto, reason="")
    assert tally(before, story.case, story.events[-1]) == Tally()


# --- docs/figures.md --------------------------------------------------------------------------

DOCUMENT = Path(__file__).parents[3] / "docs" / "figures.md"
LINE = re.compile(r"^\| `(\w+)` \|.*\| (\d+)/(\d+) \|$", re.MULTILINE)


def test_the_example_of_the_document_is_what_the_definitions_count():
    said = {name: (int(part), int(of)) for name, part, of in LINE.findall(_text())}
    minute = timedelta(minutes=1)
    nine = datetime(2026, 11, 25, 1, tzinfo=UTC)  # 09:00 in Beijing
    by = nine + 30 * minute
    on_time = {"respond_by": by, "arrive_by": by, "responded_at": nine + 5 * minute}
    summons = [
        SummonsRow(**on_time, arrived_at=nine + 20 * minute, finished_at=nine + 90 * minute),
        SummonsRow(**on_time, arrived_at=nine + 40 * minute, finished_at=nine + 95 * minute),
        SummonsRow(respond_by=by, arrive_by=by, wrong_places=1),
        SummonsRow(respond_by=by, arrive_by=by, stood_down=True),
    ]
    cases = [
        CaseRow(closed=True, whistles=1, rated=1, satisfied=1),
        CaseRow(whistles=2, sent_back=1, repeats=True),
        CaseRow(closed=True, reopened=1, rated=2, satisfied=1),
        CaseRow(merged=True, closed=True),
    ]
    found = counted(cases, summons, nine + 120 * minute)
    assert said == {figure.value: (share.part, share.of) for figure, share in found.items()}


def _text():
    return DOCUMENT.read_text(encoding="utf-8")


def test_the_document_defines_every_figure():
    assert all(f"**`{figure}`**" in _text() for figure in Figure)
