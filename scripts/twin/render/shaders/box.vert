// A box around a part of the scene that a light or a shadow reaches.
in vec3 position;

uniform mat4 clip_from_world;
uniform mat4 world_from_box;

void main() {
    gl_Position = clip_from_world * (world_from_box * vec4(position, 1.0));
}
