"""A building's plot and fate: how wide and tall it is, what it sells, whether it is lit."""

from dataclasses import dataclass

import numpy as np

from scripts.twin.bake.solids import Paint, Rgb

STOREY_M = 3.4
SIGN_TEXTS = (
    "WARUNG MAKAN", "APOTEK SEHAT", "TOKO BANGUNAN", "BENGKEL MOTOR", "LAUNDRY KILOAN", "FOTOCOPY",
    "PULSA & DATA", "SOTO AYAM", "KLINIK GIGI", "TOKO EMAS", "SERVIS AC", "BAKSO & MIE AYAM",
    "PANGKAS RAMBUT", "OPTIK", "TOKO KUE", "NASI PADANG", "CUCI MOTOR", "BATIK & KEBAYA",
    "TAMBAL BAN", "SALON", "TOKO LISTRIK", "AYAM GEPREK", "SEMBAKO MURAH", "PENJAHIT",
    "BIDAN PRAKTEK", "KOPI TUBRUK", "TOKO MAINAN", "KONTER HP", "MARTABAK", "DEPOT AIR",
)  # fmt: skip
WALLS: tuple[Rgb, ...] = (
    (0.62, 0.58, 0.48), (0.66, 0.65, 0.61), (0.40, 0.50, 0.50), (0.60, 0.42, 0.30),
    (0.42, 0.50, 0.36), (0.66, 0.58, 0.34), (0.52, 0.30, 0.26), (0.55, 0.55, 0.56),
    (0.68, 0.62, 0.55), (0.36, 0.42, 0.52),
)  # fmt: skip
SIGNS: tuple[Rgb, ...] = (
    (0.50, 0.02, 0.02), (0.02, 0.08, 0.40), (0.70, 0.48, 0.02), (0.02, 0.25, 0.08),
    (0.72, 0.72, 0.70), (0.60, 0.16, 0.01), (0.03, 0.30, 0.34), (0.30, 0.10, 0.03),
)  # fmt: skip
GOODS: tuple[Rgb, ...] = (*SIGNS, (0.5, 0.4, 0.3), (0.1, 0.1, 0.12), (0.6, 0.55, 0.4))

FRAME = Paint("plain", (0.09, 0.075, 0.06))
GLASS = Paint("glass")
CONCRETE = Paint("concrete", (0.36, 0.35, 0.33))
STEEL = Paint("metal", (0.3, 0.3, 0.31))


@dataclass(frozen=True, slots=True)
class Lot:
    """One building's plot and fate: drawn before it is built, so that neighbours can differ."""

    width_m: float
    depth_m: float
    storeys: int
    front: str
    wall: Rgb
    sign: Rgb
    text: str
    tiled: bool
    lit: bool
    detailed: bool


def draw_lot(rng: np.random.Generator, number: int, *, detailed: bool) -> Lot:
    """Return a random lot; ``number`` keeps its sign different from its neighbours'."""
    return Lot(
        width_m=float(rng.choice([4.0, 4.5, 5.0, 6.0])),
        depth_m=float(rng.uniform(9, 13)),
        storeys=int(rng.choice([1, 2, 2, 2, 3, 3])),
        front=str(rng.choice(["open", "open", "glass", "shutter", "shutter"])),
        wall=WALLS[int(rng.integers(len(WALLS)))],
        sign=SIGNS[int(rng.integers(len(SIGNS)))],
        text=SIGN_TEXTS[number % len(SIGN_TEXTS)],
        tiled=bool(rng.random() < 0.55),
        lit=bool(rng.random() < 0.85),
        detailed=detailed,
    )
