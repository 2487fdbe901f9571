"""Bars on long work: on standard error, and only where a person looks."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, track

Item = TypeVar("Item")


def tracked(items: Iterable[Item], *, saying: str, total: float | None = None) -> Iterator[Item]:
    """Yield the items while a bar fills; nothing is shown where standard error is no terminal."""
    console = Console(stderr=True)
    yield from track(
        items, description=saying, total=total, console=console, disable=not console.is_terminal
    )


class Bar:
    """A bar of rows: how many are done, how many a second, and how many there are."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def advance(self, rows: int) -> None:
        self._progress.advance(self._task, rows)
        speed = self._progress.tasks[0].speed
        self._progress.update(self._task, rate=f"{speed:,.0f} rows/s" if speed else "")

    def expect(self, total: int | None) -> None:
        self._progress.update(self._task, total=total)


@contextmanager
def counting(saying: str) -> Iterator[Bar]:
    """Yield a bar of rows; nothing is shown where standard error is no terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} rows"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield Bar(progress, progress.add_task(saying, total=None, rate=""))


@contextmanager
def working(saying: str) -> Iterator[None]:
    """Show that work goes on whose length is not known; nothing where no person looks."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(saying):
        yield
