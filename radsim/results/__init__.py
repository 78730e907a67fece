"""From the kernel's sums to a labelled Dataset: `VARIABLES` says what there is, `assemble` builds it."""

from radsim.results.assemble import assemble, label
from radsim.results.labelled import Labelled, Results
from radsim.results.variables import DIFFERENCE_SUFFIX, DIMENSIONS, MCSE_SUFFIX, VARIABLES, Variable

__all__ = [
    "DIFFERENCE_SUFFIX", "DIMENSIONS", "MCSE_SUFFIX", "VARIABLES", "Labelled", "Results", "Variable", "assemble", "label",
]  # fmt: skip
