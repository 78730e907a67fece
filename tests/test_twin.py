"""The twin itself, on patients worked out by hand.

`uniform` is replaced by a table of chosen luck, one half where the table is silent: then every normal deviate
and every log odds is 0, every lognormal its median, and every unit exponential ln 2.
"""

import math

import pytest
import twin
from pytest import approx
from scipy.special import ndtr
from twin_care import dexamethasone as twin_dexamethasone

LN2 = math.log(2)
INF = math.inf

MEDIAN_DAYS = 1000 * LN2

# Round numbers, so that the sums can be done on paper. Survival: lognormal, median 693 days, sigma 1, no frailty. What is stated is the pain, relief
# is complete to its end and lasts to the last day, worse pain stays, the dose drifts without end and lowers no pain: each has a test of its own.
PARAMETERS = {
    "survival.frailty_correlation": 0.0,
    "survival.log_time.intercept": math.log(MEDIAN_DAYS / (365.25 / 12)) + 0.5,
    "survival.log_time.era_1990s": -0.5,
    "survival.log_time.era_1990s_prognosis": 0.5,
    "survival.log_time.sigma": 1.0,
    "survival.log_time.other": 0.0,
    "survival.log_time.breast": 0.4,
    "survival.log_time.subtype.unknown": 0.0,
    "survival.log_time.subtype.triple_negative": -1.0,
    "survival.log_time.visceral": -0.3,
    "survival.log_time.visceral_lung_other": -0.1,
    "survival.log_time.per_ten_karnofsky": 0.25,
    "survival.log_time.karnofsky_cap": 80.0,
    "survival.background.female.log_rate_per_year": -11.0,
    "survival.background.female.slope_per_year": 0.1,
    "response.cut_overall": -1.0,
    "response.cut_complete": 1.0,
    "response.minor_margin": 0.4,
    "response.frailty": 0.9,
    "response.log_odds.per_ten_karnofsky": 0.3,
    "response.log_odds.other": 0.0,
    "response.log_odds.breast": 0.9,
    "response.log_odds.neuropathic": -0.2,
    "response.log_odds.reirradiation": -0.5,
    "response.log_odds.reirradiation_after_multiple": 0.0,
    "response.log_odds.single_fraction": 0.0,
    "response.complete_log_odds.single_fraction": 0.0,
    "response.log_odds.neuropathic_single_fraction": 0.0,
    "response.log_odds.no_irradiation": -2.3,
    "response.log_odds.sbrt": 0.5,
    "response.alpha_beta_gy": 10.0,
    "response.dose.plateau_gy": 8.0,
    "response.dose.deficit_at_half_plateau": 1.0,
    "response.dose.exponent": 2.0,
    "onset.median_days": 9.0,
    "onset.sigma": 1.1,
    "relapse.median_days": 150.0,
    "relapse.sigma": 1.0,
    "relapse.complete_median_days": 1e9,
    "relapse.single_fraction_hazard_ratio": 1.0,
    "relapse.neuropathic_single_fraction_hazard_ratio": 2.0,
    "pain.worsening_rate_per_day": 0.001,
    "pain.worsening_points": 2.0,
    "pain.worsening_mean_days": 1e9,
    "terminal.mean_days": 0.0,
    "report.slow_sd": 0.0,
    "report.at_start_mean": 6.0,
    "report.at_start_sd": 2.0,
    "flare.probability": 0.3,
    "flare.earliest_day": 1.0,
    "flare.latest_day": 5.0,
    "flare.mean_duration_days": 3.0,
    "flare.rise_points": 3.0,
    "flare.single_fraction_risk_ratio": 1.0,
    "flare.diary_missing": 0.06,
    "dexamethasone.flare_risk_ratio": 0.6,
    "analgesic.titration_probability": 0.2,
    "analgesic.titration_day": 3.0,
    "analgesic.increase": 0.5,
    "analgesic.escalation_rate_uncontrolled_per_day": 0.004,
    "analgesic.escalation_rate_responding_per_day": 0.001,
    "analgesic.relief_per_increase": 0.0,
    "analgesic.drift_probability": 1.0,
    "analgesic.drift_per_day": 0.002,
    "analgesic.drift_until_days": 1e9,
    "analgesic.starting_dose_mg": 30.0,
    "analgesic.taper_probability": 0.3,
    "analgesic.taper_delay_days": 14.0,
    "analgesic.taper_reduction": 0.5,
    "retreatment.minimum_interval_days": 28.0,
    "retreatment.least_pain": 3,
    "retreatment.early_until_days": 182.0,
    "retreatment.early_rate_per_day": 0.01,
    "retreatment.late_rate_per_day": 0.002,
    "retreatment.willingness_ratio": 4.0,
    "retreatment.late_willingness_ratio": 1.0,
    "retreatment.single_fraction_share.after_single": 0.5,
    "retreatment.single_fraction_share.after_multiple": 0.7,
    "retreatment.repeat.single.dose_gy": 8.0,
    "retreatment.repeat.single.fractions": 1.0,
    "retreatment.repeat.several.dose_gy": 20.0,
    "retreatment.repeat.several.fractions": 5.0,
    "retreatment.repeat.spine_after_several.dose_gy": 20.0,
    "retreatment.repeat.spine_after_several.fractions": 8.0,
    "cord.alpha_beta_gy": 2.0,
    "cord.course_limit_gy2": 98.0,
    "cord.early_limit_gy2": 120.0,
    "cord.early_within_days": 182.0,
    "cord.late_limit_gy2": 135.5,
    "fracture.high_risk_mm": 30.0,
    "fracture.high_risk.early_rate_per_day": 0.004,
    "fracture.high_risk.early_until_days": 60.0,
    "fracture.high_risk.late_rate_per_day": 0.001,
    "fracture.rate_per_day.hip": 0.0001,
    "fracture.rate_per_day.pelvis": 0.0,
    "fracture.rate_per_day.spine": 0.0,
    "fracture.lytic_rate_ratio": 1.5,
    "fracture.single_fraction_rate_ratio": 1.0,
    "fracture.no_irradiation_rate_ratio": 1.0,
    "fracture.sbrt_rate_ratio.dose_24_or_more": 4.0,
    "fracture.sbrt_rate_ratio.dose_20_to_23": 2.0,
    "fracture.sbrt_rate_ratio.dose_19_or_less": 1.0,
    "fracture.rise_points": 3.0,
    "fracture.pain_days": 42.0,
    "cord_compression.rate_per_day": 0.0001,
    "cord_compression.single_fraction_rate_ratio": 1.0,
    "cord_compression.rise_points": 2.0,
    "cord_compression.pain_days": 28.0,
    "surgery.after_fracture.hip": 0.8,
    "surgery.after_fracture.other": 0.2,
    "surgery.after_cord_compression": 0.2,
    "surgery.delay_days": 3.0,
    "toxicity.single.spine": 0.1,
    "toxicity.single.other": 0.1,
    "toxicity.multiple.spine": 0.2,
    "toxicity.multiple.other": 0.17,
    "observation.never_returns": 0.22,
    "observation.attendance": 0.9,
    "observation.near_death_days": 28.0,
    "observation.near_death_ratio": 0.5,
}

PATIENT = {
    "age": 60,
    "sex": "female",
    "primary": "other",
    "subtype": "unknown",
    "karnofsky": 70,
    "visceral": 0,
    "site": "pelvis",
    "lesion": "mixed",
    "cortical_involvement_mm": 0,
    "neuropathic": 0,
    "pain": 8,
    "morphine_equivalent": 60.0,
    "prior_bed_gy2": 0.0,
    "has_prior": 0,
    "prior_days_ago": 0,
}

COMPLETE = 0.75  # u[RESPONSE]: log odds ln 3 = 1.099, above the cut at 1
NO_RESPONSE = 0.1  # log odds -ln 9 = -2.197, below -1.4


def conventional(dose_gy, fractions, **more):
    schedule = {"dose_gy": dose_gy, "fractions": fractions, "fractions_per_week": 5, "cord_dose_gy": dose_gy}
    return {**schedule, "technique": "conventional", "none": False, **more}


EIGHT = conventional(8.0, 1)
TWENTY = conventional(20.0, 5)
NOTHING = conventional(0.0, 0, none=True)


U_ONE = 0.8413447460685429  # normal deviate 1


def dying_on(day):
    """u[SURVIVAL] of a death on `day`: normal score ln(day / 693)."""
    return {(twin.SURVIVAL, 0): float(ndtr(math.log(day / MEDIAN_DAYS)))}


def unit(exponential):
    """The uniform of a unit exponential."""
    return math.exp(-exponential)


def scoring(latent):
    """u[RESPONSE] of a latent score."""
    return 1 / (1 + math.exp(-latent))


@pytest.fixture
def play(monkeypatch):
    def play(schedule, luck, *, parameters=None, dexamethasone=False, visits=(7,), era="1990s", **patient):
        def uniform(seed, draw, patient, purpose, occurrence):
            return luck.get((purpose, occurrence), 0.5)

        monkeypatch.setattr(twin, "uniform", uniform)
        return twin.play(
            {**PATIENT, **patient},
            schedule,
            {**PARAMETERS, **(parameters or {})},
            seed=1,
            draw=0,
            number=0,
            era=era,
            horizon_days=1825,
            care=[(twin_dexamethasone, {})] if dexamethasone else [],
            visit_days=visits,
        )

    return play


# Random123 1.14, tests/kat_vectors, philox4x32 10
@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((2**32 - 1,) * 4, (2**32 - 1,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_published_words(counter, key, words):
    assert twin.philox(counter, key) == words


def test_a_uniform_is_the_lane_of_its_purpose():
    seed, purpose = 0x299F31D0A4093822, 4 * 0x13198A2E + 2  # third known answer, third word
    u = twin.uniform(seed, 0x85A308D3, 0x243F6A88, purpose, 0x03707344)
    assert u == (0x5001E420 + 0.5) / 2**32


# --------------------------------------------------------------------------------------------------- survival


def test_survival_of_a_robust_patient_with_a_bad_prognosis(play):
    luck = {(twin.FRAILTY, 0): U_ONE, (twin.SURVIVAL, 0): U_ONE}
    who = {"primary": "breast", "subtype": "triple_negative", "visceral": 1, "karnofsky": 50}
    parameters = {"survival.frailty_correlation": 0.6, "survival.log_time.sigma": 2.0}
    # score 0.6 + 0.8 = 1.4; prognosis 0.4 - 1 - 0.3 - 2 * 0.25 = -1.4
    life = play(EIGHT, luck, parameters=parameters, **who)
    assert life.frailty == approx(1.0)
    assert life.time_to_death == approx(MEDIAN_DAYS * math.exp(-0.5 * 1.4 + 2 * 1.4))  # half of it counts in the 1990s
    life = play(EIGHT, luck, parameters=parameters, era="modern", **who)
    assert life.time_to_death == approx(MEDIAN_DAYS * math.exp(0.5 - 1.4 + 2 * 1.4))


def test_survival_lengthens_with_karnofsky_up_to_the_cap(play):
    modern = MEDIAN_DAYS * math.exp(0.5)
    for karnofsky, stretch in ((60, -0.25), (70, 0.0), (80, 0.25), (100, 0.25)):
        life = play(EIGHT, {}, era="modern", karnofsky=karnofsky)
        assert life.time_to_death == approx(modern * math.exp(stretch))


def test_visceral_metastases_of_other_primaries_have_a_term_of_their_own(play):
    life = play(EIGHT, {}, era="modern", visceral=1)
    assert life.time_to_death == approx(MEDIAN_DAYS * math.exp(0.5 - 0.1))


def test_the_general_population_dies_too(play):
    # Female of 100: rate exp(-11 + 10) = 0.3679 a year; ln(1 + ln 2 * 0.1 / 0.3679) / 0.1 = 1.72622 years
    life = play(EIGHT, dying_on(3000), age=100)
    assert life.time_to_death == approx(10 * math.log(1 + LN2 * 0.1 * math.e) * 365.25)
    assert life.time_to_death == approx(1.72622 * 365.25, rel=1e-5)


# ----------------------------------------------------------------------- a complete responder, retreated late


@pytest.fixture
def relapsed(play):
    """Complete response on days 9-159, 20 Gy in 5 on 199, partial response on 208-358, death on 600."""
    luck = {
        **dying_on(600),
        (twin.RESPONSE, 0): COMPLETE,
        (twin.OFFER, 0): unit(0.264),  # 23 days of 0.01 from relapse to day 182, and 17 of 0.002
        (twin.OFFER, 1): unit(1),  # 150 days of 0.0025 (231 to 381) and 219 of 0.002 are less
        (twin.REPEAT_SCHEDULE, 0): 0.5,  # not < 0.5: several fractions
    }
    return play(EIGHT, luck, visits=(7, 28, 210))


def test_a_complete_responder_relapses_and_is_retreated(relapsed):
    index, repeat = relapsed.courses
    assert (index["responds"], index["level"]) == (3, 0)
    assert (index["onset"], index["relapse"]) == (approx(9), approx(159))
    assert repeat["start"] == approx(199)
    assert repeat["last_fraction"] == approx(203) and repeat["fractions_given"] == 5
    # L = -0.5: partial, level 1 + (8 - 3) (1 + 0.5) / 2 = 4.75
    assert (repeat["responds"], repeat["level"]) == (2, approx(4.75))
    assert (repeat["onset"], repeat["relapse"]) == (approx(208), approx(358))


def test_pain_of_the_relapsed(relapsed):
    days = (0, 8.9, 9.1, 158.9, 159.1, 207.9, 208.1, 357.9, 358.1)
    assert [twin.pain_at(relapsed, t) for t in days] == approx([8, 8, 0, 0, 8, 8, 4.75, 4.75, 8])
    assert twin.pain_at(relapsed, 300, index_only=True) == 8
    # severe 9 + 49 + 242 days, moderate 150 (4.75 is reported as 5); the horizon cuts
    assert twin.time_in_pain_level(relapsed, 1825) == approx((150, 0, 150, 300))
    assert twin.time_in_pain_level(relapsed, 300) == approx((150, 0, 92, 58))
    assert [t for t in (8, 10, 158, 160, 300) if twin.in_response(relapsed, t)] == [10, 158, 300]  # 300: the repeat
    assert [pain for pain, _ in relapsed.reported] == [8, 0, 8]  # day 210: as if no repeat were given


def test_opioid_of_the_relapsed(relapsed):
    # ln 2 = 9 * 0.004 + 150 * 0.001 + x * 0.004: x = 126.787, escalation on day 285.787
    escalation = 159 + (LN2 - 0.036 - 0.150) / 0.004
    assert relapsed.time_to_escalation == approx(escalation)
    assert twin.morphine_at(relapsed, 285) == 60
    assert twin.morphine_at(relapsed, escalation + 100) == approx(60 * 1.5 * 1.2)
    after = 600 - escalation
    assert twin.opioid_mg(relapsed, 1825) == approx(60 * escalation + 90 * (after + 0.002 * after**2 / 2))
    assert twin.opioid_mg(relapsed, 100) == approx(6000)


def test_sums_over_a_life_agree_with_a_fine_grid(play):
    luck = {
        **dying_on(500),
        (twin.RESPONSE, 0): 0.5,
        (twin.RESPONSE, 1): scoring(1.6),  # complete at -0.5
        (twin.FLARE, 0): 0.1,
        (twin.FLARE, 1): 0.1,
        (twin.TITRATION, 0): 0.1,
        (twin.TAPER, 0): 0.1,
        (twin.WORSENING, 0): 0.8,
        (twin.CORD_COMPRESSION, 0): 0.97,
    }
    everything = {
        "relapse.complete_median_days": 30.0,
        "pain.worsening_mean_days": 100.0,
        "terminal.mean_days": 40.0,
        "report.slow_sd": 1.0,
        "analgesic.relief_per_increase": 0.2,
        "analgesic.drift_until_days": 60.0,
    }
    # partial relief, 2.5: stated as 3, which is need
    life = play(EIGHT, luck, site="spine", pain=6, parameters=everything)
    assert len(life.courses) == 2 and life.time_to_cord_compression < 500
    assert life.courses[1]["fade"] < life.courses[1]["relapse"] < 500 and life.end_of_worsening < 500
    grid = [(i + 0.5) / 20 for i in range(500 * 20)]
    levels = [twin.pain_category(twin.score(twin.pain_at(life, t))) for t in grid]
    assert twin.time_in_pain_level(life, 1825) == approx([levels.count(c) / 20 for c in range(4)], abs=0.3)
    assert twin.opioid_mg(life, 1825) == approx(sum(twin.morphine_at(life, t) for t in grid) / 20, rel=1e-3)


# ------------------------------------------------------------------------------------ retreatment follows need


def test_rates_of_a_repeat_while_there_is_need(play):
    luck = {**dying_on(900), (twin.RESPONSE, 0): NO_RESPONSE, (twin.OFFER, 0): unit(0.5)}

    def repeated(schedule, **parameters):
        changes = {f"retreatment.{name}": value for name, value in parameters.items()}
        return play(schedule, luck, parameters=changes).time_to_retreatment

    assert repeated(EIGHT) == approx(28 + 50)
    # last fraction on day 4: 150 days of 0.01 / 4, then the late rate
    assert repeated(TWENTY) == approx(182 + 0.125 / 0.002)
    assert repeated(TWENTY, willingness_ratio=1.0) == approx(32 + 50)
    assert repeated(TWENTY, late_willingness_ratio=2.0) == approx(182 + 0.125 / 0.001)
    assert repeated(EIGHT, willingness_ratio=1.0) == approx(28 + 50)
    assert repeated(EIGHT, early_until_days=48.0) == approx(48 + 0.3 / 0.002)
    # no early months are left when four weeks have become two hundred days
    assert repeated(EIGHT, minimum_interval_days=200.0) == approx(200 + 0.5 / 0.002)
    assert repeated(EIGHT, minimum_interval_days=700.0) == INF  # on day 950, and death is on day 900
    assert repeated(EIGHT, late_rate_per_day=0.0, early_until_days=60.0) == INF


def test_who_states_little_pain_is_not_irradiated_again(play):
    luck = {**dying_on(900), (twin.RESPONSE, 0): COMPLETE, (twin.OFFER, 0): unit(0.1)}
    assert play(EIGHT, luck).time_to_retreatment == approx(159 + 10)  # relief of days 9 to 159 does not count
    # partial relief to 2.25 is stated as 2, to 2.5 as 3
    assert play(EIGHT, luck | {(twin.RESPONSE, 0): scoring(0.5)}).time_to_retreatment == approx(159 + 10)
    assert play(EIGHT, luck | {(twin.RESPONSE, 0): scoring(0.4)}).time_to_retreatment == approx(28 + 10)
    # 9 is stated from the worsening on
    assert play(EIGHT, luck, parameters={"retreatment.least_pain": 9}).time_to_retreatment == approx(1000 * LN2 + 50)
    # three points of a fracture from day 50 on are need, for 5 of its 42 days, and so is what follows relief
    broken = luck | {(twin.FRACTURE, 0): unit(0.05)}
    hurt = {"fracture.rate_per_day.pelvis": 0.001, "fracture.pain_days": 5.0}
    assert play(EIGHT, broken, parameters=hurt).time_to_retreatment == approx(159 + 5)


def test_a_repeat_does_not_undo_the_relief_before(play):
    # a partial response of little pain, so that a threshold of 1 is need
    luck = {
        **dying_on(600),
        (twin.RESPONSE, 0): scoring(0.9),
        (twin.OFFER, 0): unit(0.2),
        (twin.REPORT_AT_VISITS, 0): U_ONE,
    }
    life = play(EIGHT, luck, pain=6, parameters={"retreatment.least_pain": 1, "report.slow_sd": 1.0})
    assert life.time_to_retreatment == approx(28 + 20)
    assert life.courses[1]["level"] > life.courses[0]["level"] and life.courses[1]["onset"] < 100
    assert twin.pain_at(life, 100) == life.courses[0]["level"] and twin.in_response(life, 100)


# ----------------------------------------------------------------------------------- retreatment, cord budget


def test_the_cord_allows_eight_in_one_but_not_twenty_in_eight(play):
    luck = {
        **dying_on(900),
        (twin.RESPONSE, 0): NO_RESPONSE,
        (twin.RESPONSE, 1): NO_RESPONSE,
        (twin.OFFER, 0): unit(0.25),  # 100 days of 0.0025
        (twin.REPEAT_SCHEDULE, 0): 0.8,  # not < 0.7: wants 20 Gy in 8
    }
    thirty_five = conventional(35.0, 14)  # cord 35 (1 + 2.5 / 2) = 78.75 Gy2, last fraction on day 17
    life = play(thirty_five, luck, site="spine")
    index, repeat = life.courses  # the third course would reach 158.75 or more: none, though offered
    assert index["last_fraction"] == 17 and index["responds"] == 0 and index["onset"] == INF
    assert repeat["start"] == approx(17 + 28 + 100)
    # 78.75 + 45 = 123.75 > 120, but 78.75 + 40 = 118.75 within 182 days
    assert (repeat["schedule"]["dose_gy"], repeat["schedule"]["fractions"]) == (8, 1)
    # six months later 135.5 applies, and 20 Gy in 8 it is: last fraction 7 + 2 days after the start
    late = play(thirty_five, luck | {(twin.OFFER, 0): unit(137 * 0.0025 + 27 * 0.002)}, site="spine")
    assert late.courses[1]["start"] == approx(209)
    assert late.courses[1]["schedule"]["fractions"] == 8
    assert late.courses[1]["last_fraction"] == approx(218)
    # elsewhere there is no cord, and several are five
    assert play(thirty_five, luck).courses[1]["schedule"]["fractions"] == 5


def test_days_on_which_the_cord_allows_nothing_do_not_count(play):
    luck = {**dying_on(900), (twin.RESPONSE, 0): NO_RESPONSE, (twin.OFFER, 0): unit(0.1)}
    # 45 + 40 (index) + 40 = 125: over 120, not over 135.5, which applies from day 182 on
    life = play(EIGHT, luck, site="spine", has_prior=1, prior_bed_gy2=45.0, prior_days_ago=300)
    assert life.time_to_retreatment == approx(182 + 0.1 / 0.002)
    assert life.courses[1]["schedule"]["fractions"] == 1


def test_a_prior_course_may_forbid_every_repeat(play):
    luck = {**dying_on(900), (twin.RESPONSE, 0): NO_RESPONSE}
    prior = {"has_prior": 1, "prior_bed_gy2": 75.0, "prior_days_ago": 300}  # 30 Gy in 10
    # 75 + 40 (index) + 40 = 155 > 135.5
    life = play(EIGHT, luck, site="spine", **prior)
    assert len(life.courses) == 1 and life.time_to_retreatment == INF
    assert life.courses[0]["latent"] == approx(-math.log(9) - 0.5)
    assert play(EIGHT, luck, site="pelvis", **prior).time_to_retreatment == approx(28 + LN2 / 0.01)


def test_no_repeat_exceeds_the_limit_of_a_course(play):
    luck = {**dying_on(900), (twin.RESPONSE, 0): NO_RESPONSE}
    # wants 20 Gy in 5, 60 Gy2, and may have 50 a course: 8 Gy in 1, 40 Gy2
    repeat = play(EIGHT, luck, site="spine", parameters={"cord.course_limit_gy2": 50.0}).courses[1]
    assert repeat["schedule"]["fractions"] == 1
    assert play(EIGHT, luck, site="spine").courses[1]["schedule"]["fractions"] == 5


def test_a_minor_response_is_no_response_but_has_its_own_course(play):
    luck = {**dying_on(900), (twin.RESPONSE, 0): 0.25, (twin.TAPER, 0): 0.1}  # -ln 3 = -1.0986
    luck[twin.RESPONSE, 1] = NO_RESPONSE
    life = play(EIGHT, luck)
    assert [twin.pain_at(life, t) for t in (8, 10, 158)] == [8, 7, 7]
    assert life.time_to_retreatment == approx(28 + LN2 / 0.01)  # 7 is need as 8 is
    assert not twin.in_response(life, 100)
    assert life.time_to_escalation == approx(LN2 / 0.004)  # at the rate of the uncontrolled
    assert twin.morphine_at(life, 50) == 60  # no taper


def test_none_is_never_retreated(play):
    life = play(NOTHING, {**dying_on(900), (twin.OFFER, 0): 0.01, (twin.TOXICITY, 0): 0.01})
    assert life.courses[0]["responds"] == 0 and life.courses[0]["fractions_given"] == 0
    assert math.isnan(life.courses[0]["level"])
    assert len(life.courses) == 1 and not life.courses[0]["toxicity"]


def test_sbrt_counts_at_the_cord_what_the_cord_receives(play):
    luck = {**dying_on(900), (twin.RESPONSE, 0): NO_RESPONSE, (twin.OFFER, 0): unit(0.1)}
    sbrt = conventional(24.0, 2, technique="sbrt", cord_dose_gy=14.0)  # 14 (1 + 7 / 2) = 63; prescribed: 168
    life = play(sbrt, luck, site="spine")
    assert life.courses[0]["latent"] == approx(0.5 - math.log(9))
    assert life.courses[1]["schedule"]["fractions"] == 1  # 63 + 40 = 103


# ------------------------------------------------------------------------------------------------- analgesics


def test_a_patient_on_no_opioid_starts_one(play):
    luck = {
        **dying_on(400),
        (twin.RESPONSE, 0): COMPLETE,
        (twin.TITRATION, 0): 0.1,
        (twin.TAPER, 0): 0.1,
        (twin.ESCALATION, 0): math.exp(-0.136),  # 9 days of 0.004 and 100 of 0.001: day 109
    }
    life = play(EIGHT, luck, morphine_equivalent=0.0, visits=(28,))
    assert life.time_to_escalation == approx(109)
    # started by titration on day 3, halved from 14 days after onset (23) to relapse (159)
    assert [twin.morphine_at(life, t) for t in (2.9, 3, 22.9, 23, 108)] == [0, 30, 30, 15, 15]
    assert twin.morphine_at(life, 119) == approx(30 * 1.5 * 1.02 * 0.5)
    assert twin.morphine_at(life, 209) == approx(30 * 1.5 * 1.2)
    assert life.reported == [(0, 15)]
    assert twin.response_at_visit(life, 0, "pain_score") == 2
    assert twin.response_at_visit(life, 0, "consensus") == 0  # from none, any opioid is more


def test_escalation_before_titration_starts_the_opioid(play):
    luck = {(twin.RESPONSE, 0): COMPLETE, (twin.TITRATION, 0): 0.1, (twin.ESCALATION, 0): math.exp(-0.008)}
    life = play(EIGHT, luck, morphine_equivalent=0.0)  # escalation on day 2
    assert [twin.morphine_at(life, t) for t in (1, 2.5, 5)] == approx([0, 30 * 1.001, 45 * 1.006])


# ------------------------------------------------------------------------------------------------------ flare


def test_a_flare_within_the_first_days(play):
    luck = {
        (twin.RESPONSE, 0): COMPLETE,
        (twin.FLARE, 0): 0.2,
        (twin.FLARE_START, 0): 0.25,  # 1 + 4 / 4 = day 2
        (twin.FLARE_DURATION, 0): math.exp(-3),  # nine days
    }
    life = play(TWENTY, luck)
    assert life.courses[0]["flare"] == approx((2, 11))
    # on top of 8 it is cut at 10; from onset on day 9 complete relief leaves the flare alone
    assert [twin.pain_at(life, t) for t in (1.9, 2.1, 8.9, 9.1, 10.9, 11.1)] == [8, 10, 10, 3, 3, 0]
    assert play(TWENTY, luck, dexamethasone=True).courses[0]["flare"] is None  # 0.2 >= 0.3 * 0.6
    assert play(NOTHING, luck).courses[0]["flare"] is None


# ------------------------------------------------------------------------------------------------ early death


def test_death_before_the_second_fraction(play):
    luck = {**dying_on(0.7), (twin.RESPONSE, 0): NO_RESPONSE, (twin.OFFER, 0): 0.01, (twin.TOXICITY, 0): 0.1}
    life = play(TWENTY, luck, site="spine")
    assert life.time_to_death == approx(0.7)
    assert life.courses[0]["fractions_given"] == 1 and life.courses[0]["last_fraction"] == 4
    assert life.courses[0]["toxicity"]
    assert life.time_to_retreatment == life.time_to_cord_compression == life.time_to_surgery == INF
    assert life.attended == [False]
    assert twin.time_in_pain_level(life, 1825) == approx((0, 0, 0, 0.7))


# -------------------------------------------------------------------------------------------- skeletal events


def test_a_femur_breaks_and_is_fixed(play):
    luck = {**dying_on(290), (twin.RESPONSE, 0): COMPLETE, (twin.RELAPSE, 0): 0.01}
    femur = {"site": "hip", "cortical_involvement_mm": 30, "lesion": "lytic"}
    # 60 days of 0.006 use 0.36 of ln 2, the rest at 0.0015: day 60 + 222.098
    life = play(EIGHT, luck, **femur)
    fracture = 60 + (LN2 - 0.36) / 0.0015
    assert life.time_to_fracture == approx(fracture)
    assert life.time_to_surgery == approx(fracture + 3)
    assert life.courses[0]["relapse"] == approx(290)  # else on day 1,545
    # the operation ends the counting of the response, not the pain
    assert [twin.pain_at(life, t) for t in (282, 283, 286)] == [0, 3, 3]
    assert [twin.in_response(life, t) for t in (282, 283, 286)] == [True, True, True]  # nor the relief
    # dead before the operation; dead before the fracture
    assert play(EIGHT, luck | dying_on(284), **femur).time_to_surgery == INF
    assert play(EIGHT, luck | dying_on(282), **femur).time_to_fracture == INF
    # less cortex involved, it is the low-risk rate: ln 2 / 0.00015 = 4621 days
    thinner = femur | {"cortical_involvement_mm": 29}
    assert play(EIGHT, luck | dying_on(5000), **thinner).time_to_fracture == approx(LN2 / 0.00015)


# --------------------------------------------------------------------------------------------------- response


def test_small_doses_and_none(play):
    def latent(schedule, **patient):
        return play(schedule, {}, **patient).courses[0]["latent"]

    assert latent(conventional(4.0, 1)) == approx(-1)  # half the plateau
    assert latent(conventional(6.0, 1)) == approx(-0.25)  # a quarter of the way: (2 * 2 / 8)^2
    assert latent(conventional(0.5, 1)) == approx(-2.3)  # (15 / 8)^2 = 3.5, but no worse than none
    assert latent(NOTHING) == approx(-2.3)
    # 6 Gy in 3: BED 7.2, single dose 5 (sqrt(3.88) - 1) = 4.8489, deficit (6.3023 / 8)^2 = 0.6206
    assert latent(conventional(6.0, 3)) == approx(-0.6206, abs=1e-4)
    # 0.3 * 1 + 0.9 - 0.2
    assert latent(TWENTY, karnofsky=80, primary="breast", neuropathic=1) == approx(1.0)


def test_classes_and_levels(play):
    def index(u, **patient):
        course = play(EIGHT, {(twin.RESPONSE, 0): u}, **patient).courses[0]
        return course["responds"], course["level"]

    assert index(0.5) == (2, 1 + 5 * 0.5)
    assert index(0.5, pain=3) == (2, 1)
    assert index(0.5, pain=2) == (3, 0)  # two points down from 2 is complete
    assert index(0.25) == (1, 7)  # -1.0986: minor
    assert index(NO_RESPONSE)[0] == 0


def test_neuropathic_relief_is_shorter_after_a_single_fraction(play):
    # u = 1/4 at hazard ratio 2 is S = 1/2 at the baseline: the median
    luck = {(twin.RESPONSE, 0): COMPLETE, (twin.RELAPSE, 0): 0.25}
    longer = 9 + 150 * math.exp(0.6744897501960817)
    assert play(EIGHT, luck, neuropathic=1).courses[0]["relapse"] == approx(159)
    assert play(TWENTY, luck, neuropathic=1).courses[0]["relapse"] == approx(longer)
    assert play(EIGHT, luck, neuropathic=0).courses[0]["relapse"] == approx(longer)


# ----------------------------------------------------------------------------------------------- what is seen


def test_worse_pain_and_spikes(play):
    luck = {
        **dying_on(900),
        (twin.RESPONSE, 0): NO_RESPONSE,
        (twin.OFFER, 0): unit(5),
        (twin.WORSENING, 0): math.exp(-0.1),  # day 100
        (twin.FRACTURE, 0): math.exp(-0.05),  # day 50, three points for 42 days
        (twin.CORD_COMPRESSION, 0): math.exp(-0.008),  # day 80, two points for 28 days
        (twin.TOXICITY, 0): 0.18,  # >= 0.17, < 0.2
        (twin.DIARY_MISSING, 0): 0.05,
    }
    life = play(TWENTY, luck, site="spine", pain=4, parameters={"fracture.rate_per_day.spine": 0.001})
    # 85: the higher rise alone; 95: the cord; 105: the cord on top of worse pain; then worse pain
    assert [twin.pain_at(life, t) for t in (49, 51, 85, 95, 105, 109)] == [4, 7, 7, 6, 8, 6]
    assert life.courses[0]["toxicity"] and life.flare_diary_missing
    worst = play(TWENTY, luck, pain=9)
    assert twin.pain_at(worst, 101) == 10


def test_attendance_near_death(play):
    luck = {**dying_on(60), (twin.RESPONSE, 0): COMPLETE, (twin.ATTENDANCE, 14): 0.95}
    # day 14: 0.95 >= 0.9; day 30: 30 days to live; day 40: 0.5 >= 0.9 * 0.5; day 70: dead
    life = play(EIGHT, luck, visits=(7, 14, 30, 40, 70))
    assert life.attended == [True, False, True, False, False]
    assert [twin.response_at_visit(life, v, "pain_score") for v in range(3)] == [0, None, 2]
    never = play(EIGHT, luck | {(twin.NEVER_RETURNS, 0): 0.2}, visits=(7, 30))
    assert never.never_returns and never.attended == [False, False]


@pytest.mark.parametrize(
    ("measure", "pain", "morphine", "expected"),
    [
        ("consensus", 0, 60, 2),
        ("consensus", 0, 61, 0),  # no pain, but more opioid: indeterminate
        ("consensus", 5, 60, 1),
        ("consensus", 6, 60, 0),
        ("consensus", 5, 60.1, 0),
        ("consensus", 7, 45, 1),  # a quarter less opioid, no more pain
        ("consensus", 7, 46, 0),
        ("consensus", 8, 30, 0),
        ("pain_score", 0, 200, 2),
        ("pain_score", 5, 200, 1),
        ("pain_score", 6, 0, 0),
        ("any_reduction", 6, 60, 1),
        ("any_reduction", 7, 60, 0),
        ("categorical", 5, 60, 0),  # 7 and 5 are both moderate
        ("categorical", 4, 60, 1),
        ("categorical", 0, 60, 2),
    ],
)
def test_one_visit_by_each_measure(measure, pain, morphine, expected):
    assert twin.classify(measure, 7, 60, pain, morphine) == expected


def test_from_no_opioid_there_is_no_quarter_less():
    assert twin.classify("consensus", 7, 0, 7, 0) == 0
    assert twin.classify("consensus", 7, 0, 5, 0) == 1


# ------------------------------------------------------------------------------------------- stated and true pain


SLOW = {"report.slow_sd": 1.0}  # of a stated standard deviation of 2: reliability 1 - 1 / 4


def test_the_pain_of_the_site_lies_nearer_to_the_mean_than_the_stated_one(play):
    def pain(stated, u=0.5, **parameters):
        return play(EIGHT, {(twin.REPORT_AT_START, 0): u}, pain=stated, parameters=SLOW | parameters).pain

    assert pain(8) == approx(6 + 0.75 * 2) and pain(2) == approx(6 - 0.75 * 4)
    assert pain(8, U_ONE) == approx(7.5 + math.sqrt(0.75))
    assert pain(10, U_ONE) == approx(9 + math.sqrt(0.75))
    assert pain(10, 0.99) == 10 and pain(0, 0.001) == 0  # within the scale
    # nothing stated is of use where all of its spread is deviation
    assert pain(10, U_ONE, **{"report.at_start_sd": 0.5}) == 6


def test_a_patient_keeps_a_deviation(play):
    luck = {**dying_on(600), (twin.RESPONSE, 0): COMPLETE, (twin.REPORT_AT_VISITS, 0): U_ONE}
    life = play(EIGHT, luck, parameters=SLOW, visits=(7, 28))
    # pain 7.5 and 1 more; without pain, none
    assert [pain for pain, _ in life.reported] == [9, 0]
    assert twin.response_at_visit(life, 1, "consensus") == 2
    assert [twin.pain_at(life, t) for t in (7, 28)] == [7.5, 0]
    assert twin.time_in_pain_level(life, 28) == approx((19, 0, 0, 9))  # of the true pain, 7.5 a score of 8
    low = play(EIGHT, luck | {(twin.REPORT_AT_VISITS, 0): 1 - U_ONE}, parameters=SLOW, visits=(7, 28))
    assert [pain for pain, _ in low.reported] == [7, 0]


def test_a_deviation_that_stays_makes_need(play):
    luck = {**dying_on(600), (twin.RESPONSE, 0): scoring(0.5), (twin.OFFER, 0): unit(0.1)}
    # the deviation that stays makes it need: pain 7.5, level 1 + 4.5 / 4 = 2.125 and 1 more
    kept = luck | {(twin.REPORT_AT_VISITS, 0): U_ONE}
    assert play(EIGHT, luck).time_to_retreatment == approx(159 + 10)
    assert play(EIGHT, kept, parameters=SLOW).time_to_retreatment == approx(28 + 10)


# ------------------------------------------------------------------------------------------- how relief passes


def test_complete_relief_passes_into_partial(play):
    luck = {**dying_on(600), (twin.RESPONSE, 0): COMPLETE}
    life = play(EIGHT, luck, parameters={"relapse.complete_median_days": 50.0})
    assert life.courses[0]["fade"] == approx(59) and life.courses[0]["relapse"] == approx(159)
    assert [twin.pain_at(life, t) for t in (58.9, 59.1, 158.9, 159.1)] == [0, 1, 1, 8]
    assert [twin.in_complete_response(life, t) for t in (10, 58.9, 59.1)] == [True, True, False]
    assert [twin.in_response(life, t) for t in (58.9, 59.1, 158.9, 159.1)] == [True, True, True, False]
    # one normal deviate: 50 e; never beyond relapse; a partial response does not fade
    late = luck | {(twin.COMPLETE_RELIEF, 0): 1 - U_ONE}
    assert play(EIGHT, late, parameters={"relapse.complete_median_days": 50.0}).courses[0]["fade"] == approx(
        9 + 50 * math.e
    )
    assert play(EIGHT, luck, parameters={"relapse.complete_median_days": 200.0}).courses[0]["fade"] == approx(159)
    partial = play(EIGHT, luck | {(twin.RESPONSE, 0): 0.5}, parameters={"relapse.complete_median_days": 50.0})
    assert twin.pain_at(partial, 100) == 3.5


def test_no_relief_in_the_last_weeks(play):
    luck = {**dying_on(600), (twin.RESPONSE, 0): COMPLETE, (twin.RELAPSE, 0): 0.01, (twin.TERMINAL, 0): unit(1)}
    weeks = {"terminal.mean_days": 40.0}
    life = play(EIGHT, luck, parameters=weeks)
    assert life.courses[0]["relapse"] == approx(560)
    assert [twin.pain_at(life, t) for t in (559, 561)] == [0, 8] and not twin.in_response(life, 561)
    assert twin.pain_at(play(EIGHT, luck | dying_on(1000), parameters=weeks), 900) == 0
    # a relief that would begin in the last weeks never begins
    early = play(EIGHT, luck | dying_on(45), parameters=weeks)
    assert early.courses[0]["onset"] == early.courses[0]["relapse"] == approx(9)
    assert not any(twin.in_response(early, t) for t in range(45)) and twin.pain_at(early, 20) == 8


def test_worse_pain_passes(play):
    luck = {**dying_on(600), (twin.RESPONSE, 0): NO_RESPONSE, (twin.OFFER, 0): unit(9)}
    luck |= {(twin.WORSENING, 0): unit(0.1), (twin.WORSENING_DURATION, 0): unit(2)}
    life = play(EIGHT, luck, pain=4, parameters={"pain.worsening_mean_days": 50.0})
    assert (life.time_to_worsening, life.end_of_worsening) == (approx(100), approx(200))
    assert [twin.pain_at(life, t) for t in (99, 101, 199, 201)] == [4, 6, 6, 4]


# --------------------------------------------------------------------------------------- what analgesics achieve


def test_each_increase_of_the_dose_takes_a_share_of_the_pain(play):
    luck = {**dying_on(600), (twin.RESPONSE, 0): NO_RESPONSE, (twin.OFFER, 0): unit(9), (twin.TITRATION, 0): 0.1}
    luck |= {(twin.ESCALATION, 0): unit(0.4), (twin.FLARE, 0): 0.2}  # day 100; flare on days 3 to 5.08
    life = play(EIGHT, luck, pain=5, parameters={"analgesic.relief_per_increase": 0.2})
    assert [twin.pain_at(life, t) for t in (2.9, 6, 99, 101)] == approx([5, 4, 4, 3.2])
    assert twin.pain_at(life, 4) == approx(4 + 3)  # but not of the flare
    # nor of no pain, and of a response as of the base: 3.5 becomes 2.8
    responding = play(EIGHT, luck | {(twin.RESPONSE, 0): 0.5}, parameters={"analgesic.relief_per_increase": 0.2})
    assert twin.pain_at(responding, 50) == approx(2.8)


def test_the_dose_drifts_in_some_and_not_for_ever(play):
    luck = {**dying_on(900), (twin.RESPONSE, 0): NO_RESPONSE, (twin.ESCALATION, 0): unit(0.4), (twin.DRIFT, 0): 0.4}
    parameters = {"analgesic.drift_probability": 0.4, "analgesic.drift_until_days": 250.0}
    assert not play(EIGHT, luck, parameters=parameters).drifts
    life = play(EIGHT, luck | {(twin.DRIFT, 0): 0.39}, parameters=parameters)
    assert [twin.morphine_at(life, t) for t in (99, 200, 350, 800)] == approx([60, 90 * 1.2, 90 * 1.5, 90 * 1.5])
    assert twin.opioid_mg(life, 800) == approx(60 * 100 + 90 * 1.25 * 250 + 90 * 1.5 * 450)
    still = play(EIGHT, luck, parameters=parameters)
    assert [twin.morphine_at(still, t) for t in (101, 800)] == [90, 90]


# --------------------------------------------------------------------------------- one fraction against several


def test_one_fraction_may_respond_otherwise(play):
    def index(latent, schedule=EIGHT, **parameters):
        changes = {name.replace("__", "."): value for name, value in parameters.items()}
        found = play(schedule, {(twin.RESPONSE, 0): scoring(latent)}, parameters=changes, neuropathic=1).courses[0]
        return found["latent"], found["responds"]

    # neuropathic: -0.2
    one, nerve = "response__log_odds__single_fraction", "response__log_odds__neuropathic_single_fraction"
    assert index(0.0, **{one: -0.4, nerve: -0.6}) == (approx(-0.2), 1)  # the score stays, the cut-point goes up to 0
    assert index(0.0, TWENTY, **{one: -0.4, nerve: -0.6}) == (approx(-0.2), 2)
    sbrt = conventional(24.0, 1, technique="sbrt", cord_dose_gy=10.0)
    assert index(0.0, sbrt, **{one: -0.4, nerve: -0.6}) == (approx(0.3), 2)
    # complete from 0.5 on, and from -0.95 at the least
    complete = "response__complete_log_odds__single_fraction"
    assert [index(score, **{complete: 0.5})[1] for score in (0.69, 0.71)] == [2, 3]
    assert [index(score, TWENTY, **{complete: 0.5})[1] for score in (1.19, 1.21)] == [2, 3]
    assert [index(score, **{complete: 9.0})[1] for score in (-0.76, -0.74)] == [2, 3]


def test_a_level_is_that_of_the_score_whatever_the_schedule(play):
    luck, lower = {(twin.RESPONSE, 0): 0.5}, {"response.complete_log_odds.single_fraction": 0.5}
    # score 0 between -1 and 1: the effect of the schedule moves who is complete, not how well a partial response is
    assert play(EIGHT, luck, parameters=lower).courses[0]["level"] == approx(3.5)
    assert play(TWENTY, luck, parameters=lower).courses[0]["level"] == approx(3.5)
    # who is partial by an effect alone has the worst partial response, who is no longer complete the best
    worse = {"response.log_odds.single_fraction": 0.5}
    assert play(EIGHT, {(twin.RESPONSE, 0): scoring(-1.2)}, parameters=worse).courses[0]["level"] == approx(6.0)
    harder = {"response.complete_log_odds.single_fraction": -0.5}
    assert play(EIGHT, {(twin.RESPONSE, 0): scoring(1.2)}, parameters=harder).courses[0]["level"] == approx(1.0)


def test_relief_after_one_fraction_may_be_shorter(play):
    luck = {(twin.RESPONSE, 0): COMPLETE, (twin.RELAPSE, 0): 0.25, (twin.COMPLETE_RELIEF, 0): 0.25}
    ratio = {"relapse.single_fraction_hazard_ratio": 2.0, "relapse.complete_median_days": 50.0}
    eight, twenty = (play(schedule, luck, parameters=ratio).courses[0] for schedule in (EIGHT, TWENTY))
    later = math.exp(0.6744897501960817)
    # at 2 an excess of one competes: u = 1/4 waits longer than the excess of 1/2, which is the median
    assert (eight["fade"], eight["relapse"]) == (approx(59), approx(159))
    assert (twenty["fade"], twenty["relapse"]) == (approx(9 + 50 * later), approx(9 + 150 * later))
    # of neuropathic pain, both ratios: at 4 the excess is three, and 1/8 at three is 1/2
    both = luck | {(twin.RELAPSE_EFFECT, 0): 0.125}
    assert play(EIGHT, both, parameters=ratio, neuropathic=1).courses[0]["relapse"] == approx(159)
    # at a half the relapse is kept by chance, else awaited anew: u (2 v - 1)^2
    half = {"relapse.single_fraction_hazard_ratio": 0.5}
    kept, anew = (
        {(twin.RESPONSE, 0): COMPLETE, (twin.RELAPSE_EFFECT, 0): v} for v in (0.4, 1.0 - 0.5 * (1.0 - 0.5**0.5))
    )
    assert play(EIGHT, kept, parameters=half).courses[0]["relapse"] == approx(159)
    assert play(EIGHT, anew, parameters=half).courses[0]["relapse"] == approx(9 + 150 * later)


def test_a_repeat_after_several_fractions_may_respond_otherwise(play):
    luck = {**dying_on(900), (twin.RESPONSE, 0): NO_RESPONSE, (twin.OFFER, 0): unit(0.1), (twin.OFFER, 1): unit(0.1)}
    luck[twin.REPEAT_SCHEDULE, 0] = 0.1  # 8 Gy in 1: it is the first course that counts
    worse = {"response.log_odds.reirradiation_after_multiple": -0.3}
    after_one, after_several = (play(schedule, luck, parameters=worse).courses for schedule in (EIGHT, TWENTY))
    assert [course["latent"] for course in after_one[1:3]] == approx([-0.5, -0.5])
    assert [course["latent"] for course in after_several[1:3]] == approx([-0.8, -0.8])


def test_ratios_of_fracture_and_cord_compression_by_the_schedule(play):
    luck = {**dying_on(20000), (twin.FRACTURE, 0): unit(1), (twin.CORD_COMPRESSION, 0): unit(1)}
    parameters = {"fracture.rate_per_day.spine": 0.001, "fracture.single_fraction_rate_ratio": 2.5,
                  "cord_compression.single_fraction_rate_ratio": 2.0}  # fmt: skip

    def days(schedule, site="spine"):
        life = play(schedule, luck, parameters=parameters, site=site, age=0)
        return round(life.time_to_fracture), round(life.time_to_cord_compression, 6)

    def sbrt(dose_gy, fractions):
        return conventional(dose_gy, fractions, technique="sbrt", cord_dose_gy=8.0)

    assert days(EIGHT) == (400, 5000) and days(TWENTY) == (1000, 10000)
    assert [days(sbrt(*course)) for course in ((24, 1), (20, 1), (40, 2), (24, 2), (19.9, 1))] == [
        (250, 10000), (500, 10000), (500, 10000), (1000, 10000), (1000, 10000),
    ]  # fmt: skip
