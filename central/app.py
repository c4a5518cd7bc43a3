"""Puts central together, and runs it until it is told to stop."""

import asyncio
import contextlib
import errno
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI

from central.api import create_app
from central.broker import EmbeddedBroker, EmbeddedBrokerError
from central.broker_watch import BrokerWatch
from central.config import BrokerSettings, CentralSettings, ListenSettings
from central.errors import ServeError
from central.ingest import CHANNELS, Ingest
from central.mailman import Mailman
from central.rechecks import Rechecks
from central.store import Database, Store, open_database

logger = logging.getLogger(__name__)

_STOP_S = 10


def serve(settings: CentralSettings) -> None:
    """Run central until SIGTERM or SIGINT.

    Raises
    ------
    SchemaError
        Where the database has another schema than this program.
    StoreUnavailableError
        Where the database is away at the start; later, central waits for it.
    ServeError
        Where it cannot listen, or the embedded broker does not start.
    """
    with contextlib.ExitStack() as parts:
        database = open_books(settings)
        parts.callback(database.close)
        store = Store(database, settings.policies, settings.recheck.policy())
        store.check()
        listener = parts.enter_context(listening(settings.listen))
        broker_fault = parts.enter_context(_broker(settings.broker))
        mailman = Mailman(settings.broker, CHANNELS)
        ingest = Ingest(store, mailman, sites=settings.sites, clock=_now)
        parts.callback(ingest.stop, timeout_s=_STOP_S)
        ingest.start()
        rechecks = Rechecks(store, mailman, clock=_now)
        parts.callback(rechecks.stop, timeout_s=_STOP_S)
        rechecks.start()
        app = create_app(store, ingest.snapshot, clock=_now, faults=(broker_fault, rechecks.fault))
        asyncio.run(_serve_http(app, listener))


def open_books(settings: CentralSettings) -> Database:
    """Return the database that the settings name; nothing is connected yet."""
    password = settings.database_password
    return open_database(
        settings.database_url.get_secret_value(),
        password=None if password is None else password.get_secret_value(),
    )


def _now() -> datetime:
    return datetime.now(UTC)


@contextlib.contextmanager
def listening(settings: ListenSettings) -> Iterator[socket.socket]:
    """Give a socket that listens, and close it at the end.

    Raises
    ------
    ServeError
        Where another program listens there, or the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
            # At once: the port is free to all who only bind it, such as a second central.
            listener.listen()
        except OSError as error:
            address = f"{settings.host}:{settings.port}"
            is_taken = error.errno == errno.EADDRINUSE
            reason = "another program listens there already" if is_taken else error.strerror
            raise ServeError(f"cannot listen on {address}: {reason}") from error
        yield listener


@contextlib.contextmanager
def _broker(settings: BrokerSettings) -> Iterator[Callable[[], str | None]]:
    """Run the embedded broker, where there is one, and give what tells why it is down."""
    if settings.embedded is None:
        yield lambda: None
        return
    password = settings.password
    broker = EmbeddedBroker(
        settings.embedded.data_dir,
        settings.port,
        username=settings.username,
        password=None if password is None else password.get_secret_value(),
    )
    watch = BrokerWatch(broker)
    try:
        try:
            watch.start()
        except EmbeddedBrokerError as error:
            raise ServeError(str(error)) from error
        yield lambda: watch.fault
    finally:
        watch.stop()


class _Server(uvicorn.Server):
    """uvicorn's, with the signals left to us, and a word on when it is ready."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none: uvicorn would end the process by the signal, not with exit code 0."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell where."""
        await super().startup(sockets)
        for listener in sockets or ():
            print(f"central serves {_url(listener)}", file=sys.stderr, flush=True)  # noqa: T201


async def _serve_http(app: FastAPI, listener: socket.socket) -> None:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STOP_S,
    )
    server = _Server(config)

    def stop() -> None:
        server.force_exit = server.should_exit
        server.should_exit = True
        app.state.feed.close()

    loop = asyncio.get_running_loop()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, stop)
    await server.serve(sockets=[listener])


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
