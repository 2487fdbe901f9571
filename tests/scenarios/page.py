"""A scenario as a page: its story, and what happened, as the service told it."""

from tests.scenarios.player import Scenario


def page(scenario: Scenario, timeline: list[str]) -> str:
    """Return the page in Markdown."""
    lines = [
        f"# {scenario.title}",
        "",
        f"*{scenario.rows}*",
        "",
        scenario.story,
        "",
        f"由 `tests/scenarios/{scenario.name}.toml` 在真实服务上演出；人名、时刻为示例。",
        "",
        "| 时间 | 经过 |",
        "|---|---|",
        *timeline,
        "",
    ]
    return "\n".join(lines)
