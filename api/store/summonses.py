"""Every summons as it stands, in a row of its own, for the queues of units and the figures."""

from typing import Any

from sqlalchemy import bindparam, insert, update

from api.store.engine import Connection
from api.store.tables import summons as table
from gridmap.dispatch.arrival import ArrivalVerdict
from gridmap.dispatch.record import CaseRecord
from gridmap.dispatch.summons import Stage, Summons
from gridmap.dispatch.whistle import Whistle


async def bring(connection: Connection, before: CaseRecord, after: CaseRecord) -> None:
    """Bring the rows of a case's summons from how they stood to how they stand now."""
    known, now = _rows(before), _rows(after)
    new = [row for key, row in now.items() if key not in known]
    changed = [row for key, row in now.items() if key in known and row != known[key]]
    if new:
        await connection.execute(insert(table), new)
    if changed:
        keys = (table.c.case_id == bindparam("of_case"), table.c.id == bindparam("of_summons"))
        rows = [row | {"of_case": row["case_id"], "of_summons": row["id"]} for row in changed]
        await connection.execute(update(table).where(*keys), rows)


def _rows(record: CaseRecord) -> dict[str, dict[str, Any]]:
    return {
        summons.id: {"case_id": record.id, **_row(summons, whistle)}
        for whistle in record.case.whistles
        for summons in whistle.summons
        if not whistle.is_pending and whistle.sent_back_at is None
    }


def _row(summons: Summons, whistle: Whistle) -> dict[str, Any]:
    wrong = [one for one in summons.arrivals if one.verdict is ArrivalVerdict.WRONG_PLACE]
    return {
        "id": summons.id,
        "whistle": whistle.id,
        "whistle_kind": whistle.kind,
        "convener": whistle.convener,
        "unit_id": summons.unit.id,
        "unit_kind": summons.unit.kind,
        "unit_area": summons.unit.area_code,
        "role": summons.role.value,
        "state": summons.state.value,
        "called_at": summons.called_at,
        "respond_by": summons.due.get(Stage.RESPOND),
        "arrive_by": summons.due.get(Stage.ARRIVE),
        "finish_by": summons.due.get(Stage.FINISH),
        "responded_at": summons.responded_at,
        "arrived_at": summons.arrived_at,
        "finished_at": summons.finished_at,
        "next_due_at": summons.next_due_at,
        "left_early": summons.left_early,
        "wrong_places": len(wrong),
        "score": summons.evaluation.score if summons.evaluation else None,
    }
