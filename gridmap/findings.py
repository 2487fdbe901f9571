"""What a check of boundaries says: findings with their severity, ground and true size.

`gridmap.topology` and `gridmap.coding` make them; here they are counted, put into a table and
written as GeoJSON.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import geopandas
import numpy as np
from shapely.geometry.base import BaseGeometry

from gridmap import geojson
from gridmap.crs import CGCS2000
from gridmap.level import Level


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"  # a place can get a wrong answer, or the release is refused
    WARNING = "warning"  # noise of drawing: no place of any size is concerned
    INFORMATION = "information"  # normal, and worth knowing


class Kind(StrEnum):
    """What a finding says about its areas."""

    INVALID = "invalid"  # an outline crosses itself, or rings lie wrongly
    ILL_FORMED = "ill-formed"  # the code is not digits of its level's length
    MISPLACED = "misplaced"  # the code has the form of another level
    FOREIGN = "foreign"  # the code does not begin with its parent's
    DUPLICATE = "duplicate"  # a code stands twice
    ORPHAN = "orphan"  # the parent is not in the release
    OVERLAP = "overlap"  # two areas of one level claim the same ground
    GAP = "gap"  # ground of a parent, or between areas, that no area claims
    OUTSIDE = "outside"  # ground of a child that its parent does not have
    UNMATCHED = "unmatched"  # neighbours draw their common line with different vertices
    SPLINTER = "splinter"  # a separate part of an area that is too narrow to be ground
    EXCLAVE = "exclave"  # a separate part of an area: normal


_SAYS: Mapping[Kind, str] = {
    Kind.INVALID: "{level} {first} is not a valid polygon: {detail}",
    Kind.ILL_FORMED: "{level} {first!r} is not a {level} code: {detail}",
    Kind.MISPLACED: "{level} {first!r} is not a {level} code: {detail}",
    Kind.FOREIGN: "{level} {first} does not begin with its parent {rest}",
    Kind.DUPLICATE: "{level} {first} stands {detail}",
    Kind.ORPHAN: "{level} {first} has no parent in this release{detail}",
    Kind.OVERLAP: "{level} {first} overlaps {rest} by {size_m2:,.2f} m²{narrow}",
    Kind.GAP: "no {level} claims {size_m2:,.2f} m² next to or inside {all}{narrow}",
    Kind.OUTSIDE: "{level} {first} lies outside its parent {rest} with {size_m2:,.2f} m²{narrow}",
    Kind.UNMATCHED: "{level} {first} draws a common line with other vertices than its neighbour",
    Kind.SPLINTER: "{level} {first} has a separate part of {size_m2:,.2f} m²{narrow}",
    Kind.EXCLAVE: "{level} {first} has a separate part of {size_m2:,.2f} m²{detail}",
}

ADVICE: Mapping[Kind, str] = {
    Kind.INVALID: "draw the outline again, or let `gridmap repair` read it as two or more rings",
    Kind.ILL_FORMED: "correct the code under [[corrections]] in the definition",
    Kind.MISPLACED: "give each level its own rows (`layer`, `rows` or `rows_by_code`)",
    Kind.FOREIGN: 'correct the code or the parent, or state parents = "containment"',
    Kind.DUPLICATE: "merge the two areas, or correct one code in the source",
    Kind.ORPHAN: "add the parent to the coarser level, or correct the code",
    Kind.OVERLAP: "decide whose the ground is; `gridmap repair` closes the narrow ones",
    Kind.GAP: "decide whose the ground is; `gridmap repair` closes the narrow ones",
    Kind.OUTSIDE: "move the line of child or parent; `gridmap repair` closes the narrow ones",
    Kind.UNMATCHED: "`gridmap repair` gives both sides the same vertices",
    Kind.SPLINTER: "`gridmap repair` gives it to the neighbour with the longer line",
    Kind.EXCLAVE: "nothing: exclaves are normal; look whether it is a real one",
}


@dataclass(frozen=True)
class Finding:
    """One thing about the areas concerned: the ground in EPSG:4490, and its true size.

    ``size_m2`` is 0 where no ground is concerned. ``width_m`` is twice the area over the
    outline, in metres, of overlaps, gaps, outside and separate parts; ``is_sliver`` when that is
    below the check's threshold. ``detail`` completes the sentence.
    """

    kind: Kind
    level: Level
    codes: tuple[str, ...]
    size_m2: float
    geometry: BaseGeometry
    width_m: float | None = None
    is_sliver: bool = False
    detail: str = ""

    @property
    def severity(self) -> Severity:
        if self.kind is Kind.EXCLAVE:
            return Severity.INFORMATION
        noise = self.is_sliver or self.kind in {Kind.UNMATCHED, Kind.SPLINTER}
        return Severity.WARNING if noise else Severity.ERROR

    @property
    def heading(self) -> str:
        """The kind as lists name it: slivers stand apart from real ground."""
        apart = self.is_sliver and self.kind is not Kind.SPLINTER
        return f"{self.kind}, sliver" if apart else str(self.kind)

    def __str__(self) -> str:
        says = _SAYS[self.kind].format(
            level=self.level,
            first=self.codes[0] if self.codes else "",
            rest=", ".join(self.codes[1:]),
            all=", ".join(self.codes) or "the release",
            size_m2=self.size_m2,
            detail=self.detail,
            narrow=f" in a sliver {self.width_m:.2f} m wide" if self.is_sliver else "",
        )
        if (at := self.spot) is None:
            return says
        return f"{says}, at {at[0]:.6f}, {at[1]:.6f}"

    @property
    def spot(self) -> tuple[float, float] | None:
        """A position on it, longitude and latitude; ``None`` where it has no geometry."""
        if self.geometry.is_empty:
            return None
        at = self.geometry.representative_point()
        return at.x, at.y

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the geometry, ready for JSON."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "sliver": self.is_sliver,
            "level": self.level,
            "codes": list(self.codes),
            "size_m2": self.size_m2,
            "width_m": self.width_m,
            "spot": self.spot,
            "message": str(self),
        }


def faults(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what is wrong: errors and warnings, without what is only worth knowing."""
    return tuple(one for one in findings if one.severity is not Severity.INFORMATION)


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """Return how many findings stand under each heading, errors first, then by number."""
    findings = tuple(findings)
    severity = {one.heading: list(Severity).index(one.severity) for one in findings}
    counted = Counter(one.heading for one in findings)
    return dict(sorted(counted.items(), key=lambda one: (severity[one[0]], -one[1], one[0])))


def table(findings: Sequence[Finding]) -> geopandas.GeoDataFrame:
    """Return the findings as a table in EPSG:4490, one row each, in their order.

    Columns: kind, severity, sliver, level, codes (joined by spaces), size_m2, width_m (NaN where
    it has none), message, geometry. Without findings the table has its columns and no rows.
    """
    return geopandas.GeoDataFrame(
        {
            "kind": [str(one.kind) for one in findings],
            "severity": [str(one.severity) for one in findings],
            "sliver": np.array([one.is_sliver for one in findings], dtype=bool),
            "level": [str(one.level) for one in findings],
            "codes": [" ".join(one.codes) for one in findings],
            "size_m2": np.array([one.size_m2 for one in findings], dtype=float),
            "width_m": np.array(
                [np.nan if one.width_m is None else one.width_m for one in findings], dtype=float
            ),
            "message": [str(one) for one in findings],
        },
        geometry=[one.geometry for one in findings],
        crs=CGCS2000,
    )


def feature_collection(findings: Iterable[Finding]) -> str:
    """Return the findings as GeoJSON text (RFC 7946), with their ground and all its digits."""
    return geojson.collection((one.geometry, one.as_dict()) for one in findings)
