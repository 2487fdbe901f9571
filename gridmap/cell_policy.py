"""How large unit cells and schematic communities are, and which lines count: policy data."""

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridmap.errors import CellPolicyError
from gridmap.toml_table import TomlTable


@dataclass(frozen=True, slots=True)
class CellPolicy:
    """Sizes in square metres and metres of true ground.

    The target is the nominal size of DB11/T 2157-2023. The other numbers are this project's
    defaults and meant to be changed: a cell below ``least_m2`` or narrower than ``narrow_m``
    joins a neighbour, one above ``largest_m2`` is divided again; a schematic community has
    ``community_m2``. A barrier that stops less than ``closing_m`` short of another line meets it;
    a dead end shorter than ``stub_m`` divides nothing, a longer one is carried on.

    Raises
    ------
    CellPolicyError
        A size is not above zero, or they are not in order.
    """

    target_m2: float = 10_000.0
    least_m2: float = 2_500.0
    largest_m2: float = 20_000.0
    community_m2: float = 250_000.0
    narrow_m: float = 5.0
    closing_m: float = 2.0
    stub_m: float = 20.0

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if not (math.isfinite(value) and value > 0):
                raise CellPolicyError(key=one.name, value=value, why="it must be above 0")
        if not self.least_m2 <= self.target_m2 / 2:
            why = f"it must be at most half of the target, {self.target_m2:,.0f} m²"
            raise CellPolicyError(key="least_m2", value=self.least_m2, why=why)
        if not self.largest_m2 >= 1.5 * self.target_m2:
            why = f"it must be at least one and a half targets, {1.5 * self.target_m2:,.0f} m²"
            raise CellPolicyError(key="largest_m2", value=self.largest_m2, why=why)
        # A square is half as wide as its side, by twice the area over the outline.
        if not self.narrow_m <= math.sqrt(self.least_m2) / 4:
            why = f"it must be at most a quarter of the side of {self.least_m2:,.0f} m²"
            raise CellPolicyError(key="narrow_m", value=self.narrow_m, why=why)

    @staticmethod
    def of_target(target_m2: float) -> "CellPolicy":
        """Return the default policy, the sizes of ground in proportion to another target."""
        default = CellPolicy()
        if not target_m2 > 0:
            raise CellPolicyError(key="target_m2", value=target_m2, why="it must be above 0")
        scale = target_m2 / default.target_m2
        return CellPolicy(
            target_m2=target_m2,
            least_m2=default.least_m2 * scale,
            largest_m2=default.largest_m2 * scale,
            community_m2=default.community_m2 * scale,
            narrow_m=default.narrow_m * math.sqrt(scale),
        )

    @staticmethod
    def of_table(table: TomlTable) -> "CellPolicy":
        """Return the policy that a table of a TOML file states; what it leaves out is default.

        Raises
        ------
        DefinitionError
            A key is unknown or no number.
        CellPolicyError
            See the class.
        """
        values: dict[str, Any] = {
            one.name: table.optional(one.name, float) for one in fields(CellPolicy)
        }
        table.finished(None)
        return CellPolicy(**{key: value for key, value in values.items() if value is not None})

    def count(self, size_m2: float) -> int:
        """Return into how many cells ground of this size is divided.

        >>> [CellPolicy().count(size) for size in (900.0, 14_000.0, 26_000.0)]
        [1, 1, 3]
        """
        return max(1, round(size_m2 / self.target_m2))

    def communities(self, size_m2: float) -> int:
        """Return into how many schematic communities a street of this size is divided."""
        return max(1, round(size_m2 / self.community_m2))

    def is_small(
        self, sizes_m2: NDArray[np.float64], widths_m: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Tell which pieces of ground are no cells of their own."""
        return np.asarray((sizes_m2 < self.least_m2) | (widths_m < self.narrow_m))
