"""Agreements: the terms, and the events that tell where each stands."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import shapely
from geoalchemy2 import Geometry
from geoalchemy2.shape import from_shape, to_shape
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, RowMapping, func, insert, literal, select, text

from api.store.engine import Connection
from api.store.tables import SRID, agreement_events, agreements
from gridmap.dispatch.agreement import Agreement, Document, Hours
from gridmap.dispatch.signing import Registered, Signing, SigningKind
from gridmap.geo import LngLatBbox
from gridmap.place import Place, PlaceKind

_HOURS = TypeAdapter(tuple[Hours, ...])
_DOCUMENT = TypeAdapter(Document)


async def lock(connection: Connection) -> None:
    """Let changes of agreements take turns until the transaction ends.

    Two that overlap may be signed at the same moment: each must see the other. There are few.
    """
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('agreements', 0))")
    )


async def store(connection: Connection, registered: Registered) -> None:
    """Insert the terms of a new agreement with its first events."""
    terms = registered.agreement
    await connection.execute(
        insert(agreements).values(
            id=terms.id,
            title=terms.title,
            stretch=from_shape(terms.stretch.geometry, srid=SRID),
            stretch_kind=terms.stretch.kind.value,
            given_crs=terms.stretch.given_crs,
            reach_m=terms.reach_m,
            parties=list(terms.parties),
            lead_code=terms.lead,
            categories=list(terms.categories),
            hours=_HOURS.dump_python(terms.hours, mode="json"),
            document=_DOCUMENT.dump_python(terms.document, mode="json"),
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
        )
    )
    await append(connection, terms.id, registered.events, after=0)


async def append(
    connection: Connection, agreement_id: str, events: Iterable[Signing], *, after: int
) -> None:
    """Append events behind the ``after`` that there are."""
    rows = [
        {
            "agreement_id": agreement_id,
            "seq": seq,
            "kind": event.kind.value,
            "at": event.at,
            "actor": event.actor,
            "party": event.party,
            "reason": event.reason,
        }
        for seq, event in enumerate(events, start=after + 1)
    ]
    await connection.execute(insert(agreement_events), rows)


async def find(connection: Connection, agreement_id: str) -> Registered | None:
    """Return an agreement with its history; ``None`` when there is none."""
    found = await _registered(connection, agreements.c.id == agreement_id)
    return found[0] if found else None


async def registered(connection: Connection, box: LngLatBbox | None = None) -> list[Registered]:
    """Return all agreements, or those whose stretch may lie in a box, by id.

    Plan: with a box, index scan on ``ix_agreements_stretch``.
    """
    if box is None:
        return await _registered(connection, literal(value=True))
    shape = literal(from_shape(shapely.box(*box), srid=SRID), Geometry("GEOMETRY", srid=SRID))
    return await _registered(connection, agreements.c.stretch.op("&&")(shape))


async def version(connection: Connection) -> int:
    """Return what changes when any agreement does: how much has happened to them."""
    query = select(func.count()).select_from(agreement_events)
    return int(await connection.scalar(query) or 0)


async def _registered(connection: Connection, where: ColumnElement[bool]) -> list[Registered]:
    terms = await connection.execute(select(agreements).where(where).order_by(agreements.c.id))
    happened = await connection.execute(
        select(agreement_events)
        .join(agreements, agreements.c.id == agreement_events.c.agreement_id)
        .where(where)
        .order_by(agreement_events.c.agreement_id, agreement_events.c.seq)
    )
    by_agreement: dict[str, list[Signing]] = defaultdict(list)
    for row in happened.mappings():
        by_agreement[row["agreement_id"]].append(_signing(row))
    return [Registered(_agreement(row), tuple(by_agreement[row["id"]])) for row in terms.mappings()]


def _agreement(row: RowMapping) -> Agreement:
    stretch = Place(to_shape(row["stretch"]), PlaceKind(row["stretch_kind"]), row["given_crs"])
    return Agreement(
        id=row["id"],
        title=row["title"],
        stretch=stretch,
        reach_m=row["reach_m"],
        parties=tuple(row["parties"]),
        lead=row["lead_code"],
        document=_DOCUMENT.validate_python(row["document"]),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        categories=tuple(row["categories"]),
        hours=_HOURS.validate_python(row["hours"]),
    )


def _signing(row: RowMapping) -> Signing:
    kept: dict[str, Any] = {key: row[key] for key in ("at", "actor", "party", "reason")}
    return Signing(SigningKind(row["kind"]), **kept)
