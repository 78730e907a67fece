"""Stage 3, transform: what the luck means for this patient, whatever the schedule. The logarithms are taken here, once."""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.hazard import exponential_time, logit, normal_quantile
from radsim.kernel.response import onset_delay, relapse_delay, response_base
from radsim.kernel.survival import time_to_death


@step
def transform(luck, patient, p, traits):
    """Fill the traits of one patient."""
    traits.frailty = normal_quantile(luck.frailty)
    traits.time_to_death = time_to_death(traits.frailty, luck, patient, p)
    traits.response_base = response_base(traits.frailty, patient, p)
    traits.index_score = traits.response_base + logit(luck.response)
    traits.onset_days = onset_delay(luck.onset, p)
    traits.relapse_days = relapse_delay(luck.relapse, 1.0, p)
    traits.flare_duration = -p.flare_mean_duration_days * math.log(luck.flare_duration)
    traits.worsening = exponential_time(-math.log(luck.worsening), p.pain_worsening_rate_per_day)
    traits.escalation_exponential = -math.log(luck.escalation)
    traits.fracture_exponential = -math.log(luck.fracture)
    traits.cord_compression_exponential = -math.log(luck.cord_compression)
