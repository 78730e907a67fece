"""The evidence: every number of the model with uncertainty, unit, population and source, and joint draws.

Parameters that `radsim calibrate` has calibrated are drawn from its packaged posterior (`POSTERIOR`), the others each from its own
uncertainty, jointly where they come from one fit.

The registry is written as YAML (``data/evidence``), one file a topic. The set ``trials`` is those files;
``guideline`` lays ``guideline.yaml`` over them. The parsed form is kept as JSON in the cache under the digest
of the files: parsing YAML takes a hundred times longer than all else here.

An entry of the registry::

    flare.probability:
      value: 0.31
      uncertainty: {beta: {a: 44, b: 98}}     # a family of FAMILIES
      low: 0                                  # limits of support, inclusive; omitted where there is none
      high: 1
      unit: "1"                               # UDUNITS
      population: who the figure describes
      source: citation, and table or arithmetic where a figure is derived
      status: checked                         # read in its source and copied, or simple arithmetic on it;
                                              # everything else is provisional
      note: what a reader should know

Parameters of one fit may be drawn together, by a block beside ``parameters``::

    joint:
      - names: [survival.log_time.intercept, survival.log_time.lung]
        correlation: [[1, -0.8], [-0.8, 1]]     # of their normal scores: a Gaussian copula
        source: where the correlations come from
"""

from radsim.evidence.entries import (
    FAMILIES,
    PARAMETER_PURPOSE,
    Entry,
    EvidenceError,
    named_uniforms,
    quantile,
)
from radsim.evidence.files import FOLDER, SETS
from radsim.evidence.joint import Joint
from radsim.evidence.posterior import POSTERIOR, load_posterior, posterior_summary, prior_fingerprint
from radsim.evidence.registry import CALIBRATED, OWN_LOCATION, Registry, load_priors, load_registry
from radsim.evidence.unused import unused_parameters

__all__ = [
    "CALIBRATED",
    "FAMILIES",
    "FOLDER",
    "OWN_LOCATION",
    "PARAMETER_PURPOSE",
    "POSTERIOR",
    "SETS",
    "Entry",
    "EvidenceError",
    "Joint",
    "Registry",
    "load_posterior",
    "load_priors",
    "load_registry",
    "named_uniforms",
    "posterior_summary",
    "prior_fingerprint",
    "quantile",
    "unused_parameters",
]
