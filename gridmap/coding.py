"""What is wrong with the codes of a draft: ill-formed, misplaced, foreign, double, orphaned."""

from collections.abc import Iterator

import numpy as np

from gridmap import codes
from gridmap.boundary import Draft, Layer
from gridmap.errors import BadCodeError
from gridmap.findings import Finding, Kind
from gridmap.level import Level


def ill_formed(layer: Layer) -> Iterator[Finding]:
    """Yield codes without their level's form, and those that do not begin with their parent's."""
    for row, code in enumerate(layer.codes.tolist()):
        if not code:
            detail = f"it is empty ({layer.names[row]})"
            yield _finding(Kind.ILL_FORMED, layer, row, detail=detail)
            continue
        try:
            codes.check(code, level=layer.level)
        except BadCodeError as error:
            elsewhere = codes.form_of(code) not in {None, layer.level}
            kind = Kind.MISPLACED if elsewhere else Kind.ILL_FORMED
            yield _finding(kind, layer, row, detail=error.why)
            continue
        if layer.is_foreign(row):
            yield _finding(Kind.FOREIGN, layer, row, str(layer.parents[row]))


def duplicates(draft: Draft) -> Iterator[Finding]:
    """Yield every code that stands more than once, in one level or in several.

    Empty ones are no code, and told by `ill_formed`.
    """
    seen: dict[str, list[tuple[Level, int]]] = {}
    for level in draft.levels:
        for row, code in enumerate(draft.layers[level].codes.tolist()):
            seen.setdefault(code, []).append((level, row))
    for code, places in seen.items():
        if len(places) == 1 or not code:
            continue
        level, row = places[-1]
        levels = sorted({one for one, _ in places}, key=lambda one: one.depth)
        where = "" if len(levels) == 1 else f", as {' and as '.join(levels)}"
        detail = f"{len(places)} times{where}"
        yield _finding(Kind.DUPLICATE, draft.layers[level], row, detail=detail)


def orphans(above: Layer, layer: Layer) -> Iterator[Finding]:
    """Yield the areas whose parent is not among those of the next coarser level."""
    for row in np.flatnonzero(~np.isin(layer.parents, above.codes)):
        parent = str(layer.parents[row])
        detail = f": {parent} is no {above.level} of it" if parent else ""
        yield _finding(Kind.ORPHAN, layer, int(row), detail=detail)


def _finding(kind: Kind, layer: Layer, row: int, *others: str, detail: str = "") -> Finding:
    codes_named = (str(layer.codes[row]), *others)
    return Finding(kind, layer.level, codes_named, 0.0, layer.geometries[row], detail=detail)
