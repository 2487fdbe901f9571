"""The answer for a place: the types that everything above the index works with.

A footprint or line has *shares* of its ground area or length; a point with accuracy has
*probabilities*. The two are never mixed in one field.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gridmap.boundary import Area
from gridmap.level import Basis, Level
from gridmap.place import Place
from gridmap.relation import Relation


@dataclass(frozen=True)
class Tolerance:
    """When a part counts for dispatch, and what is near a line; policy data.

    Lines are drawn along kerbs, wall feet or centre lines, so slivers are noise: a part counts
    when it is at least ``min_area_m2`` (lines: ``min_length_m``) and at least ``min_share`` or
    ``ample_area_m2`` (``ample_length_m``).
    """

    near_line_m: float = 10.0
    min_area_m2: float = 1.0
    ample_area_m2: float = 50.0
    min_length_m: float = 1.0
    ample_length_m: float = 10.0
    min_share: float = 0.01
    confidence: float = 0.95  # of a point's accuracy radius
    min_probability: float = 0.5  # RFC 7459: "inside"
    min_likelihood: float = 0.2  # counts where nothing reaches that: a corner of four has 0.24 each


@dataclass(frozen=True)
class Part:
    """One area's claim to a place. Fields that do not apply to the kind of place are ``None``."""

    area: Area
    counts: bool
    share: float | None = None
    share_low: float | None = None  # what the accuracy of the lines allows
    share_high: float | None = None
    probability: float | None = None
    area_m2: float | None = None
    length_m: float | None = None


@dataclass(frozen=True)
class Neighbour:
    """An area near a place that does not hold it."""

    area: Area
    distance_m: float


@dataclass(frozen=True)
class LevelAttribution:
    """One level's answer. ``parts`` come largest first, equal ones by code."""

    level: Level
    basis: Basis
    relation: Relation
    parts: tuple[Part, ...]
    touches: tuple[Part, ...]  # below the threshold; reported, never dispatched
    nearby: tuple[Neighbour, ...]
    border_distance_m: float
    line_accuracy_m: float | None
    gap_share: float | None = None

    @property
    def concerned(self) -> tuple[Area, ...]:
        """The areas that count for dispatch."""
        return tuple(part.area for part in self.parts if part.counts)


@dataclass(frozen=True)
class Attribution:
    """The answer for a place: whose it is at every level of one release, coarsest first."""

    release: str
    place: Place
    levels: tuple[LevelAttribution, ...]

    @property
    def by_level(self) -> Mapping[Level, LevelAttribution]:
        return {answer.level: answer for answer in self.levels}

    def lowest_concerned(self, *, upto: Level) -> LevelAttribution:
        """Return the answer of the finest level not finer than ``upto`` that has an area here."""
        answers = [a for a in self.levels if a.level.depth <= upto.depth and a.concerned]
        return answers[-1]
