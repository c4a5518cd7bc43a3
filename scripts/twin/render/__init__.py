"""Draws actors into a camera's baked plates with OpenGL, and tells what can be seen of each."""
