// The same value everywhere.
uniform float value;

out vec4 mark;

void main() {
    mark = vec4(value);
}
