"""From a scenario to a film and its truth: slow things, the camera's sensor and faults, encoding.

Nothing here draws: the pictures come from ``scripts.twin.render`` in linear light.
"""
