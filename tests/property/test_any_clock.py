"""Whatever the start, span and pauses: what a clock promises."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridmap.dispatch.clock import Pause, Span, due, elapsed, moments, remaining
from tests.working import WORKING_TIME

LONGEST = timedelta(days=20)
MINUTE = timedelta(minutes=1)

instants = st.datetimes(datetime(2025, 12, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
spans = st.builds(Span, st.integers(1, 20_000).map(float), st.booleans())
real_spans = spans.filter(lambda span: not span.working)
lengths = st.timedeltas(timedelta(0), LONGEST)


@st.composite
def pauses(draw, around=instants):
    begin = draw(around)
    return Pause(begin, begin + draw(lengths))


pause_lists = st.lists(pauses(), max_size=4)


@st.composite
def started(draw):
    """A start with pauses near it, so that they matter."""
    start = draw(instants)
    near = st.timedeltas(-LONGEST, LONGEST).map(lambda by: start + by)
    return start, draw(st.lists(pauses(near), max_size=4))


def at(start, span, stopped=()):
    return due(start, span, WORKING_TIME, stopped)


@given(started(), spans, st.integers(1, 5_000))
def test_a_longer_span_is_due_later(begun, span, more):
    start, stopped = begun
    longer = Span(span.minutes + more, span.working)
    assert start < at(start, span, stopped) < at(start, longer, stopped)


@given(started(), spans)
def test_exactly_the_span_has_passed_when_it_is_due(begun, span):
    start, stopped = begun
    until = at(start, span, stopped)
    assert elapsed(start, until, span, WORKING_TIME, stopped) == span.length
    assert remaining(start, until, span, WORKING_TIME, stopped) == timedelta(0)
    assert elapsed(start, until - MINUTE, span, WORKING_TIME, stopped) < span.length


@given(instants, real_spans, st.floats(0, 0.99), lengths)
def test_a_pause_shifts_a_real_clock_by_exactly_its_length(start, span, share, length):
    begin = start + span.length * share
    assert at(start, span, [Pause(begin, begin + length)]) == start + span.length + length


@given(started(), spans, lengths, lengths)
def test_pauses_outside_of_a_clock_change_nothing(begun, span, gap, length):
    start, stopped = begun
    until = at(start, span, stopped)
    outside = [Pause(start - gap - length, start - gap), Pause(until + gap, until + gap + length)]
    assert at(start, span, [*stopped, *outside]) == until


@given(started(), spans)
def test_pauses_that_overlap_count_once_and_in_any_order(begun, span):
    start, stopped = begun
    assert at(start, span, [*reversed(stopped), *stopped]) == at(start, span, stopped)


@given(instants, real_spans, lengths, lengths)
def test_two_pauses_that_meet_are_one(start, span, first, second):
    middle = start + first
    both = [Pause(start, middle), Pause(middle, middle + second)]
    assert at(start, span, both) == at(start, span, [Pause(start, middle + second)])


@given(started(), spans, st.lists(st.integers(1, 150), min_size=1, unique=True).map(sorted))
def test_moments_come_in_order_and_the_whole_one_is_the_deadline(begun, span, percents):
    start, stopped = begun
    found = moments(start, span, [*percents, 100], WORKING_TIME, stopped)
    instants_ = [one.at for one in found[:-1]]
    assert instants_ == sorted(instants_)
    assert start < instants_[0]
    assert found[-1].at == at(start, span, stopped)


@given(started(), spans, instants)
def test_time_never_runs_backwards(begun, span, until):
    start, stopped = begun
    earlier = elapsed(start, until, span, WORKING_TIME, stopped)
    later = elapsed(start, until + MINUTE, span, WORKING_TIME, stopped)
    assert timedelta(0) <= earlier <= later <= earlier + MINUTE


@given(started(), spans, pauses())
def test_another_pause_never_brings_a_deadline_forward(begun, span, another):
    start, stopped = begun
    assert at(start, span, [*stopped, another]) >= at(start, span, stopped)
