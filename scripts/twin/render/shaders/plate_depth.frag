// Writes the static scene's depth, a little farther away, so that tyres do not fight the road.
uniform sampler2D depth_m;
uniform vec2 planes_m;
uniform vec2 plate_scale;

out vec4 nothing;

void main() {
    nothing = vec4(0.0);
    ivec2 plate = textureSize(depth_m, 0);
    vec2 pixel = gl_FragCoord.xy * plate_scale;
    float depth = texelFetch(depth_m, clamp(ivec2(pixel), ivec2(0), plate - 1), 0).r;
    float ahead = depth * 1.004 + 0.05;
    float near = planes_m.x;
    float far = planes_m.y;
    float window = far / (far - near) * (1.0 - near / ahead);
    gl_FragDepth = depth <= 0.0 ? 1.0 : clamp(window, 0.0, 1.0);
}
