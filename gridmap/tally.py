"""What became of the rows of a table, and how long it took."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from gridmap.tables.table import Refused

# Refused rows that a summary shows; the others are counted, and all stand in the file of refusals.
SHOWN = 10


@dataclass
class Tally:
    """What became of the rows of a table, and how long each stage took."""

    rows: int = 0
    located: int = 0  # with an area of the finest level
    gaps: int = 0  # only coarser levels answer
    outside: int = 0  # no level answers
    swapped: int = 0  # of those outside: inside with longitude and latitude exchanged
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    shown: list[Refused] = field(default_factory=list)
    read_s: float = 0.0
    locate_s: float = 0.0
    write_s: float = 0.0

    def refuse(self, refused: Iterable[Refused], *, table: str) -> None:
        """Count refused rows, and keep the first ones."""
        for one in refused:
            self.refused += 1
            self.reasons[one.why] += 1
            if len(self.shown) < SHOWN:
                self.shown.append(replace(one, table=table))

    def add(self, other: "Tally") -> None:
        """Add the tally of another table."""
        for name in ("rows", "located", "gaps", "outside", "swapped", "refused"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("read_s", "locate_s", "write_s"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.reasons.update(other.reasons)
        self.shown.extend(other.shown[: SHOWN - len(self.shown)])

    def as_dict(self) -> dict[str, Any]:
        """Return the figures, ready for JSON."""
        return asdict(self) | {"reasons": dict(self.reasons.most_common())}
