// Air between the camera and what it sees.
uniform vec4 fog;

vec3 through_air(vec3 radiance, float distance_m) {
    return mix(fog.rgb, radiance, exp(-fog.a * distance_m));
}
