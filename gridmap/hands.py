"""Which incidents change hands when one release supersedes another."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.boundary import Release
from gridmap.level import Level
from gridmap.locate import ReleaseIndex


def changed(old: Release, new: Release, lnglat: NDArray[np.float64]) -> pd.DataFrame:
    """Return which positions are in another area in the new release, level by level.

    Parameters
    ----------
    lnglat
        Shape (n, 2), EPSG:4490 degrees. What is not finite is in no area.

    Returns
    -------
    frame
        Columns position (row of ``lnglat``), level, before, after: one row for each position and
        level that both releases have and in which the code differs, sorted by position, then
        level. On a border the lowest code counts; "" stands for no area.

    See Also
    --------
    gridmap.difference.difference : the ground that changed hands, wherever incidents are.
    """
    indexes = ReleaseIndex(old), ReleaseIndex(new)
    frames = []
    for level in [level for level in old.levels if level in new.layers]:
        before, after = (_codes(index, level, lnglat) for index in indexes)
        at = np.flatnonzero(before != after)
        named = {"position": at, "level": str(level), "before": before[at], "after": after[at]}
        frames.append(pd.DataFrame(named))
    if not frames:
        return pd.DataFrame({"position": [], "level": [], "before": [], "after": []})
    found = pd.concat(frames, ignore_index=True)
    return found.sort_values("position", kind="stable", ignore_index=True)


def _codes(index: ReleaseIndex, level: Level, lnglat: NDArray[np.float64]) -> NDArray[np.str_]:
    codes = np.append(index.layers[level].layer.codes, "")  # -1 is its last row
    return np.asarray(codes[index.locate(lnglat, level=level)])
