// How much of the sky a body hides from the ground around it.
#include "scene.glsl"

uniform sampler2D hidden;
uniform mat4 tile_from_world;
uniform float ground_m;

out vec4 open;

void main() {
    vec3 at = surface_at(ivec2(gl_FragCoord.xy));
    vec2 tile = (tile_from_world * vec4(at, 1.0)).xy;
    if (any(greaterThan(abs(tile - 0.5), vec2(0.5))) || abs(at.z - ground_m) > 0.4) {
        discard;
    }
    open = vec4(1.0 - texture(hidden, tile).r);
}
