"""Lays out a scenery by its name."""

from scripts.twin.bake import furniture, ground
from scripts.twin.bake.junction import lay_out_junction
from scripts.twin.bake.planting import Layout
from scripts.twin.bake.shops import Lettering
from scripts.twin.bake.street import lay_out_street
from scripts.twin.world import LAMPS


def lay_out(scenery: str, lettering: Lettering) -> Layout:
    """Return a scenery by its name, the same every time."""
    layout = Layout()
    layout.solids.place(ground.earth(), (0, 0, 0))
    for sheet in ground.SHEETS[scenery]:
        layout.solids.place(ground.sheet_model(sheet), (0, 0, 0))
    for lamp in LAMPS[scenery]:
        layout.solids.place(furniture.street_lamp(lamp), (0, 0, 0))
    if scenery == "junction":
        lay_out_junction(layout, lettering)
    else:
        lay_out_street(layout, lettering)
    return layout
