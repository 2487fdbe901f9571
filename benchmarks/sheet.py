"""What was measured, as a table for people or for ``benchmarks/README.md``."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Sheet:
    """One table of figures, and the targets it speaks to."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        self.rows.append(cells)

    def remark(self, text: str) -> None:
        self.remarks.append(text)

    def target(
        self, what: str, seen: float, *, at_least: float | None = None, at_most: float = 0
    ) -> None:
        """Say whether a target of the project is met in this run."""
        met = seen >= at_least if at_least is not None else seen <= at_most
        bound = f"at least {at_least:g}" if at_least is not None else f"at most {at_most:g}"
        self.remark(f"{what}: {seen:.3g}, wanted {bound}: {'met' if met else 'NOT MET'}")

    def text(self) -> str:
        """Return the table in columns of equal width."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[at]) for line in lines) for at in range(len(self.columns))]
        table = [
            "  "
            + "  ".join(_aligned(cell, widths[at], at) for at, cell in enumerate(line)).rstrip()
            for line in lines
        ]
        return "\n".join([self.title, *table, *(f"  * {remark}" for remark in self.remarks)])

    def markdown(self) -> str:
        """Return the table in Markdown."""
        head = f"| {' | '.join(self.columns)} |"
        rule = "|---|" + "---:|" * (len(self.columns) - 1)
        table = [head, rule, *(f"| {' | '.join(row)} |" for row in self.rows)]
        remarks = [f"- {remark}" for remark in self.remarks]
        return "\n".join([f"## {self.title}", "", *table, *([""] if remarks else []), *remarks])

    def show(self, *, markdown: bool) -> None:
        print(self.markdown() if markdown else self.text(), end="\n\n", flush=True)


def _aligned(cell: str, width: int, at: int) -> str:
    return cell.rjust(width) if at else cell.ljust(width)
