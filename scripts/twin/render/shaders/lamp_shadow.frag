// The share of all street lamps' light that one of them gives here; drawn where it is shadowed.
#include "scene.glsl"

const int MOST_LAMPS = 16;

uniform int lamp_count;
uniform int lamp;
uniform vec3 lamps[MOST_LAMPS];

out vec4 lost;

float given(vec3 at, vec3 head) {
    vec3 to_lamp = head - at;
    float square = dot(to_lamp, to_lamp);
    to_lamp *= inversesqrt(square);
    return to_lamp.z * smoothstep(0.12, 0.75, to_lamp.z) / square;
}

void main() {
    vec3 at = surface_at(ivec2(gl_FragCoord.xy));
    if (at.z > 0.4) {
        discard;
    }
    float all = 1e-6;
    for (int i = 0; i < lamp_count; i++) {
        all += given(at, lamps[i]);
    }
    lost = vec4(given(at, lamps[lamp]) / all);
}
