import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap import unit_files
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.directory_difference import unit_changes
from gridmap.dispatch.errors import PolicyDataError

HEADER = "id,name,kind,area_code,can_rule\n"
ROW = "gov-1,广安门外街道办事处,government,110102020,true\n"


def written(folder, *rows, header=HEADER):
    path = folder / "units.csv"
    path.write_text(header + "".join(rows), encoding="utf-8-sig")
    return path


def test_a_unit_is_read_with_its_area_and_kind(tmp_path):
    fire = " fire-1 ,消防,fire,110102,\n"
    assert unit_files.read(written(tmp_path, ROW, fire)) == [
        Unit("gov-1", "广安门外街道办事处", "government", "110102020", can_rule=True),
        Unit("fire-1", "消防", "fire", "110102"),
    ]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (ROW + ROW, "line 3: id: 'gov-1' stands twice"),
        (ROW + ROW.replace("gov-1", "gov-2"), "line 3: kind: gov-1 is a government of 110102020"),
        (ROW.replace("government", ""), "line 2: kind: it is empty"),
        (ROW.replace("110102020", "1.10102E+08"), "line 2: area_code: '1.10102E.08' is no code"),
        (ROW.replace("true", "yes"), "line 2: can_rule: it must be true, false or empty"),
        ("gov-1,x\n", "line 2: it must have 5 cells"),
        (ROW.replace("\n", ",more\n"), "line 2: it must have 5 cells"),
        (ROW.replace("gov-1", "gov\x001"), "line 2: it holds the NUL character"),
        ("", "line 2: there is no unit in it"),
        ('"gov-1', "unexpected end of data"),
    ],
)
def test_an_error_names_the_line_and_the_column(tmp_path, row, why):
    with pytest.raises(PolicyDataError, match=why):
        unit_files.read(written(tmp_path, row))


@pytest.mark.parametrize("header", ["id,name\n", HEADER.replace("name", "id"), "", "x," + HEADER])
def test_other_columns_are_told(tmp_path, header):
    with pytest.raises(PolicyDataError, match="line 1: the columns must be id, name, kind"):
        unit_files.read(written(tmp_path, header=header))


def test_no_file_and_no_text_are_told(tmp_path):
    with pytest.raises(PolicyDataError, match="cannot be read"):
        unit_files.read(tmp_path / "none.csv")
    (tmp_path / "gbk.csv").write_bytes("街道".encode("gbk"))
    with pytest.raises(PolicyDataError, match="not UTF-8"):
        unit_files.read(tmp_path / "gbk.csv")


def test_what_is_there_is_not_overwritten(tmp_path):
    path = written(tmp_path, ROW)
    with pytest.raises(PolicyDataError, match="there already"):
        unit_files.write([], path)
    assert len(unit_files.read(path)) == 1
    with pytest.raises(PolicyDataError, match="cannot be written"):
        unit_files.write([], tmp_path / "no" / "folder.csv")


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=20
)


@given(
    st.lists(
        st.builds(
            Unit,
            WORDS,
            WORDS,
            WORDS,
            st.from_regex(r"[0-9]{6,15}", fullmatch=True).filter(str.isascii),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
        unique_by=(lambda one: one.id, lambda one: (one.area_code, one.kind)),
    )
)
def test_what_is_written_is_read_again(tmp_path_factory, units):
    path = tmp_path_factory.mktemp("units") / "units.csv"
    unit_files.write(units, path)
    assert sorted(unit_files.read(path), key=lambda one: one.id) == sorted(
        units, key=lambda one: one.id
    )


def test_what_changed_is_told_by_id():
    one = Unit("a", "甲", "fire", "110102")
    before = [one, Unit("b", "乙", "police", "110102")]
    after = [Unit("a", "甲队", "fire", "110106"), Unit("c", "丙", "police", "110102")]
    changes = unit_changes(before, after)
    assert [(change.id, change.kind) for change in changes] == [
        ("a", "changed"),
        ("b", "removed"),
        ("c", "added"),
    ]
    assert changes[0].lines == (
        "a 甲队: changed",
        "  name: 甲 -> 甲队",
        "  area_code: 110102 -> 110106",
    )
    assert unit_changes(before, reversed(before)) == ()
