"""Traffic of the simulated place, from Eclipse SUMO: who is where when, and SUMO's own measures."""

from scripts.twin.traffic.run import TrafficRun, run_traffic

__all__ = ["TrafficRun", "run_traffic"]
