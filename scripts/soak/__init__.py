"""Long runs of a whole edge on cameras that misbehave: `python -m scripts.soak --help`."""
