"""Eclipse SUMO as a process: files in, files out. Only this module knows how it is called."""

import os
import subprocess
from pathlib import Path

import sumo

from scripts.twin.traffic.demand import Demand
from scripts.twin.traffic.routes import write_measures, write_routes

STEP_S = 0.1
STEPS_PER_S = 10

_NETWORK = Path(__file__).parent / "network"
_HOME = Path(sumo.SUMO_HOME)


class SimulationError(RuntimeError):
    """SUMO failed; says what it said."""


def simulate(folder: Path, demand: Demand, *, seed: int, from_s: float, to_s: float) -> None:
    """Run a demand from an empty place (a jam: from a full one) and write what happens.

    Parameters
    ----------
    folder
        Where ``positions.xml`` (every step from ``from_s`` on), ``detectors.xml``, ``trips.xml``
        and ``signal.xml`` are written.
    demand
        What drives.
    seed
        Of everything random.
    from_s, to_s
        Seconds of the simulation.

    Raises
    ------
    SimulationError
        If SUMO refuses its input.
    """
    write_routes(folder / "routes.xml", demand, to_s)
    write_measures(folder / "measures.xml", demand)
    _call(
        folder,
        "netconvert",
        *("--node-files", _NETWORK / "junction.nod.xml"),
        *("--edge-files", _NETWORK / "junction.edg.xml"),
        *("--connection-files", _NETWORK / "junction.con.xml"),
        *("--tllogic-files", _NETWORK / f"{demand.programme}.tll.xml"),
        *("--lefthand", "true", "--no-turnarounds", "true"),
        *("--offset.disable-normalization", "true", "--output-file", "net.xml"),
    )
    _call(
        folder,
        "sumo",
        *("--net-file", "net.xml", "--route-files", "routes.xml"),
        *("--additional-files", "measures.xml", "--seed", seed),
        *("--step-length", STEP_S, "--end", to_s, "--lateral-resolution", 0.4),
        # Nobody vanishes; who waits inside the junction cannot lock it for ever.
        *("--time-to-teleport", -1, "--ignore-junction-blocker", 10),
        *("--max-depart-delay", 10, "--collision.action", "none"),
        *("--fcd-output", "positions.xml", "--device.fcd.begin", from_s),
        *("--fcd-output.attributes", "x,y,angle,speed,type,lane,edge", "--precision", 3),
        *("--tripinfo-output", "trips.xml", "--no-step-log", "true"),
    )


def _call(folder: Path, program: str, *arguments: str | float | Path) -> None:
    # What is run is the wheel's own program, and every argument comes from this package.
    done = subprocess.run(  # noqa: S603
        [_HOME / "bin" / program, *map(str, arguments), "--xml-validation", "never"],
        cwd=folder,
        env=os.environ | {"SUMO_HOME": str(_HOME)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SimulationError(f"{program} failed with {done.returncode}: {done.stderr.strip()}")
