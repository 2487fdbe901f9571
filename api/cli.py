"""``python -m api``: the service's commands, each a thin door to one module."""

import socket
import tomllib
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import DownloadColumn, Progress, TaskID

from api import companion, first_run, people, port
from api.commands import agreements, ledger, policy, replay, units
from api.commands.console import say
from api.first_run import as_owner, as_service
from api.rehearsal import Clock
from api.services import auditing, cataloguing, loading, rostering
from api.settings import (
    PROJECT,
    AccountSettings,
    DatabaseSettings,
    DataSettings,
    RehearsalSettings,
    ServerSettings,
    WebhookSettings,
)
from api.store import migrate as migrations
from api.store.cluster import PrivateCluster
from api.store.server import Server, server_of
from gridmap import catalogue_files, read, staff_files, topology
from gridmap import fetch as fetching
from gridmap.boundary import Release
from gridmap.errors import BrokenTopologyError

SHOWN_FINDINGS = 10
FETCHED = PROJECT / ".gridmap" / "fetched"

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
cluster = typer.Typer(no_args_is_help=True, help="The private PostgreSQL of this checkout.")
app.add_typer(cluster, name="cluster")
app.add_typer(policy.app, name="policy")
app.add_typer(agreements.app, name="agreements")
app.add_typer(units.app, name="units")
app.add_typer(ledger.app, name="ledger")
app.command()(replay.replay)
app.add_typer(people.app, name="accounts")
catalogue = typer.Typer(no_args_is_help=True, help="Problem lists by versions.")
app.add_typer(catalogue, name="catalogue")
staff = typer.Typer(no_args_is_help=True, help="Who serves where, and when.")
app.add_typer(staff, name="staff")


@app.command()
def run() -> None:
    """Prepare whatever is missing, then serve with a worker: what `make run` ends with."""
    with closing(_claimed_port()) as claimed:
        server = _server()
        if isinstance(server, PrivateCluster) and not server.answers():
            say("database: starting PostgreSQL")
        with server.held():
            demonstration = _demonstration(claimed)
            first_run.prepare(server, DataSettings(), say, demonstration=demonstration)
            with companion.worker(say):
                _serve(claimed, server, demonstration=demonstration)


@app.command()
def serve() -> None:
    """Serve what is there; the database must have been prepared."""
    server = _server()
    with closing(_claimed_port()) as claimed, server.held():
        server.create_database()
        migrations.require_head(server.urls().owner)
        _serve(claimed, server, demonstration=AccountSettings().demonstration or False)


@app.command()
def worker(
    *, beside: Annotated[bool, typer.Option(hidden=True, help="end when stdin ends")] = False
) -> None:
    """Keep the clocks and send what is to be sent, until stopped; any number may run."""
    # Here, not above, for the same reason as in `_serve`.
    from api.worker import work  # noqa: PLC0415 - slow to import, see `_serve`

    server = _server()
    if beside:
        companion.end_with_parent()
    # Beside a server it is the server that holds the cluster.
    with nullcontext() if beside else server.held():
        migrations.require_head(server.urls().owner)
        work(server.urls().service, _clock(), say)


@app.command()
def verify() -> None:
    """Check every chain of events, every text and every anchor; exit 1 where one is not as it was.

    It reads as the service does, and people may go on working.
    """
    server = _server()
    with server.held(), Progress() as bar:
        task = bar.add_task("cases", total=None)
        migrations.require_head(server.urls().owner)
        found = as_service(
            server,
            lambda engine: auditing.verify(
                engine, lambda done, of: bar.update(task, completed=done, total=of)
            ),
        )
    for fault in found.faults:
        say(str(fault))
    say(
        f"{found.cases} cases with {found.events} events ({found.erased} of them with erased texts)"
        f" and {found.anchors} anchors are checked; {found.unanchored} cases changed since the last"
    )
    say(f"{len(found.faults)} faults" if found.faults else "all is as it was written")
    raise typer.Exit(1 if found.faults else 0)


@app.command()
def migrate(revision: Annotated[str, typer.Argument(help="alembic revision")] = "head") -> None:
    """Bring the database to a revision."""
    server = _server()
    with server.held():
        server.create_database()
        migrations.upgrade(server.urls().owner, revision=revision)
        say(f"the database is at revision {migrations.current(server.urls().owner)}")


@app.command(name="import")
def import_(
    definition: Annotated[Path, typer.Argument(help="the set's definition.toml")],
    *,
    fetch: Annotated[bool, typer.Option(help="get the set's files from their publisher")] = False,
    base_url: Annotated[str | None, typer.Option(help="a copy of the publisher's folder")] = None,
    cache: Annotated[Path, typer.Option(help="where fetched files are kept")] = FETCHED,
    accept_findings: Annotated[bool, typer.Option(help="import in spite of findings")] = False,
    activate: Annotated[bool, typer.Option(help="let it answer at once")] = False,
    commit: Annotated[bool, typer.Option(help="write; without it nothing is")] = False,
) -> None:
    """Import a boundary release, inactive unless --activate; a dry run unless --commit."""
    release = fetched(definition, cache, base_url) if fetch else read.release(definition)
    for layer in release.layers.values():
        say(f"{layer.level}: {len(layer)} areas, {layer.basis}")
    findings = topology.faults(topology.check(release))
    for finding in findings[:SHOWN_FINDINGS]:
        say(f"finding: {finding}")
    if findings and not accept_findings:
        raise BrokenTopologyError(release.id, len(findings), str(findings[0]))
    if not commit:
        say(f"{release.id} can be imported; say --commit to do it")
        return
    server = _server()
    with server.held():
        as_owner(server, lambda engine: loading.import_release(engine, release, activate=activate))
    say(f"{release.id} is imported{' and answers now' if activate else ''}")


def fetched(definition: Path, cache: Path, base_url: str | None) -> Release:
    """Return the release of a set whose files are fetched, showing how far that is."""
    folder = cache / definition.resolve().parent.name
    with Progress(*Progress.get_default_columns(), DownloadColumn()) as bar:
        tasks: dict[str, TaskID] = {}

        def show(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total)
            bar.update(tasks[name], completed=done, total=total)

        return fetching.release(definition, folder, base_url=base_url, progress=show)


@app.command()
def activate(
    release: Annotated[str, typer.Argument(help="the id of an imported release")],
    *,
    commit: Annotated[bool, typer.Option(help="write; without it nothing is")] = False,
) -> None:
    """Let an imported release answer; a dry run unless --commit."""
    server = _server()
    with server.held():
        for stored in as_owner(server, loading.stored_releases):
            say(f"{stored.id}: {stored.title}{' (answers now)' if stored.active else ''}")
        if commit:
            as_owner(server, lambda engine: loading.activate_release(engine, release))
            say(f"{release} answers now")


@app.command()
def seed() -> None:
    """Make a demonstration directory for the release that answers."""
    server = _server()
    with server.held():
        templates = tomllib.loads(DataSettings().directory.read_text(encoding="utf-8"))
        count = as_owner(server, lambda engine: loading.seed_directory(engine, templates))
        say(f"{count} demonstration units")


@catalogue.command(name="import")
def import_catalogue(
    file: Annotated[Path, typer.Argument(help="a .toml, .json or .zip file, or a folder of CSV")],
    *,
    activate: Annotated[bool, typer.Option(help="let it decide at once")] = False,
    commit: Annotated[bool, typer.Option(help="write; without it nothing is")] = False,
) -> None:
    """Import a catalogue, inactive unless --activate; a dry run unless --commit."""
    given = catalogue_files.read(file)
    server = _server()
    with server.held():
        preview = as_owner(server, lambda engine: cataloguing.preview(engine, given))
        _tell(preview)
        if not commit:
            say(f"{given.version} can be imported; say --commit to do it")
            return
        as_owner(
            server, lambda engine: cataloguing.import_catalogue(engine, given, activate=activate)
        )
    say(f"{given.version} is imported{' and decides now' if activate else ''}")


def _tell(preview: cataloguing.Preview) -> None:
    for change in preview.changes or ():
        for line in change.lines:
            say(line)
    if preview.changes is not None:
        say(f"{len(preview.changes)} changes from {preview.active}, which decides now")
    if preview.lacking:
        say(f"warning: the directory has no unit of these kinds: {', '.join(preview.lacking)}")


@catalogue.command(name="activate")
def activate_catalogue(
    version: Annotated[str, typer.Argument(help="the version of an imported catalogue")],
    *,
    commit: Annotated[bool, typer.Option(help="write; without it nothing is")] = False,
) -> None:
    """Let an imported catalogue decide; a dry run unless --commit."""
    server = _server()
    with server.held():
        as_owner(server, lambda engine: cataloguing.catalogue_of(engine, version))
        if not commit:
            say(f"{version} can be activated; say --commit to do it")
            return
        as_owner(server, lambda engine: cataloguing.activate_catalogue(engine, version))
    say(f"{version} decides now")


@catalogue.command(name="list")
def list_catalogues() -> None:
    """Say which catalogues are there."""
    server = _server()
    with server.held():
        for stored in as_owner(server, cataloguing.stored_catalogues):
            sample = ", a sample" if stored.sample else ""
            now = " (decides now)" if stored.active else ""
            say(f"{stored.version}: {stored.title}{sample}{now}")


@staff.command(name="import")
def import_staff(
    file: Annotated[Path, typer.Argument(help="a CSV, one row a person")],
    *,
    commit: Annotated[bool, typer.Option(help="write; without it nothing is")] = False,
) -> None:
    """Replace the roster by a table's; a dry run unless --commit."""
    people = staff_files.read(file)
    server = _server()
    with server.held():
        _tell_staff(as_owner(server, lambda engine: rostering.preview(engine, people)))
        if not commit:
            say(f"{len(people)} people can be imported; say --commit to replace the roster")
            return
        count = as_owner(server, lambda engine: rostering.import_staff(engine, people))
    say(f"the roster has {count} people")


def _tell_staff(preview: rostering.Preview) -> None:
    for change in preview.changes:
        for line in change.lines:
            say(line)
    say(f"{len(preview.changes)} changes from the present roster")
    if preview.units:
        say(f"warning: the directory lacks these units: {', '.join(preview.units)}")
    if preview.areas:
        say(f"warning: the active release lacks these areas: {', '.join(preview.areas)}")
    if preview.logins:
        say(f"warning: there are no accounts with these logins: {', '.join(preview.logins)}")


@staff.command(name="erase")
def erase_staff_name(person: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Erase the name of one person for good; the id stays in the record."""
    server = _server()
    with server.held():
        erased = as_owner(server, lambda engine: rostering.erase_name(engine, person))
    say(f"the name of {person} is erased" if erased else f"there is no name of {person}")


@cluster.command()
def start() -> None:
    """Start the cluster, making it if there is none, and let it run until `stop`."""
    private = _private_cluster()
    say("started; it runs until `stop`" if private.keep() else "it runs already")
    say(f"data in {private.home}")


@cluster.command()
def stop() -> None:
    """Stop the cluster, closing the connections of whoever uses it."""
    say("stopped" if _private_cluster().stop() else "it did not run")


@cluster.command()
def status() -> None:
    """Say where the cluster is and whether it runs; exit 1 if not."""
    private = _private_cluster()
    runs = private.answers()
    say(f"{'running' if runs else 'not running'}, data in {private.home}")
    raise typer.Exit(0 if runs else 1)


def _server() -> Server:
    return server_of(PROJECT, DatabaseSettings())


def _private_cluster() -> PrivateCluster:
    return PrivateCluster.at(PROJECT, state=DatabaseSettings().state_folder)


def _claimed_port() -> socket.socket:
    settings = ServerSettings()
    return port.claim(settings.host, settings.port)


def _demonstration(claimed: socket.socket) -> bool:
    """Whether anybody may sign in as a demonstration account: unless told, on this machine only."""
    told = AccountSettings().demonstration
    return port.is_loopback(claimed) if told is None else told


def _clock() -> Clock:
    """The machine's clock, or that of a rehearsal, which must not go unnoticed."""
    file = RehearsalSettings().rehearsal_clock
    if file is not None:
        say(f"REHEARSAL: the clock is set by {file}; nothing that happens now is real")
    return Clock(file)


def _serve(claimed: socket.socket, server: Server, *, demonstration: bool) -> None:
    # Here, not above: the web framework takes half a second that `cluster stop` does not need.
    from api.main import create_app  # noqa: PLC0415 - slow to import
    from api.serve import serve as serve_until_stopped  # noqa: PLC0415 - slow to import

    app = create_app(
        server.urls().service,
        DataSettings(),
        hosts=ServerSettings().hosts,
        people=AccountSettings(),
        files=DataSettings().files,
        clock=_clock(),
        private_webhooks=WebhookSettings().webhook_private,
        demonstration=demonstration,
    )
    serve_until_stopped(app, claimed, say)
