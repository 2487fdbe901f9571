"""The story of a case, with the names that the reference knows now."""

from collections.abc import Mapping

from gridmap.dispatch.narration import Narrator
from gridmap.dispatch.record import CaseRecord
from gridmap.errors import UnknownAreaError
from gridmap.resolution import Reference


def narrator(record: CaseRecord, reference: Reference, names: Mapping[str, str]) -> Narrator:
    """Return who tells a case; what has no name any more goes by its code."""

    def area_name(code: str) -> str:
        try:
            return reference.index.release.area(code).name
        except UnknownAreaError:
            return code

    def unit_name(unit_id: str) -> str:
        unit = reference.directory.find(unit_id)
        return unit.name if unit else unit_id

    return Narrator(record, reference.catalogue, names, area_name, unit_name)
