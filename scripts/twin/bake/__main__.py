"""Bake plates: ``python -m scripts.twin.bake south corner --wet``, ``--all``, or ``--training``.

Runs in an environment with bpy and numpy; see ``docs/twin.md``.
"""

import argparse
import ast
import hashlib
from pathlib import Path

from scripts.twin.bake.bake import bake, is_baked
from scripts.twin.bake.jobs import NEEDED, SAMPLES, TRAINING, Job
from scripts.twin.world import CAMERAS


def main() -> None:
    """Bake what the command line asks for; plates that are there and fresh are left alone."""
    parser = argparse.ArgumentParser(prog="python -m scripts.twin.bake", description=__doc__)
    parser.add_argument("cameras", nargs="*", metavar="CAMERA", help=", ".join(CAMERAS))
    parser.add_argument("--all", action="store_true", help="what the films need")
    parser.add_argument("--training", action="store_true", help="what training pictures need")
    parser.add_argument("--wet", action="store_true", help="after rain")
    parser.add_argument("--out", type=Path, default=Path("var/twin/plates"))
    parser.add_argument("--samples", type=int, default=SAMPLES, help="per pixel and light")
    parser.add_argument("--scale", type=float, default=1.0, help="of the plates' size")
    parser.add_argument("--lights", nargs="*", default=[], help="only these, to look at")
    asked = parser.parse_args()
    unknown = [name for name in asked.cameras if name not in CAMERAS]
    if unknown or not (asked.cameras or asked.all or asked.training):
        parser.error(f"no camera {', '.join(unknown) or 'given'}; there are {', '.join(CAMERAS)}")
    jobs = [
        Job(name, asked.wet, tuple(asked.lights), asked.samples, asked.scale)
        for name in asked.cameras
    ]
    jobs += NEEDED if asked.all else ()
    jobs += TRAINING if asked.training else ()
    source = _source()
    for job in jobs:
        if is_baked(job, asked.out, source):
            print(f"{job.camera}, {'wet' if job.wet else 'dry'}: is baked")
            continue
        print(bake(job, asked.out, source), flush=True)


def _source() -> str:
    """Return a digest of the code that shapes the plates, blind to its comments and layout."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for file in (*sorted(here.glob("*.py")), here.parent / "world.py", here.parent / "camera.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                node.value.value = ""
        digest.update(ast.dump(tree).encode())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    main()
