"""A worker process: ``python -m edge.worker_process NAME SOCKET CRASH BLACKBOX``.

The supervisor starts it, and it inherits the three files. It ends when it is told to, and as soon
as the supervisor is gone.
"""

import faulthandler
import logging
import os
import queue
import signal
import sys
import threading
import time

from edge.blackbox import BlackBox
from edge.errors import OutboxError
from edge.link import (
    Begin,
    Disk,
    FromWorker,
    Kept,
    Leave,
    Left,
    Link,
    LinkClosedError,
    Ready,
    Recheck,
    Rechecked,
    Report,
    Stop,
    ToWorker,
    Unfit,
    Watch,
)
from edge.slow_detectors import SlowDetectors
from edge.worker import Worker
from models.detectors import Detectors
from models.errors import ModelError
from models.manifest import find_manifest, load_manifest
from models.opencv import limit_threads
from simpang import LogLevel, set_up_logging

logger = logging.getLogger(__name__)

REPORT_EVERY_S = 0.5


def main(link: Link, blackbox: BlackBox) -> int:
    """Serve a supervisor until it says stop or is gone; return the exit status."""
    orders: queue.SimpleQueue[ToWorker | None] = queue.SimpleQueue()
    disk = Disk(link.send)
    begin = link.receive()
    assert isinstance(begin, Begin), begin
    set_up_logging(LogLevel(begin.log_level), sys.stderr)
    limit_threads(1)
    try:
        manifest = load_manifest(find_manifest(begin.settings.model))
        provider = begin.settings.inference.provider
        detectors = Detectors(manifest, provider=provider)
        slow_detectors = SlowDetectors(begin.settings.slow_models, provider=provider)
        for one in begin.assignments:
            detectors.at(one.camera.look_width_px)
            slow_detectors.of(one.camera)
    except ModelError as exc:
        link.send(Unfit(" ".join(str(exc).split())))
        return 1
    threading.Thread(target=_receive, args=(link, disk, orders), daemon=True).start()
    worker = Worker(
        begin.settings,
        detectors,
        slow_detectors,
        disk.keep,
        reply=lambda reply: _say(link, Rechecked(reply)),
        blackbox=blackbox,
        software=begin.software,
    )
    link.send(Ready())
    for one in begin.assignments:
        worker.watch(one.camera, one.open_incidents)
    # Last, because a crash's trace holds the hundred youngest threads: this one must be in it.
    worker.start()
    threading.Thread(target=_report, args=(link, worker), daemon=True).start()
    while True:
        match orders.get():
            case Watch(assignment):
                worker.watch(assignment.camera, assignment.open_incidents)
            case Leave(camera):
                _say(link, Left(camera, worker.leave(camera)))
            case Recheck(order):
                worker.recheck(order)
            case Stop():
                worker.stop()
                _say(link, Report(worker.figures()))
                return 0


def _receive(link: Link, disk: Disk, orders: "queue.SimpleQueue[ToWorker | None]") -> None:
    try:
        while True:
            word = link.receive()
            if isinstance(word, Kept):
                disk.answered(word)
            elif isinstance(word, Watch | Leave | Recheck | Stop):
                orders.put(word)
    except LinkClosedError:
        # Nobody would store what is found from here on. What is on the disk is safe, and the rest
        # was never told to anybody.
        logger.warning("the supervisor is gone: this worker ends")
        os._exit(1)


def _report(link: Link, worker: Worker) -> None:
    while True:
        time.sleep(REPORT_EVERY_S)
        _say(link, Report(worker.figures(), *(worker.in_hand() or ())))


def _say(link: Link, word: FromWorker) -> None:
    try:
        link.send(word)
    except OutboxError:
        return


if __name__ == "__main__":
    # What a terminal or a service manager tells its whole group is the supervisor's to hear.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    faulthandler.enable(file=int(sys.argv[3]), all_threads=True)
    # What hangs inside a foreign library must not hold the process.
    os._exit(main(Link(int(sys.argv[2])), BlackBox(int(sys.argv[4]))))
