"""Calibration: a joint posterior of the uncertain parameters, given the trials of kind `calibration` and no others.

settings → targets (figures to be matched) → bank (simulated once) → emulator → curves (effects of a study's own shifts) → likelihood → sampler
and its diagnostics → report. Checks by simulated trials and by prediction of each study from the others are in `tests/verification`. The draws are a netCDF-4 file that `radsim.evidence` reads.
"""

from radsim.calibrate.run import calibrate
from radsim.calibrate.settings import Settings, load_settings

__all__ = ["Settings", "calibrate", "load_settings"]
