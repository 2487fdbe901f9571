"""CSV and TSV in chunks. All columns are text, and stay the text they are: 007 stays 007."""

import codecs
import csv
import io
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from gridmap.errors import TableColumnError, TableEncodingError, UnreadableTableError
from gridmap.tables.positions import of_columns
from gridmap.tables.stated import agreed
from gridmap.tables.table import STANDARD, Chunk, Refused, Source, Table

# Bytes that are parsed together, some 40,000 rows; a few blocks are in memory at a time. No row
# may be longer.
_BLOCK = 1 << 21

# What is looked at before anything is parsed, to see whether the declared encoding fits.
_HEAD = 1 << 16

# Declared name -> codec. GB 18030 holds GBK and GB 2312, and every character that there is.
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8-sig",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "gb2312": "gb18030",
}


def codec(source: Source) -> str:
    """Return the codec of a declared encoding."""
    try:
        return ENCODINGS[source.encoding.lower().replace("utf8", "utf-8").replace("_", "-")]
    except KeyError:
        known = f"gridmap reads {', '.join(ENCODINGS)}"
        raise TableEncodingError(source.name, "a text that gridmap knows", known) from None


def delimiter(path: str, given: str | None) -> str:
    """Return the delimiter of a text table: the given one, or by the suffix.

    Raises
    ------
    UnreadableTableError
        It is not one character.
    """
    if given is None:
        return "\t" if ".tsv" in Path(path).name.lower() else ","
    split = {"\\t": "\t", "tab": "\t"}.get(given, given)
    if len(split) != 1 or not split.isascii() or split in '"\r\n':
        why = f"{given!r} cannot be a delimiter; give one character, for example ; or \\t"
        raise UnreadableTableError(path, why)
    return split


@contextmanager
def opened(source: Source) -> Iterator[Table]:
    """Open a text table; its columns are strings, null where a field is empty.

    Raises
    ------
    UnreadableTableError, TableEncodingError, TableColumnError, CrsError
        Before the first chunk where possible; a wrong encoding further down during a chunk.
    """
    crs = agreed(source, None)
    ragged = _Ragged()
    with ExitStack() as stack:
        with _explained(source):
            reader = stack.enter_context(_reader(source, _feed(source, stack), ragged))
        x, y = _coordinates(source, reader.schema.names)

        def chunks() -> Iterator[Chunk]:
            first_row = 1
            for rows, bad in ragged.put_back(_batches(source, reader), reader.schema):
                lnglat, refused = of_columns(rows, x, y, crs=crs, first_row=first_row)
                lnglat[list(bad)] = np.nan
                kept = (one for one in refused if one.row - first_row not in bad)
                told = (Refused(first_row + at, "", *what) for at, what in bad.items())
                every = tuple(sorted([*kept, *told], key=lambda one: one.row))
                yield Chunk(first_row, rows, lnglat, every)
                first_row += len(rows)

        yield Table(reader.schema, chunks())


def _feed(source: Source, stack: ExitStack) -> io.RawIOBase | io.BytesIO:
    """Return the bytes of a table, decompressed, once its beginning has been looked at."""
    if source.path == STANDARD:
        stream: Any = sys.stdin.buffer
    else:
        stream = stack.enter_context(pa.input_stream(source.path, compression="detect"))
    head = stream.read(_HEAD)
    if not head.strip():
        raise UnreadableTableError(source.name, "it is empty; it needs a header with column names")
    try:
        codecs.getincrementaldecoder(codec(source))("strict").decode(head, len(head) < _HEAD)
    except UnicodeDecodeError as error:
        raise _misread(source, head, error) from error
    if len(head) == _HEAD:
        return _Resumed(head, stream)
    return io.BytesIO(head if head.endswith(b"\n") else head + b"\n")


class _Resumed(io.RawIOBase):
    """A stream of which the head has been read, from its beginning."""

    def __init__(self, head: bytes, stream: Any) -> None:
        super().__init__()
        self._head, self._stream = head, stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._head:
            end = len(self._head) if size < 0 else size
            head, self._head = self._head[:end], self._head[end:]
            return head
        return bytes(self._stream.read(size if size >= 0 else None))


def _misread(source: Source, head: bytes, error: Exception) -> TableEncodingError:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        hint = "it is UTF-16; save it as UTF-8 (in Excel: CSV UTF-8)"
    else:
        others = dict.fromkeys(one for one in ("utf-8", "gbk") if one != source.encoding)
        fitting = [one for one in others if _fits(head, ENCODINGS[one])]
        hint = f"nor in another we know ({error})"
        if fitting:
            hint = f"try {source.option('encoding')} {fitting[0]}"
    return TableEncodingError(source.name, source.encoding, hint)


def _fits(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _reader(source: Source, feed: Any, ragged: "_Ragged") -> pyarrow.csv.CSVStreamingReader:
    encoding = codec(source)
    split = delimiter(source.path, source.delimiter)
    ragged.delimiter = split
    return pyarrow.csv.open_csv(
        feed,
        # Without threads, so that ragged rows have numbers.
        pyarrow.csv.ReadOptions(
            block_size=_BLOCK,
            use_threads=False,
            encoding="utf8" if encoding.startswith("utf-8") else encoding,
        ),
        pyarrow.csv.ParseOptions(
            delimiter=split, newlines_in_values=True, invalid_row_handler=ragged.keep
        ),
        pyarrow.csv.ConvertOptions(
            default_column_type=pa.string(),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
        ),
    )


def _batches(source: Source, reader: pyarrow.csv.CSVStreamingReader) -> Iterator[pa.RecordBatch]:
    with _explained(source):
        yield from reader


@contextmanager
def _explained(source: Source) -> Iterator[None]:
    """Tell what pyarrow says of a file in the words of its owner."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise _misread(source, error.object, error) from error
    except FileNotFoundError as error:
        raise UnreadableTableError(source.name, "there is no such file") from error
    except (pa.ArrowInvalid, OSError) as error:
        what = str(error).partition("\n")[0]
        if "UTF8" in what:
            hint = f"try {source.option('encoding')} gbk"
            raise TableEncodingError(source.name, source.encoding, hint) from error
        if "straddling" in what:
            what = f"a row is far longer than {_BLOCK >> 20} MB; is a quote never closed?"
        raise UnreadableTableError(source.name, what) from error


def _coordinates(source: Source, names: list[str]) -> tuple[str, str]:
    """Return the columns of the coordinates; refuse a header that cannot be meant so."""
    for name in names:
        if names.count(name) > 1:
            why = "it stands twice in the header; rename one"
            raise TableColumnError(source.name, name, why)
    x, y = source.x or "lng", source.y or "lat"
    for name in (x, y):
        if name not in names:
            there = ", ".join(names)
            why = f"it is not there, only {there}; name the columns with --x and --y"
            if len(names) == 1:
                why += ", or the delimiter with --delimiter"
            raise TableColumnError(source.name, name, why)
    return x, y


def _fields(text: str, split: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=split), [])
    except csv.Error:  # a field of more than 128 KB
        return []


Ragged = dict[int, tuple[str, str]]  # place in the batch -> (text, what is wrong)


@dataclass
class _Ragged:
    """Rows with too few or too many fields: pyarrow leaves them out, we put them back."""

    delimiter: str = ","
    waiting: deque[tuple[int, int, int, str]] = field(default_factory=deque)

    def keep(self, row: Any) -> str:
        # The header is number 1.
        self.waiting.append((row.number - 2, row.expected_columns, row.actual_columns, row.text))
        return "skip"

    def put_back(
        self, batches: Iterator[pa.RecordBatch], schema: pa.Schema
    ) -> Iterator[tuple[pa.RecordBatch, Ragged]]:
        """Yield the batches with the ragged rows that lie before the last row of each."""
        start = 0
        for batch in batches:
            bad: Ragged = {}
            while self.waiting and self.waiting[0][0] < start + len(batch) + len(bad):
                at = self.waiting[0][0] - start
                bad[at] = self._next()
            whole = self._merged(batch, bad)
            yield whole, bad
            start += len(whole)
        left: Ragged = {}
        while self.waiting:
            left[len(left)] = self._next()
        if left:
            yield self._merged(pa.RecordBatch.from_pylist([], schema), left), left

    def _next(self) -> tuple[str, str]:
        _, expected, actual, text = self.waiting.popleft()
        if text.count('"') % 2:
            why = "a quote is opened and not closed: it takes the lines after it with it"
        else:
            why = f"it has {actual} fields, the header {expected}; quote fields with a delimiter"
        return text, why

    def _merged(self, batch: pa.RecordBatch, bad: Ragged) -> pa.RecordBatch:
        """Return the batch with the fields of ragged rows at their places, as far as they go."""
        if not bad:
            return batch
        schema = batch.schema
        lines = [_fields(text, self.delimiter) for text, _ in bad.values()]
        fields = [
            pa.array([line[at] if at < len(line) else None for line in lines], pa.string())
            for at in range(len(schema))
        ]
        order = np.empty(len(batch) + len(bad), dtype=np.int64)
        is_bad = np.zeros(len(order), dtype=bool)
        is_bad[list(bad)] = True
        order[~is_bad] = np.arange(len(batch))
        order[is_bad] = len(batch) + np.arange(len(bad))
        both = [batch, pa.RecordBatch.from_arrays(fields, schema=schema)]
        return pa.Table.from_batches(both).take(order).combine_chunks().to_batches()[0]
