"""``python -m scripts.soak recovery | neighbours``: prints a table as it goes."""

import argparse
import tempfile
from pathlib import Path

from scripts.camera_farm import FAULTS
from scripts.rtsp.street_films import ensure_street_films
from scripts.soak import neighbours, recovery

FILMS = Path("var/bench")


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m scripts.soak", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    returns = kinds.add_parser("recovery", help="50 faults of each kind: how soon is it over?")
    returns.add_argument("--only", nargs="+", choices=FAULTS, default=FAULTS, metavar="FAULT")
    beside = kinds.add_parser("neighbours", help="some cameras fail: what do the others lose?")
    beside.add_argument("--cameras", type=int, default=32)
    beside.add_argument("--faults", default="stall=2,drop=2,refuse=1,flap=2,garbage=1")
    beside.add_argument("--minutes", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="simpang-soak-") as name:
        if options.kind == "recovery":
            print(recovery.HEAD, flush=True)
            (film,) = ensure_street_films(FILMS, count=1)
            for result in recovery.recoveries(film, Path(name), options.only):
                print(result.text(), flush=True)
        else:
            print(neighbours.HEAD, flush=True)
            for minute in neighbours.minutes(
                Path(name), cameras=options.cameras, faults=options.faults, count=options.minutes
            ):
                print(minute.text(), flush=True)


if __name__ == "__main__":
    main()
