"""Reading a policy document: thresholds and the rule chain, checked before they count."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gridmap.attribution import Tolerance
from gridmap.dispatch import rulechain
from gridmap.dispatch.clock import Escalated, Escalation, Span, WorkingHours
from gridmap.dispatch.clock_keys import span_keys, with_spans, working_hours
from gridmap.dispatch.errors import PolicyDataError
from gridmap.dispatch.lead import Duplicates, Limits, Measures, Policy, RuleData
from gridmap.level import Level

_MONTH_H = 744  # where people are is not kept for longer


def policy(document: Mapping[str, Any], *, source: str) -> Policy:
    """Build a policy from a parsed TOML or JSON document; ``source`` names it in errors.

    Raises
    ------
    PolicyDataError
        A key is missing or unknown, a threshold no fraction, a rule does not exist or can
        never be reached.
    """
    rules = tuple(
        _section(RuleData, row, source, f"rules[{number}]")
        for number, row in enumerate(document.get("rules", ()))
    )
    rulechain.checked(rules, source=source)
    try:
        return Policy(
            version=document["version"],
            title=document["title"],
            jurisdiction_level=_level(document["jurisdiction_level"], source),
            tolerance=_tolerance(document.get("tolerance", {}), source),
            limits=_section(Limits, document["limits"], source, "limits"),
            duplicates=_section(Duplicates, document["duplicates"], source, "duplicates"),
            geofence_m=float(document["geofence_m"]),
            timezone=_zone(document["timezone"], source),
            working_hours=_working_hours(document, source),
            escalations=_escalations(document.get("escalation", ()), source),
            analysis=_deadline(document, "analysis", source),
            negotiation=_deadline(document, "negotiation", source),
            rules=rules,
            position_kept_h=_position_kept_h(document, source),
            measures=_measures(document.get("measures", {}), source),
        )
    except KeyError as error:
        raise PolicyDataError(source, str(error.args[0]), "it is missing") from error


def _position_kept_h(document: Mapping[str, Any], source: str) -> float:
    hours = document.get("position_kept_h", Policy.position_kept_h)
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= _MONTH_H:
        why = f"it must be a number above 0 and at most {_MONTH_H}, not {hours!r}"
        raise PolicyDataError(source, "position_kept_h", why)
    return float(hours)


def _level(code: str, source: str) -> Level:
    try:
        return Level(code)
    except ValueError as error:
        raise PolicyDataError(source, "jurisdiction_level", str(error)) from error


def _zone(key: str, source: str) -> ZoneInfo:
    try:
        return ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError) as error:  # no such zone; no name of one
        raise PolicyDataError(source, "timezone", f"no such zone: {error}") from error


def _working_hours(document: Mapping[str, Any], source: str) -> WorkingHours:
    table = document["working_time"]
    _refuse_unknown(table, {"hours"}, source, "working_time")
    zone = _zone(document["timezone"], source)
    return working_hours(table.get("hours", ()), zone, source=source, where="working_time.hours")


_Section = TypeVar("_Section", Tolerance, Limits, Duplicates, Measures, RuleData, Escalation)


def _section(
    section_type: type[_Section], row: Mapping[str, Any], source: str, where: str
) -> _Section:
    _refuse_unknown(row, {field.name for field in fields(section_type)}, source, where)
    try:
        return section_type(**row)
    except TypeError as error:
        raise PolicyDataError(source, where, str(error)) from error


def _refuse_unknown(row: Mapping[str, Any], known: set[str], source: str, where: str) -> None:
    if unknown := set(row) - known:
        raise PolicyDataError(source, where, f"unknown keys {sorted(unknown)}")


def _deadline(document: Mapping[str, Any], section: str, source: str) -> Span:
    found = with_spans(document[section], ("deadline",), source=source, where=section)
    _refuse_unknown(found, {"deadline"}, source, section)
    if "deadline" not in found:
        keys = " or ".join(span_keys("deadline"))
        raise PolicyDataError(source, section, f"{keys} is missing")
    span: Span = found["deadline"]
    return span


def _escalations(rows: Iterable[Mapping[str, Any]], source: str) -> tuple[Escalation, ...]:
    """Return who is told when, in the order of the percents; each percent stands once."""
    found: list[Escalation] = []
    for number, row in enumerate(rows):
        where = f"escalation[{number}]"
        one = _section(Escalation, row, source, where)
        if type(one.percent) is not int or one.percent < 1:
            why = f"percent must be a whole number above 0, not {one.percent!r}"
            raise PolicyDataError(source, where, why)
        if found and one.percent <= found[-1].percent:
            why = (
                f"{one.percent} % stands after {found[-1].percent} %; give them in order, each once"
            )
            raise PolicyDataError(source, where, why)
        try:
            found.append(replace(one, to=Escalated(one.to)))
        except ValueError as error:
            known = ", ".join(Escalated)
            raise PolicyDataError(source, where, f"to must be one of {known}: {error}") from error
    return tuple(found)


_FRACTIONS = ("min_share", "confidence", "min_probability", "min_likelihood")


def _tolerance(row: Mapping[str, Any], source: str) -> Tolerance:
    found = _section(Tolerance, row, source, "tolerance")
    for name in _FRACTIONS:
        value = getattr(found, name)
        if not isinstance(value, int | float) or not 0 < value <= 1:
            why = f"it must be a number above 0 and at most 1, not {value!r}"
            raise PolicyDataError(source, f"tolerance.{name}", why)
    return found


def _measures(row: Mapping[str, Any], source: str) -> Measures:
    """Return how figures are counted; what a policy does not say is as `Measures` has it."""
    found = _section(Measures, row, source, "measures")
    for one in fields(Measures):
        value = getattr(found, one.name)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not 0 <= value < math.inf
        ):
            why = f"it must be a number from 0, not {value!r}"
            raise PolicyDataError(source, f"measures.{one.name}", why)
    if type(found.minimum) is not int or found.minimum < 1:
        why = f"it must be a whole number above 0, not {found.minimum!r}"
        raise PolicyDataError(source, "measures.minimum", why)
    if not found.weight_score + found.weight_evaluation + found.weight_satisfaction:
        raise PolicyDataError(source, "measures", "one of the weights must be above 0")
    return found
