"""The chain of a case's events: each holds the hash of the one before, so that none can change.

What people wrote is in the chain by a salted digest only. When it is erased the salt goes with it:
the chain still holds, and the words cannot be guessed back.

References
----------
.. [1] Schneier, Kelsey (1999), Secure Audit Logs to Support Computer Forensics, section 3.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from gridmap.dispatch.event import Event
from gridmap.dispatch.journal import Entry

GENESIS = bytes(32)  # before the first event of a case, and before the first anchor


def texts_digest(texts: Mapping[str, str], salt: bytes) -> bytes:
    """Return the digest under which an event's texts stand in its chain."""
    return hashlib.sha256(salt + _canonical(dict(texts))).digest()


def link(
    previous: bytes, *, case: str, seq: int, event: Event | Entry, texts: bytes | None
) -> bytes:
    """Return the hash of an event on top of the one before it.

    ``case`` is the id of the case, or of the entry's subject; ``texts`` the digest of what was
    written in the event, if anything.
    """
    body = {
        "case": case,
        "seq": seq,
        "kind": event.kind.value,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "account": event.by.account,
        "role": event.by.role.value if event.by.role else None,
        "unit": event.by.unit,
        "data": dict(event.data),
        "texts": texts.hex() if texts else None,
    }
    return hashlib.sha256(previous + _canonical(body)).digest()


def anchor(previous: bytes, heads: Mapping[str, tuple[int, bytes]]) -> bytes:
    """Return the hash of an anchor: the heads (version, hash) of cases by id, over the last one."""
    body = {case: [version, head.hex()] for case, (version, head) in heads.items()}
    return hashlib.sha256(previous + _canonical(body)).digest()


def _canonical(value: Any) -> bytes:
    """One spelling for equal JSON, also after a database has kept it as numbers of its own."""
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.encode("ascii")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) + 0.0  # 1 and 1.0 are one number to PostgreSQL, and so are 0.0 and -0.0
    return value
