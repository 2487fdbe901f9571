"""Side by side in one run, printed as ratios: ``make bench``.

Machines are noisy, so only ratios carry over; each figure is the median of several runs.
"""

import argparse
from collections.abc import Iterator

import numpy as np

from benchmarks import cli, points
from benchmarks.footprints import footprints_to_shares
from benchmarks.sheet import Sheet
from gridmap import ReleaseIndex, read
from gridmap.level import Level

BEIJING = "data/boundaries/beijing/definition.toml"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000, help="0 for none")
    parser.add_argument("--growth", action="store_true", help="also 4,000 to 400,000 cells")
    parser.add_argument("--cli", type=int, default=0, metavar="ROWS", help="also gridmap locate")
    parser.add_argument("--footprints", type=int, default=10_000, help="0 for none")
    parser.add_argument("--markdown", action="store_true", help="for benchmarks/README.md")
    asked = parser.parse_args()
    index = ReleaseIndex(read.release(BEIJING)).warm()
    rng = np.random.default_rng(20261123)
    for sheet in _sheets(asked, index, rng):
        sheet.show(markdown=asked.markdown)


def _sheets(
    asked: argparse.Namespace, index: ReleaseIndex, rng: np.random.Generator
) -> Iterator[Sheet]:
    if asked.points:
        yield points.costs_of_the_grid(index)  # first, since it builds the grid
        yield points.single_points(index)
        yield points.points_to_cells(index, rng, asked.points)
        cells = index.layers[Level.CELL]
        yield points.small_batches(cells, points.sample(cells, rng, 100_000))
    if asked.growth:
        yield points.growth(rng, asked.points)
    if asked.cli:
        yield cli.end_to_end(index, BEIJING, rng, asked.cli)
    if asked.footprints:
        yield footprints_to_shares(index, rng, asked.footprints)


if __name__ == "__main__":
    main()
