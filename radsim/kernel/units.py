"""The unit of a sum: sums are whole numbers, see `radsim.kernel.tally`."""

from __future__ import annotations

from radsim.compiled import step


@step
def fixed(x, scale):
    """``x`` >= 0 in whole units of 1 / ``scale``, to the nearest."""
    return int(x * scale + 0.5)
