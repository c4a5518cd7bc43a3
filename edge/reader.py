"""One connection of one camera: the thread that opens a source and empties it."""

import logging
import threading
from collections.abc import Callable

from analytics.messages import StreamFaultType
from edge.errors import StreamError
from edge.sources import FrameSource, Sample

logger = logging.getLogger(__name__)


class Reader:
    """Opens a source and hands on its samples until it fails, ends or is abandoned.

    Parameters
    ----------
    camera_id
        For the log and the thread's name.
    open_source
        Called in the reader's thread.
    deliver
        Takes each sample, in the reader's thread; not called once the reader is abandoned.
    finish
        Called last in that thread, also when it was abandoned.

    Attributes
    ----------
    source
        None until it is open.
    error
        Why it failed; None where the source just ended. Valid once `finished`.
    """

    def __init__(
        self,
        camera_id: str,
        open_source: Callable[[], FrameSource],
        deliver: Callable[["Reader", Sample], None],
        finish: Callable[[], None],
    ) -> None:
        self._camera_id = camera_id
        self._open_source = open_source
        self._deliver = deliver
        self._finish = finish
        self._abandoned = threading.Event()
        self._finished = threading.Event()
        # A daemon: one that hangs in a foreign library must not keep the process alive.
        self._thread = threading.Thread(target=self._run, name=f"reader-{camera_id}", daemon=True)
        self.source: FrameSource | None = None
        self.error: StreamError | None = None

    @property
    def finished(self) -> bool:
        """Whether it will deliver nothing more and has let go of its source."""
        return self._finished.is_set()

    def start(self) -> None:
        """Begin to connect; where the system allows no more threads, fail at once."""
        try:
            self._thread.start()
        except RuntimeError as exc:
            text = f"no thread could be started to read the stream: {exc}"
            self._end(StreamError(StreamFaultType.PROTOCOL, text))

    def abandon(self) -> None:
        """Stop listening to it; its thread ends as soon as whatever it waits for lets it."""
        self._abandoned.set()
        source = self.source
        if source is not None:
            source.close()

    def join(self, timeout_s: float) -> None:
        """Wait until it has finished, or ``timeout_s`` is over."""
        self._finished.wait(timeout_s)

    def _run(self) -> None:
        error: StreamError | None = None
        try:
            self._read()
        except StreamError as exc:
            # Without its traceback, which would hold on to the source and its pictures.
            error = StreamError(exc.fault, exc.text)
        except Exception as exc:
            # The camera's supervisor must learn of it, or the camera would be dead without a word.
            logger.exception(
                "stream %s: unexpected error", self._camera_id, extra={"camera_id": self._camera_id}
            )
            text = f"unexpected {type(exc).__name__}; the log has the details"
            error = StreamError(StreamFaultType.PROTOCOL, text)
        finally:
            self._end(error)

    def _end(self, error: StreamError | None) -> None:
        self.error = error
        self._finished.set()
        self._finish()

    def _read(self) -> None:
        source = self.source = self._open_source()
        try:
            # Abandoned while it was opening, `abandon` saw no source to close.
            if self._abandoned.is_set():
                return
            for sample in source.samples():
                if self._abandoned.is_set():
                    return
                self._deliver(self, sample)
        finally:
            source.close()
