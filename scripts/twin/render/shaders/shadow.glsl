// The shadow that actors cast in sunlight.
uniform sampler2DShadow actor_shadow;
uniform mat4 sun_from_world;
uniform float shadow_texel;

float sun_past_actors(vec3 at, float bias) {
    vec3 seen = (sun_from_world * vec4(at, 1.0)).xyz * 0.5 + 0.5;
    if (any(greaterThan(abs(seen.xy - 0.5), vec2(0.497)))) {
        return 1.0;
    }
    float corners = 0.0;
    for (int i = -1; i <= 1; i += 2) {
        for (int j = -1; j <= 1; j += 2) {
            vec2 shifted = seen.xy + vec2(i, j) * shadow_texel;
            corners += texture(actor_shadow, vec3(shifted, seen.z - bias));
        }
    }
    // Most of the picture is all in the light or all in the shade.
    if (corners == 0.0 || corners == 4.0) {
        return corners / 4.0;
    }
    float middle = texture(actor_shadow, vec3(seen.xy, seen.z - bias));
    float sides = 0.0;
    for (int i = -1; i <= 1; i += 2) {
        sides += texture(actor_shadow, vec3(seen.xy + vec2(i, 0) * shadow_texel, seen.z - bias));
        sides += texture(actor_shadow, vec3(seen.xy + vec2(0, i) * shadow_texel, seen.z - bias));
    }
    return (4.0 * middle + 2.0 * sides + corners) / 16.0;
}
