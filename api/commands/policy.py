"""``python -m api policy``: import, activate and list policies; dry runs unless --commit."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.console import on_the_database, say
from api.services import policies
from api.services.reference import read_document

app = typer.Typer(no_args_is_help=True, help="Who leads, what counts: versioned policies.")

Commit = Annotated[bool, typer.Option(help="write; without it nothing is")]


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="the policy's TOML file")],
    *,
    activate: Annotated[bool, typer.Option(help="let it decide at once")] = False,
    commit: Commit = False,
) -> None:
    """Import a policy, inactive unless --activate; a dry run unless --commit."""
    document = read_document(file)
    made = on_the_database(
        lambda engine: policies.import_policy(
            engine, document, source=str(file), activate=activate, commit=commit
        )
    )
    for number, rule in enumerate(made.rules, start=1):
        parameters = ", ".join(f"{name} {value:g}" for name, value in rule.parameters.items())
        say(f"rule {number}: {rule.rule} {rule.name}{f' ({parameters})' if parameters else ''}")
    if not commit:
        say(f"{made.version} can be imported; say --commit to do it")
        return
    say(f"{made.version} is imported{' and decides now' if activate else ''}")


@app.command()
def activate(
    version: Annotated[str, typer.Argument(help="the version of an imported policy")],
    *,
    commit: Commit = False,
) -> None:
    """Let an imported policy decide; a dry run unless --commit."""
    list_()
    if commit:
        on_the_database(lambda engine: policies.activate_policy(engine, version))
        say(f"{version} decides now")


@app.command(name="list")
def list_() -> None:
    """List the imported policies, the newest first."""
    for stored in on_the_database(policies.stored_policies):
        decides = " (decides now)" if stored.active else ""
        say(f"{stored.version}: {stored.document.get('title', '')}{decides}")
