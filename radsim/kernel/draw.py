"""Stage 2, draw: the luck of a patient, the same under every schedule."""

from __future__ import annotations

from radsim.compiled import step
from radsim.kernel import purposes
from radsim.rng import LANES, uniform, uniforms

DEATH_GROUP = purposes.FRAILTY // LANES
COURSE_GROUP = purposes.RESPONSE // LANES
FLARE_GROUP = purposes.FLARE // LANES
OFFER_GROUP = purposes.OFFER // LANES
EVENT_GROUP = purposes.WORSENING // LANES
ANALGESIC_GROUP = purposes.TITRATION // LANES
HYPERGLYCAEMIA = purposes.HYPERGLYCAEMIA


@step
def draw_luck(seed, draw, number, with_dexamethasone, luck):
    """Fill the luck record of patient ``number`` with uniforms, one per purpose."""
    luck.frailty, luck.survival, luck.background_death, luck.never_returns = uniforms(
        seed, draw, number, DEATH_GROUP, 0
    )
    luck.response, luck.onset, luck.relapse, luck.toxicity = uniforms(seed, draw, number, COURSE_GROUP, 0)
    luck.flare, luck.flare_start, luck.flare_duration, luck.diary_missing = uniforms(seed, draw, number, FLARE_GROUP, 0)
    luck.offer, luck.delay, luck.repeat_schedule, luck.offer_without_failure = uniforms(
        seed, draw, number, OFFER_GROUP, 0
    )
    luck.worsening, luck.fracture, luck.cord_compression, luck.surgery_fracture = uniforms(
        seed, draw, number, EVENT_GROUP, 0
    )
    luck.titration, luck.escalation, luck.taper, luck.surgery_cord = uniforms(seed, draw, number, ANALGESIC_GROUP, 0)
    luck.hyperglycaemia = uniform(seed, draw, number, HYPERGLYCAEMIA, 0) if with_dexamethasone else 1.0
