"""SUMO's input for a demand: types, flows, walkers, and what it shall measure."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from scripts.twin.traffic.demand import Demand
from scripts.twin.traffic.fleet import VEHICLES, WALKERS, Model

LEGS = ("south", "west", "north", "east")
"""Clockwise: who turns left leaves by the next one."""

_EXITS = {"south": "south_out", "west": "west_out", "north": "north_end", "east": "east_out"}

_LONGEST_M = {"left": 5.0, "ahead": 20.0, "right": 8.0}
"""The longest vehicles that each turn has room for, as SUMO's lanes bend."""

STANDING = "standing"
"""What the ids of the vehicles that a jam begins with start with."""

_STANDING_COUNT = 60
"""How many those are; as many of them stand beyond the junction as there is room for."""

_ALONG = (
    ("south_in", "west_out", 390.0, 60.0),
    ("west_out", "south_in", 60.0, 390.0),
    ("south_out", "east_in", 50.0, 130.0),
    ("south_in", "south_in", 90.0, 260.0),
    ("south_in", "south_in", 260.0, 90.0),
    ("south_out", "south_out", 200.0, 370.0),
    ("south_out", "south_out", 370.0, 200.0),
)
"""Ways along the pavements: edges, and metres along them, from and to."""

_ACROSS = (
    ("south_in", "south_out", 400.0, 50.0),
    ("east_in", "north_in", 130.0, 130.0),
    ("north_in", "west_in", 140.0, 140.0),
    ("west_in", "south_in", 130.0, 380.0),
    ("north_in", "south_out", 140.0, 60.0),
)
"""Ways over the zebra crossings."""

_ACROSS_SHARE = 0.4
"""How many people take each way across, for one who takes each way along."""

DETECTORS = {
    "south": ("south_in", -100.0, -0.1),
    "north": ("north_in", -100.0, -0.1),
    "east": ("east_in", -100.0, -0.1),
    "west": ("west_in", -100.0, -0.1),
    "street-northbound": ("south_in", 120.0, 220.0),
    "street-southbound": ("south_out", 228.85, 328.85),
}
"""Measured stretches: edge, and metres along it, from and to; negative from its end. Those of the
street are y from -340 to -240."""

CARRIAGEWAY_LANES = (1, 2)
"""Lane numbers of an edge that vehicles use; 0 is the pavement."""


def write_routes(file: Path, demand: Demand, end_s: float) -> None:
    """Write the types and flows of a demand, until ``end_s`` of the simulation."""
    root = Element("routes")
    for model in VEHICLES:
        pace = {"speedFactor": f"normc({demand.pace:g},0.08,0.5,1.5)"}
        SubElement(root, "vType", _size(model) | pace | dict(model.driving))
    for model in WALKERS:
        SubElement(root, "vType", _size(model) | dict(model.driving))
    for turn, longest_m in _LONGEST_M.items():
        _add_mix(root, turn, [model for model in VEHICLES if model.length_m <= longest_m])
    _add_mix(root, "walkers", WALKERS)
    if demand.exit_speed_mps is not None:
        _add_standing(root)
    for leg in LEGS:
        _add_flows(root, leg, demand, end_s)
    _add_walkers(root, demand, end_s)
    _write(file, root)


def write_measures(file: Path, demand: Demand) -> None:
    """Write what SUMO measures besides trips, and a jam's cause."""
    root = Element("additional")
    SubElement(
        root, "timedEvent", {"type": "SaveTLSStates", "source": "signal", "dest": "signal.xml"}
    )
    for name, (edge, start, end) in DETECTORS.items():
        for lane in CARRIAGEWAY_LANES:
            SubElement(
                root,
                "laneAreaDetector",
                {
                    "id": f"{name}/{lane}",
                    "lane": f"{edge}_{lane}",
                    "pos": f"{start:g}",
                    "endPos": f"{end:g}",
                    "period": "1",
                    "file": "detectors.xml",
                    "speedThreshold": "0.1",
                },
            )
    if demand.exit_speed_mps is not None:
        sign = SubElement(
            root, "variableSpeedSign", {"id": "bottleneck", "lanes": "north_end_1 north_end_2"}
        )
        SubElement(sign, "step", {"time": "0", "speed": f"{demand.exit_speed_mps:g}"})
    _write(file, root)


def _size(model: Model) -> dict[str, str]:
    return {"id": model.shape, "length": f"{model.length_m:g}", "width": f"{model.width_m:g}"}


def _add_mix(root: Element, name: str, models: Sequence[Model]) -> None:
    SubElement(
        root,
        "vTypeDistribution",
        {
            "id": name,
            "vTypes": " ".join(model.shape for model in models),
            "probabilities": " ".join(f"{model.share:g}" for model in models),
        },
    )


def _add_standing(root: Element) -> None:
    SubElement(
        root,
        "flow",
        {
            "id": STANDING,
            "type": "ahead",
            "from": "north_out",
            "to": "north_end",
            "begin": "0",
            "end": "1",
            "number": str(_STANDING_COUNT),
            "departLane": "random",
            "departPos": "random_free",
            "departPosLat": "random_free",
            "departSpeed": "0",
        },
    )


def _add_flows(root: Element, leg: str, demand: Demand, end_s: float) -> None:
    shares = demand.other_turns.get(leg, demand.turns)
    for turns, (turn, share) in enumerate(zip(_LONGEST_M, shares, strict=True), start=1):
        if not share:
            continue
        per_s = demand.per_hour[leg] * share / 3600
        SubElement(
            root,
            "flow",
            {
                "id": f"{leg}-{turn}",
                "type": turn,
                "from": f"{leg}_in",
                "to": _EXITS[LEGS[(LEGS.index(leg) + turns) % len(LEGS)]],
                "begin": "0",
                "end": f"{end_s:g}",
                "period": f"exp({per_s:.5f})",
                "departLane": "best",
                "departPosLat": "random_free",
                "departSpeed": "max",
            },
        )


def _add_walkers(root: Element, demand: Demand, end_s: float) -> None:
    ways = [(way, 1.0) for way in _ALONG] + [(way, _ACROSS_SHARE) for way in _ACROSS]
    for number, ((start, goal, depart_m, arrive_m), share) in enumerate(ways):
        flow = SubElement(
            root,
            "personFlow",
            {
                "id": f"walker-{number}",
                "type": "walkers",
                "begin": "0",
                "end": f"{end_s:g}",
                "period": f"exp({demand.walkers_per_hour * share / 3600:.5f})",
                "departPos": f"{depart_m:g}",
            },
        )
        SubElement(flow, "walk", {"from": start, "to": goal, "arrivalPos": f"{arrive_m:g}"})


def _write(file: Path, root: Element) -> None:
    indent(root)
    ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)
