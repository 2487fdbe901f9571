import zipfile

import pytest

from api.settings import DataSettings
from gridmap import catalogue_files
from gridmap.catalogue_files import CatalogueFileError
from gridmap.dispatch.errors import PolicyDataError

SHIPPED = DataSettings().catalogue


@pytest.fixture(scope="module")
def shipped():
    return catalogue_files.read(SHIPPED)


@pytest.fixture
def folder(shipped, tmp_path):
    catalogue_files.write(shipped, tmp_path / "tables")
    return tmp_path / "tables"


@pytest.mark.parametrize("name", ["c.toml", "c.json", "c.zip", "c"])
def test_the_shipped_sample_comes_back_from_every_format(shipped, tmp_path, name):
    catalogue_files.write(shipped, tmp_path / name)
    assert catalogue_files.read(tmp_path / name) == shipped


def test_what_is_there_is_not_overwritten(shipped, tmp_path):
    (tmp_path / "c.json").write_text("mine")
    with pytest.raises(CatalogueFileError, match="there already"):
        catalogue_files.write(shipped, tmp_path / "c.json")
    assert (tmp_path / "c.json").read_text() == "mine"


def test_another_ending_is_refused_both_ways(shipped, tmp_path):
    with pytest.raises(CatalogueFileError, match=r"\.toml, \.json or \.zip"):
        catalogue_files.write(shipped, tmp_path / "c.xlsx")
    assert not (tmp_path / "c.xlsx").exists()
    with pytest.raises(CatalogueFileError, match=r"\.toml, \.json or \.zip"):
        catalogue_files.read(tmp_path / "c.xlsx")


def test_a_table_is_read_by_a_spreadsheet_as_utf_8(folder):
    assert (folder / "items.csv").read_bytes().startswith(b"\xef\xbb\xbfcode,name,")


def replaced(folder, table, old, new):
    path = folder / table
    text = path.read_text(encoding="utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")


@pytest.mark.parametrize(
    ("table", "old", "new", "why"),
    [
        ("items.csv", ",urban_management,", ",navy,", r"items\.csv line \d+ E0101: lead_kind: no"),
        ("items.csv", ",general,", ",mild,", r"items\.csv line \d+ E0101: severity: it must be"),
        ("items.csv", "E0102", "E0101", r"items\.csv line \d+ E0101: the code stands twice"),
        ("items.csv", "class_code", "colour", r"items\.csv line 1: unknown columns \['colour'\]"),
        ("items.csv", "name_en", "name", r"items\.csv line 1: a column stands twice"),
        ("items.csv", "district=urban_management", "district", "powers: it must be level=kind"),
        ("items.csv", "street=street_enf", "district=street_enf", "powers: a level stands twice"),
        ("items.csv", "\nE0102", "\nE0102,", r"items\.csv line \d+: it has \d+ cells"),
        ("items.csv", "\nE0102", '\n"E0102', r"items\.csv line \d+"),
        ("whistle_kinds.csv", ",30,", ",soon,", r"line 2: respond_min: it must be a number"),
        ("whistle_kinds.csv", ",30,", ",nan,", "respond_min: a clock cannot run"),
        ("whistle_kinds.csv", "true", "yes", "automatic: it must be true or false"),
        ("outcomes.csv", "patrol,", "flute,", r"outcomes\.csv line \d+: whistle_kind: no whistle"),
        ("outcomes.csv", ",found,", ",,", r"outcomes\.csv line \d+: code: missing"),
        ("catalogue.csv", "true", "perhaps", r"catalogue\.csv line 2: sample"),
    ],
)
def test_an_error_names_the_row_and_the_column(folder, table, old, new, why):
    replaced(folder, table, old, new)
    with pytest.raises(PolicyDataError, match=why):
        catalogue_files.read(folder)


def test_a_missing_and_a_foreign_table_are_told(folder):
    (folder / "classes.csv").rename(folder / "class.csv")
    with pytest.raises(CatalogueFileError, match=r"unknown tables \['class\.csv'\]"):
        catalogue_files.read(folder)
    (folder / "class.csv").unlink()
    with pytest.raises(CatalogueFileError, match=r"missing: \['classes\.csv'\]"):
        catalogue_files.read(folder)


def test_a_catalogue_without_its_version_is_refused(folder):
    (folder / "catalogue.csv").write_text("version,title,sample\r\n")
    with pytest.raises(PolicyDataError, match="one row below its header, not 0"):
        catalogue_files.read(folder)


def test_a_table_in_the_encoding_of_old_spreadsheets_is_told_how_to_save_it(folder):
    text = (folder / "items.csv").read_text(encoding="utf-8-sig")
    (folder / "items.csv").write_bytes(text.encode("gb18030"))
    with pytest.raises(CatalogueFileError, match="CSV UTF-8"):
        catalogue_files.read(folder)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("c.json", b"{", "not JSON"),
        ("c.json", b"[]", "one JSON object"),
        ("c.json", b"[" * 100_000, "not JSON"),
        ("c.toml", b"version =", "not TOML"),
        ("c.toml", b"\xff", "not UTF-8"),
        ("c.zip", b"PK", "no zip"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_told(tmp_path, name, content, why):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CatalogueFileError, match=why):
        catalogue_files.read(tmp_path / name)


def test_a_zip_whose_table_grows_beyond_all_bounds_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("items.csv", b" " * (catalogue_files.LARGEST_BYTES + 1))
    with pytest.raises(CatalogueFileError, match="over 50,000,000 bytes"):
        catalogue_files.read(tmp_path / "c.zip")


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CatalogueFileError, match="cannot be read"):
        catalogue_files.read(tmp_path / "c.json")
