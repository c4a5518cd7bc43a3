"""Days of a street in which things appear, are mended, hidden and carried off: made of real frames.

`python -m scripts.slow_scene` makes samples of them and measures the slow scene on them.
docs/slow-scenarios.md tells how they are made and what they cannot tell.
"""
