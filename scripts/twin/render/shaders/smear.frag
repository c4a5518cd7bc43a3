// Smears a picture up and down; twice, the second time wider, makes smooth long streaks.
uniform sampler2D image;
uniform float step_px;
uniform float most;

out vec4 smeared;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    int last = textureSize(image, 0).y - 1;
    vec4 sum = vec4(0.0);
    float weights = 0.0;
    for (int i = -4; i <= 4; i++) {
        float weight = exp(-0.16 * float(i * i));
        int row = clamp(pixel.y + int(round(float(i) * step_px)), 0, last);
        sum += weight * min(texelFetch(image, ivec2(pixel.x, row), 0), vec4(most));
        weights += weight;
    }
    smeared = sum / weights;
}
