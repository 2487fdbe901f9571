"""Why a set-up stopped, and the ways out."""


class SetupError(Exception):
    """Printed as one line of what happened and one line for each way out."""

    def __init__(self, what: str, *ways_out: str) -> None:
        super().__init__(what)
        self.ways_out = ways_out

    def __str__(self) -> str:
        return "\n  ".join((str(self.args[0]), *self.ways_out))
