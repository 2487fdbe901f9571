"""Write TOML: what a definition needs of it, as text that `tomllib` reads back equal."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any


def text(values: Mapping[str, Any], *, under: str = "") -> str:
    """Return a table as TOML; inner tables follow under their own headers.

    Values are texts, numbers, booleans, dates, lists of texts, or mappings; those that are
    ``None`` or empty lists and mappings are left out.

    >>> print(text({"id": "two", "levels": {"city": {"basis": "mapped"}}}), end="")
    id = "two"
    <BLANKLINE>
    [levels.city]
    basis = "mapped"
    """
    plain = {key: one for key, one in values.items() if not isinstance(one, Mapping)}
    lines = [f"{_key(key)} = {_value(one)}" for key, one in plain.items() if one not in (None, [])]
    parts = ["\n".join(lines) + "\n"] if lines else []
    if under and lines:
        parts[0] = f"[{under}]\n{parts[0]}"
    for key, one in values.items():
        if isinstance(one, Mapping) and one:
            parts.append(text(one, under=f"{under}.{_key(key)}" if under else _key(key)))
    return "\n".join(parts)


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if bare else _quoted(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _quoted(str(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_quoted(one) for one in value) + "]"
    return repr(value)


def _quoted(value: str) -> str:
    # JSON's escapes are TOML's, but for DEL, which TOML wants escaped too.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
