"""Time ways of doing the same thing, and print their ratios."""

import statistics
import time
from collections.abc import Callable, Mapping

RUNS = 5


def seconds(way: Callable[[], object], *, runs: int = RUNS) -> float:
    """Return the median time of several runs, after one to warm up."""
    way()
    return statistics.median(_once(way) for _ in range(runs))


def interleaved(ways: Mapping[str, Callable[[], object]], *, runs: int = RUNS) -> dict[str, float]:
    """Return the median time of each way, run in turn so that noise hits all alike."""
    for way in ways.values():
        way()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            times[name].append(_once(way))
    return {name: statistics.median(some) for name, some in times.items()}


def once(way: Callable[[], object]) -> tuple[float, object]:
    """Return the time of a single run, and its answer."""
    start = time.perf_counter()
    answer = way()
    return time.perf_counter() - start, answer


def each_us(way: Callable[[], object], *, repeats: int = 1_000, runs: int = RUNS) -> float:
    """Return the time of one of many calls, in microseconds: the median of several runs."""
    return seconds(lambda: [way() for _ in range(repeats)], runs=runs) / repeats * 1e6


def report(title: str, ways: Mapping[str, Callable[[], object]]) -> None:
    """Print each way's median time and its ratio to the first."""
    took = {name: seconds(way, runs=3) for name, way in ways.items()}
    first = next(iter(took.values()))
    print(title)
    for name, time_s in took.items():
        print(f"  {name:50} {time_s:8.3f} s   {time_s / first:6.2f} x gridmap's time")


def _once(way: Callable[[], object]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start
