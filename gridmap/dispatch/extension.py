"""Policies that build on others: a document that names only what differs, made whole."""

from collections.abc import Mapping
from typing import Any

from gridmap.dispatch.errors import PolicyCycleError, PolicyDataError

Document = Mapping[str, Any]


def whole(document: Document, known: Mapping[str, Document], *, source: str) -> dict[str, Any]:
    """Return a document with all that it takes over from the one that it ``extends``.

    Tables are laid over each other key by key; lists, the rules above all, are replaced whole.
    ``known`` are the other documents by version.

    Raises
    ------
    PolicyCycleError
        It extends itself, whatever way round.
    PolicyDataError
        It extends a version that is not known.
    """
    line = [document]
    while base := line[-1].get("extends"):
        versions = [str(one.get("version")) for one in line]
        if base in versions:
            why = f"the policies extend each other in a circle: {' -> '.join([*versions, base])}"
            raise PolicyCycleError(source, "extends", why)
        if not isinstance(base, str) or base not in known:
            have = ", ".join(sorted(known)) or "none"
            raise PolicyDataError(source, "extends", f"no policy {base!r}; known: {have}")
        line.append(known[base])
    made: dict[str, Any] = {}
    for one in reversed(line):
        made = _laid_over(made, one)
    return {key: value for key, value in made.items() if key != "extends"}


def _laid_over(below: Document, above: Document) -> dict[str, Any]:
    made = dict(below)
    for key, value in above.items():
        under = made.get(key)
        both = isinstance(under, Mapping) and isinstance(value, Mapping)
        made[key] = _laid_over(under, value) if both and under is not None else value
    return made
