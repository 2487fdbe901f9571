import pytest

from gridmap import staff_files
from gridmap.dispatch.actor import Role
from gridmap.dispatch.errors import PolicyDataError
from gridmap.dispatch.staff import shift

HEADER = "id,name,unit,roles,areas,shifts\n"
ROW = (
    'w-1,张三,gov-1,grid_chief;inspector,110102020;110102021,"1-5 09:00-18:00; 6,7 22:00-06:00+1"\n'
)


def written(folder, *rows, header=HEADER):
    path = folder / "staff.csv"
    path.write_text(header + "".join(rows), encoding="utf-8-sig")
    return path


def test_a_person_is_read_with_roles_areas_and_shifts(tmp_path):
    ((one, name, login),) = staff_files.read(written(tmp_path, ROW))
    assert (one.id, name, one.unit, login) == ("w-1", "张三", "gov-1", "")
    assert one.roles == (Role.GRID_CHIEF, Role.INSPECTOR)
    assert one.areas == ("110102020", "110102021")
    assert one.shifts == (shift("1-5 09:00-18:00"), shift("6,7 22:00-06:00+1"))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (ROW + ROW, "line 3: id: 'w-1' stands twice"),
        (ROW.replace("inspector", "mayor"), "line 2: roles: .*known: inspector, "),
        (ROW.replace("09:00-18:00", "18:00-09:00"), "line 2: shifts: .*ends before it starts"),
        (ROW.replace("gov-1", ""), "line 2: unit: it is empty"),
        ("w-1,张三\n", "line 2: it must have 6 cells"),
        (ROW.replace("\n", ",more\n"), "line 2: it must have 6 cells"),
        ('"w-1', "unexpected end of data"),
    ],
)
def test_an_error_names_the_line_and_the_column(tmp_path, row, why):
    with pytest.raises(PolicyDataError, match=why):
        staff_files.read(written(tmp_path, row))


def test_other_columns_and_no_file_are_told(tmp_path):
    with pytest.raises(PolicyDataError, match="the columns must be id, name"):
        staff_files.read(written(tmp_path, header="id,name\n"))
    with pytest.raises(PolicyDataError, match="cannot be read"):
        staff_files.read(tmp_path / "none.csv")


def test_a_person_may_name_an_account_and_no_two_the_same(tmp_path):
    header = HEADER.replace("\n", ",account\n")
    row, other = ROW.replace("\n", ",Zhang\n"), ROW.replace("w-1", "w-2").replace("\n", ",\n")
    (one, two) = staff_files.read(written(tmp_path, row, other, header=header))
    assert (one.login, two.login) == ("zhang", "")
    twice = row.replace("w-1", "w-2").replace("Zhang", "zhang")
    with pytest.raises(PolicyDataError, match="line 3: account: 'zhang' is w-1 already"):
        staff_files.read(written(tmp_path, row, twice, header=header))
