"""A simulated Indonesian junction: cameras with exact truth, rendered from scenario files."""
