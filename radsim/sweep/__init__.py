"""Sweeps: many scenarios, each as `radsim run` would give it, in one store that loses no work.

The package can be called: ``radsim.sweep(plan, store)`` is `run`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

_HOME = {
    "run": "radsim.sweep.conduct",
    "open_sweep": "radsim.sweep.look",
    "load_design": "radsim.sweep.design",
    "make_plan": "radsim.sweep.plan",
    "sobol_indices": "radsim.sweep.sensitivity",
    "tornado": "radsim.sweep.sensitivity",
}
"""Module of each public name, loaded on first use."""

__all__ = list(_HOME)


class _Sweep(ModuleType):
    """A package that does its one thing when called."""

    def __call__(self, plan, store, **options):
        """As `radsim.sweep.run`."""
        return import_module(_HOME["run"]).run(plan, store, **options)

    def __getattr__(self, name):
        if name == "sweep":  # what `radsim.sweep` is, looked up through the package itself
            return self
        if name not in _HOME:
            raise AttributeError(f"module 'radsim.sweep' has no attribute {name!r}")
        return getattr(import_module(_HOME[name]), name)


sys.modules[__name__].__class__ = _Sweep
