"""Reading a policy document: thresholds and the rule chain, checked before they count."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gridmap.attribution import Tolerance
from gridmap.dispatch.errors import PolicyDataError
from gridmap.dispatch.lead import RULES, Duplicates, Limits, Policy, RuleData
from gridmap.level import Level

_LAST_RULE = "lowest_code"  # the only one that always decides


def policy(document: Mapping[str, Any], *, source: str) -> Policy:
    """Build a policy from a parsed TOML or JSON document; ``source`` names it in errors.

    Raises
    ------
    PolicyDataError
        A key is missing or unknown, a rule does not exist or can never be reached.
    """
    rules = tuple(
        _section(RuleData, row, source, f"rules[{number}]")
        for number, row in enumerate(document.get("rules", ()))
    )
    _check_rules([rule.rule for rule in rules], source)
    try:
        return Policy(
            version=document["version"],
            title=document["title"],
            jurisdiction_level=Level(document["jurisdiction_level"]),
            tolerance=_section(Tolerance, document.get("tolerance", {}), source, "tolerance"),
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


def _check_rules(names: list[str], source: str) -> None:
    for name in names:
        if name not in RULES:
            raise PolicyDataError(source, "rules", f"no rule {name!r}; known: {sorted(RULES)}")
        if names.count(name) > 1:
            raise PolicyDataError(source, "rules", f"{name} stands twice; the second never decides")
    if _LAST_RULE not in names or names[-1] != _LAST_RULE:
        raise PolicyDataError(
            source, "rules", f"{_LAST_RULE} must stand last: it always decides, what follows never"
        )
