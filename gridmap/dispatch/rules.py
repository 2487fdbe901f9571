"""The rules of the chain: each looks at a question and names a lead, or none."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from gridmap import codes
from gridmap.boundary import Area
from gridmap.dispatch.agreement import Agreement, Standing
from gridmap.dispatch.agreements import Found
from gridmap.dispatch.question import Finding, Question

Parameters = Mapping[str, float]


def ruling(question: Question, parameters: Parameters) -> Finding:  # noqa: ARG001 - a Rule
    """The jurisdiction that the common superior has named, whoever is concerned."""
    ruled = question.ruling
    if ruled is None:
        return Finding(None, {})
    inputs = {
        "lead": ruled.lead.name,
        "by": ruled.by.name if ruled.by else "—",
        "ruled_at": f"{ruled.ruled_at:%Y-%m-%d %H:%M}",
        "document": ruled.document or "—",
    }
    return Finding(ruled.lead, inputs)


def agreement(question: Question, parameters: Parameters) -> Finding:  # noqa: ARG001 - a Rule
    """The one lead that the agreements on this place, category and instant name.

    It leads even where no part of the place is its own: that is what was agreed. An agreement
    between areas of a higher level gives the case to the only claim inside its lead.
    """
    leads = {area.code: area for one in question.agreements for area in _within(one.lead, question)}
    if len(leads) != 1:
        return Finding(None, _unled(question, leads.values()))
    (lead,) = leads.values()
    honoured = [one.agreement for one in question.agreements if lead in _within(one.lead, question)]
    return Finding(lead, {"lead": lead.name} | _terms(honoured[0]))


def _unled(question: Question, leads: Iterable[Area]) -> dict[str, str]:
    said = "、".join(area.name for area in leads)
    return {
        "leads": f"，现行协议未指明唯一主办（{said}）" if said else "",
        "leads_en": f"; those in force name no single lead ({said})" if said else "",
        "lapsed": "".join(f"；{_lapse(found)}" for found in question.lapsed),
        "lapsed_en": "".join(f"; {_lapse_en(found)}" for found in question.lapsed),
    }


def _terms(agreed: Agreement) -> dict[str, str]:
    return {
        "agreement": agreed.title,
        "agreement_id": agreed.id,
        "document": agreed.document.title,
        "document_number": agreed.document.number,
        "signed_on": str(agreed.document.signed_on),
        "valid_from": str(agreed.valid_from),
        "valid_until": str(agreed.valid_until or "—"),
    }


def _lapse(found: Found) -> str:
    agreed = found.agreement
    why = {
        Standing.EXPIRED: f"已于{_ended(agreed)}到期",
        Standing.NOT_YET: f"{_begins(agreed)}起生效",
        Standing.OTHER_HOURS: "此时不在约定时段",
    }
    return f"《{agreed.title}》{why[found.standing]}"


def _lapse_en(found: Found) -> str:
    agreed = found.agreement
    why = {
        Standing.EXPIRED: f"ended on {_ended(agreed)}",
        Standing.NOT_YET: f"begins on {_begins(agreed)}",
        Standing.OTHER_HOURS: "does not hold at this hour",
    }
    return f"“{agreed.title}” {why[found.standing]}"


def _ended(agreed: Agreement) -> str:
    return str(agreed.ended_at.date() if agreed.ended_at else agreed.valid_until)


def _begins(agreed: Agreement) -> str:
    signed = agreed.in_force_at.date() if agreed.in_force_at else agreed.valid_from
    return str(max(signed, agreed.valid_from))


def owner_of_part(question: Question, parameters: Parameters) -> Finding:  # noqa: ARG001 - a Rule
    """The jurisdiction of a part's owner; events go to the territory.

    An owner of a higher level gives the case to the only claim inside it, or takes it where it
    has none; several claims inside it do not decide.
    """
    owner = question.owner if question.is_part else None
    if owner is None:
        return Finding(None, {"owner": "—"})
    leads = _within(owner.area, question)
    if len(leads) != 1:
        return Finding(None, {"owner": owner.unit})
    return Finding(leads[0], {"owner": owner.unit, "lead": leads[0].name})


def _within(area: Area, question: Question) -> list[Area]:
    """Return the area, or the claims inside it where it is above them."""
    inside = [c.area for c in question.claims if codes.is_parent(area.code, c.area.code)]
    return inside or [area]


def only_territory(question: Question, parameters: Parameters) -> Finding:  # noqa: ARG001 - a Rule
    """One jurisdiction is concerned, and no other might be."""
    area = question.claims[0].area
    alone = len(question.claims) == 1 and not question.fallback and not question.near
    count = len(question.claims) + len(question.near)
    return Finding(area if alone else None, {"count": count, "lead": area.name})


def territorial_fallback(question: Question, parameters: Parameters) -> Finding:  # noqa: ARG001 - a Rule
    """In a gap the lowest area that contains the place holds the case (属地兜底)."""
    area = question.claims[0].area
    alone = len(question.claims) == 1 and question.fallback
    return Finding(area if alone else None, {"count": len(question.claims), "lead": area.name})


def first_to_file(question: Question, parameters: Parameters) -> Finding:  # noqa: ARG001 - a Rule
    """The claim that filed first; filings of others do not count, equal times do not decide."""
    by_code = {claim.area.code: claim.area for claim in question.claims}
    filings = sorted(
        (f for f in question.filings if f.area_code in by_code), key=lambda filing: filing.filed_at
    )
    tied = len(filings) > 1 and filings[0].filed_at == filings[1].filed_at
    if not filings or tied:
        return Finding(None, {"count": len(filings)})
    first = filings[0]
    lead = by_code[first.area_code]
    inputs = {
        "count": len(filings),
        "lead": lead.name,
        "filed_at": f"{first.filed_at:%Y-%m-%d %H:%M}",
        "document": first.document,
    }
    return Finding(lead, inputs)


def dominant_share(question: Question, parameters: Parameters) -> Finding:
    """The claim with at least ``threshold`` of a footprint or line; a point has no shares."""
    claim = question.claims[0]
    share = claim.share or 0.0
    inputs = {"lead": claim.area.name, "share": share, "threshold": parameters["threshold"]}
    return Finding(claim.area if share >= parameters["threshold"] else None, inputs)


def first_receiver(question: Question, parameters: Parameters) -> Finding:  # noqa: ARG001 - a Rule
    """The jurisdiction of the intake unit: the claim itself, or the only one it is part of."""
    intake = question.intake
    if intake is None:
        return Finding(None, {"intake": "—"})
    related = [claim.area for claim in question.claims if _related(intake, claim.area)]
    if len(related) != 1:
        return Finding(None, {"intake": intake.name})
    return Finding(related[0], {"intake": intake.name, "lead": related[0].name})


def _related(one: Area, other: Area) -> bool:
    same = one.code == other.code
    return same or codes.is_parent(one.code, other.code) or codes.is_parent(other.code, one.code)


def largest_share(question: Question, parameters: Parameters) -> Finding:  # noqa: ARG001 - a Rule
    """The claim with more than every other, rounding apart; a tie or no shares do not decide."""
    first = question.claims[0]
    share = first.share or 0.0
    decides = _ahead([claim.share for claim in question.claims])
    return Finding(first.area if decides else None, {"lead": first.area.name, "share": share})


def likeliest(question: Question, parameters: Parameters) -> Finding:  # noqa: ARG001 - a Rule
    """The claim that a point near a line most likely belongs to; a tie does not decide."""
    first, *rest = question.claims
    others = [*(claim.area for claim in rest), *question.near]
    inputs = {
        "lead": first.area.name,
        "probability": first.probability or 0.0,
        "near": "、".join(area.name for area in others) or "—",
    }
    decides = _ahead([claim.probability for claim in question.claims])
    return Finding(first.area if decides else None, inputs)


def _ahead(weights: list[float | None]) -> bool:
    """Whether the first weight is there and greater than every other, rounding apart."""
    first, *rest = (weight or 0.0 for weight in weights)
    return first > 0 and not any(weight > first or math.isclose(weight, first) for weight in rest)


def lowest_code(question: Question, parameters: Parameters) -> Finding:  # noqa: ARG001 - a Rule
    """The claim with the lowest code: arbitrary, but the same on every machine and day."""
    area = min((claim.area for claim in question.claims), key=lambda area: area.code)
    return Finding(area, {"lead": area.name, "code": area.code})


@dataclass(frozen=True)
class Bounds:
    """What a parameter may be: more than one number, at most another."""

    above: float
    upto: float


@dataclass(frozen=True)
class Rule:
    """One rule of the chain with the parameters that it needs; ``always``: it always decides."""

    find: Callable[[Question, Parameters], Finding]
    parameters: Mapping[str, Bounds] = field(default_factory=dict)
    always: bool = False


RULES: Mapping[str, Rule] = {
    rule.find.__name__: rule
    for rule in (
        Rule(ruling),
        Rule(agreement),
        Rule(owner_of_part),
        Rule(only_territory),
        Rule(territorial_fallback),
        Rule(first_to_file),
        Rule(dominant_share, {"threshold": Bounds(above=0.0, upto=1.0)}),
        Rule(first_receiver),
        Rule(largest_share),
        Rule(likeliest),
        Rule(lowest_code, always=True),
    )
}
