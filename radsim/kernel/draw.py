"""Stage 2, draw: the random numbers of a patient, the same under every schedule."""

from __future__ import annotations

from radsim.compiled import step
from radsim.kernel import purposes
from radsim.maths.rng import LANES, uniforms

DEATH_GROUP = purposes.FRAILTY // LANES
COURSE_GROUP = purposes.RESPONSE // LANES
FLARE_GROUP = purposes.FLARE // LANES
OFFER_GROUP = purposes.OFFER // LANES
EVENT_GROUP = purposes.WORSENING // LANES
ANALGESIC_GROUP = purposes.TITRATION // LANES
REPORT_GROUP = purposes.REPORT_AT_START // LANES
RELIEF_GROUP = purposes.COMPLETE_RELIEF // LANES


@step
def draw_random_numbers(seed, draw, number, u):
    """Fill the record of patient ``number`` with uniforms, one per purpose."""
    u.frailty, u.survival, u.background_death, u.never_returns = uniforms(seed, draw, number, DEATH_GROUP, 0)
    u.response, u.onset, u.relapse, u.toxicity = uniforms(seed, draw, number, COURSE_GROUP, 0)
    u.flare, u.flare_start, u.flare_duration, u.diary_missing = uniforms(seed, draw, number, FLARE_GROUP, 0)
    u.offer, _, u.repeat_schedule, _ = uniforms(seed, draw, number, OFFER_GROUP, 0)
    u.worsening, u.fracture, u.cord_compression, u.surgery_fracture = uniforms(seed, draw, number, EVENT_GROUP, 0)
    u.titration, u.escalation, u.taper, u.surgery_cord = uniforms(seed, draw, number, ANALGESIC_GROUP, 0)
    u.report_at_start, u.report_at_visits, u.terminal, u.drift = uniforms(seed, draw, number, REPORT_GROUP, 0)
    u.complete_relief, u.worsening_duration, u.relapse_effect, u.complete_relief_effect = uniforms(
        seed, draw, number, RELIEF_GROUP, 0
    )
