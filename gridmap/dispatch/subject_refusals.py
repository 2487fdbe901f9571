"""What a ledger, a task, an obligation, an operation or a score does not allow."""

from dataclasses import dataclass
from typing import ClassVar

from gridmap.errors import GridmapError


@dataclass(eq=False)
class SubjectRightError(GridmapError, PermissionError):
    """An account may not do this with a ledger, a task, an operation, ..."""

    what: str
    id: str
    action: str
    message: ClassVar[str] = (
        "none of your roles allows {action!r} on {what} {id}; ask the unit whose it is, "
        "or an administrator for the role"
    )


@dataclass(eq=False)
class UnknownSubjectError(GridmapError, LookupError):
    what: str
    id: str
    message: ClassVar[str] = "there is no {what} {id}, or none that you see"


@dataclass(eq=False)
class SubjectStateError(GridmapError):
    what: str
    id: str
    why: str
    message: ClassVar[str] = "{what} {id}: {why}"


@dataclass(eq=False)
class SubjectValueError(GridmapError, ValueError):
    what: str
    where: str
    why: str
    message: ClassVar[str] = "{what}: {where}: {why}"


@dataclass(eq=False)
class TargetTableError(GridmapError, ValueError):
    """A table of targets is wrong; ``where`` names the row."""

    table: str
    where: str
    column: str
    why: str
    message: ClassVar[str] = "{table}: {where}, column {column!r}: {why}"
