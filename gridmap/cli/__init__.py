"""``gridmap``: the library on the command line. Files in, answers out; no server needed."""

from gridmap.cli.app import main

__all__ = ["main"]
