"""``gridmap locate`` from end to end: a second process, files in and files out."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from benchmarks.points import sample
from benchmarks.sheet import Sheet
from gridmap import ReleaseIndex
from gridmap.level import Level

# Runs the command, then tells the most memory it had. (The kernel's ru_maxrss would also count the
# parent's, from before exec.)
_MEASURED = """
import sys
from pathlib import Path
from gridmap import cli
sys.argv = ["gridmap", *sys.argv[1:]]
try:
    cli.main()
finally:
    print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0], file=sys.stderr)
"""
_STAGES = ("read", "locate", "write")


def end_to_end(index: ReleaseIndex, boundaries: str, rng: np.random.Generator, count: int) -> Sheet:
    """Locate a CSV and a Parquet of ``count`` rows; the index is saved by a run before."""
    lnglat = sample(index.layers[Level.CELL], rng, count)
    sheet = Sheet(
        f"gridmap locate, {len(lnglat):,} rows, all levels, in a second process",
        ("file", "rows/s", "read", "locate", "write", "index", "seconds in all", "peak MB"),
    )
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".csv", ".parquet"):
            for part, rows in (("a tenth", lnglat[: count // 10]), ("", lnglat)):
                _written(Path(folder) / f"in{suffix}", rows)
                told, wall_s, peak_mb = _located(Path(folder), suffix, boundaries)
                stages = [told[f"{stage}_s"] for stage in _STAGES]
                sheet.add(
                    " ".join(filter(None, (part, suffix[1:].upper()))),
                    f"{told['rows'] / sum(stages):,.0f}",
                    *(f"{one / sum(stages):.0%}" for one in stages),
                    f"{told['index_s']:.2f} s",
                    f"{wall_s:.1f}",
                    f"{peak_mb:.0f}",
                )
    sheet.remark("shares are those of the stream; the first run builds and saves the index")
    sheet.remark("the CSV of ten times the rows must not take ten times the memory")
    return sheet


def _written(path: Path, lnglat: np.ndarray) -> None:
    table = pa.table(
        {
            "id": np.arange(len(lnglat)),
            "lng": lnglat[:, 0].round(7),
            "lat": lnglat[:, 1].round(7),
            "category": np.full(len(lnglat), "市容环境"),
        }
    )
    if path.suffix == ".csv":
        pyarrow.csv.write_csv(table, path)
    else:
        pyarrow.parquet.write_table(table, path)


def _located(folder: Path, suffix: str, boundaries: str) -> tuple[dict, float, float]:
    asked = ["locate", str(folder / f"in{suffix}"), str(folder / f"out{suffix}"), "--json"]
    asked += ["-b", boundaries, "--crs", "EPSG:4490", "--index", str(folder / "index")]
    start = os.times().elapsed
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *asked], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout), os.times().elapsed - start, int(done.stderr.split()[-1]) / 1e3
