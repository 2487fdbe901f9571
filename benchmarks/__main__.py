"""Side by side in one run, printed as ratios: ``make bench``.

Machines are noisy, so only ratios carry over; each figure is the median of several runs.
"""

import argparse

import numpy as np
from numpy.typing import NDArray

from benchmarks.footprints import footprints_to_shares
from benchmarks.points import growth, points_to_cells
from gridmap import ReleaseIndex, read
from gridmap.level import Level

BEIJING = "data/boundaries/beijing/definition.toml"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--growth", action="store_true", help="also 4,000 to 400,000 cells")
    parser.add_argument("--footprints", type=int, default=500)
    asked = parser.parse_args()
    index = ReleaseIndex(read.release(BEIJING)).warm()
    rng = np.random.default_rng(20261123)
    points_to_cells(index, rng, asked.points)
    if asked.growth:
        growth(rng, asked.points)
    footprints_to_shares(index, _inside(index, rng, asked.footprints))


def _inside(index: ReleaseIndex, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Positions spread over the city, as many as asked."""
    west, south, east, north = index.release.bounds
    spread = rng.uniform((west, south), (east, north), size=(4 * count, 2))
    return spread[index.locate(spread, level=Level.CITY) >= 0][:count]


if __name__ == "__main__":
    main()
