#include "shadow.glsl"
#include "fog.glsl"
#include "beam.glsl"

const int MOST_MATERIALS = 96;
const int NEAREST_LAMPS = 4;
const int MOST_BEAMS = 6;
const int HEAD_LAMP = 1;
const int TAIL_LAMP = 2;
const int GLASS = 3;

in vec3 at;
in vec3 facing;
in float height_m;
in float openness;
flat in int material;

// rgb and roughness; then metallic, coat, painted and role.
uniform vec4 materials[MOST_MATERIALS * 2];
uniform vec3 paint;
uniform float dust;
uniform vec3 eye;

uniform vec3 sun_towards;
uniform vec3 sun;
uniform vec3 light_above;
uniform vec3 light_beside;
uniform vec3 light_below;

uniform sampler2D sun_map;
uniform mat4 sun_map_from_world;

uniform int lamp_count;
uniform vec3 lamps[NEAREST_LAMPS];
uniform vec3 lamp_light;

uniform int beam_count;
uniform vec4 beam_from[MOST_BEAMS];
uniform vec3 beam_along[MOST_BEAMS];

uniform vec3 head_glow;
uniform vec3 tail_glow;

out vec4 radiance;

// Share of the sun that the static scene lets through: four taps of a metre-true map.
float sun_past_scene(vec3 point) {
    vec3 seen = (sun_map_from_world * vec4(point, 1.0)).xyz;
    if (any(greaterThan(abs(seen.xy - 0.5), vec2(0.5)))) {
        return 1.0;
    }
    vec2 texel = 1.0 / vec2(textureSize(sun_map, 0));
    float lit = 0.0;
    for (int i = 0; i < 4; i++) {
        vec2 shift = (vec2(float(i & 1), float(i >> 1)) - 0.5) * 1.4 * texel;
        lit += step(seen.z - 0.35, texture(sun_map, seen.xy + shift).r);
    }
    return lit * 0.25;
}

// What a half sphere around a normal sends, over pi.
vec3 ambient(vec3 normal) {
    vec3 other = normal.z > 0.0 ? light_above : light_below;
    return mix(light_beside, other, normal.z * normal.z * 0.6 + abs(normal.z) * 0.4);
}

// What a mirror shows: a bright sky, a row of houses along the horizon, the road.
vec3 mirrored(vec3 ray, float roughness) {
    float soft = 0.02 + 0.5 * roughness;
    float turn = atan(ray.y, ray.x);
    float houses = 0.24 + 0.07 * sin(turn * 5.0 + 1.0) + 0.05 * sin(turn * 13.0);
    float shade = 0.55 + 0.25 * sin(turn * 9.0 + 2.0) * (1.0 - roughness);
    vec3 sky = light_above * mix(1.35, 0.95, clamp(ray.z, 0.0, 1.0));
    vec3 facade = light_beside * shade;
    vec3 above = mix(facade, sky, smoothstep(houses - soft, houses + soft, ray.z));
    return mix(light_below, above, smoothstep(-0.03 - soft * 0.5, 0.03 + soft * 0.5, ray.z));
}

float glint(float cosine, float spread, float most) {
    float below = cosine * cosine * (spread * spread - 1.0) + 1.0;
    return min(spread * spread / (3.14159 * below * below), most);
}

void main() {
    vec3 normal = normalize(facing);
    vec3 towards = normalize(eye - at);
    normal = dot(normal, towards) < 0.0 ? -normal : normal;
    vec4 body = materials[material * 2];
    vec4 kind = materials[material * 2 + 1];
    vec3 colour = body.rgb * mix(vec3(1.0), paint, kind.z);
    colour = mix(colour, vec3(0.12, 0.105, 0.085), dust * clamp(0.6 - height_m * 0.7, 0.0, 0.5));
    float roughness = body.a;
    float metallic = kind.x;
    float coat = kind.y;
    int role = int(kind.w + 0.5);

    float facing_eye = max(dot(normal, towards), 0.02);
    float grazing = pow(1.0 - facing_eye, 5.0);
    vec3 ray = reflect(-towards, normal);
    vec3 straight = mix(vec3(0.04), colour, metallic);
    vec3 mirror = straight + (max(vec3(1.0 - roughness), straight) - straight) * grazing;
    vec3 diffuse = colour * (1.0 - metallic);
    float gloss_open = mix(1.0, openness, 0.75);

    vec3 sent = diffuse * ambient(normal) * openness + mirror * mirrored(ray, roughness) * gloss_open;
    float coated = coat * (0.04 + 0.96 * grazing);
    sent = sent * (1.0 - coated) + coated * mirrored(ray, 0.05) * gloss_open;

    float facing_sun = dot(normal, sun_towards);
    if (facing_sun > 0.0 && sun.g > 0.0) {
        float lit = sun_past_scene(at + sun_towards * 0.1);
        if (lit > 0.0) {
            lit *= sun_past_actors(at + normal * 0.05, 0.0006);
        }
        float cosine = max(dot(normal, normalize(towards + sun_towards)), 0.0);
        float spread = max(roughness * roughness, 0.02);
        vec3 shine = straight * glint(cosine, spread, 12.0) * 1.6;
        shine += vec3(coat * 0.04 * glint(cosine, 0.03, 90.0));
        sent += sun * facing_sun * lit * (diffuse * (1.0 - coated) + shine);
    }
    for (int i = 0; i < lamp_count; i++) {
        vec3 to_lamp = lamps[i] - at;
        float square = dot(to_lamp, to_lamp);
        to_lamp *= inversesqrt(square);
        float share = max(dot(normal, to_lamp), 0.0) * smoothstep(0.12, 0.75, to_lamp.z) / square;
        if (share > 0.0) {
            float cosine = max(dot(normal, normalize(towards + to_lamp)), 0.0);
            vec3 shine = straight * glint(cosine, max(roughness * roughness, 0.1), 6.0);
            shine += vec3(coat * 0.04 * glint(cosine, 0.12, 14.0));
            sent += lamp_light * share * (diffuse * mix(0.6, 1.0, openness) + shine);
        }
    }
    for (int i = 0; i < beam_count; i++) {
        vec3 to_lamp = normalize(beam_from[i].xyz - at);
        float facing_lamp = max(dot(normal, to_lamp), 0.0);
        float share = beam(at, beam_from[i].xyz, beam_along[i].xy, beam_from[i].w);
        sent += vec3(1.0, 0.92, 0.80) * beam_along[i].z * share * facing_lamp * (diffuse + 0.05);
    }
    if (role == HEAD_LAMP) {
        sent += head_glow;
    } else if (role == TAIL_LAMP) {
        sent += tail_glow;
    }
    radiance = vec4(through_air(sent, distance(eye, at)), 1.0);
}
