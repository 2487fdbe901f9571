"""Who sees a case: its audience, the keys of which an actor needs one (`actor.Actor.keys`)."""

from collections.abc import Iterable
from itertools import chain

from gridmap.attribution import LevelAttribution
from gridmap.boundary import Release
from gridmap.dispatch.actor import EVERYTHING, account_key, area_key, unit_key
from gridmap.dispatch.lead import Decision
from gridmap.dispatch.record import CaseRecord


def territory(
    decision: Decision, levels: Iterable[LevelAttribution], release: Release
) -> frozenset[str]:
    """Return the codes of the areas that a case concerns, with all above them.

    These are the lead and the assisting jurisdictions and every area of every level in which the
    place counts, so that the chief of one cell sees what lies in it. ``release`` is the one that
    ``levels`` were answered with.
    """
    decided = {area.code for area in (decision.lead, *decision.assisting)}
    lain_in = {area.code for level in levels for area in level.concerned}
    above = chain.from_iterable(release.ancestors(code) for code in decided | lain_in)
    return frozenset(decided | lain_in | {area.code for area in above})


def audience(record: CaseRecord) -> frozenset[str]:
    """Return the keys that open a case as it stands.

    The areas concerned, everybody who reported it, every unit that was summoned or got a part of
    it transferred; of a confidential one only those whom its whistles name and those units,
    whatever else is known of it. The service's own key opens every case.
    """
    case = record.case
    called = {unit_key(summons.unit.id) for summons in case.summons}
    handed = {unit_key(transfer.to_unit) for transfer in case.transfers}
    parties = frozenset(called | handed | {EVERYTHING})
    if case.named:
        return parties | case.named
    everybody = chain(map(area_key, record.areas), map(account_key, record.reporters))
    return parties | frozenset(everybody)
