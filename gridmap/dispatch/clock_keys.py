"""Spans and working hours as documents write them.

A span is one number whose key says what it counts: ``respond_min = 30`` minutes of real time,
``finish_working_h = 40`` hours of working time, ``finish_working_min`` minutes of it. Working
hours are intervals of local time: ``"09:00-12:00"``.
"""

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from gridmap.dispatch.clock import Span, WorkingHours
from gridmap.dispatch.errors import ClockError, PolicyDataError

# Ending of the key: minutes in one, and whether it is working time.
_ENDINGS: Mapping[str, tuple[float, bool]] = {
    "_min": (1.0, False),
    "_working_h": (60.0, True),
    "_working_min": (1.0, True),
}


def span_keys(name: str) -> tuple[str, ...]:
    """Return the keys that may give a span.

    >>> span_keys("finish")
    ('finish_min', 'finish_working_h', 'finish_working_min')
    """
    return tuple(f"{name}{ending}" for ending in _ENDINGS)


def with_spans(
    row: Mapping[str, Any], names: Iterable[str], *, source: str, where: str
) -> dict[str, Any]:
    """Return a row whose keys of spans have become one `Span` under each name that is given.

    Raises
    ------
    PolicyDataError
        A span is given by two keys, or is no number above zero.
    """
    values = dict(row)
    for name in names:
        if name in values:
            keys = ", ".join(span_keys(name))
            raise PolicyDataError(source, where, f"{name} needs a unit: one of {keys}")
        given = [key for key in span_keys(name) if values.get(key) is not None]
        if len(given) > 1:
            raise PolicyDataError(source, where, f"{' and '.join(given)} are one clock; give one")
        values = {key: one for key, one in values.items() if key not in span_keys(name)}
        for key in given:
            values[name] = _span(row[key], key, name, source, where)
    return values


def _span(value: Any, key: str, name: str, source: str, where: str) -> Span:
    minutes, working = _ENDINGS[key.removeprefix(name)]
    if type(value) not in {int, float}:
        raise PolicyDataError(source, where, f"{key} must be a number, not {value!r}")
    try:
        return Span(float(value * minutes), working)
    except ClockError as error:
        raise PolicyDataError(source, where, f"{key}: {error}") from error


def written(name: str, span: Span | None) -> dict[str, float]:
    """Return a span as a document's key and number, none for no clock; the inverse of reading.

    >>> written("finish", Span(2400, working=True)), written("respond", None)
    ({'finish_working_h': 40}, {})
    """
    if span is None:
        return {}
    if not span.working:
        return {f"{name}_min": _plain(span.minutes)}
    hours = _plain(span.minutes / 60.0)
    if hours * 60.0 == span.minutes:
        return {f"{name}_working_h": hours}
    return {f"{name}_working_min": _plain(span.minutes)}


def _plain(number: float) -> float:
    return int(number) if number == int(number) else number


def working_hours(
    intervals: Iterable[Any], zone: ZoneInfo, *, source: str, where: str
) -> WorkingHours:
    """Return working hours from their intervals, such as ``"13:30-18:00"``."""
    try:
        return WorkingHours(tuple(_interval(one) for one in intervals), zone)
    except (ValueError, AttributeError) as error:  # an interval that is no text, too
        raise PolicyDataError(source, where, str(error)) from error


def _interval(text: str) -> tuple[time, time]:
    opens, _, closes = text.partition("-")
    return time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())
