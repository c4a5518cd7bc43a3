// The pool of light that a vehicle's lamps throw on the scene.
#include "scene.glsl"
#include "beam.glsl"

uniform sampler2D plate_normal;
uniform vec4 start;
uniform vec3 along;

out vec4 light;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec3 at = surface_at(pixel);
    float facing = dot(texelFetch(plate_normal, pixel, 0).xyz, normalize(start.xyz - at));
    // Flat along the road: the lens throws most of it towards the horizon.
    float share = beam(at, start.xyz, along.xy, start.w) * facing / (abs(facing) + 0.12);
    light = vec4(vec3(1.0, 0.92, 0.80) * along.z * max(share, 0.0), 0.0);
}
