"""Calibration: a joint posterior of the uncertain parameters, given the trials of kind `calibration` and no others.

settings (what is asked) → targets (what is to be met) → bank (simulated once) → emulator → curves (what a study's own shifts do) → sampler →
report; `sbc` tests the machinery on fake trials, `left_out` predicts each study from the others. The draws are a netCDF-4 file that `radsim.evidence` reads.
"""

from radsim.calibrate.run import calibrate
from radsim.calibrate.settings import Settings, load_settings

__all__ = ["Settings", "calibrate", "load_settings"]
