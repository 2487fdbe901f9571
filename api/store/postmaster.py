"""The PostgreSQL server process of a private cluster: its folders, its start and its end.

Root cannot run PostgreSQL, so root runs it as ``postgres`` and never writes into a folder
that account owns. In ``home``: ``data/``, ``log/`` and ``socket/`` belong to the account that
runs the server, mode 0700; the two access files belong to whoever made them.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg
from psycopg.rows import TupleRow

from api.store.errors import (
    ClusterCommandError,
    ClusterStartError,
    ForeignFolderError,
    NoAccountError,
    NoPostgresError,
    PostgresVersionError,
)
from api.store.postgres import Binaries, find_binaries, installations

SUPERUSER = "postgres"

# sockaddr_un.sun_path holds 108 bytes with its closing zero (unix(7)).
LONGEST_SOCKET = 107
# The number names the socket file; no TCP port is opened.
PORT = 5432

# After kill -9, orphaned backends hold the shared memory until they notice; usually under 1 s.
RECOVERY_S = 30
# pg_ctl waits this long for crash recovery; a large cluster may need minutes.
START_S = 600


@dataclass(frozen=True)
class Postmaster:
    """The server process over ``home``; ``roles`` are whom its two system accounts may be."""

    home: Path
    roles: tuple[str, ...]

    # --- where and who ----------------------------------------------------------------------

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def logs(self) -> Path:
        return self.home / "log"

    @property
    def sockets(self) -> Path:
        """The socket's folder: in ``home``, or in /tmp when that path is too long."""
        near = self.home / "socket"
        if len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET:
            return near
        return Path(tempfile.gettempdir()) / f"gridmap-{self.account.pw_uid}-{digest(self.home)}"

    @cached_property
    def account(self) -> pwd.struct_passwd:
        """The operating-system account that runs PostgreSQL."""
        uid = os.geteuid()
        try:
            return pwd.getpwuid(uid) if uid else pwd.getpwnam("postgres")
        except KeyError as missing:
            name = f"uid {uid}" if uid else "postgres"
            raise NoAccountError(account=name) from missing

    @cached_property
    def binaries(self) -> Binaries:
        """The programs for these data: the newest at first, afterwards the same major version."""
        made_by = self.data / "PG_VERSION"
        if not made_by.exists():
            return find_binaries()
        major = made_by.read_text(encoding="ascii").strip()
        try:
            return find_binaries(major=int(major))
        except NoPostgresError as missing:
            found = "; ".join(map(str, installations())) or "none"
            raise PostgresVersionError(str(self.data), major, found) from missing

    # --- entering ---------------------------------------------------------------------------

    def connect(self, database: str = SUPERUSER) -> psycopg.Connection[TupleRow]:
        """Open a connection as the superuser, committing each statement."""
        return psycopg.connect(
            host=str(self.sockets), port=PORT, dbname=database, user=SUPERUSER, autocommit=True
        )

    def answers(self) -> bool:
        """Tell whether the server accepts connections now."""
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    # --- making -----------------------------------------------------------------------------

    def make(self) -> None:
        """Make what is missing of the folders and the data; what exists is left as it is."""
        for folder in (self.sockets, self.logs):
            with suppress(FileExistsError):
                self._make_private(folder)
            self._check_private(folder)
        if not self.data.exists():
            self._initialise()

    def _initialise(self) -> None:
        """Run initdb in a folder of another name, so that half a cluster never looks like one."""
        unfinished = self.home / "data.unfinished"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        self._make_private(unfinished)
        arguments = ["--username", SUPERUSER, "--auth", "peer", "--data-checksums"]
        arguments += ["--encoding", "UTF8", "--locale", "C.UTF-8"]
        self._program("initdb", "--pgdata", str(unfinished), *arguments)
        unfinished.rename(self.data)

    def _make_private(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)

    def _check_private(self, folder: Path) -> None:
        if folder.is_symlink() or not folder.is_dir():
            raise ForeignFolderError(path=str(folder), why="is not a folder")
        status = folder.stat()
        if status.st_uid != self.account.pw_uid or status.st_mode & 0o077:
            owner = self.account.pw_name
            raise ForeignFolderError(path=str(folder), why=f"is not {owner}'s alone (mode 0700)")

    # --- starting and stopping --------------------------------------------------------------

    def start(self) -> None:
        """Start the server and wait until it answers, also after it was killed.

        Raises
        ------
        ClusterStartError
            It does not start; the message ends with its last words.
        """
        if not (self.data / "PG_VERSION").exists():
            raise ForeignFolderError(path=str(self.data), why="is not a PostgreSQL data folder")
        self._check_private(self.data)
        self._write_access()
        deadline = time.monotonic() + RECOVERY_S
        while not self._started():
            # A permanent fault leaves no postmaster.pid; a crash does, and heals by itself.
            if time.monotonic() > deadline or not self._pid_file.exists():
                raise ClusterStartError(str(self.data), str(self.logs), self._last_words())
            time.sleep(0.5)

    def stop(self) -> bool:
        """Stop the server, closing its connections; False if it did not run."""
        if not self._pid_file.exists():
            return False
        try:
            self._control("stop", "--mode", "fast")
        except ClusterCommandError:
            if self.answers():
                raise
            return False  # the file of a server that was killed
        return True

    def _started(self) -> bool:
        self._forget_reused_pid()
        try:
            self._control("start", "--log", str(self.logs / "start.log"), *self._options)
        except ClusterCommandError:
            return self.answers()
        return True

    def _forget_reused_pid(self) -> None:
        """Remove a postmaster.pid whose number now belongs to a program that is not PostgreSQL.

        After a power cut the number may be another process of the same user, and PostgreSQL
        would refuse for ever. It still refuses when orphans of its own are attached to the
        shared memory of this folder, so nothing can be damaged.
        """
        with suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(self._pid_file.read_text(encoding="utf-8").splitlines()[0])
            name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
            if name not in ("postgres", "postmaster"):
                self._pid_file.unlink()

    def _write_access(self) -> None:
        """Write who may connect: the account of the server, and root, in the given roles."""
        accounts = sorted({self.account.pw_name, "root"})
        roles = (*self.roles, SUPERUSER)
        entries = [f'gridmap "{account}" {role}\n' for account in accounts for role in roles]
        _publish(self.home / "pg_hba.conf", "local all all peer map=gridmap\n")
        _publish(self.home / "pg_ident.conf", "".join(entries))

    @property
    def _options(self) -> tuple[str, str]:
        settings = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": f'"{self.sockets}"',
            "unix_socket_permissions": "0700",
            "hba_file": str(self.home / "pg_hba.conf"),
            "ident_file": str(self.home / "pg_ident.conf"),
            "logging_collector": "on",
            "log_directory": str(self.logs),
            "log_filename": "postgres-%a.log",
            "log_rotation_age": "1d",
            "log_truncate_on_rotation": "on",
        }
        return "--options", " ".join(f"-c {name}={_quoted(it)}" for name, it in settings.items())

    def _last_words(self) -> str:
        logs = [path for path in self.logs.glob("*.log") if path.stat().st_size]
        newest = sorted(logs, key=lambda path: path.stat().st_mtime)[-2:]
        return "\n".join(line for log in newest for line in _tail(log)) or "(it wrote nothing)"

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def _control(self, verb: str, *arguments: str) -> None:
        wait = ("--wait", "--timeout", str(START_S))
        self._program("pg_ctl", verb, "--pgdata", str(self.data), "--silent", *wait, *arguments)

    def _program(self, name: str, *arguments: str) -> None:
        """Run a PostgreSQL program as the cluster's account, from a folder it can enter."""
        is_root = os.geteuid() == 0
        answer = subprocess.run(  # noqa: S603 - our own programs and arguments
            [self.binaries.folder / name, *arguments],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": self.account.pw_dir},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            umask=0o077,
            user=self.account.pw_uid if is_root else None,
            group=self.account.pw_gid if is_root else None,
            extra_groups=[] if is_root else None,
        )
        if answer.returncode:
            raise ClusterCommandError(name, (answer.stderr or answer.stdout).strip())


def digest(path: Path) -> str:
    """Return a short name for a path, the same in every process."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _publish(path: Path, text: str) -> None:
    """Write a file the server's account can read, whatever the umask."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


def _quoted(value: str) -> str:
    """Quote for the shell that pg_ctl runs the server through."""
    return "'" + value.replace("'", "'\\''") + "'"


def _tail(path: Path, count: int = 8) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
