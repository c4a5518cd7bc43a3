// For targets that hold depth alone.
void main() {}
