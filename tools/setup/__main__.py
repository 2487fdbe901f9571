"""``python3 -m tools.setup run|test|check``; must parse on any Python 3 to refuse it in words."""

import sys

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    sys.exit(
        "gridmap: Python 3.11 or later is needed, and {} is {}.{}.{}.\n"
        "  Name another one: make run PYTHON=python3.12\n"
        "  Debian 12 and Ubuntu 24.04 bring one: apt-get install python3".format(
            sys.executable, *sys.version_info[:3]
        )
    )

from tools.setup.program import main  # noqa: E402 - an older Python cannot read it

sys.exit(main(sys.argv[1:]))
