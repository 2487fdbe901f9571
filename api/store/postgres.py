"""The PostgreSQL programs of this machine: where they are and whether they will do."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from api.store.errors import NoPostgresError

# PostgreSQL 15 closed the public schema to everybody; PostGIS 3.3 is what Debian 12 has.
OLDEST_POSTGRES = 15
OLDEST_POSTGIS = (3, 3)

# Debian and Ubuntu; the Red Hat family; then whatever is on PATH.
FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")


@dataclass(frozen=True, order=True)
class Binaries:
    """One installation of PostgreSQL; later versions sort last."""

    major: int
    postgis: tuple[int, ...]
    folder: Path

    @property
    def will_do(self) -> bool:
        return self.major >= OLDEST_POSTGRES and self.postgis >= OLDEST_POSTGIS

    def __str__(self) -> str:
        postgis = ".".join(map(str, self.postgis)) or "none"
        return f"PostgreSQL {self.major} with PostGIS {postgis} in {self.folder}"


def find_binaries(*, major: int | None = None) -> Binaries:
    """Return the newest usable installation, or the usable one of a given major version.

    Raises
    ------
    NoPostgresError
        None is PostgreSQL 15 or later with PostGIS 3.3 or later.
    """
    found = installations()
    usable = [each for each in found if each.will_do and major in (None, each.major)]
    if not usable:
        names = "; ".join(map(str, found)) or "none"
        raise NoPostgresError(looked_in=", ".join((*FOLDERS, "PATH")), found=names)
    return max(usable)


def installations() -> list[Binaries]:
    """Return every PostgreSQL server on this machine, usable or not, oldest first."""
    folders = {folder for pattern in FOLDERS for folder in Path("/").glob(pattern[1:])}
    on_path = shutil.which("initdb")
    if on_path:
        folders.add(Path(on_path).resolve().parent)
    return sorted(
        _described(folder)
        for folder in folders
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres"))
    )


def _described(folder: Path) -> Binaries:
    answer = subprocess.run(  # noqa: S603 - the folder was found by us
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    version = re.search(r"(\d+)", answer.stdout)
    return Binaries(int(version[1]) if version else 0, _postgis(folder), folder)


def _postgis(folder: Path) -> tuple[int, ...]:
    """Read PostGIS' version from the file CREATE EXTENSION will read; empty when absent."""
    control = _share(folder) / "extension" / "postgis.control"
    if not control.exists():
        return ()
    version = re.search(r"default_version\s*=\s*'([\d.]+)", control.read_text(encoding="utf-8"))
    return tuple(map(int, version[1].strip(".").split("."))) if version else ()


def _share(folder: Path) -> Path:
    # pg_config comes with a development package on some systems; Debian's layout is fixed.
    if (folder / "pg_config").exists():
        answer = subprocess.run(  # noqa: S603 - the folder was found by us
            [folder / "pg_config", "--sharedir"], capture_output=True, text=True, check=False
        )
        if answer.returncode == 0:
            return Path(answer.stdout.strip())
    return Path("/usr/share/postgresql") / folder.parent.name
