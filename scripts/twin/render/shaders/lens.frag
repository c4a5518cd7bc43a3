// A signal lens: brightest in its middle would be a pixel's matter; it is even.
uniform vec3 sent;

out vec4 radiance;

void main() {
    radiance = vec4(sent, 1.0);
}
