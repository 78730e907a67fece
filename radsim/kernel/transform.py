"""Stage 3, transform: what the random numbers mean for this patient, whatever the schedule. The logarithms are taken here, once."""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.report import true_pain
from radsim.kernel.response import onset_delay, relief_days, response_base
from radsim.kernel.survival import terminal_from, time_to_death
from radsim.maths.hazard import exponential_time, logit, normal_quantile


@step
def transform(u, patient, p, traits):
    """Fill the traits of one patient."""
    traits.frailty = normal_quantile(u.frailty)
    traits.time_to_death = time_to_death(traits.frailty, u, patient, p)
    traits.terminal = terminal_from(traits.time_to_death, u, p)
    traits.pain = true_pain(patient.pain, u.report_at_start, p)
    traits.deviation = p.report_slow_sd * normal_quantile(u.report_at_visits)
    traits.response_base = response_base(traits.frailty, patient, p)
    traits.index_score = traits.response_base + logit(u.response)
    traits.onset_days = onset_delay(u.onset, p)
    traits.relapse_days = relief_days(u.relapse, p.relapse_log_median, p)
    traits.complete_days = relief_days(u.complete_relief, p.relapse_complete_log_median, p)
    traits.flare_duration = -p.flare_mean_duration_days * math.log(u.flare_duration)
    traits.worsening = exponential_time(-math.log(u.worsening), p.pain_worsening_rate_per_day)
    traits.worsening_end = traits.worsening - p.pain_worsening_mean_days * math.log(u.worsening_duration)
    traits.escalation_exponential = -math.log(u.escalation)
    traits.fracture_exponential = -math.log(u.fracture)
    traits.cord_compression_exponential = -math.log(u.cord_compression)
