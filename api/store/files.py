"""Files outside the database: a folder in which each is named by the hash of what it holds."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from anyio import to_thread


@dataclass(frozen=True)
class Files:
    """A content-addressed folder; what is in it is never changed."""

    folder: Path

    async def keep(self, content: bytes) -> str:
        """Write a file, durably and all of it, and return its SHA-256 in hexadecimal."""
        return await to_thread.run_sync(self._keep, content)

    async def read(self, sha256: str) -> bytes:
        """Return what a file holds; `FileNotFoundError` when somebody took it away."""
        return await to_thread.run_sync(self._path(sha256).read_bytes)

    def _keep(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        if path.exists():
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).rename(path)
        return sha256

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256
