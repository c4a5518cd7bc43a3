"""OpenGL behind typed objects: programs, meshes, textures and render targets.

Pictures have their first row on top everywhere: what is drawn with ``PICTURE_FROM_CLIP`` is read
back upright. One context serves the process; it belongs to the thread that first asked for it.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal

import moderngl
import numpy as np
from numpy.typing import NDArray

SHADERS = Path(__file__).parent / "shaders"

PICTURE_FROM_CLIP = np.diag([1.0, -1.0, 1.0, 1.0])
"""Turns OpenGL's clip space, whose v goes up, into one whose first row is the picture's top."""

_BACKEND: dict[str, Any] = {"backend": "egl"}
"""Its stub takes any setting for a dict."""

Blend = Literal["replace", "add", "multiply"]
Rectangle = tuple[int, int, int, int]
"""x, y, width, height in pixels."""

Uniform = float | int | tuple[float, ...] | NDArray[np.floating]

_INCLUDE = re.compile(r'^#include "(\w+\.glsl)"$', re.MULTILINE)


class NoDeviceError(RuntimeError):
    """OpenGL is missing here; says why and what would help."""


class Texture:
    """Pixels that shaders read: ``(h, w)`` or ``(h, w, c)``, float16 or float32."""

    def __init__(
        self, context: moderngl.Context, pixels: NDArray[np.floating], *, smooth: bool
    ) -> None:
        height, width = pixels.shape[:2]
        components = 1 if pixels.ndim == 2 else pixels.shape[2]
        kind = "f4" if pixels.dtype == np.float32 else "f2"
        self._texture = context.texture(
            (width, height), components, np.ascontiguousarray(pixels).tobytes(), dtype=kind
        )
        chosen = moderngl.LINEAR if smooth else moderngl.NEAREST
        self._texture.filter = (chosen, chosen)
        self._texture.repeat_x = self._texture.repeat_y = False

    def bind(self, unit: int) -> None:
        """Let samplers with this number read it."""
        self._texture.use(unit)

    def release(self) -> None:
        """Free its memory."""
        self._texture.release()


class Target:
    """Something to draw on: one half float colour or none, perhaps depth, perhaps multisampled."""

    def __init__(
        self,
        context: moderngl.Context,
        size: tuple[int, int],
        components: int,
        *,
        depth: bool,
        samples: int = 0,
    ) -> None:
        self.size = size
        self._context = context
        self._components = components
        self._colour = (
            context.texture(size, components, dtype="f2", samples=samples) if components else None
        )
        if self._colour is not None and not samples:
            self._colour.filter = (moderngl.LINEAR, moderngl.LINEAR)
            self._colour.repeat_x = self._colour.repeat_y = False
        self._depth = context.depth_texture(size, samples=samples) if depth else None
        if self._depth is not None and self._colour is None:
            self._depth.compare_func = "<="
            self._depth.repeat_x = self._depth.repeat_y = False
        self._buffer = context.framebuffer(
            [self._colour] if self._colour is not None else [], self._depth
        )

    def start(self, clear: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)) -> None:
        """Draw on it from now on, over one colour and the farthest depth."""
        self._buffer.use()
        self._buffer.viewport = (0, 0, *self.size)
        self._buffer.scissor = self._buffer.viewport
        self._buffer.clear(*clear, depth=1.0)

    def show(self, picture: Rectangle, part: Rectangle) -> None:
        """Draw a picture at a place on the target (it may reach over its rim), and only a part."""
        self._buffer.viewport = picture
        self._buffer.scissor = part

    def bind(self, unit: int) -> None:
        """Let samplers read its colour, or its depth where it has no colour."""
        readable = self._depth if self._colour is None else self._colour
        if readable is not None:
            readable.use(unit)

    def resolve(self, into: "Target") -> None:
        """Average its samples into another target of the same size."""
        self._context.copy_framebuffer(into._buffer, self._buffer)

    def read(self, rows: int | None = None) -> NDArray[np.float16]:
        """Return ``(h, w, c)``, the first ``rows`` rows or all."""
        width, height = self.size
        height = height if rows is None else rows
        stored = self._buffer.read((0, 0, width, height), components=self._components, dtype="f2")
        return np.frombuffer(stored, np.float16).reshape(height, width, self._components)


class Program:
    """A pair of shaders with their uniforms."""

    def __init__(self, context: moderngl.Context, vertex: str, fragment: str) -> None:
        self._context = context
        self._name = f"{vertex} and {fragment}"
        self._program = context.program(_source(vertex), _source(fragment))
        self._screen = context.vertex_array(self._program, [])
        self._arrays: dict[int, moderngl.VertexArray] = {}

    def set(self, **uniforms: Uniform) -> None:
        """Set uniforms; matrices are given as in numpy, row after row.

        Raises
        ------
        KeyError
            If the shaders use no such uniform.
        """
        for name, value in uniforms.items():
            uniform = self._program.get(name, None)
            if not isinstance(uniform, moderngl.Uniform):
                raise KeyError(f"{self._name} use no uniform {name!r}")
            if isinstance(value, np.ndarray):
                matrix = value.ndim == 2 and value.shape == (4, 4)
                data = value.T if matrix else value
                uniform.write(np.ascontiguousarray(data, np.float32).tobytes())
            else:
                uniform.value = value

    def draw(self, mesh: "Mesh") -> None:
        """Draw a mesh's triangles."""
        key = id(mesh)
        if key not in self._arrays:
            self._arrays[key] = mesh.array(self._program)
        self._arrays[key].render(moderngl.TRIANGLES)

    def fill(self) -> None:
        """Draw one triangle over the whole target."""
        self._screen.render(moderngl.TRIANGLES, vertices=3)


class Mesh:
    """Triangles on the device: ``position`` 3, ``normal`` 3 and ``surface`` 2 floats a corner."""

    def __init__(self, context: moderngl.Context, corners: NDArray[np.float32]) -> None:
        vertices, triangles = np.unique(corners, axis=0, return_inverse=True)
        self._context = context
        self._vertices = context.buffer(np.ascontiguousarray(vertices).tobytes())
        self._triangles = context.buffer(triangles.astype(np.int32).tobytes())

    def array(self, program: moderngl.Program) -> moderngl.VertexArray:
        """Return it bound to a program, leaving out what the program does not use."""
        return self._context.vertex_array(
            program,
            [(self._vertices, "3f 3f 2f", "position", "normal", "surface")],
            self._triangles,
            skip_errors=True,
        )


class Device:
    """The OpenGL context of this process."""

    def __init__(self) -> None:
        try:
            self._context = moderngl.create_context(standalone=True, **_BACKEND)
        except Exception as exc:
            raise NoDeviceError(
                f"no OpenGL here ({exc}); Debian's libegl1 and libgl1-mesa-dri bring a software one"
            ) from exc
        self._context.gc_mode = "auto"

    def program(self, vertex: str, fragment: str) -> Program:
        """Compile two files of ``shaders``."""
        return Program(self._context, vertex, fragment)

    def mesh(self, corners: NDArray[np.float32]) -> Mesh:
        """Return ``(n, 8)`` corners of consecutive triangles as a mesh."""
        return Mesh(self._context, corners)

    def texture(self, pixels: NDArray[np.floating], *, smooth: bool = False) -> Texture:
        """Return pixels as a texture; ``smooth`` interpolates between them."""
        return Texture(self._context, pixels, smooth=smooth)

    def target(
        self, size: tuple[int, int], components: int, *, depth: bool = False, samples: int = 0
    ) -> Target:
        """Return something to draw on; without components it holds depth alone."""
        return Target(self._context, size, components, depth=depth, samples=samples)

    def state(
        self,
        *,
        depth: Literal["off", "nearer", "always"] = "off",
        blend: Blend = "replace",
        cull: Literal["none", "front", "back"] = "none",
    ) -> None:
        """Set how fragments meet what is there already.

        ``depth="always"`` writes depth without a test; ``cull="front"`` draws the inner faces of
        boxes, so that each pixel is met once, from inside as well.
        """
        context = self._context
        context.disable(moderngl.DEPTH_TEST | moderngl.BLEND | moderngl.CULL_FACE)
        if depth != "off":
            context.enable(moderngl.DEPTH_TEST)
            context.depth_func = "<" if depth == "nearer" else "1"
        if blend != "replace":
            context.enable(moderngl.BLEND)
            context.blend_func = (
                (moderngl.ONE, moderngl.ONE)
                if blend == "add"
                else (moderngl.DST_COLOR, moderngl.ZERO)
            )
        if cull != "none":
            context.enable(moderngl.CULL_FACE)
            context.cull_face = cull


@cache
def device() -> Device:
    """Return the process's one device.

    Raises
    ------
    NoDeviceError
        If this machine has no OpenGL.
    """
    return Device()


def _source(name: str) -> str:
    text = (SHADERS / name).read_text(encoding="utf-8")
    body = _INCLUDE.sub(lambda found: (SHADERS / found[1]).read_text(encoding="utf-8"), text)
    return f"#version 330 core\n{body}"
