"""One table of a TOML file, read key by key, with errors that name file, key and reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from gridmap.errors import DefinitionError

Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass
class TomlTable:
    """A table whose keys are asked for one by one; `finished` refuses those nobody asked for."""

    path: str
    key: str
    values: Mapping[str, Any]
    asked: set[str] = field(default_factory=set)

    def has(self, key: str) -> bool:
        return key in self.values

    def wrong(self, key: str, why: str) -> DefinitionError:
        """Return the error about one key of this table."""
        return DefinitionError(path=self.path, key=self._full(key), why=why)

    def text(self, key: str) -> str:
        """Return a text that must be there and not be empty."""
        found = self.optional(key, str)
        if found is None:
            raise self.wrong(key, "it is missing")
        return found

    def optional(self, key: str, kind: type[Value]) -> Value | None:
        """Return a value of one type, ``None`` when absent; whole numbers pass for floats."""
        self.asked.add(key)
        if key not in self.values:
            return None
        found = self.values[key]
        if kind is float and type(found) is int:
            found = float(found)
        if type(found) is not kind:
            raise self.wrong(key, f"it must be a {kind.__name__}, not {found!r}")
        if found == "":
            raise self.wrong(key, "it must not be empty")
        value: Value = found
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty when absent."""
        found = self.optional(key, list) or []
        if not all(isinstance(one, str) for one in found):
            raise self.wrong(key, "it must be a list of texts")
        return tuple(found)

    def choice(self, key: str, choices: type[Choice]) -> Choice:
        """Return one member of an enumeration by its value."""
        found = self.text(key)
        try:
            return choices(found)
        except ValueError as error:
            allowed = ", ".join(choices)
            raise self.wrong(key, f"it must be one of {allowed}, not {found!r}") from error

    def table(self, key: str) -> "TomlTable":
        """Return a table inside this one that must be there."""
        self.asked.add(key)
        found = self.values.get(key)
        if not isinstance(found, dict):
            raise self.wrong(key, "it must be a table" if self.has(key) else "it is missing")
        return TomlTable(path=self.path, key=self._full(key), values=found)

    def tables(self, key: str) -> tuple["TomlTable", ...]:
        """Return an array of tables, empty when absent."""
        found = self.optional(key, list) or []
        if not all(isinstance(one, dict) for one in found):
            raise self.wrong(key, "it must be an array of tables")
        return tuple(
            TomlTable(path=self.path, key=f"{self._full(key)}[{row}]", values=one)
            for row, one in enumerate(found)
        )

    def all_texts(self) -> dict[str, str]:
        """Return every key of this table, each of them a text."""
        return {key: self.text(key) for key in self.values}

    def finished(self, result: Value) -> Value:
        """Return ``result``, when every key of the table was asked for."""
        if unknown := sorted(set(self.values) - self.asked):
            raise self.wrong(unknown[0], "this key is not known; see docs/definition.md")
        return result

    def _full(self, key: str) -> str:
        return ".".join(part for part in (self.key, key) if part)
