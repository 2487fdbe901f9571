"""Rows of a register kept as CSV in UTF-8: each with its line, every cell stripped."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from gridmap.dispatch.errors import PolicyDataError


def read(
    path: Path, columns: Collection[str], *, optional: Collection[str] = ()
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield where a row stands, in words, and its cells by column.

    A column that is ``optional`` and not in the file has empty cells.

    Raises
    ------
    PolicyDataError
        The file cannot be read, or its columns are others; the error names the line.
    """
    reader = csv.DictReader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        given = [column.strip() for column in reader.fieldnames or ()]
        _refuse_columns(given, columns, optional, str(path))
        reader.fieldnames = given
        for row in reader:
            where = f"line {reader.line_num}"
            if None in row or None in row.values():
                raise PolicyDataError(str(path), where, f"it must have {len(given)} cells")
            yield where, dict.fromkeys(optional, "") | {key: row[key].strip() for key in given}
    except csv.Error as error:
        raise PolicyDataError(str(path), f"line {reader.line_num}", str(error)) from error


def text(columns: Collection[str], rows: Iterator[Mapping[str, str]]) -> str:
    """Return rows as CSV with a header (RFC 4180)."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _text(path: Path) -> str:
    try:
        content = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PolicyDataError(str(path), "file", f"it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PolicyDataError(str(path), "file", f"it is not UTF-8: {error}") from error
    if "\x00" in content:
        line = content[: content.index("\x00")].count("\n") + 1
        raise PolicyDataError(str(path), f"line {line}", "it holds the NUL character")
    return content


def _refuse_columns(
    given: list[str], columns: Collection[str], optional: Collection[str], source: str
) -> None:
    known = {*columns, *optional}
    if set(columns) <= set(given) <= known and len(set(given)) == len(given):
        return
    may = f", and may be {', '.join(optional)}" if optional else ""
    why = f"the columns must be {', '.join(columns)}{may}, each once"
    raise PolicyDataError(source, "line 1", why)
