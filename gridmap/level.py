"""The levels of a city's grid, from the city down to the unit cell."""

from enum import StrEnum


class Level(StrEnum):
    """One tier of jurisdictions. Order is from the coarsest to the finest."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    CELL = "cell"

    @property
    def depth(self) -> int:
        """0 for the city, 4 for the cell."""
        return list(Level).index(self)

    @property
    def parent(self) -> "Level | None":
        """The next coarser level; ``None`` for the city."""
        return list(Level)[self.depth - 1] if self.depth else None


class Basis(StrEnum):
    """What the lines of a level rest on; every answer and page shows it."""

    SURVEYED = "surveyed"  # by the authority
    MAPPED = "mapped"  # a map provider's lines
    SCHEMATIC = "schematic"  # ours, 示意


class ParentsBy(StrEnum):
    """How the areas of a level are told whose they are."""

    CODE = "code"  # the parent's code is the prefix of theirs, as DB11/T 2157-2023 numbers
    CONTAINMENT = "containment"  # the coarser area that holds the largest share of their ground
