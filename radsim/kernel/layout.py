"""The records that travel through the stages, and the names of their cells.

A record is one patient, one schedule, one trajectory or one set of parameters; its fields are what a clinician would call them. The
order of the parameters is of no consequence outside this file: everything is found by name.
"""

from __future__ import annotations

import numpy as np

from radsim import care
from radsim.kernel import purposes
from radsim.kernel.tables import N_COVARIATES
from radsim.maths.philox import LANES as RANDOM_LANES


def whole(number):
    """A whole number as the kernel reads it: a Python number would be a type of its own, and every call with it be compiled anew."""
    return np.int64(number)


INDEX_COURSE = whole(0)
MAX_COURSES = 4
"""The index course and up to three repeats: beyond that the cord budget and survival leave almost nobody."""

SINGLE, MULTIPLE = 0, 1
FEMALE, MALE = 0, 1
HIP, PELVIS, SPINE, HUMERUS, RIB, OTHER_SITE = range(6)
LYTIC, MIXED, BLASTIC = range(3)
AS_NONE = 3  # position of `none` among the courses that are given as a repeat
NONE, MINOR, PARTIAL, COMPLETE = range(4)  # latent classes of a course
MAP_OF_NOTHING, MAP_OF_SCORE, MAP_OF_TIME = range(3)  # what a study's map of survival is applied to
MAP_POINTS = 257

_PRIMARIES = ("breast", "prostate", "lung", "other")
SITES = ("hip", "pelvis", "spine", "humerus", "rib", "other")
_SEXES = ("female", "male")
SUBTYPES = (
    "unknown",
    "hr_positive_her2_negative",
    "hr_positive_her2_positive",
    "hr_negative_her2_positive",
    "triple_negative",
)
_CLASSES = ("single", "multiple")

SCALAR_PARAMETERS = (
    "survival.log_time.intercept", "survival.log_time.era_1990s", "survival.log_time.era_1990s_prognosis",
    "survival.log_time.sigma", "survival.log_time.per_ten_karnofsky", "survival.log_time.karnofsky_cap",
    "survival.frailty_correlation", "survival.tail.generalised_gamma_shape",
    "response.cut_overall", "response.cut_complete", "response.minor_margin", "response.frailty",
    "response.log_odds.per_ten_karnofsky", "response.log_odds.neuropathic", "response.log_odds.reirradiation",
    "response.log_odds.reirradiation_after_multiple",
    "onset.median_days", "onset.sigma", "relapse.median_days", "relapse.sigma", "relapse.complete_median_days",
    "report.slow_sd", "report.at_start_mean", "report.at_start_sd",
    "pain.worsening_rate_per_day", "pain.worsening_points", "pain.worsening_mean_days", "terminal.mean_days",
    "flare.probability", "flare.earliest_day", "flare.latest_day", "flare.mean_duration_days", "flare.rise_points",
    "flare.diary_missing",
    "analgesic.titration_probability", "analgesic.titration_day", "analgesic.increase",
    "analgesic.escalation_rate_uncontrolled_per_day", "analgesic.escalation_rate_responding_per_day",
    "analgesic.drift_probability", "analgesic.drift_per_day", "analgesic.drift_until_days", "analgesic.relief_per_increase",
    "analgesic.starting_dose_mg", "analgesic.taper_probability", "analgesic.taper_delay_days",
    "analgesic.taper_reduction",
    "retreatment.least_pain", "retreatment.minimum_interval_days", "retreatment.early_until_days",
    "retreatment.early_rate_per_day", "retreatment.late_rate_per_day", "retreatment.willingness_ratio",
    "retreatment.late_willingness_ratio",
    "cord.course_limit_gy2", "cord.early_limit_gy2", "cord.early_within_days", "cord.late_limit_gy2",
    "fracture.high_risk_mm", "fracture.high_risk.early_rate_per_day", "fracture.high_risk.early_until_days",
    "fracture.high_risk.late_rate_per_day", "fracture.lytic_rate_ratio",
    "fracture.rise_points", "fracture.pain_days",
    "cord_compression.rate_per_day", "cord_compression.rise_points", "cord_compression.pain_days",
    "surgery.after_cord_compression", "surgery.delay_days",
    "observation.never_returns", "observation.attendance", "observation.near_death_days", "observation.near_death_ratio",
    *(name for kind in care.KINDS for name in kind.parameters),
)  # fmt: skip
"""Parameters that are one number in the kernel; the field has underscores for dots."""

VECTOR_PARAMETERS = {
    "survival_log_time_primary": tuple(f"survival.log_time.{c}" for c in _PRIMARIES),
    "survival_log_time_subtype": tuple(f"survival.log_time.subtype.{c}" for c in SUBTYPES),
    "survival_log_time_visceral": tuple(
        f"survival.log_time.visceral{'' if c in ('breast', 'prostate') else '_lung_other'}" for c in _PRIMARIES
    ),
    "survival_background_log_rate_per_year": tuple(f"survival.background.{c}.log_rate_per_year" for c in _SEXES),
    "survival_background_slope_per_year": tuple(f"survival.background.{c}.slope_per_year" for c in _SEXES),
    "response_log_odds_primary": tuple(f"response.log_odds.{c}" for c in _PRIMARIES),
    "retreatment_single_fraction_share": tuple(f"retreatment.single_fraction_share.after_{c}" for c in _CLASSES),
    "fracture_rate_per_day": tuple(f"fracture.rate_per_day.{c}" for c in SITES),
    "surgery_after_fracture": ("surgery.after_fracture.hip", "surgery.after_fracture.other"),
    "toxicity_spine": tuple(f"toxicity.{c}.spine" for c in _CLASSES),
    "toxicity_other": tuple(f"toxicity.{c}.other" for c in _CLASSES),
    **{field: names for kind in care.KINDS for field, names in kind.vectors.items()},
}
"""Parameters looked up by a category, in the order of its codes."""

SCHEDULE_PARAMETERS = (
    "response.alpha_beta_gy", "response.dose.plateau_gy", "response.dose.deficit_at_half_plateau", "response.dose.exponent",
    "response.log_odds.no_irradiation", "response.log_odds.sbrt",
    "response.log_odds.single_fraction", "response.complete_log_odds.single_fraction",
    "response.log_odds.neuropathic_single_fraction", "relapse.single_fraction_hazard_ratio",
    "relapse.neuropathic_single_fraction_hazard_ratio", "flare.single_fraction_risk_ratio",
    "fracture.single_fraction_rate_ratio", "fracture.no_irradiation_rate_ratio",
    "fracture.sbrt_rate_ratio.dose_24_or_more", "fracture.sbrt_rate_ratio.dose_20_to_23", "fracture.sbrt_rate_ratio.dose_19_or_less",
    "cord_compression.single_fraction_rate_ratio", "cord.alpha_beta_gy",
    "retreatment.repeat.single.dose_gy", "retreatment.repeat.single.fractions",
    "retreatment.repeat.several.dose_gy", "retreatment.repeat.several.fractions",
    "retreatment.repeat.spine_after_several.dose_gy", "retreatment.repeat.spine_after_several.fractions",
)  # fmt: skip
"""Parameters that reach the kernel through the schedules (`radsim.courses.schedule_records`)."""

DERIVED = (
    "survival_reference_log_days", "survival_prognosis_factor", "survival_frailty_residual", "onset_log_median",
    "relapse_log_median", "relapse_complete_log_median", "report_reliability", "report_residual_sd",
)  # fmt: skip
"""Transforms of parameters that are the same for every patient, taken once."""


def field(name):
    """Field of the parameter record that holds the scalar parameter ``name``."""
    return name.replace(".", "_")


def parameter_names(cares=None):
    """Every name of the evidence registry that a trajectory depends on, sorted.

    Parameters
    ----------
    cares : iterable, optional
        Sections `care` of configurations: without the parameters of the kinds of care that none of them gives.
    """
    vectors = [name for names in VECTOR_PARAMETERS.values() for name in names]
    names = {*SCALAR_PARAMETERS, *vectors, *SCHEDULE_PARAMETERS}
    if cares is not None:
        there = {kind.name for each in cares for kind in care.given(each)} | {
            care.KINDS[0].name
        }  # the first is in every result
        names -= {name for kind in care.KINDS if kind.name not in there for name in kind.all_parameters}
    return tuple(sorted(names))


def counted_items(cares):
    """Names of the items in a result: those of the course of the patients, and of each kind of care that any of ``cares`` gives."""
    nowhere = care.items_of_nobody(cares) - {item.name for item in care.KINDS[0].items}
    return tuple(name for name in ITEMS if name not in nowhere)


def columns_counted(cares):
    """Columns of the sums that hold all that is counted under some sections `care`: a tenth of them where only the first kind is given."""
    return len(ITEMS) if set(counted_items(cares)) - set(EVERYWHERE) else len(EVERYWHERE)


def _record(*fields):
    return np.dtype((np.record, list(fields)))


PARAMETERS = _record(
    *((field(name), np.float64) for name in SCALAR_PARAMETERS),
    *((name, np.float64, (len(members),)) for name, members in VECTOR_PARAMETERS.items()),
    *((name, np.float64) for name in DERIVED),
    ("modern", np.int64),
    ("any_care", np.int64),
    ("care", np.int64, (len(care.KINDS),)),  # 1 where it is given
    *((kind.field(setting.name), np.float64) for kind in care.KINDS for setting in kind.settings),
    *((name, np.float64, (size,)) for kind in care.KINDS for name, size in kind.derived.items()),
    ("none_may_be_irradiated", np.int64),  # 1 where patients of `none` may be offered a first course later
    ("survival_map_of", np.int64),
    ("survival_map_start", np.float64),
    ("survival_map_per_unit", np.float64),
    ("survival_map_end_days", np.float64),
    ("survival_map", np.float64, (MAP_POINTS,)),  # `radsim.survival_map`
)

SCHEDULE = _record(
    ("n_fractions", np.int64), ("fractions_per_week", np.int64), ("fraction_class", np.int64), ("irradiated", np.int64),
    ("arm", np.int64),  # number of the kind of care that is given in the place of radiotherapy; 0: none is
    *((name, np.float64) for name in (
        "last_fraction_day", "log_odds", "advantage", "neuropathic_advantage", "complete_advantage", "relapse_hazard_ratio",
        "neuropathic_relapse_hazard_ratio", "flare_risk_ratio", "fracture_rate_ratio", "spine_fracture_rate_ratio",
        "cord_compression_rate_ratio", "cord_bed_gy2", "onset_ratio", "cross_over_day", "cross_over_share",
    )),
)  # fmt: skip
"""A course, and all that it changes against a course of several fractions at the plateau of the dose."""

CONDITIONS = (
    "several_sites", "bone_agent_before", "smoking", "dentures", "kidney_failure", "heart_failure", "low_platelets",
    "collapsed_vertebra", "bleeding_tendency", "immunosuppressed",
)  # fmt: skip
"""What a patient has or has not, which only the care asks for: the last covariates, no where nothing is said."""

PATIENT = _record(
    ("primary", np.int64), ("site", np.int64), ("age", np.float64), ("sex", np.int64), ("subtype", np.int64),
    ("karnofsky", np.float64), ("visceral", np.int64), ("lesion", np.int64), ("cortical_involvement_mm", np.float64),
    ("neuropathic", np.int64), ("pain", np.float64), ("morphine_equivalent", np.float64), ("prior_schedule", np.int64),
    ("prior_weeks_ago", np.float64), *((name, np.int64) for name in CONDITIONS),
    ("prior_bed_gy2", np.float64), ("subgroup", np.int64),
)  # fmt: skip

WIDTH = 16
"""Patients or trajectories side by side. No result depends on it."""

UNIFORMS = (
    "never_returns", "relapse", "toxicity", "flare", "flare_start", "diary_missing", "offer", "repeat_schedule", "surgery_fracture",
    "titration", "taper", "surgery_cord", "drift", "complete_relief", "relapse_effect", "complete_relief_effect", "response",
)  # fmt: skip
"""Purposes of which the uniform itself is asked for, perhaps besides."""
EXPONENTIALS = (
    "offer", "escalation", "fracture", "cord_compression", "background_death", "terminal", "flare_duration", "worsening",
    "worsening_duration",
)  # fmt: skip
"""Purposes of which -ln u is asked for."""
SCORES = ("frailty", "survival", "report_at_start", "report_at_visits", "onset", "relapse", "complete_relief")
"""Purposes of which the normal quantile is asked for."""

DRAWN = _record(
    *((name, np.float64) for name in UNIFORMS),
    *((f"{name}_exponential", np.float64) for name in EXPONENTIALS),
    *((f"{name}_score", np.float64) for name in SCORES),
)
"""The random numbers of a patient, those of the index course only; repeats draw theirs when they happen. No parameter is in them."""

TRAITS = _record(
    *((name, np.float64) for name in (
        "escalation_exponential", "fracture_exponential", "cord_compression_exponential",
        "frailty", "time_to_death", "terminal", "response_base", "index_score", "onset_days", "relapse_days",
        "complete_days", "flare_duration", "pain", "deviation", "worsening", "worsening_end",
    ))
)  # fmt: skip
"""What the random numbers mean for this patient, before any schedule: times, scores and unit exponentials."""

HAZARDS = (
    "fracture", "cord_compression", "surgery", "worsening", "escalation", "elsewhere_fracture", "elsewhere_surgery",
    "elsewhere_cord_compression", "hypercalcaemia", "new_site",
)  # fmt: skip
"""Hazards that care can multiply; `surgery` is the probability of an operation after an event of the index site."""
(
    H_FRACTURE, H_CORD_COMPRESSION, H_SURGERY, H_WORSENING, H_ESCALATION, H_ELSEWHERE_FRACTURE, H_ELSEWHERE_SURGERY,
    H_ELSEWHERE_CORD_COMPRESSION, H_HYPERCALCAEMIA, H_NEW_SITE,
) = (whole(i) for i in range(len(HAZARDS)))  # fmt: skip

MAX_EDGES = 16
"""Days on which hazard ratios of the care may change."""
MAX_LEVELS, MAX_SPIKES, MAX_SITES, MAX_STEPS, MAX_RELIEFS = 8, 4, 3, 64, 10
"""Shares off the pain, spikes, other painful sites, steps of the dose and shares off the pain of the index site that a trajectory can hold."""
UNSEEN = -2
"""In the place of a category of response where no questionnaire came: below every category."""
INDEX_ALONE = whole(0)
"""In the place of a number of courses: the index course as if neither a repeat nor another treatment of the site were given."""

_EFFECTS = (
    *((name, np.int64) for name in ("n_levels", "n_spikes", "n_sites", "n_reliefs")),
    *((name, np.float64, (MAX_LEVELS,)) for name in ("level_start", "level_stop", "level_share")),
    *((name, np.float64, (MAX_SPIKES,)) for name in ("spike_start", "spike_stop", "spike_rise")),
    *((name, np.float64, (MAX_RELIEFS,)) for name in ("relief_start", "relief_stop", "relief_share")),
    *((name, np.float64, (MAX_SITES,)) for name in ("site_start", "site_pain", "site_onset", "site_relapse", "site_level")),
    ("cord_elsewhere", np.float64),
)  # fmt: skip
"""What care changes of the pain, and the first cord compression of another site: of a patient, and of each trajectory."""

MODIFIERS = _record(
    ("n_edges", np.int64),
    ("edges", np.float64, (MAX_EDGES,)),
    ("hazard_ratio", np.float64, (len(HAZARDS), MAX_EDGES + 1)),
    ("flare_risk_ratio", np.float64),
    ("irradiated_fracture_ratio", np.float64),
    ("death_hazard_ratio", np.float64),
    ("response_log_odds", np.float64),
    ("doses_by_care", np.int64),
    ("misses", np.int64),
    *_EFFECTS,
    *((f"{kind.name}_{name}", np.float64) for kind in care.KINDS for name in kind.state),
)
"""Where care acts on a patient under every schedule, and what a kind of care carries along; hazard ratios by the intervals between the edges."""

NEUTRAL = np.zeros(1, MODIFIERS)
"""No care at all."""
NEUTRAL["hazard_ratio"] = NEUTRAL["flare_risk_ratio"] = NEUTRAL["irradiated_fracture_ratio"] = NEUTRAL[
    "death_hazard_ratio"
] = 1.0
NEUTRAL["cord_elsewhere"] = np.inf

TRAJECTORY = _record(
    ("n_courses", np.int64),
    *((name, np.float64, (MAX_COURSES,)) for name in (
        "start", "last_fraction", "fractions_given", "onset", "fade", "relapse", "level", "flare_start", "flare_stop",
        "bed_gy2", "toxicity",
    )),
    ("response_class", np.int64, (MAX_COURSES,)), ("fraction_class", np.int64, (MAX_COURSES,)),
    *((name, np.float64) for name in (
        "pain", "deviation", "time_to_death", "terminal", "worsening", "worsening_end", "fracture", "cord_compression",
        "surgery", "n_operations", "titration", "escalation", "escalation_alone", "treated",
    )),
    ("tapers", np.int64), ("drifts", np.int64), ("diary_missing", np.int64), ("irradiated", np.int64),
    ("arm", np.int64),
    ("care_changes_pain", np.int64), ("n_steps", np.int64), *_EFFECTS,
    *((name, np.float64, (MAX_STEPS,)) for name in ("step_start", "step_kept", "step_dose")),
    ("step_number", np.int64, (MAX_STEPS,)), ("n_index_steps", np.int64),
    *((name, np.float64, (MAX_STEPS,)) for name in ("index_step_start", "index_step_kept", "index_step_dose")),
)  # fmt: skip
"""The course of one patient under one schedule. Times in days, infinite for what never happens."""

COURSES_SHOWN = 2
"""Courses of a trajectory in a page. Who has more, one in twenty, is read alone: with four the compiler makes no vector code."""

PAGE = _record(
    *((name, np.float64, (COURSES_SHOWN, WIDTH)) for name in (
        "onset", "fade", "relapse", "level", "flare_start", "flare_stop", "response_class",
    )),
    *((name, np.float64, (WIDTH,)) for name in (
        "pain", "deviation", "time_to_death", "worsening", "worsening_end", "fracture", "cord_compression", "titration",
        "escalation", "tapers", "drifts", "dose_at_start",
    )),
)  # fmt: skip
"""Trajectories side by side: what the course of a patient has of a `TRAJECTORY`, a place for each of `WIDTH` patients."""

OBSERVED = _record(
    *((name, np.float64, (WIDTH,)) for name in ("stated", "surgery", "retreated")),
    *((name, np.int64, (WIDTH,)) for name in (
        "diary_missing", "group", "since", "until", "best_with_repeats", "best_alone",
        "latent_class", "responds", "relapsed", "onset_day", "days_lasted", "best", "last_seen",
    )),
)  # fmt: skip
"""Of the trajectories of a page, beside what they are read by: pain stated at the start, days of surgery and of the first repeat; whether the
diary is missing, subgroup, first schedule and first schedule after it, best category with repeats; and what is written while they are added up."""

GROUPS_OF_EVENTS = tuple(
    sorted({getattr(purposes, name.upper()) // RANDOM_LANES for name in (*EXPONENTIALS, *SCORES, *UNIFORMS)})
)
GROUPS_OF_COHORT = tuple(range(-(-(N_COVARIATES + 1) // RANDOM_LANES)))
"""Groups of purposes that a patient's random numbers are of; among those of the cohort is that of the row of a registry."""

DRAW_PAGE = _record(
    ("uniforms", np.float64, ((len(GROUPS_OF_EVENTS) + len(GROUPS_OF_COHORT)) * RANDOM_LANES * WIDTH,)),
    ("numbers", np.float64, ((len(DRAWN.names) + N_COVARIATES) * WIDTH,)),
    ("correlated", np.float64, (N_COVARIATES * WIDTH,)),
    ("covariates", np.float64, (N_COVARIATES,)),
)
"""The random numbers of `WIDTH` patients, in rows of as many: uniforms by purpose; the fields of `DRAWN` and, after them, the scores of the
correlated covariates; and these when they are correlated. And the covariates of one patient."""

FIRST_MEANT = DRAWN.names.index("response")
"""Field of `DRAWN` from which on a patient's traits follow from all."""

TRAITS_PAGE = _record(
    *((name, np.float64, (WIDTH,)) for name in DRAWN.names[FIRST_MEANT:]),
    *((name, np.float64, (WIDTH,)) for name in (
        "prognosis", "background_log_rate", "background_slope", "response_terms", "pain_stated",
    )),
    *((name, np.float64, (WIDTH,)) for name in TRAITS.names if name not in DRAWN.names),
)  # fmt: skip
"""What the traits of `WIDTH` patients follow from, and the traits: a row for each quantity."""

LANES = _record(
    *((name, np.float64, (WIDTH,)) for name in ("now", "edge", "end", "days_in_response")),
    *((name, np.int64, (WIDTH,)) for name in (
        "busy", "group", "since", "until", "responds", "period", "first_cell", "on_to_until", "cell", "days", "opioid_mg",
    )),
)  # fmt: skip
"""Where the trajectories of a page are on their way from segment to segment: day reached, end of the period, end of follow-up, and days in
response so far [d]; whether there is one, subgroup, first schedule and first schedule after it; whether it responds, period, first cell of that in the sums
and how far on the same is of the schedule after it; cell and days of the last segment, and opioid so far in the period."""

FLAGS = (
    "response", "complete", "latent_response", "latent_complete", "retreatment", "fracture", "cord_compression", "flare",
    "flare_missing_as_flare", "flare_missing_as_none", "toxicity", "response_including_retreatment",
    "complete_including_retreatment", "responder", "died",
)  # fmt: skip
(
    F_RESPONSE, F_COMPLETE, F_LATENT_RESPONSE, F_LATENT_COMPLETE, F_RETREATMENT, F_FRACTURE, F_CORD_COMPRESSION, F_FLARE,
    F_FLARE_MISSING_AS_FLARE, F_FLARE_MISSING_AS_NONE, F_TOXICITY, F_RESPONSE_INCLUDING_RETREATMENT,
    F_COMPLETE_INCLUDING_RETREATMENT, F_RESPONDER, F_DIED,
) = range(len(FLAGS))  # fmt: skip

VISIT_COUNTS = (
    "assessable", "overall", "complete", "at_risk_overall", "first_overall", "at_risk_complete", "first_complete",
)  # fmt: skip
ENDPOINT_COUNTS = ("assessable", "overall", "complete")
TIME_COUNTS = (
    "alive", "retreated", "fractured", "cord_compressed", "in_relief",
    "at_risk_retreatment", "at_risk_fracture", "at_risk_cord_compression", "in_complete_relief",
)  # fmt: skip
TIME_SUMS = ("pain", "pain_squared", "morphine", "morphine_squared")
PATIENT_SUMS = (
    "days_alive", "days_in_response", "responder_days_alive", "responder_days_in_response", "treatment_days",
    "treatment_days_squared", "days_alive_squared", "share_in_treatment", "share_in_treatment_squared", "pain_at_start", "morphine_at_start",
)  # fmt: skip
(
    L_DAYS_ALIVE, L_DAYS_IN_RESPONSE, L_RESPONDER_DAYS_ALIVE, L_RESPONDER_DAYS_IN_RESPONSE, L_TREATMENT_DAYS,
    L_TREATMENT_DAYS_SQUARED, L_DAYS_ALIVE_SQUARED, L_SHARE_IN_TREATMENT, L_SHARE_IN_TREATMENT_SQUARED, L_PAIN_AT_START, L_MORPHINE_AT_START,
) = range(len(PATIENT_SUMS))  # fmt: skip

EVERYWHERE = (
    "fractions", "courses", "flares", "acute_toxicity", "fractures", "cord_compressions", "operations",
    *(item.name for item in care.KINDS[0].items), "follow_up_visits", "deaths", "opioid_mg",
)  # fmt: skip
"""Items of every study: those of the course of the patients, and of the first kind of care."""
ITEMS = (*EVERYWHERE, *(item.name for kind in care.KINDS[1:] for item in kind.items))


def item(name):
    """Position of an item of a kind of care, as the kernel reads it."""
    return whole(ITEMS.index(name))


I_FRACTIONS, I_COURSES, I_FLARES, I_ACUTE_TOXICITY, I_FRACTURES, I_CORD_COMPRESSIONS, I_OPERATIONS = range(7)
I_FOLLOW_UP_VISITS, I_DEATHS, I_OPIOID_MG = range(len(EVERYWHERE) - 3, len(EVERYWHERE))

EXPOSURES = ("days", "age", "age_squared", "male")
"""Days alive in a period, and the same weighted by what norms of quality of life depend on: age in years, its square, being male."""

PAIN_LEVELS = ("none", "mild", "moderate", "severe")
HEALTH_STATES = ("no_event", "fracture_recent", "fracture_late", "cord_compression_recent", "cord_compression_late")
DEATH_DISTANCES = ("over_90_days", "30_to_90_days", "under_30_days")
DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12.0
HEADLINE_DAYS = 84.0  # the headline endpoint looks at 12 weeks: a definition
KARNOFSKY_REFERENCE = 70.0  # where the prognostic terms are zero: a choice of origin, not evidence
RECENT_EVENT_DAYS = 90.0  # an event is recent for a quarter; the cell boundaries are bookkeeping, not evidence
NEAR_DEATH_DAYS = 90.0
VERY_NEAR_DEATH_DAYS = 30.0
STATES = tuple(
    f"pain_{pain}|{health}|death_{distance}"
    for pain in PAIN_LEVELS for health in HEALTH_STATES for distance in DEATH_DISTANCES
)  # fmt: skip
N_STATES = whole(len(STATES))

FINE_UNIT, COARSE_UNIT = 2.0**20, 2.0**10
"""Sums are integers: days, milligrams and points in units of 2**-20, their squares of 2**-10."""

TIME_SUM_SCALES = np.array([FINE_UNIT, COARSE_UNIT, FINE_UNIT, COARSE_UNIT])
EXPOSURE_SCALES = np.array([FINE_UNIT, COARSE_UNIT, COARSE_UNIT, FINE_UNIT])
PATIENT_SCALES = np.array(
    [COARSE_UNIT if name.startswith("days") and name.endswith("squared") else FINE_UNIT for name in PATIENT_SUMS]
)
PATIENT_SCALES[L_TREATMENT_DAYS_SQUARED] = COARSE_UNIT
