"""Cycles materials: one for each kind of surface, tinted by the colour that each face carries."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from scripts.twin.bake.sheets import Sheet, Surface

# bpy is untyped: nodes, sockets and materials are Any here.
Node = Any
Socket = Any

WETNESS = "wetness"
"""Name of the shader output (AOV) that says how much of a mirror the ground is."""

GLOW = "windows"
"""Label of the value nodes that switch the faces' own light."""

LAMP_GLOW = "lamp"
"""Label of the value nodes that switch a street lamp's glass."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A material's nodes, for adding and linking them in one line each."""

    tree: Any

    def add(self, kind: str, **inputs: object) -> Node:
        """Add a node; inputs are values, or sockets to be linked, ``_`` for blanks in names."""
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for name, value in inputs.items():
            key = int(name[1:]) if name[0] == "i" and name[1:].isdigit() else name.replace("_", " ")
            self.set(node.inputs[key], value)
        return node

    def set(self, socket: Socket, value: object) -> None:
        """Link a socket to another, or give it a value."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = value

    def math(self, operation: str, *values: object) -> Socket:
        """Return the output of a calculation."""
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        for socket, value in zip(node.inputs, values, strict=False):
            self.set(socket, value)
        return node.outputs[0]

    def noise(self, where: Socket, scale: float, detail: float = 4.0) -> Socket:
        """Return noise, 0 to 1, at a position."""
        return self.add("TexNoise", Vector=where, Scale=scale, Detail=detail).outputs[0]

    def ramp(
        self, value: Socket, low: float, high: float, start: float = 0.0, end: float = 1.0
    ) -> Socket:
        """Return a value mapped from ``low..high`` to ``start..end``, held outside."""
        return self.add("MapRange", i0=value, i1=low, i2=high, i3=start, i4=end).outputs[0]

    def scaled(self, colour: Socket, factor: Socket) -> Socket:
        """Return a colour times a number."""
        node = self.tree.nodes.new("ShaderNodeVectorMath")
        node.operation = "SCALE"
        self.set(node.inputs[0], colour)
        self.set(node.inputs["Scale"], factor)
        return node.outputs[0]

    def mixed(self, share: Socket, first: object, second: object) -> Socket:
        """Return ``first`` mixed with ``share`` of ``second``; both are colours."""
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type = "RGBA"
        self.set(node.inputs[0], share)
        self.set(node.inputs[6], first)
        self.set(node.inputs[7], second)
        return node.outputs[2]

    @property
    def tint(self) -> Socket:
        """The face's own colour."""
        node = self.tree.nodes.new("ShaderNodeAttribute")
        node.attribute_name = "tint"
        return node.outputs["Color"]

    @property
    def position(self) -> Socket:
        """Where it is in the world, metres."""
        return self.tree.nodes.new("ShaderNodeNewGeometry").outputs["Position"]

    def finish(self, surface: Socket) -> None:
        """Make ``surface`` the material's."""
        self.tree.links.new(surface, self.tree.nodes.new("ShaderNodeOutputMaterial").inputs[0])

    def principled(self, colour: object, roughness: object, **more: object) -> Node:
        """Return a principled shader that is already the material's surface."""
        node = self.add("BsdfPrincipled", Base_Color=colour, Roughness=roughness, **more)
        self.finish(node.outputs[0])
        return node


def _graph(name: str) -> tuple[Any, Graph]:
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    material.node_tree.nodes.clear()
    return material, Graph(material.node_tree)


def _plain(graph: Graph) -> None:
    grime = graph.ramp(graph.noise(graph.position, 1.7), 0.35, 0.7, 0.75, 1.05)
    graph.principled(graph.scaled(graph.tint, grime), 0.75, Specular_IOR_Level=0.3)


def _gloss(graph: Graph) -> None:
    graph.principled(graph.tint, 0.25)


def _metal(graph: Graph) -> None:
    rust = graph.ramp(graph.noise(graph.position, 2.3, 6.0), 0.55, 0.75)
    colour = graph.mixed(rust, graph.tint, (0.13, 0.07, 0.04, 1.0))
    graph.principled(colour, 0.5, Metallic=0.45)


def _wall(graph: Graph) -> None:
    """Painted plaster: blotches, dark streaks under rain, grime at its foot."""
    stretch = graph.tree.nodes.new("ShaderNodeMapping")
    stretch.inputs["Scale"].default_value = (1.3, 1.3, 0.16)
    graph.set(stretch.inputs[0], graph.position)
    streaks = graph.ramp(graph.noise(stretch.outputs[0], 1.0, 7.0), 0.5, 0.78, 1.0, 0.62)
    blotches = graph.ramp(graph.noise(graph.position, 0.5, 8.0), 0.3, 0.7, 0.7, 1.1)
    height = graph.tree.nodes.new("ShaderNodeSeparateXYZ")
    graph.set(height.inputs[0], graph.position)
    wavering = graph.math("ADD", height.outputs[2], graph.noise(graph.position, 3.0))
    foot = graph.ramp(wavering, 0.5, 1.5, 0.55, 1.0)
    factor = graph.math("MULTIPLY", graph.math("MULTIPLY", streaks, blotches), foot)
    graph.principled(graph.scaled(graph.tint, factor), 0.9, Specular_IOR_Level=0.2)


def _concrete(graph: Graph) -> None:
    blotches = graph.ramp(graph.noise(graph.position, 1.1, 7.0), 0.3, 0.72, 0.5, 1.15)
    graph.principled(graph.scaled(graph.tint, blotches), 0.9, Specular_IOR_Level=0.2)


def _ridges(axis: int, pitch_m: float, strength: float) -> Callable[[Graph], None]:
    """Return a material with parallel ridges along one world axis."""

    def build(graph: Graph) -> None:
        part = graph.tree.nodes.new("ShaderNodeSeparateXYZ")
        graph.set(part.inputs[0], graph.position)
        wave = graph.math("SINE", graph.math("MULTIPLY", part.outputs[axis], 2 * np.pi / pitch_m))
        grime = graph.ramp(graph.noise(graph.position, 1.3, 6.0), 0.35, 0.75, 0.6, 1.1)
        lines = graph.math("MULTIPLY_ADD", wave, strength * 0.3, 1.0 - strength * 0.3)
        colour = graph.scaled(graph.tint, graph.math("MULTIPLY", grime, lines))
        bump = graph.add("Bump", Strength=strength, Distance=0.02, Height=wave)
        graph.principled(colour, 0.6, Normal=bump.outputs[0])

    return build


def _glass(graph: Graph) -> None:
    clear = graph.add("BsdfTransparent", Color=(0.72, 0.76, 0.75, 1.0))
    mirror = graph.add("BsdfGlossy", Roughness=0.02, Color=(0.9, 0.9, 0.9, 1.0))
    share = graph.math("MULTIPLY_ADD", graph.add("Fresnel", IOR=1.5).outputs[0], 0.9, 0.06)
    graph.finish(
        graph.add("MixShader", i0=share, i1=clear.outputs[0], i2=mirror.outputs[0]).outputs[0]
    )


def _leaf(graph: Graph) -> None:
    """Leaves let a third of the light through, and no two are quite the same green."""
    geometry = graph.tree.nodes.new("ShaderNodeNewGeometry")
    each = graph.ramp(geometry.outputs["Random Per Island"], 0.0, 1.0, 0.65, 1.45)
    colour = graph.scaled(graph.tint, each)
    front = graph.add("BsdfPrincipled", Base_Color=colour, Roughness=0.5, Specular_IOR_Level=0.3)
    yellower = graph.scaled(graph.mixed(0.35, colour, (0.16, 0.2, 0.02, 1.0)), 1.1)
    back = graph.add("BsdfTranslucent", Color=yellower)
    graph.finish(
        graph.add("MixShader", i0=0.28, i1=front.outputs[0], i2=back.outputs[0]).outputs[0]
    )


def _earth(graph: Graph) -> None:
    green = graph.ramp(graph.noise(graph.position, 0.16, 6.0), 0.42, 0.58)
    colour = graph.mixed(green, (0.13, 0.1, 0.065, 1.0), (0.05, 0.085, 0.02, 1.0))
    fine = graph.ramp(graph.noise(graph.position, 3.0, 5.0), 0.3, 0.7, 0.6, 1.3)
    graph.principled(graph.scaled(colour, fine), 0.95, Specular_IOR_Level=0.1)


def _light(graph: Graph) -> None:
    """Signs and lit rooms: painted by day, shining while the light ``windows`` is on."""
    glow = graph.tree.nodes.new("ShaderNodeAttribute")
    glow.attribute_name = "glow"
    switch = graph.tree.nodes.new("ShaderNodeValue")
    switch.label = GLOW
    strength = graph.math("MULTIPLY", glow.outputs["Fac"], switch.outputs[0])
    tint = graph.tint
    # Tubes behind a coloured pane bleach it.
    shine = graph.mixed(0.14, tint, (0.8, 0.78, 0.7, 1.0))
    graph.principled(tint, 0.45, Emission_Color=shine, Emission_Strength=strength)


def _lamp(graph: Graph) -> None:
    switch = graph.tree.nodes.new("ShaderNodeValue")
    switch.label = LAMP_GLOW
    graph.principled(
        graph.tint, 0.3, Emission_Color=(1.0, 0.86, 0.66, 1.0), Emission_Strength=switch.outputs[0]
    )


MATERIALS: dict[str, Callable[[Graph], None]] = {
    "plain": _plain,
    "gloss": _gloss,
    "metal": _metal,
    "wall": _wall,
    "concrete": _concrete,
    "shutter": _ridges(2, 0.09, 0.6),
    "tiles": _ridges(2, 0.17, 0.9),
    "bark": _ridges(2, 0.3, 0.3),
    "glass": _glass,
    "leaf": _leaf,
    "earth": _earth,
    "light": _light,
    "letters": _light,
}


def material(name: str) -> Any:  # noqa: ANN401  # bpy is untyped
    """Return a material by its name, made on first use; lamps each have their own."""
    known = bpy.data.materials.get(name)
    if known is not None:
        return known
    made, graph = _graph(name)
    (_lamp if name.startswith("lamp") else MATERIALS[name])(graph)
    if name.startswith(("lamp", "letters")):
        # Seen, but lighting nothing: a lamp's spot does that, letters are too small and too many.
        made.cycles.emission_sampling = "NONE"
    return made


def sheet_material(sheet: Sheet, surface: Surface, *, wet: bool) -> None:
    """Make the material ``sheet:<name>`` that shows a painted sheet at its place in the world."""
    _, graph = _graph(f"sheet:{sheet.name}")
    span = np.subtract(sheet.high, sheet.low)
    place = graph.tree.nodes.new("ShaderNodeMapping")
    place.inputs["Location"].default_value = (-sheet.low[0] / span[0], -sheet.low[1] / span[1], 0)
    place.inputs["Scale"].default_value = (1 / span[0], 1 / span[1], 0)
    graph.set(place.inputs[0], graph.position)
    colour = _picture(graph, f"{sheet.name}-colour", surface.colour, place.outputs[0])
    grain = graph.noise(graph.position, 55.0, 3.0)
    colour = graph.scaled(colour, graph.ramp(grain, 0.3, 0.7, 0.82, 1.18))
    if not wet:
        bump = graph.add("Bump", Strength=0.25, Distance=0.006, Height=grain)
        graph.principled(colour, 0.85, Specular_IOR_Level=0.25, Normal=bump.outputs[0])
        return
    spread = np.repeat(surface.wetness[..., None], 3, axis=2)
    wetness = _picture(graph, f"{sheet.name}-wetness", spread, place.outputs[0])
    output = graph.tree.nodes.new("ShaderNodeOutputAOV")
    output.aov_name = WETNESS
    graph.set(output.inputs["Value"], wetness)
    # Water fills the pores: wet asphalt is about half as bright (Lekner and Dorf 1988).
    colour = graph.scaled(colour, graph.ramp(wetness, 0.0, 1.0, 0.68, 0.4))
    bump = graph.add(
        "Bump", Strength=graph.ramp(wetness, 0.2, 0.8, 0.18, 0.0), Distance=0.006, Height=grain
    )
    graph.principled(
        colour,
        graph.ramp(wetness, 0.2, 0.9, 0.3, 0.04),
        Specular_IOR_Level=0.5,
        Normal=bump.outputs[0],
    )


def _picture(graph: Graph, name: str, values: np.ndarray, where: Socket) -> Socket:
    """Return a picture's colour at a position; its rows go from south to north."""
    height, width = values.shape[:2]
    image = bpy.data.images.new(name, width, height, alpha=False, float_buffer=True)
    image.colorspace_settings.name = "Non-Color"
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = values
    image.pixels.foreach_set(pixels.ravel())
    image.update()
    node = graph.tree.nodes.new("ShaderNodeTexImage")
    node.image, node.extension = image, "EXTEND"
    graph.set(node.inputs[0], where)
    return node.outputs[0]
