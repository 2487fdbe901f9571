"""What has to come from the operating system: found if it is there, installed by apt if not."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.setup.console import Console
from tools.setup.errors import SetupError

# As in api/store/postgres.py, which checks again and knows more places.
OLDEST_POSTGRES = 15

# Releases of Debian and Ubuntu whose own archive has PostgreSQL 15 or later.
OLDEST_RELEASE = {"debian": 12.0, "ubuntu": 24.04}

# Ubuntu's package is a stub that installs a snap, which a test cannot drive; see `browser`.
BROWSERS = ("chromium", "google-chrome", "google-chrome-stable")

# Installing PostgreSQL makes and starts a cluster on port 5432 that nobody asked for. A file
# in this folder is read by pg_createcluster(1); it is there during the installation only, and
# so tells of an installation that was interrupted.
DROP_IN = Path("/etc/postgresql-common/createcluster.d/gridmap.conf")


@dataclass(frozen=True)
class Need:
    """Something of the system, how to see it, and the package that brings it."""

    package: str
    present: Callable[[], bool]


def needs(*, database: bool, browser_tests: bool) -> list[Need]:
    """Return what a set-up needs of the system."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    wanted = [Need(f"python{version}-venv", has_venv)]
    if database:
        wanted.append(Need("postgresql-postgis", has_postgis))
    if browser_tests:
        wanted.append(Need("fonts-noto-cjk", has_chinese_font))
    if browser_tests and system_name().name != "ubuntu":
        wanted.append(Need("chromium", lambda: browser() is not None))
    return wanted


def browser() -> str | None:
    """Return the program the browser tests drive: GRIDMAP_BROWSER, or a Chromium on PATH.

    None only where the system's packages have none that can be driven, on Ubuntu; there the
    browser tests are skipped and say so.
    """
    named = os.environ.get("GRIDMAP_BROWSER")
    found = [named] if named else map(shutil.which, BROWSERS)
    return next((path for path in found if path and not path.startswith("/snap/")), None)


def install(console: Console, wanted: list[Need]) -> None:
    """Install what is missing; nothing is run and nobody is asked when nothing is.

    Raises
    ------
    SetupError
        It cannot be installed here; the error says by whom and how it can.
    """
    packages = [need.package for need in wanted if not need.present()]
    if not packages:
        return
    refuse_unsupported(packages)
    prefix = rights(packages)
    with console.step(f"system packages ({', '.join(packages)})"):
        console.run([*prefix, *settle()], asks=prefix == ["sudo"])
        console.run([*prefix, *apt("update")])
        if "postgresql-postgis" in packages:
            install_without_cluster(console, prefix, packages)
        else:
            console.run([*prefix, *apt("install", *packages)])
    still = [need.package for need in wanted if not need.present()]
    if still:
        raise SetupError(f"apt installed {', '.join(still)}, and it still cannot be found here.")


def install_without_cluster(console: Console, prefix: list[str], packages: list[str]) -> None:
    """Install PostgreSQL without the default cluster; the machine's settings stay as they were."""
    folder = DROP_IN.parent
    write = f"mkdir -p {folder} && echo 'create_main_cluster = false' > {DROP_IN}"
    console.run([*prefix, "sh", "-c", write])
    try:
        console.run([*prefix, *apt("install", *packages)])
    finally:
        undo = f"rm -f {DROP_IN}; rmdir --ignore-fail-on-non-empty {folder}"
        console.run([*prefix, "sh", "-c", undo])


def settle() -> list[str]:
    """Return a command that finishes what an interrupted installation left half configured."""
    return ["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--force-confold", "--configure", "-a"]


def apt(verb: str, *packages: str) -> list[str]:
    """Return an apt-get command that asks nothing and waits for another one to end."""
    # sudo drops the environment, so what apt must see is handed over on the command line.
    proxies = [f"{name}={os.environ[name]}" for name in sorted(os.environ) if is_proxy(name)]
    options = ["-y", "-q", "-o", "DPkg::Lock::Timeout=300"]
    if verb == "install":
        options += ["--no-install-recommends", "-o", "Dpkg::Options::=--force-confold"]
    frontend = "DEBIAN_FRONTEND=noninteractive"
    return ["env", frontend, *proxies, "apt-get", *options, verb, *packages]


def is_proxy(variable: str) -> bool:
    return variable.lower() in ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy")


def rights(packages: list[str]) -> list[str]:
    """Return what to put before a command so that it runs as root."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        if succeeds("sudo", "-n", "true"):
            return ["sudo", "-n"]
        if sys.stdin.isatty() and not os.environ.get("CI"):
            return ["sudo"]
    raise SetupError(
        f"these system packages are missing: {' '.join(packages)}; "
        "this user is not root and may not use sudo.",
        "Ask an administrator for:",
        f"    apt-get install --no-install-recommends {' '.join(packages)}",
        *without(packages),
        "Then run the same command again.",
    )


def refuse_unsupported(packages: list[str]) -> None:
    """Stop where apt is missing, or where its PostgreSQL is too old."""
    system = system_name()
    if not shutil.which("apt-get"):
        raise SetupError(
            f"{' '.join(packages)}: missing, and set-up installs on Debian and Ubuntu only; "
            f"this is {system.title}.",
            "Install the like of it by hand, PostgreSQL 15 or later with PostGIS 3.3 or later;",
            *without(packages),
        )
    if system.version < OLDEST_RELEASE.get(system.name, 0.0):
        raise SetupError(
            f"{system.title} is too old: its archive has no PostgreSQL 15 (or no Python 3.11).",
            "Use Debian 12 or Ubuntu 24.04 or later;",
            *without(packages),
        )


def without(packages: list[str]) -> list[str]:
    if "postgresql-postgis" not in packages:
        return []
    return [
        "or name a PostgreSQL server with PostGIS that is there already:",
        "    GRIDMAP_DATABASE_URL=postgresql://user:password@host/database",
    ]


# --- what is there --------------------------------------------------------------------------


def has_venv() -> bool:
    # Debian leaves ensurepip out of its standard library; venv cannot work without.
    return importlib.util.find_spec("ensurepip") is not None


def has_postgis() -> bool:
    if DROP_IN.exists():
        return False
    shares = Path("/usr/share/postgresql").glob("*/extension/postgis.control")
    majors = [path.parents[1].name for path in shares]
    debian = any(
        major.isdigit()
        and int(major) >= OLDEST_POSTGRES
        and Path("/usr/lib/postgresql", major, "bin", "initdb").exists()
        for major in majors
    )
    # Elsewhere the service looks closer and says what is wrong.
    return debian or (not shutil.which("apt-get") and shutil.which("initdb") is not None)


def has_chinese_font() -> bool:
    # fc-list would know better, but a small system has no fontconfig before Chromium brings it.
    folders = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
    return any(next(folder.rglob("*CJK*"), None) for folder in folders)


def succeeds(*command: str) -> bool:
    return (
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode
        == 0
    )


@dataclass(frozen=True)
class System:
    """The operating system, by os-release(5)."""

    name: str
    version: float
    title: str


def system_name() -> System:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return System(platform.system().lower(), 0.0, platform.platform())
    try:
        version = float(release.get("VERSION_ID", "0"))
    except ValueError:  # 3.20.1 elsewhere; Debian testing has none
        version = float("inf")
    return System(release.get("ID", ""), version, release.get("PRETTY_NAME", "this system"))
