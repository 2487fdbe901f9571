"""Fetch the files of a definition that may not be shipped from their publisher.

A file appears under its name only when it is whole and its checksum is right: it is written
beside its place first and moved there in one step.
"""

import hashlib
import tempfile
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

from gridmap import read
from gridmap.boundary import Release
from gridmap.definition import Definition, Fetch, RemoteFile, load
from gridmap.errors import (
    DefinitionError,
    FactsMismatchError,
    PartialFileError,
    UnreachableError,
    WrongChecksumError,
)

# Called with the file's name, the bytes so far, and those announced (None when they are not).
Progress = Callable[[str, int, int | None], None]

CHUNK_BYTES = 1 << 16
TIMEOUT_S = 30.0


def release(
    definition: Path | str,
    folder: Path,
    *,
    base_url: str | None = None,
    progress: Progress | None = None,
) -> Release:
    """Return the release of a definition whose files are fetched into ``folder`` first.

    Parameters
    ----------
    definition
        The path of a ``definition.toml`` with a ``[fetch]`` section.
    folder
        Where the files are kept; files that are there already and right are not fetched again.
    base_url
        A copy of the publisher's folder, instead of the definition's own.
    progress
        Called after every piece of a file.

    Raises
    ------
    UnreachableError, PartialFileError, WrongChecksumError
        Fetching failed; see `files`.
    DefinitionError, FactsMismatchError
        The files are not what the definition describes. Those without a known checksum are
        removed again, so that the next call fetches them anew.
    """
    given = load(definition)
    paths = files(given, folder, base_url=base_url, progress=progress)
    by_name = {path.name: path for path in paths}
    fetched = {
        level: by_name[one.file] for level, one in given.levels.items() if one.file in by_name
    }
    try:
        return read.release(definition, files=fetched)
    except (DefinitionError, FactsMismatchError):
        for one in _fetch(given).files:
            if one.sha256 is None:
                by_name[one.name].unlink(missing_ok=True)
        raise


def files(
    definition: Definition,
    folder: Path,
    *,
    base_url: str | None = None,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Fetch every file of the definition's ``[fetch]`` section and return their paths.

    Raises
    ------
    DefinitionError
        There is no such section, or the base URL is neither http nor https.
    UnreachableError
        No network, an unknown host, a refusal by the server, or no answer in 30 s.
    PartialFileError
        The connection broke off.
    WrongChecksumError
        The file's SHA-256 is not the definition's.
    """
    wanted = _fetch(definition)
    base = (base_url or wanted.base_url.format(commit=wanted.commit)).rstrip("/")
    if not base.startswith(("https://", "http://")):
        why = f"{base} is neither http nor https"
        raise DefinitionError(path=str(definition.path), key="fetch.base_url", why=why)
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(_file(one, folder, f"{base}/{one.name}", progress) for one in wanted.files)


def _fetch(definition: Definition) -> Fetch:
    if definition.fetch is None:
        why = "this set is shipped with its files; there is nothing to fetch"
        raise DefinitionError(path=str(definition.path), key="fetch", why=why)
    return definition.fetch


def _file(one: RemoteFile, folder: Path, url: str, progress: Progress | None) -> Path:
    path = folder / one.name
    if path.exists() and one.sha256 in {None, _sha256(path)}:
        return path
    with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{one.name}.", delete=False) as part:
        try:
            _download(url, one, part, progress)
            part.close()
            Path(part.name).replace(path)
        finally:
            Path(part.name).unlink(missing_ok=True)
    return path


def _download(url: str, one: RemoteFile, part: IO[bytes], progress: Progress | None) -> None:
    digest = hashlib.sha256()
    received = 0
    try:
        with urlopen(url, timeout=TIMEOUT_S) as response:  # noqa: S310 - `files` checked the scheme
            announced = _announced(response)
            while chunk := response.read(CHUNK_BYTES):
                part.write(chunk)
                digest.update(chunk)
                received += len(chunk)
                if progress:
                    progress(one.name, received, announced)
    except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise UnreachableError(url=url, why=str(getattr(error, "reason", error))) from error
    if announced is not None and received != announced:
        raise PartialFileError(url=url, received=received, announced=announced)
    if one.sha256 not in {None, digest.hexdigest()}:
        raise WrongChecksumError(url=url, sha256=digest.hexdigest(), expected=str(one.sha256))


def _announced(response: HTTPResponse) -> int | None:
    length = response.headers.get("Content-Length")
    return int(length) if length else None


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
