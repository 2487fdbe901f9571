"""A catalogue from a parsed document (TOML, JSON, tables) and back, checked before it counts."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from enum import Enum, StrEnum
from typing import Any, TypeVar

from gridmap.dispatch.catalogue import (
    Catalogue,
    DepartmentKind,
    Family,
    Initiator,
    Item,
    Outcome,
    ProblemClass,
    Severity,
    WhistleKind,
)
from gridmap.dispatch.clock import Span
from gridmap.dispatch.clock_keys import with_spans, written
from gridmap.dispatch.errors import PolicyDataError
from gridmap.dispatch.step import Step
from gridmap.level import Level


class Shape(Enum):
    """How many values a key holds, and of what sort."""

    TEXT = "text"
    FLAG = "flag"
    TEXTS = "texts"
    PAIRS = "pairs"  # of text and text
    ROWS = "rows"  # tables of their own


@dataclass(frozen=True)
class Field:
    """One key of a row: what it holds, and how it is read, with `TypeError` or `ValueError`."""

    shape: Shape
    read: Callable[[Any], Any]


@dataclass(frozen=True)
class Section:
    """The rows of one type in a document; ``spans`` are keys with a unit in their ending."""

    name: str
    row_type: type
    fields: Mapping[str, Field]
    spans: tuple[str, ...] = ()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"it must be a text, not {value!r}")
    # Neither PostgreSQL nor one line of a table could hold them.
    if any(unicodedata.category(one) in {"Cc", "Cs"} for one in value):
        raise ValueError(f"{value!r} holds a control character; write it in one plain line")
    return value


def _stated(value: Any) -> str:
    text = _text(value)
    if text == "" or text != text.strip():
        raise ValueError(f"{text!r} is empty or has blanks around it")
    return text


def _code(value: Any) -> str:
    text = _stated(value)
    if not all(one.isalnum() or one in "_-." for one in text):
        raise ValueError(f"{text!r} is no code; use letters, digits, hyphens and underscores")
    return text


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"it must be true or false, not {value!r}")
    return value


_Choice = TypeVar("_Choice", bound=StrEnum)


def _one_of(choices: type[_Choice]) -> Callable[[Any], _Choice]:
    def read(value: Any) -> _Choice:
        if not isinstance(value, str) or value not in set(choices):
            raise ValueError(f"it must be one of {', '.join(choices)}, not {value!r}")
        return choices(value)

    return read


def _many(read: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    def read_all(value: Any) -> tuple[Any, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise TypeError(f"it must be a list, not {value!r}")
        found = tuple(read(one) for one in value)
        if len(set(found)) < len(found):
            raise ValueError("something stands twice in it")
        return found

    return read_all


def _path(value: Any) -> tuple[Step, ...]:
    """The steps after 吹哨: later ones only and each after the one before, so without a cycle."""
    found = _many(_one_of(Step))(value)
    order = [list(Step).index(step) for step in found]
    if not found or found[-1] is not Step.FEEDBACK:
        raise ValueError("a path must end in feedback: who reported it is told how it ended")
    if Step.REPORTING_IN not in found:
        raise ValueError("a path must hold reporting_in: a whistle calls somebody")
    if order != sorted(order) or order[0] <= list(Step).index(Step.WHISTLE):
        raise ValueError(
            "a path goes on in the order of the seven steps, from the whistle and not back"
        )
    return found


def _powers(value: Any) -> dict[Level, str]:
    if not isinstance(value, Mapping):
        raise TypeError(f"it must be a table of level and kind, not {value!r}")
    return {_one_of(Level)(level): _code(kind) for level, kind in value.items()}


def _outcomes(value: Any) -> tuple[Outcome, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"it must be a list of tables, not {value!r}")
    found = tuple(_outcome(row) for row in value)
    if len({one.code for one in found}) < len(found):
        raise ValueError("the code of an outcome stands twice")
    return found


def _outcome(row: Any) -> Outcome:
    if not isinstance(row, Mapping) or set(row) != {"code", "name", "name_en"}:
        raise ValueError(f"an outcome has code, name and name_en, not {row!r}")
    return Outcome(_code(row["code"]), _stated(row["name"]), _stated(row["name_en"]))


_CODE = Field(Shape.TEXT, _code)
_NAMES = {
    "code": _CODE,
    "name": Field(Shape.TEXT, _stated),
    "name_en": Field(Shape.TEXT, _stated),
}
_CODES = Field(Shape.TEXTS, _many(_code))

SECTIONS = (
    Section("department_kinds", DepartmentKind, _NAMES | {"handed_down_to": _CODE}),
    Section(
        "whistle_kinds",
        WhistleKind,
        _NAMES
        | {
            "family": Field(Shape.TEXT, _one_of(Family)),
            "theme": Field(Shape.TEXT, _text),
            "path": Field(Shape.TEXTS, _path),
            "initiators": Field(Shape.TEXTS, _many(_one_of(Initiator))),
            "outcomes": Field(Shape.ROWS, _outcomes),
            "automatic": Field(Shape.FLAG, _flag),
            "confidential": Field(Shape.FLAG, _flag),
            "next": _CODES,
        },
        spans=("respond", "arrive", "finish"),
    ),
    Section("classes", ProblemClass, _NAMES | {"kind": _CODE}),
    Section(
        "items",
        Item,
        _NAMES
        | {
            "class_code": _CODE,
            "lead_kind": _CODE,
            "assisting_kinds": _CODES,
            "power_levels": Field(Shape.TEXTS, _many(_one_of(Level))),
            "powers": Field(Shape.PAIRS, _powers),
            "whistle_kind": _CODE,
            "severity": Field(Shape.TEXT, _one_of(Severity)),
            "legal_basis": Field(Shape.TEXT, _stated),
            "evidence": Field(Shape.TEXTS, _many(_stated)),
            "jurisdiction_level": Field(Shape.TEXT, _one_of(Level)),
        },
        spans=("analysis",),
    ),
)
HEAD = ("version", "title", "sample")

# Where a row stands, for errors: the section's name, the row's number from 1, its code if any.
Place = Callable[[str, int, str], str]


def _in_document(section: str, number: int, code: str) -> str:
    return f"{section}[{number}] {code}".rstrip()


def catalogue(
    document: Mapping[str, Any], *, source: str, place: Place = _in_document
) -> Catalogue:
    """Build a catalogue from a parsed document; ``source`` and ``place`` name the spot in errors.

    Raises
    ------
    PolicyDataError
        A key is missing, unknown or no such value, a code stands twice, or a reference leads
        nowhere.
    """
    if unknown := set(document) - {*HEAD, *(section.name for section in SECTIONS)}:
        raise PolicyDataError(source, "document", f"unknown keys {sorted(unknown)}")
    rows = {section.name: _rows(section, document, source, place) for section in SECTIONS}
    found = Catalogue(
        version=_head(document, "version", _code, source),
        title=_head(document, "title", _stated, source),
        sample=_flag_of(document, source),
        **rows,
    )
    _check(found, source, place)
    return found


def _head(document: Mapping[str, Any], key: str, read: Callable[[Any], str], source: str) -> str:
    if key not in document:
        raise PolicyDataError(source, key, "it is missing")
    try:
        return read(document[key])
    except (TypeError, ValueError) as error:
        raise PolicyDataError(source, key, str(error)) from error


def _flag_of(document: Mapping[str, Any], source: str) -> bool:
    try:
        return _flag(document.get("sample", False))
    except (TypeError, ValueError) as error:
        raise PolicyDataError(source, "sample", str(error)) from error


def _rows(
    section: Section, document: Mapping[str, Any], source: str, place: Place
) -> dict[str, Any]:
    given = document.get(section.name, ())
    if isinstance(given, str | Mapping) or not all(isinstance(row, Mapping) for row in given):
        raise PolicyDataError(source, section.name, "it must be a list of tables")
    found: dict[str, Any] = {}
    for number, row in enumerate(given, start=1):
        where = place(section.name, number, str(row.get("code", "")))
        entry = _row(section, row, source, where)
        if entry.code in found:
            raise PolicyDataError(source, where, "the code stands twice")
        found[entry.code] = entry
    return found


def _row(section: Section, row: Mapping[str, Any], source: str, where: str) -> Any:
    values = with_spans(row, section.spans, source=source, where=where)
    if unknown := set(values) - set(section.fields) - set(section.spans):
        raise PolicyDataError(source, where, f"unknown keys {sorted(unknown)}")
    if missing := _required(section) - _lists(section) - set(values):
        raise PolicyDataError(source, where, f"{', '.join(sorted(missing))}: missing")
    for key, value in values.items():
        if key in section.fields:
            try:
                values[key] = section.fields[key].read(value)
            except (TypeError, ValueError) as error:
                raise PolicyDataError(source, where, f"{key}: {error}") from error
    empty = dict.fromkeys(_lists(section), ())
    return section.row_type(**(empty | values))


def _lists(section: Section) -> set[str]:
    """The required keys that hold lists: one left out is empty, as no table can tell the two."""
    texts = {key for key, one in section.fields.items() if one.shape is Shape.TEXTS}
    return texts & _required(section)


def _required(section: Section) -> set[str]:
    return {
        field.name
        for field in fields(section.row_type)
        if field.default is MISSING and field.default_factory is MISSING
    }


def _check(found: Catalogue, source: str, place: Place) -> None:
    """Refuse references that lead nowhere, and powers at levels where there is none."""
    for section in SECTIONS:
        for number, row in enumerate(getattr(found, section.name).values(), start=1):
            for key, codes, known in _references(row, found):
                for code in codes:
                    if code not in known:
                        where = place(section.name, number, row.code)
                        raise PolicyDataError(source, where, f"{key}: no {_WORDS[key]} {code!r}")
    for n, item in enumerate(found.items.values(), start=1):
        if powerless := set(item.powers) - set(item.power_levels):
            why = f"powers: {', '.join(sorted(powerless))} is not among power_levels"
            raise PolicyDataError(source, place("items", n, item.code), why)
    for n, kind in enumerate(found.whistle_kinds.values(), start=1):
        if (kind.family is Family.THEME) != bool(kind.theme):
            why = "theme: a whistle of the family theme says which, and no other does"
            raise PolicyDataError(source, place("whistle_kinds", n, kind.code), why)


def _references(
    row: Any, found: Catalogue
) -> Iterator[tuple[str, Iterable[str], Mapping[str, Any]]]:
    match row:
        case DepartmentKind(handed_down_to=str(kind)):
            yield "handed_down_to", [kind], found.department_kinds
        case WhistleKind():
            yield "next", row.next, found.whistle_kinds
        case Item():
            yield "lead_kind", [row.lead_kind], found.department_kinds
            yield "assisting_kinds", row.assisting_kinds, found.department_kinds
            yield "powers", row.powers.values(), found.department_kinds
            yield "whistle_kind", [row.whistle_kind], found.whistle_kinds
            yield "class_code", [row.class_code], found.classes


_WORDS = {
    "handed_down_to": "department kind",
    "next": "whistle",
    "lead_kind": "department kind",
    "assisting_kinds": "department kind",
    "powers": "department kind",
    "whistle_kind": "whistle",
    "class_code": "class",
}


def document(found: Catalogue) -> dict[str, Any]:
    """Return a catalogue as plain values, defaults left out: the inverse of `catalogue`."""
    values: dict[str, Any] = {key: getattr(found, key) for key in HEAD}
    for section in SECTIONS:
        if rows := getattr(found, section.name):
            values[section.name] = [_document_row(section, row) for row in rows.values()]
    return values


def _document_row(section: Section, row: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields(section.row_type):
        value = getattr(row, field.name)
        default = field.default_factory() if callable(field.default_factory) else field.default
        if value in (default, ()):
            continue
        if isinstance(value, Span):
            values |= written(field.name, value)
        else:
            values[field.name] = _plain(value)
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {_plain(key): _plain(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Outcome):
        return vars(value).copy()
    return value
