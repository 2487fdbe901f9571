"""What happens beside cases, as it is kept: ledgers, tasks, obligations, operations, scores.

An entry is to its subject what an event is to its case, and is chained by the same functions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import shapely

from gridmap.dispatch.event import Signature
from gridmap.place import Place, PlaceKind


class SubjectKind(StrEnum):
    LEDGER = "ledger"  # 台账
    TASK = "task"  # 部门布置、街乡落实
    OBLIGATION = "obligation"  # 应当布置
    OPERATION = "operation"  # 专项行动
    SCORE = "score"  # 考核


class EntryKind(StrEnum):
    # 台账
    LEDGER_OPENED = "ledger_opened"
    TARGETS_ADDED = "targets_added"
    CASE_LINKED = "case_linked"  # a case works on a target
    STRUCK_OFF = "struck_off"  # 销账
    PUT_BACK = "put_back"
    # 部门布置、街乡落实
    ASSIGNED = "assigned"
    TASK_ACCEPTED = "task_accepted"
    PROOF_REPORTED = "proof_reported"
    PROOF_ACCEPTED = "proof_accepted"
    PROOF_RETURNED = "proof_returned"
    TASK_WITHDRAWN = "task_withdrawn"
    # 应当布置
    EXPECTED = "expected"
    MET = "met"
    EXPLAINED = "explained"
    EXEMPTED = "exempted"
    # 专项行动
    OPERATION_BEGUN = "operation_begun"
    TEAM_FORMED = "team_formed"  # 分指挥部
    MEMBERS_CHANGED = "members_changed"
    CASE_JOINED = "case_joined"
    OPERATION_ENDED = "operation_ended"
    # 考核
    SCORED = "scored"
    SCORE_CLOSED = "score_closed"


@dataclass(frozen=True)
class Entry:
    """One thing that happened to a subject.

    ``data`` is JSON without free text; what people wrote stands in ``texts``, kept apart so that
    it can be erased.
    """

    kind: EntryKind
    at: datetime
    by: Signature
    data: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def place_data(place: Place | None) -> dict[str, Any] | None:
    """Return a place as JSON; its geometry as WKT in EPSG:4490 that reads back the same."""
    if place is None:
        return None
    return {
        "wkt": shapely.to_wkt(place.geometry, rounding_precision=-1),
        "crs": place.given_crs,
        "accuracy_m": place.accuracy_m,
        "kind": place.kind.value,
    }


def place_from(data: Mapping[str, Any] | None) -> Place | None:
    """Return the place of `place_data`."""
    if data is None:
        return None
    shape = shapely.from_wkt(data["wkt"])
    return Place(shape, PlaceKind(data["kind"]), data["crs"], data["accuracy_m"])
