"""All agreements at once: which of them hold at a place, for a category, at an instant."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely

from gridmap.dispatch.agreement import Agreement, Standing, meeting
from gridmap.dispatch.catalogue import Catalogue, Item
from gridmap.dispatch.errors import OverlappingAgreementsError
from gridmap.place import Place


@dataclass(frozen=True)
class Found:
    """An agreement on a place and category, and whether it holds at the instant asked for."""

    agreement: Agreement
    standing: Standing


class Agreements:
    """Agreements found by the place; an immutable snapshot of the service's register.

    It may hold those that have ended or are not in force yet: what is asked for an instant is
    answered as of that instant.
    """

    def __init__(self, agreements: Iterable[Agreement] = ()) -> None:
        self._agreements = tuple(sorted(agreements, key=lambda agreement: agreement.id))
        self._tree = shapely.STRtree([agreement.region for agreement in self._agreements])

    def __len__(self) -> int:
        return len(self._agreements)

    def __iter__(self) -> Iterator[Agreement]:
        return iter(self._agreements)

    def at(self, place: Place, item: Item | None, at: datetime) -> tuple[Agreement, ...]:
        """Return the agreements that hold, by id; ``at`` is an instant in the city's time.

        See Also
        --------
        found : also those that do not hold at that instant, and why.
        """
        return tuple(
            found.agreement
            for found in self.found(place, item, at)
            if found.standing is Standing.IN_FORCE
        )

    def found(self, place: Place, item: Item | None, at: datetime) -> tuple[Found, ...]:
        """Return every agreement on a place and category, by id, whether it holds or not."""
        rows = np.sort(self._tree.query(place.geometry, predicate="intersects"))
        here = (self._agreements[row] for row in rows)
        return tuple(
            Found(agreement, agreement.standing(at))
            for agreement in here
            if agreement.concerns(item) and agreement.covers(place)
        )

    def refuse_overlapping(self, candidate: Agreement, catalogue: Catalogue) -> None:
        """Return when a candidate can stand beside all others.

        Raises
        ------
        OverlappingAgreementsError
            One of them names another lead for a place, category and moment that both are about.
        """
        for row in np.sort(self._tree.query(candidate.region, predicate="intersects")):
            standing = self._agreements[row]
            met = meeting(standing, candidate, catalogue)
            if met and standing.id != candidate.id:
                raise OverlappingAgreementsError(
                    agreement=candidate.id,
                    title=candidate.title,
                    other=standing.id,
                    other_title=standing.title,
                    lng=round(met.lng, 6),
                    lat=round(met.lat, 6),
                    when=f"{met.at:%Y-%m-%d %H:%M}",
                )
