"""Write TOML: what a definition needs of it, as text that `tomllib` reads back equal."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any


def text(values: Mapping[str, Any], *, under: str = "") -> str:
    """Return a table as TOML; inner tables follow under their own headers.

    Values are texts, numbers, booleans, dates, lists of texts, mappings, or lists of mappings
    (arrays of tables); those that are ``None`` or empty lists and mappings are left out.

    >>> print(text({"id": "two", "levels": {"city": {"basis": "mapped"}}}), end="")
    id = "two"
    <BLANKLINE>
    [levels.city]
    basis = "mapped"
    """
    plain = {key: one for key, one in values.items() if not _is_inner(one)}
    lines = [f"{_key(key)} = {_value(one)}" for key, one in plain.items() if one not in (None, [])]
    parts = ["\n".join(lines) + "\n"] if lines else []
    if under and lines:
        parts[0] = f"[{under}]\n{parts[0]}"
    for key, one in values.items():
        path = f"{under}.{_key(key)}" if under else _key(key)
        if isinstance(one, Mapping) and one:
            parts.append(text(one, under=path))
        elif _is_inner(one):
            parts += [_element(row, path) for row in one]
    return "\n".join(parts)


def _is_inner(value: Any) -> bool:
    """Whether a value stands under headers of its own: a mapping, or a list of them."""
    if isinstance(value, list | tuple):
        return any(isinstance(one, Mapping) for one in value)
    return isinstance(value, Mapping)


def _element(row: Mapping[str, Any], path: str) -> str:
    """Return one element of an array of tables, its inner tables below it."""
    plain = text({key: one for key, one in row.items() if not _is_inner(one)})
    inner = text({key: one for key, one in row.items() if _is_inner(one)}, under=path)
    return f"[[{path}]]\n{plain}" + (f"\n{inner}" if inner else "")


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
