"""Whatever a catalogue holds, it comes back from every format, and a difference tells it all."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap import catalogue_files
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
from gridmap.dispatch.catalogue_difference import difference
from gridmap.dispatch.clock import Span
from gridmap.dispatch.step import Step
from gridmap.level import Level

codes = st.text("abcxyz0189_-.哨", min_size=1, max_size=5)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12
).filter(lambda text: text == text.strip() != "")
spans = st.none() | st.builds(
    Span, st.integers(1, 90_000).map(float) | st.floats(0.001, 90_000), st.booleans()
)
paths = st.booleans().map(
    lambda platform: (
        *([Step.PLATFORM] if platform else []),
        Step.REPORTING_IN,
        Step.EVALUATION,
        Step.FEEDBACK,
    )
)


def some(values):
    return st.lists(values, max_size=3, unique=True).map(tuple)


outcomes = st.lists(st.builds(Outcome, codes, texts, texts), max_size=2, unique_by=lambda o: o.code)


@st.composite
def catalogues(draw):
    kinds = draw(st.lists(codes, min_size=1, max_size=4, unique=True))
    whistles = draw(st.lists(codes, min_size=1, max_size=3, unique=True))
    classes = draw(st.lists(codes, min_size=1, max_size=2, unique=True))
    items = draw(st.lists(codes, max_size=4, unique=True))
    of_kinds, of_whistles = st.sampled_from(kinds), st.sampled_from(whistles)

    def whistle(code):
        family = draw(st.sampled_from(Family))
        return WhistleKind(
            code,
            draw(texts),
            draw(texts),
            family,
            draw(texts) if family is Family.THEME else "",
            draw(spans),
            draw(spans),
            draw(spans),
            draw(paths),
            draw(some(st.sampled_from(Initiator))) or (Initiator.STREET,),
            tuple(draw(outcomes)),
            draw(st.booleans()),
            draw(st.booleans()),
            draw(some(of_whistles)),
        )

    def item(code):
        levels = draw(some(st.sampled_from(Level)))
        powers = st.dictionaries(st.sampled_from(levels), of_kinds) if levels else st.just({})
        return Item(
            code,
            draw(texts),
            draw(texts),
            draw(st.sampled_from(classes)),
            draw(of_kinds),
            draw(some(of_kinds)),
            levels,
            draw(of_whistles),
            draw(st.sampled_from(Severity)),
            draw(texts),
            draw(some(texts)),
            draw(st.none() | st.sampled_from(Level)),
            draw(spans),
            draw(powers),
        )

    def department(code):
        return DepartmentKind(code, draw(texts), draw(texts), draw(st.none() | of_kinds))

    return Catalogue(
        draw(codes),
        draw(texts),
        draw(st.booleans()),
        {code: department(code) for code in kinds},
        {code: whistle(code) for code in whistles},
        {code: ProblemClass(code, draw(texts), draw(texts), draw(codes)) for code in classes},
        {code: item(code) for code in items},
    )


@pytest.mark.parametrize("ending", [".toml", ".json", ".zip", ""])
@given(given_one=catalogues())
def test_a_catalogue_comes_back_from_every_format(ending, given_one):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"catalogue{ending}"
        catalogue_files.write(given_one, path)
        assert catalogue_files.read(path) == given_one


@given(catalogues())
def test_nothing_differs_from_itself(one):
    assert difference(one, one) == ()


@given(catalogues(), catalogues())
def test_the_way_back_undoes_a_difference(one, other):
    there, back = difference(one, other), difference(other, one)
    assert [(change.section, change.code) for change in there] == [
        (change.section, change.code) for change in back
    ]
    assert bool(there) == (
        replace(one, version="", title="", sample=False)
        != replace(other, version="", title="", sample=False)
    )
