"""Several things at the same instant."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

Result = TypeVar("Result")

TOGETHER_S = 30.0


def at_once(*actions: Callable[[], Result]) -> list[Result]:
    """Do all actions at the same instant, each in a thread, and return what each returned."""
    start = Barrier(len(actions))

    def act(action: Callable[[], Result]) -> Result:
        start.wait(TOGETHER_S)
        return action()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(act, actions))
