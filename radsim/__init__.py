"""radsim: one fraction of radiotherapy or several for a painful bone metastasis, simulated patient by patient."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from radsim.api import calibrate as calibrate
    from radsim.api import compare as compare
    from radsim.api import export as export
    from radsim.api import guide as guide
    from radsim.api import open_result as open_result
    from radsim.api import plot as plot
    from radsim.api import report as report
    from radsim.api import simulate as simulate
    from radsim.api import sweep as sweep
    from radsim.config import Config as Config
    from radsim.config import Schedule as Schedule
    from radsim.config import load_config as load_config
    from radsim.decision import cost_effectiveness as cost_effectiveness
    from radsim.trials.validate import validate as validate

__version__ = "0.1.0"

SCOPE = "Not a medical device: radsim informs, it does not prescribe."
"""What every human-readable output says."""

_HOME = {
    "Config": "radsim.config",
    "Schedule": "radsim.config",
    "calibrate": "radsim.api",
    "compare": "radsim.api",
    "cost_effectiveness": "radsim.decision",
    "export": "radsim.api",
    "guide": "radsim.api",
    "load_config": "radsim.config",
    "open_result": "radsim.api",
    "plot": "radsim.api",
    "report": "radsim.api",
    "simulate": "radsim.api",
    "sweep": "radsim.api",
    "validate": "radsim.trials.validate",
}
"""Module of each public name, imported on first use: `import radsim` takes no time."""

__all__ = ["__version__", *_HOME]

_PACKAGES = ("calibrate", "compare", "export", "guide", "report", "sweep")
"""Packages with the name of a public function."""


if not TYPE_CHECKING:  # a checker sees the imports above, and names that are not there

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module 'radsim' has no attribute {name!r}")
        found = getattr(import_module(_HOME[name]), name)
        if name in _PACKAGES:  # so that radsim.sweep.open_sweep is found too
            package = import_module(f"radsim.{name}")
            for each in package.__all__:
                getattr(package, each)  # imported now, if it was not yet
            found.__dict__ = vars(package)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))


class _Package(ModuleType):
    """Keeps `radsim.sweep` the function when Python imports the package of the same name and would put it here."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _PACKAGES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
