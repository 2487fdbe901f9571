"""What the unit tests share: the shipped release, read once, and the data that cannot ship."""

import os
from pathlib import Path

import pytest

from gridmap import read
from gridmap.boundary import Release

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def boundaries() -> Path:
    """The folder of the boundary sets."""
    return ROOT / "data" / "boundaries"


@pytest.fixture(scope="session")
def beijing(boundaries) -> Release:
    return read.release(boundaries / "beijing" / "definition.toml")


@pytest.fixture(scope="session")
def shared():
    """Return files that tests may use and that are not shipped; skip where they are absent."""
    folder = Path(os.environ.get("GRIDMAP_TEST_DATA", ROOT.parent / "shared" / "data"))

    def found(name: str) -> Path:
        if not (folder / name).exists():
            pytest.skip(f"test-only data {name} is not in {folder} (GRIDMAP_TEST_DATA)")
        return folder / name

    return found
