"""Costs and QALYs of a result, from its occupancy and counts: matrix products, never a new simulation."""

from radsim.economics.appraisal import appraise, with_value
from radsim.economics.discounting import discount_factors
from radsim.economics.parameters import sample
from radsim.economics.valuation import Weights, value

__all__ = ["Weights", "appraise", "discount_factors", "sample", "value", "with_value"]
