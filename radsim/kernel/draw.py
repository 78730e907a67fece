"""Stage 2, draw: the random numbers of a patient, the same under every schedule."""

from __future__ import annotations

from radsim.compiled import step
from radsim.kernel import purposes
from radsim.kernel.layout import INDEX_COURSE, whole
from radsim.maths.rng import LANES, uniforms

DEATH_GROUP = whole(purposes.FRAILTY // LANES)
COURSE_GROUP = whole(purposes.RESPONSE // LANES)
FLARE_GROUP = whole(purposes.FLARE // LANES)
OFFER_GROUP = whole(purposes.OFFER // LANES)
EVENT_GROUP = whole(purposes.WORSENING // LANES)
ANALGESIC_GROUP = whole(purposes.TITRATION // LANES)
REPORT_GROUP = whole(purposes.REPORT_AT_START // LANES)
RELIEF_GROUP = whole(purposes.COMPLETE_RELIEF // LANES)


@step
def draw_random_numbers(seed, draw, number, u):
    """Fill the record of patient ``number`` with uniforms, one per purpose."""
    u.frailty, u.survival, u.background_death, u.never_returns = uniforms(seed, draw, number, DEATH_GROUP, INDEX_COURSE)
    u.response, u.onset, u.relapse, u.toxicity = uniforms(seed, draw, number, COURSE_GROUP, INDEX_COURSE)
    u.flare, u.flare_start, u.flare_duration, u.diary_missing = uniforms(seed, draw, number, FLARE_GROUP, INDEX_COURSE)
    u.offer, _, u.repeat_schedule, _ = uniforms(seed, draw, number, OFFER_GROUP, INDEX_COURSE)
    u.worsening, u.fracture, u.cord_compression, u.surgery_fracture = uniforms(
        seed, draw, number, EVENT_GROUP, INDEX_COURSE
    )
    u.titration, u.escalation, u.taper, u.surgery_cord = uniforms(seed, draw, number, ANALGESIC_GROUP, INDEX_COURSE)
    u.report_at_start, u.report_at_visits, u.terminal, u.drift = uniforms(
        seed, draw, number, REPORT_GROUP, INDEX_COURSE
    )
    u.complete_relief, u.worsening_duration, u.relapse_effect, u.complete_relief_effect = uniforms(
        seed, draw, number, RELIEF_GROUP, INDEX_COURSE
    )
