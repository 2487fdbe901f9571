"""Evidence of cases: texts, surveys of the line, and files by their hash."""

from typing import Any
from uuid import UUID

from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import RowMapping, insert, select, update

from api.store.engine import Connection
from api.store.tables import SRID, cases, evidence
from api.store.visibility import visible
from gridmap.dispatch.evidence import Evidence, EvidenceKind


async def add(connection: Connection, case_id: UUID, piece: Evidence) -> None:
    """Insert a piece of evidence under its case."""
    await connection.execute(
        insert(evidence).values(
            id=piece.id,
            case_id=case_id,
            kind=piece.kind.value,
            title=piece.title,
            text=piece.text,
            media_type=piece.media_type,
            sha256=bytes.fromhex(piece.sha256) if piece.sha256 else None,
            size=piece.size,
            geom=from_shape(piece.geometry, srid=SRID) if piece.geometry else None,
            surveyed_on=piece.surveyed_on,
            surveyed_by=piece.surveyed_by,
            account=piece.account,
            unit=piece.unit,
            at=piece.at,
        )
    )


async def of_case(connection: Connection, case_id: UUID) -> list[Evidence]:
    """Return a case's evidence, the first first."""
    rows = await connection.execute(
        select(evidence)
        .join(cases, cases.c.id == evidence.c.case_id)
        .where(evidence.c.case_id == case_id, visible(connection))
        .order_by(evidence.c.at, evidence.c.id)
    )
    return [_piece(row) for row in rows.mappings()]


async def ids_of_case(connection: Connection, case_id: UUID) -> frozenset[UUID]:
    """Return the ids of a case's evidence."""
    rows = await connection.execute(
        select(evidence.c.id)
        .join(cases, cases.c.id == evidence.c.case_id)
        .where(evidence.c.case_id == case_id, visible(connection))
    )
    return frozenset(rows.scalars())


async def erase(connection: Connection, case_id: UUID, piece: UUID, *, at: Any) -> bool:
    """Erase what a piece of evidence says; that it was there stays. False: there was none."""
    done = await connection.execute(
        update(evidence)
        .where(
            evidence.c.case_id == case_id, evidence.c.id == piece, evidence.c.erased_at.is_(None)
        )
        .values(title=None, text=None, geom=None, surveyed_by=None, erased_at=at)
    )
    return bool(done.rowcount)


def _piece(row: RowMapping) -> Evidence:
    return Evidence(
        id=row["id"],
        kind=EvidenceKind(row["kind"]),
        title=row["title"] or "",
        text=row["text"] or "",
        media_type=row["media_type"],
        sha256=row["sha256"].hex() if row["sha256"] else None,
        size=row["size"],
        geometry=to_shape(row["geom"]) if row["geom"] is not None else None,
        surveyed_on=row["surveyed_on"],
        surveyed_by=row["surveyed_by"],
        account=row["account"],
        unit=row["unit"],
        at=row["at"],
        erased_at=row["erased_at"],
    )
