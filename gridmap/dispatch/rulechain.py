"""The order of a policy's rules, checked: every rule must be able to decide something."""

from collections.abc import Mapping, Sequence

from gridmap.dispatch.errors import PolicyDataError, UnreachableRuleError
from gridmap.dispatch.lead import RuleData
from gridmap.dispatch.rules import RULES

# What decides whenever the rule named first would: behind all of these it is never reached. A
# sole claim has a share, or of a point the probability, that no other exceeds.
_DECIDED_BEFORE: Mapping[str, frozenset[str]] = {
    "only_territory": frozenset({"largest_share", "likeliest"}),
    "territorial_fallback": frozenset({"largest_share", "likeliest"}),
    "dominant_share": frozenset({"largest_share"}),  # of a threshold above one half
}
_HALF = 0.5


def checked(rules: tuple[RuleData, ...], *, source: str) -> tuple[RuleData, ...]:
    """Return the rules themselves, when each is known, has its parameters and can be reached.

    Raises
    ------
    UnreachableRuleError
        A rule stands twice, or behind others that have always decided before it.
    PolicyDataError
        A rule is not known, the last one does not always decide, or a parameter is missing,
        unknown or out of its bounds.
    """
    names = [rule.rule for rule in rules]
    for rule in rules:
        if rule.rule not in RULES:
            why = f"no rule {rule.rule!r}; known: {', '.join(RULES)}"
            raise PolicyDataError(source, "rules", why)
        _refuse_parameters(rule, source)
    for number, name in enumerate(names):
        _refuse_unreachable(rules[number], names[:number], source)
        if names.index(name) < number:
            raise UnreachableRuleError(source, "rules", f"{name} stands twice; once is enough")
    if not names or not RULES[names[-1]].always:
        last = " or ".join(name for name, rule in RULES.items() if rule.always)
        raise PolicyDataError(
            source, "rules", f"{last} must stand last: without it a question may have no answer"
        )
    return rules


def _refuse_unreachable(rule: RuleData, before: Sequence[str], source: str) -> None:
    name = rule.rule
    for earlier in before:
        if RULES[earlier].always:
            why = f"{name} is never reached: {earlier} always decides, so it must stand last"
            raise UnreachableRuleError(source, "rules", why)
    deciding = _DECIDED_BEFORE.get(name)
    is_rare = name == "dominant_share" and rule.parameters["threshold"] <= _HALF
    if deciding and deciding <= set(before) and not is_rare:
        why = (
            f"{name} is never reached: where it decides, {' or '.join(sorted(deciding))} has before"
        )
        raise UnreachableRuleError(source, "rules", why)


def _refuse_parameters(rule: RuleData, source: str) -> None:
    where, needed = f"rules.{rule.rule}.parameters", RULES[rule.rule].parameters
    if unknown := set(rule.parameters) - set(needed):
        raise PolicyDataError(source, where, f"unknown parameters {sorted(unknown)}")
    for name, bounds in needed.items():
        if name not in rule.parameters:
            raise PolicyDataError(source, where, f"{name} is missing")
        value = rule.parameters[name]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not bounds.above < value <= bounds.upto:  # also refuses NaN
            allowed = f"above {bounds.above:g} and at most {bounds.upto:g}"
            why = f"{name} must be a number {allowed}, not {value!r}"
            raise PolicyDataError(source, where, why)
