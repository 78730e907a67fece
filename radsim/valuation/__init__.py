"""Costs and QALYs of a result, from its occupancy and counts: matrix products, never a new simulation."""

from importlib import import_module

_HOME = {
    "appraise": "appraisal", "with_value": "appraisal", "discount_factors": "discounting", "Weights": "values", "value": "values",
}  # fmt: skip
__all__ = [*_HOME]


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
