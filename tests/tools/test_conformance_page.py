import subprocess
import sys

import pytest

from tools import conformance


def test_the_page_is_what_the_table_says():
    command = [sys.executable, "-m", "tools.conformance", "--check"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("page", [None, "something else"])
def test_a_page_that_says_something_else_is_found(monkeypatch, tmp_path, capsys, page):
    path = tmp_path / "conformance.md"
    if page is not None:
        path.write_text(page, encoding="utf-8")
    monkeypatch.setattr(conformance, "PAGE", path)
    assert conformance.main(["--check"]) == 1
    assert "run python -m tools.conformance" in capsys.readouterr().err
    assert conformance.main([]) == 0
    assert conformance.main(["--check"]) == 0
