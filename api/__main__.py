"""``python -m api``."""

import signal
import sys

from pydantic import ValidationError

from api.cli import app
from gridmap.errors import GridmapError


def main() -> int:
    """Run the command line; what we can explain is explained in one paragraph."""
    signal.signal(signal.SIGTERM, leave)
    try:
        app()
    except GridmapError as error:
        sys.stderr.write(f"gridmap: {error}\n")
        return 1
    except ValidationError as error:
        sys.stderr.write(f"gridmap: {explained(error)}\n")
        return 2
    return 0


def leave(number: int, _frame: object) -> None:
    """Turn SIGTERM into SystemExit, so that ``with`` blocks end and the cluster is let go."""
    sys.exit(128 + number)  # what a shell reports for a process ended by a signal


def explained(error: ValidationError) -> str:
    """Name each setting that cannot be used and the variable it comes from."""
    return "; ".join(
        f"GRIDMAP_{'_'.join(map(str, each['loc'])).upper()}={each['input']}: {each['msg']}"
        for each in error.errors()
    )


if __name__ == "__main__":
    sys.exit(main())
