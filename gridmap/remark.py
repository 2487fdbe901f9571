"""What a tessellation could not do as it was asked to, each said with its place and size."""

from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry.base import BaseGeometry


class RemarkKind(StrEnum):
    """What a remark is about."""

    SMALL_BLOCK = "small_block"  # a cell reaches over a barrier: the block beyond is too small
    LOOSE_END = "loose_end"  # a cell holds a short dead end of a barrier
    BARRIER_OUTSIDE = "barrier_outside"  # lines that divide nothing
    TOO_SMALL = "too_small"  # a cell below the least size, with no neighbour to join
    TOO_LARGE = "too_large"  # a cell above the largest size that no chord divides
    SEED_OUTSIDE = "seed_outside"  # in no street
    SEED_TWICE = "seed_twice"  # another one has the same position
    SEED_ON_BORDER = "seed_on_border"  # of several streets: the lowest code has it
    NO_SEED = "no_seed"  # a street without one is divided evenly


_SAYS = {
    RemarkKind.SMALL_BLOCK: "cell {code} reaches over {size:,.1f} m of a barrier: "
    "the ground beyond is too small for a cell",
    RemarkKind.LOOSE_END: "cell {code} holds {size:,.1f} m of a barrier that ends inside it",
    RemarkKind.BARRIER_OUTSIDE: "barrier lines that lie outside the release "
    "and divide nothing: {size:,.0f}",
    RemarkKind.TOO_SMALL: "cell {code} has only {size:,.1f} m², and no neighbour to join",
    RemarkKind.TOO_LARGE: "cell {code} has {size:,.1f} m², and no straight cut divides it well",
    RemarkKind.SEED_OUTSIDE: "the seed is outside {code} and makes no community",
    RemarkKind.SEED_TWICE: "the seed stands {size:.0f} times and makes one community",
    RemarkKind.SEED_ON_BORDER: "the seed is on a border and counts for {code}, the lowest code",
    RemarkKind.NO_SEED: "street {code} has no seed; it is divided evenly",
}


@dataclass(frozen=True)
class Remark:
    """One thing that could not be done as asked.

    ``code`` is the area concerned. ``size`` is in metres for barriers, in square metres for
    cells; for seeds and for lines outside it is a count. ``geometry`` (EPSG:4490) is where, empty
    for what has no place.
    """

    kind: RemarkKind
    code: str
    size: float
    geometry: BaseGeometry

    def __str__(self) -> str:
        says = _SAYS[self.kind].format(code=self.code, size=self.size)
        if self.geometry.is_empty:
            return says
        at = self.geometry.representative_point()
        return f"{says}, at {at.x:.6f}, {at.y:.6f}"
