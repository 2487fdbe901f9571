"""Reading a policy document: thresholds and the rule chain, checked before they count."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gridmap.attribution import Tolerance
from gridmap.dispatch import rulechain
from gridmap.dispatch.errors import PolicyDataError
from gridmap.dispatch.lead import Duplicates, Limits, Policy, RuleData
from gridmap.level import Level


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
            jurisdiction_level=Level(document["jurisdiction_level"]),
            tolerance=_tolerance(document.get("tolerance", {}), source),
            limits=_section(Limits, document["limits"], source, "limits"),
            duplicates=_section(Duplicates, document["duplicates"], source, "duplicates"),
            geofence_m=float(document["geofence_m"]),
            timezone=ZoneInfo(document["timezone"]),
            rules=rules,
        )
    except ZoneInfoNotFoundError as error:  # a KeyError, too
        raise PolicyDataError(source, "timezone", f"no such zone: {error}") from error
    except KeyError as error:
        raise PolicyDataError(source, str(error.args[0]), "it is missing") from error
    except ValueError as error:
        raise PolicyDataError(source, "jurisdiction_level", str(error)) from error


_Section = TypeVar("_Section", Tolerance, Limits, Duplicates, RuleData)


def _section(
    section_type: type[_Section], row: Mapping[str, Any], source: str, where: str
) -> _Section:
    if unknown := set(row) - {field.name for field in fields(section_type)}:
        raise PolicyDataError(source, where, f"unknown keys {sorted(unknown)}")
    try:
        return section_type(**row)
    except TypeError as error:
        raise PolicyDataError(source, where, str(error)) from error


_FRACTIONS = ("min_share", "confidence", "min_probability", "min_likelihood")


def _tolerance(row: Mapping[str, Any], source: str) -> Tolerance:
    found = _section(Tolerance, row, source, "tolerance")
    for name in _FRACTIONS:
        value = getattr(found, name)
        if not isinstance(value, int | float) or not 0 < value <= 1:
            why = f"it must be a number above 0 and at most 1, not {value!r}"
            raise PolicyDataError(source, f"tolerance.{name}", why)
    return found
