"""Meshes of vehicles, people and things, built from numbers alone."""

from scripts.twin.shapes.catalogue import SHAPES, STEPS, Shape, shape
from scripts.twin.shapes.materials import MATERIALS, Material

__all__ = ["MATERIALS", "SHAPES", "STEPS", "Material", "Shape", "shape"]
