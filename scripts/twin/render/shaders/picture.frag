// Puts the picture together: plates under their lights, shadows, reflections, then the actors.
#include "scene.glsl"
#include "shadow.glsl"
#include "fog.glsl"

uniform sampler2D plate_sun;
uniform sampler2D plate_sky;
uniform sampler2D plate_lamps;
uniform sampler2D plate_ground;
uniform sampler2D open;
uniform sampler2D lost;
uniform sampler2D pools;
uniform sampler2D mirrored;
uniform sampler2D mirrored_far;
uniform sampler2D actors;
uniform int actor_scale;
uniform float most;
uniform bool sunny;
uniform bool wet;

out vec4 radiance;

vec4 actors_at(ivec2 pixel) {
    vec4 sum = vec4(0.0);
    for (int i = 0; i < actor_scale * actor_scale; i++) {
        ivec2 part = ivec2(i % actor_scale, i / actor_scale);
        sum += min(texelFetch(actors, pixel * actor_scale + part, 0), vec4(most));
    }
    return sum / float(actor_scale * actor_scale);
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec3 at = surface_at(pixel);
    float depth_m = texelFetch(plate_depth_m, pixel, 0).r;
    vec4 ground = texelFetch(plate_ground, pixel, 0);
    float sky = texelFetch(open, pixel, 0).r;
    float lamps = max(1.0 - texelFetch(lost, pixel, 0).r, 0.0);

    vec3 seen = texelFetch(plate_sky, pixel, 0).rgb * sky;
    seen += texelFetch(plate_lamps, pixel, 0).rgb * lamps * mix(0.35, 1.0, sky);
    if (sunny && depth_m > 0.0) {
        seen += texelFetch(plate_sun, pixel, 0).rgb * sun_past_actors(at, 0.0004);
    }
    seen += ground.rgb * texelFetch(pools, pixel, 0).rgb;
    if (wet && ground.a > 0.0) {
        vec3 towards = normalize(eye - at);
        float mirror = ground.a * (0.03 + 0.97 * pow(1.0 - max(towards.z, 0.0), 5.0));
        vec4 image = 0.4 * texelFetch(mirrored, pixel, 0) + 0.6 * texelFetch(mirrored_far, pixel, 0);
        seen = seen * (1.0 - image.a * min(mirror * 3.0, 0.85)) + image.rgb * mirror;
    }
    seen = depth_m > 0.0 ? through_air(seen, distance(eye, at)) : mix(fog.rgb, seen, exp(-fog.a * 250.0));
    vec4 front = actors_at(pixel);
    radiance = vec4(seen * (1.0 - min(front.a, 1.0)) + front.rgb, 1.0);
}
