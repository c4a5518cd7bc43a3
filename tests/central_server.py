"""Central's web application on a real port, that a test can stop and start again."""

import threading
from datetime import UTC, datetime

import uvicorn

from central.api import create_app
from central.ingest import IngestSnapshot
from central.mailman import MailmanSnapshot
from central.store import Store
from tests.deadlines import eventually

_QUIET = IngestSnapshot(
    is_running=True,
    broker=MailmanSnapshot(is_connected=True, fault=None, connections=1, received=0, waiting=0),
    taken=0,
    repeated=0,
    unasked=0,
    dead_lettered=0,
    retries=0,
    fault=None,
    committed_at=None,
)


class CentralServer:
    """The API and the dashboard on the books of ``store``, without a broker.

    What a site would send, a test writes with ``store.take``, as ingest does.
    """

    def __init__(self, store: Store, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._store = store
        self._port = port

    def start(self) -> None:
        """Serve, and return once it does."""
        self._app = create_app(self._store, lambda: _QUIET, clock=lambda: datetime.now(UTC))
        config = uvicorn.Config(
            self._app, port=self._port, log_config=None, access_log=False, ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="central-server")
        self._thread.start()
        eventually(lambda: self._server.started)

    def stop(self) -> None:
        """Stop, and end every connection; harmless where it does not run."""
        self._app.state.feed.close()
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive(), "the server did not stop"
