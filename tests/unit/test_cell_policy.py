import numpy as np
import pytest

from gridmap.cell_policy import CellPolicy
from gridmap.errors import CellPolicyError, DefinitionError
from gridmap.toml_table import TomlTable


def table(**values):
    return TomlTable(path="cells.toml", key="", values=values)


def test_a_table_states_what_differs_from_the_default():
    policy = CellPolicy.of_table(table(target_m2=20_000, largest_m2=50_000.0))
    assert policy == CellPolicy(target_m2=20_000.0, largest_m2=50_000.0)


@pytest.mark.parametrize("values", [{"target": 1.0}, {"target_m2": "large"}, {"least_m2": True}])
def test_an_unknown_key_or_a_word_for_a_number_is_refused(values):
    with pytest.raises(DefinitionError, match=r"cells\.toml"):
        CellPolicy.of_table(table(**values))


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"target_m2": 0.0}, "target_m2"),
        ({"target_m2": float("nan")}, "target_m2"),
        ({"stub_m": -1.0}, "stub_m"),
        ({"closing_m": float("inf")}, "closing_m"),
        ({"least_m2": 6_000.0}, "least_m2"),
        ({"largest_m2": 14_000.0}, "largest_m2"),
        ({"narrow_m": 13.0}, "narrow_m"),
    ],
)
def test_sizes_that_cannot_be_kept_are_refused_by_name(values, key):
    with pytest.raises(CellPolicyError) as refused:
        CellPolicy(**values)
    assert refused.value.key == key


def test_another_target_takes_the_other_areas_along():
    assert CellPolicy.of_target(40_000) == CellPolicy(
        target_m2=40_000, least_m2=10_000, largest_m2=80_000, community_m2=1_000_000, narrow_m=10
    )


def test_what_is_small_or_narrow_is_no_cell():
    sizes, widths = np.array([2_499.0, 2_500.0, 9_000.0]), np.array([50.0, 50.0, 4.9])
    assert CellPolicy().is_small(sizes, widths).tolist() == [True, False, True]
