"""From the kernel's sums to a labelled Dataset: `VARIABLES` says what there is, `assemble` builds it."""

from radsim.results.assemble import assemble, label
from radsim.results.labelled import Difference, Labelled, Results
from radsim.results.variables import DIMENSIONS, MCSE_SUFFIX, VARIABLES, Variable

__all__ = [
    "DIMENSIONS", "MCSE_SUFFIX", "VARIABLES", "Difference", "Labelled", "Results", "Variable", "assemble", "label",
]  # fmt: skip
