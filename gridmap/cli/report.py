"""Files that a command writes beside its answer: whole, or not at all."""

import tempfile
from pathlib import Path


def save(path: Path, text: str) -> None:
    """Put a text where a report is wanted, in the place of an older one."""
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", encoding="utf-8", delete=False
    ) as unfinished:
        try:
            unfinished.write(text)
            unfinished.close()
            Path(unfinished.name).replace(path)
        finally:
            Path(unfinished.name).unlink(missing_ok=True)
