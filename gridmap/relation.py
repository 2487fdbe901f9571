"""How a place lies to the areas of one level."""

from enum import StrEnum


class Relation(StrEnum):
    """How a place lies to the areas of one level."""

    INSIDE = "inside"
    ON_LINE = "on_line"
    NEAR_LINE = "near_line"  # another area is within the accuracy or the policy's buffer
    STRADDLES = "straddles"
    GAP = "gap"  # 三不管: no area of this level is here
    OVERLAP = "overlap"  # two areas of one level claim the place: the data are wrong


# In arrays relations are small numbers: places in this tuple.
RELATIONS = tuple(Relation)
INSIDE, ON_LINE, NEAR_LINE, STRADDLES, GAP, OVERLAP = range(len(RELATIONS))
