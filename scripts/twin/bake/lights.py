"""The lights, each of which is rendered alone: sun, sky, street lamps, shop windows."""

from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

from scripts.twin.bake.materials import GLOW, LAMP_GLOW, Graph
from scripts.twin.plates import layer_of
from scripts.twin.world import SUN_TOWARDS, Lamp

SUN_IRRADIANCE = np.pi
"""Makes a white surface that faces the sun shine with a radiance of 1."""

LAMP_WATTS = 800.0
"""Makes white ground 7.7 m below a lamp shine with a radiance of about 0.35."""

LAMP_COLOUR = (1.0, 0.86, 0.66)
"""Warm white of the LED lamps that Indonesian cities fit."""

LAMP_GLASS_RADIANCE = 14.0
SUN_ANGLE_DEG = 0.6


@dataclass(slots=True)
class Lights:
    """The scene's lights, all of them off until `only` turns one on; spots by their layer."""

    scene: Any
    sun: Any
    sky: Any
    spots: dict[str, list[Any]] = field(default_factory=dict)

    def only(self, name: str) -> None:
        """Turn on one light and all others off."""
        self.sun.hide_render = name != "sun"
        self.sky.default_value = 1.0 if name == "sky" else 0.0
        for layer, spots in self.spots.items():
            for spot in spots:
                spot.hide_render = name != layer
        for material in bpy.data.materials:
            for node in material.node_tree.nodes:
                if node.label == GLOW:
                    node.outputs[0].default_value = 1.0 if name == "windows" else 0.0
                elif node.label == LAMP_GLOW:
                    shines = material.name == name
                    node.outputs[0].default_value = LAMP_GLASS_RADIANCE if shines else 0.0


def add_lights(scene: Any, lamps: tuple[Lamp, ...]) -> Lights:  # noqa: ANN401  # bpy is untyped
    """Add every light that the plates have a layer for."""
    data = bpy.data.lights.new("sun", "SUN")
    data.energy, data.angle = SUN_IRRADIANCE, np.radians(SUN_ANGLE_DEG)
    sun = bpy.data.objects.new("sun", data)
    sun.rotation_euler = Vector(SUN_TOWARDS).to_track_quat("Z", "Y").to_euler()
    scene.collection.objects.link(sun)
    lights = Lights(scene, sun, _add_sky(scene))
    for lamp in lamps:
        lights.spots.setdefault(layer_of(lamp), []).append(_add_spot(scene, lamp))
    return lights


def _add_spot(scene: Any, lamp: Lamp) -> Any:  # noqa: ANN401  # bpy is untyped
    data = bpy.data.lights.new(lamp.name, "SPOT")
    data.energy, data.color = LAMP_WATTS, LAMP_COLOUR
    data.spot_size, data.spot_blend = np.radians(150), 0.75
    data.shadow_soft_size = 0.15
    spot = bpy.data.objects.new(lamp.name, data)
    spot.location = lamp.head
    scene.collection.objects.link(spot)
    return spot


def _add_sky(scene: Any) -> Any:  # noqa: ANN401  # bpy is untyped
    """Add a hazy tropical sky; return the socket of its strength.

    White ground under all of it has a radiance of about 0.35; the camera sees it brighter, as
    haze in front of it is.
    """
    world = bpy.data.worlds.new("sky")
    scene.world = world
    world.cycles.sampling_method, world.cycles.sample_map_resolution = "MANUAL", 128
    world.use_nodes = True
    world.node_tree.nodes.clear()
    graph = Graph(world.node_tree)
    towards = graph.tree.nodes.new("ShaderNodeTexCoord").outputs["Generated"]
    part = graph.tree.nodes.new("ShaderNodeSeparateXYZ")
    graph.set(part.inputs[0], towards)
    up = graph.math("MAXIMUM", part.outputs[2], 0.0)
    haze = graph.math("POWER", graph.math("SUBTRACT", 1.0, up), 5.0)
    clear = graph.mixed(haze, (0.20, 0.27, 0.36, 1.0), (0.62, 0.64, 0.65, 1.0))
    # Clouds lie on a plane overhead, so that they flatten towards the horizon.
    flat = graph.math("DIVIDE", 1.0, graph.math("ADD", up, 0.12))
    spread = graph.scaled(towards, flat)
    cloud = graph.ramp(graph.noise(spread, 0.9, 8.0), 0.44, 0.66)
    colour = graph.mixed(graph.math("MULTIPLY", cloud, 0.8), clear, (0.62, 0.62, 0.61, 1.0))
    seen = graph.tree.nodes.new("ShaderNodeLightPath").outputs["Is Camera Ray"]
    brighter = graph.math("MULTIPLY_ADD", seen, 0.35, 0.9)
    background = graph.add("Background", Color=graph.scaled(colour, brighter))
    output = graph.tree.nodes.new("ShaderNodeOutputWorld")
    graph.tree.links.new(background.outputs[0], output.inputs[0])
    return background.inputs["Strength"]
