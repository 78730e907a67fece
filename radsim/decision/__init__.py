"""What to do: incremental analysis, value of information, and how sure the simulation is of either."""

from radsim.decision.analysis import Analysis, cost_effectiveness

__all__ = ["Analysis", "cost_effectiveness"]
