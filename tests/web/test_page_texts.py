"""The pages' words: every problem that the service can answer with has them, in both languages."""

import re
from pathlib import Path

import pytest

import api.main  # noqa: F401 - so that every error class there is has been defined
from api.errors import STATUS
from gridmap.errors import GridmapError

TEXTS = Path(__file__).parents[2] / "api" / "web" / "js" / "texts"
# What the service answers without an error class of its own.
NAMELESS = {
    "validation",
    "body-too-large",
    "not-found",
    "method-not-allowed",
    "internal",
    "service-unavailable",
}
# What goes wrong in the page itself, or comes from no service of ours.
OWN = {
    "unexpected",
    "unreachable",
    "timeout",
    "position-denied",
    "position-insecure",
    "position-unavailable",
    "coordinates-unread",
}
HALF_WIDTH = re.compile(r"[一-鿿」』）][,;:!?(]|[,;:!?)][一-鿿「『（]")


def _kinds(kind: type[GridmapError]) -> set[type[GridmapError]]:
    """The classes from one downwards that are raised: with words of their own, or the last."""
    below = kind.__subclasses__()
    own = {kind} if not below or "message" in vars(kind) else set()
    return own.union(*map(_kinds, below))


def _slugs() -> set[str]:
    """The slugs of every error that the table of statuses knows."""
    return {kind.__new__(kind).slug for listed in STATUS for kind in _kinds(listed)}


@pytest.fixture(params=["zh", "en"])
def texts(request) -> str:
    return (TEXTS / f"{request.param}.js").read_text(encoding="utf-8")


def _problems(texts: str) -> set[str]:
    return set(re.findall(r'^  "problem\.([a-z0-9-]+)"', texts, flags=re.MULTILINE))


def test_every_problem_the_service_can_answer_with_has_words(texts):
    assert (_slugs() | NAMELESS) - _problems(texts) == set()


def test_no_words_are_kept_for_a_problem_that_does_not_exist(texts):
    assert _problems(texts) - _slugs() - NAMELESS - OWN == set()


def test_chinese_has_full_width_punctuation():
    lines = (TEXTS / "zh.js").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if HALF_WIDTH.search(line)] == []
