"""Bars on long work: on standard error, and only where a person looks."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")


def tracked(items: Iterable[Item], *, saying: str, total: float | None = None) -> Iterator[Item]:
    """Yield the items while a bar fills; nothing is shown where standard error is no terminal."""
    console = Console(stderr=True)
    yield from track(
        items, description=saying, total=total, console=console, disable=not console.is_terminal
    )
