// Low beams: wide, cut off above the horizon, flat along the road.
float beam(vec3 at, vec3 lamp, vec2 forward, float reach_m) {
    vec3 away = at - lamp;
    float ahead = dot(away.xy, forward);
    if (ahead < 0.05 || ahead > reach_m) {
        return 0.0;
    }
    float square = dot(away, away);
    float sideways = ahead * inversesqrt(dot(away.xy, away.xy) + 1e-4);
    float below = -away.z * inversesqrt(square);
    float cone = smoothstep(0.74, 0.985, sideways);
    float cut = smoothstep(-0.10, 0.02, below);
    float end = 1.0 - smoothstep(reach_m * 0.85, reach_m, ahead);
    return cone * cut * end / (square + 8.0);
}
