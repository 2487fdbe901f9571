"""``python -m api``: the service's commands, each a thin door to one module."""

import socket
from contextlib import closing
from typing import Annotated

import typer

from api import first_run, port
from api.settings import PROJECT, DatabaseSettings, DataSettings, ServerSettings
from api.store import migrate as migrations
from api.store.cluster import PrivateCluster
from api.store.server import Server, server_of

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
cluster = typer.Typer(no_args_is_help=True, help="The private PostgreSQL of this checkout.")
app.add_typer(cluster, name="cluster")


@app.command()
def run() -> None:
    """Prepare whatever is missing, then serve: what `make run` ends with."""
    with closing(_claimed_port()) as claimed:
        server = _server()
        if isinstance(server, PrivateCluster) and not server.answers():
            say("database: starting PostgreSQL")
        with server.held():
            first_run.prepare(server, DataSettings(), say)
            _serve(claimed)


@app.command()
def serve() -> None:
    """Serve what is there; the database must have been prepared."""
    with closing(_claimed_port()) as claimed, _server().held():
        _serve(claimed)


@app.command()
def migrate(revision: Annotated[str, typer.Argument(help="alembic revision")] = "head") -> None:
    """Bring the database to a revision."""
    server = _server()
    with server.held():
        server.create_database()
        migrations.upgrade(server.urls().owner, revision=revision)
        say(f"the database is at revision {migrations.current(server.urls().owner)}")


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


def say(text: str) -> None:
    typer.echo(f"gridmap: {text}")


def _server() -> Server:
    return server_of(PROJECT, DatabaseSettings())


def _private_cluster() -> PrivateCluster:
    return PrivateCluster.at(PROJECT, state=DatabaseSettings().state_folder)


def _claimed_port() -> socket.socket:
    settings = ServerSettings()
    return port.claim(settings.host, settings.port)


def _serve(claimed: socket.socket) -> None:
    # Here, not above: the web framework takes half a second that `cluster stop` does not need.
    from api.main import create_app  # noqa: PLC0415
    from api.serve import serve as serve_until_stopped  # noqa: PLC0415

    serve_until_stopped(create_app(), claimed, say)
