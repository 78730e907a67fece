"""Sweeps: many scenarios, each as `radsim run` would give it, in one store that loses no work."""

from __future__ import annotations

from importlib import import_module

_HOME = {
    "run": "radsim.sweep.conduct",
    "open_sweep": "radsim.sweep.look",
    "load_design": "radsim.sweep.design",
    "make_plan": "radsim.sweep.plan",
    "sobol_indices": "radsim.sweep.sensitivity",
    "tornado": "radsim.sweep.sensitivity",
}
"""Module of each public name, imported on first use: reading a store needs no compiler."""

__all__ = list(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'radsim.sweep' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOME[name]), name)
    return found
