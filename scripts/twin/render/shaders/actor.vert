in vec3 position;
in vec3 normal;
in vec2 surface;

uniform mat4 clip_from_world;
uniform mat4 world_from_model;
uniform float upright;
uniform float ground_m;

out vec3 at;
out vec3 facing;
out float height_m;
out float openness;
flat out int material;

void main() {
    vec4 world = world_from_model * vec4(position, 1.0);
    at = world.xyz;
    facing = mat3(world_from_model) * normal;
    height_m = position.z;
    material = int(surface.x + 0.5);
    openness = surface.y;
    gl_Position = clip_from_world * vec4(world.xy, ground_m + upright * (world.z - ground_m), 1.0);
}
