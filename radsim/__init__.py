"""radsim: what one fraction or several do for a painful bone metastasis, life by life."""

from __future__ import annotations

__version__ = "0.1.0"

SCOPE = "Not a medical device: radsim informs, it does not prescribe."
"""What every human-readable output says."""

__all__ = ["__version__", "cost_effectiveness", "load_config", "simulate", "sweep", "validate"]

_HOME = {
    "cost_effectiveness": "radsim.decision",
    "load_config": "radsim.config",
    "simulate": "radsim.api",
    "sweep": "radsim.sweep",
    "validate": "radsim.trials.validate",
}
"""Module of each public name: loaded on first use, so that `import radsim` costs nothing."""


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'radsim' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)


def __dir__():
    return sorted(set(globals()) | set(__all__))
