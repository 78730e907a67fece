"""Stage 3, transform: what the random numbers mean for this patient, whatever the schedule. The logarithms are taken here, once."""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.response import onset_delay, relapse_delay, response_base
from radsim.kernel.survival import time_to_death
from radsim.maths.hazard import exponential_time, logit, normal_quantile


@step
def transform(u, patient, p, traits):
    """Fill the traits of one patient."""
    traits.frailty = normal_quantile(u.frailty)
    traits.time_to_death = time_to_death(traits.frailty, u, patient, p)
    traits.response_base = response_base(traits.frailty, patient, p)
    traits.index_score = traits.response_base + logit(u.response)
    traits.onset_days = onset_delay(u.onset, p)
    traits.relapse_days = relapse_delay(u.relapse, 1.0, p)
    traits.flare_duration = -p.flare_mean_duration_days * math.log(u.flare_duration)
    traits.worsening = exponential_time(-math.log(u.worsening), p.pain_worsening_rate_per_day)
    traits.escalation_exponential = -math.log(u.escalation)
    traits.fracture_exponential = -math.log(u.fracture)
    traits.cord_compression_exponential = -math.log(u.cord_compression)
