"""docs/cli.md is what the program says, and every session on it ends as it says."""

import subprocess
import sys

import pytest

from tools import help_pages

SHORT = """
intro = "Short."
[files]
"a.csv" = "lng,lat"
[[commands]]
name = "map"
says = "Nothing is drawn."
sessions = [{ run = "cat a.csv; gridmap map 1,1 a.html -b missing.gpkg", exit = 2 }]
"""


@pytest.fixture
def short(monkeypatch, tmp_path):
    """A template of one session, and the page beside it."""
    monkeypatch.setattr(help_pages, "TEMPLATE", tmp_path / "short.toml")
    monkeypatch.setattr(help_pages, "PAGE", tmp_path / "cli.md")
    help_pages.TEMPLATE.write_text(SHORT, encoding="utf-8")
    return tmp_path / "cli.md"


def test_the_page_is_what_the_program_says():
    command = [sys.executable, "-m", "tools.help_pages", "--check"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def test_every_command_has_a_session():
    page = help_pages.PAGE.read_text(encoding="utf-8")
    listed = page.partition("Commands")[2].partition("╰")[0]
    names = [
        line.split()[1] for line in listed.splitlines() if line.startswith("│ ") and line[2] != " "
    ]
    assert len(names) == 9
    assert all(f"\n$ gridmap {name} --help\n" in page for name in names)
    assert all(page.count(f"\n$ gridmap {name} ") > 1 for name in names)


def test_a_page_that_says_something_else_is_found(short, capsys):
    assert help_pages.main(["--check"]) == 1
    short.write_text("something else", encoding="utf-8")
    assert help_pages.main(["--check"]) == 1
    assert "run python -m tools.help_pages" in capsys.readouterr().err
    assert help_pages.main([]) == 0
    assert help_pages.main(["--check"]) == 0
    assert "$ echo $?\n2\n" in short.read_text(encoding="utf-8")


def test_a_session_that_ends_otherwise_makes_no_page(short, capsys):
    template = SHORT.replace(", exit = 2", "")
    help_pages.TEMPLATE.write_text(template, encoding="utf-8")
    assert help_pages.main([]) == 1
    assert "exit 2, not 0" in capsys.readouterr().err
    assert not short.exists()
