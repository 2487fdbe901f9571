"""The wheel alone, in an empty folder: what a user has who never saw the checkout."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

# Runs in a foreign folder with the wheel's folder first on the path and the checkout not on it.
USE = """
import json, sys, warnings
warnings.simplefilter("error")
import gridmap
from gridmap import Level, ReleaseIndex, attribute, point, read

release = read.release(sys.argv[1])
answer = attribute(point(116.3913, 39.9055, crs="EPSG:4326"), ReleaseIndex(release))
street, = answer.by_level[Level.STREET].parts
try:
    import api
except ModuleNotFoundError:
    service = None
else:
    service = api.__file__
print(json.dumps({"file": gridmap.__file__, "street": street.area.name, "api": service}))
"""


def ran(*command, cwd, env=None):
    run = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=env,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2_000:] + run.stderr[-2_000:]
    return run.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout, built without network."""
    folder = tmp_path_factory.mktemp("dist")
    ran(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=PROJECT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder that has nothing but the wheel."""
    folder = tmp_path_factory.mktemp("site")
    options = ("--no-deps", "--no-index", "--quiet", "--no-compile", "--target", folder)
    ran(sys.executable, "-m", "pip", "install", *options, wheel, cwd=folder)
    return folder


def test_the_wheel_holds_the_library_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as content:
        names = content.namelist()
    assert {name.split("/")[0] for name in names} == {"gridmap", "gridmap-0.1.0.dist-info"}
    assert "gridmap/py.typed" in names
    missing = {
        path.relative_to(PROJECT).as_posix() for path in (PROJECT / "gridmap").rglob("*.py")
    } - set(names)
    assert missing == set()


@pytest.fixture
def elsewhere(installed, tmp_path):
    """How a foreign Python is called: the wheel and the installed libraries, no checkout."""
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    environment = {"PYTHONPATH": f"{installed}:{libraries}", "PATH": "/usr/bin:/bin", "HOME": "/"}
    # -S: without site-packages' .pth file, which names the checkout.
    return lambda *words: ran(sys.executable, "-S", *words, cwd=tmp_path, env=environment)


def test_it_answers_in_a_foreign_folder_without_the_checkout(elsewhere, installed, boundaries):
    said = json.loads(elsewhere("-c", USE, boundaries / "beijing" / "definition.toml"))
    assert Path(said["file"]).is_relative_to(installed)
    assert said["street"] == "东华门街道"  # 天安门, in the schematic streets
    assert said["api"] is None


def test_its_command_line_runs_there(elsewhere, installed, boundaries, tmp_path):
    program = installed / "bin" / "gridmap"
    assert program.exists()
    out = tmp_path / "new"
    definition = boundaries / "beijing" / "definition.toml"
    said = elsewhere(program, "grid", definition, out, "--within", "110102020")
    assert "wrote" in said
    assert "0 findings" in elsewhere(program, "check", out / "definition.toml")
