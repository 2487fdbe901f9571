"""The notebook of examples/ runs from top to bottom, with warnings as errors, in this Python."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOK = EXAMPLES / "whose_place_is_it.ipynb"

# The kernel named python3 is, in ipykernel's own words, the Python that starts it. A process of
# its own, because nbclient leaves its sockets to the garbage collector.
RUN = """
import sys
import nbformat
from nbclient import NotebookClient

notebook = nbformat.reads(sys.stdin.read(), as_version=4)
strict = nbformat.v4.new_code_cell("import warnings\\n\\nwarnings.simplefilter('error')")
python = nbformat.v4.new_code_cell("import sys\\n\\nsys.executable")
notebook.cells = [strict, python, *notebook.cells]
NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
sys.stdout.write(nbformat.writes(notebook))
"""


@pytest.fixture(scope="module")
def executed():
    """The notebook after it has run in the folder it lies in."""
    run = subprocess.run(
        [sys.executable, "-c", RUN],
        input=NOTEBOOK.read_text(encoding="utf-8"),
        cwd=EXAMPLES,
        env=os.environ | {"PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3_000:]
    return nbformat.reads(run.stdout, as_version=4)


def printed(notebook, first_words):
    """What the cell printed or returned that stands below the heading with these words."""
    at = next(
        row
        for row, cell in enumerate(notebook.cells)
        if cell.source.startswith(f"## {first_words}")
    )
    outputs = notebook.cells[at + 1].outputs
    return "\n".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in outputs
    )


def test_its_kernel_is_the_python_of_the_tests(executed):
    assert executed.cells[1].outputs[0].data["text/plain"] == repr(sys.executable)


def test_it_runs_without_a_warning_and_says_whose_the_building_is(executed):
    said = printed(executed, "一栋楼")
    assert "110102020 广安门外街道: 86.8%, 1,737.7 m²" in said
    assert "太平桥街道" in said


def test_the_frame_is_answered_and_the_bad_row_says_why(executed):
    said = printed(executed, "一张表")
    assert "广安门外街道" in said
    assert "Shanghai" in said


def test_cells_of_its_own_are_made(executed):
    assert "cells;" in printed(executed, "自己的网格")


def test_the_map_is_drawn(executed):
    at = next(row for row, cell in enumerate(executed.cells) if cell.source.startswith("## 一张图"))
    (output,) = executed.cells[at + 1].outputs
    assert "leaflet" in output.data["text/html"]


def test_it_is_committed_without_outputs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)
