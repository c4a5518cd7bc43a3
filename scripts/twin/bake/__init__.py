"""Bakes a camera's empty scene, one picture per light, with Blender's Cycles (``bpy``)."""
