"""The cost-utility analysis of the Dutch Bone Metastasis Study (van den Hout 2003) played in silico: population, era, prices, schedules.

``python tests/verification/dutch_economics.py`` prints the table; ``pytest -m verification tests/verification/dutch_economics.py``
holds the published intervals.

What each row can show:

* Costs. The two prices of `nl` were solved from the published totals, so the rows check courses and fractions, not the level. The
  prices of `uk` owe nothing to the study.
* Quality-adjusted weeks. The level of `dutch_patients` is the study's own mean EQ-5D, so its rows check the length of life and
  what events take away; `described_state` and `described_state_mild` owe nothing to it.
* Differences between schedules owe nothing to the study in any row of quality-adjusted weeks.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest

import radsim
from radsim.economics.items import PAIN_LEVELS
from radsim.valuation import appraise
from radsim.valuation.discounting import DAYS_PER_YEAR

pytestmark = pytest.mark.verification

N = 50_000
WEEKS_PER_YEAR = DAYS_PER_YEAR / 7
SCHEDULES = ["8Gy/1", "24Gy/6"]
UTILITIES = ("dutch_patients", "described_state", "described_state_mild", "end_stage_level", "pain_blind")
UNDISCOUNTED = {"costs": 0, "effects": 0}

COST_DIFFERENCE = (449, 1297)  # USD, multiple minus single, van den Hout 2003
POOLED_WEEKS = (15.9, 17.9)  # 16.9, the mean of 17.7 and 16.0, and one week either way
WEEKS_DIFFERENCE = (-1.0, 4.4)  # single minus multiple


@functools.cache
def trial(horizon_days="lifetime"):
    """The study played to the end of life, as its life expectancies (43.0 and 40.4 weeks) are, or to a horizon."""
    return radsim.simulate({
        "name": "Dutch Bone Metastasis Study", "seed": 20260101, "evidence": "trials", "schedules": SCHEDULES,
        "cohort": {"size": N, "population": "default", "era": "1990s"}, "horizon_days": horizon_days,
    })  # fmt: skip


def weeks(dataset, utilities, combination="additive"):
    """Quality-adjusted weeks of each schedule, undiscounted, shape (schedule,)."""
    economics = {"costs": "nl", "utilities": utilities, "combination": combination, "discount": UNDISCOUNTED}
    return appraise(dataset, economics)["qalys"].sel(draw=0).values * WEEKS_PER_YEAR


def radiotherapy_cost(dataset, costs):
    """Cost of radiotherapy of each schedule, undiscounted, shape (schedule,)."""
    economics = {"costs": costs, "discount": UNDISCOUNTED}
    return appraise(dataset, economics)["cost"].sel(draw=0, component="radiotherapy").values


def pain_shares(dataset):
    """Share of life in each pain level, mean of both schedules, shape (level,)."""
    patients = dataset["n_patients"].sel(draw=0)
    days = (dataset["occupancy"].sel(draw=0) * patients).sum(["batch", "period"])
    levels = np.array([str(state).split("|")[0].removeprefix("pain_") for state in dataset["state"].values])
    by_level = np.stack([days.values[:, levels == level].sum(axis=1) for level in PAIN_LEVELS], axis=1)
    return (by_level / by_level.sum(axis=1, keepdims=True)).mean(axis=0)


def rows():
    """What, published, model; differences as published: costs multiple minus single, weeks single minus multiple."""
    whole = trial()
    found = [("life expectancy, weeks", "43.0 and 40.4", f"{whole['life_years'].values[0, 0] * WEEKS_PER_YEAR:.1f}")]
    for costs, unit, published in (("nl", "USD", ("2438 and 3311", "873 (449 to 1297)")), ("uk", "GBP", ("–", "–"))):
        cost = radiotherapy_cost(whole, costs)
        found += [
            (f"radiotherapy with repeats, prices {costs}, {unit}", published[0], f"{cost[0]:.0f} and {cost[1]:.0f}"),
            (f"difference, prices {costs}, {unit}", published[1], f"{cost[1] - cost[0]:.0f}"),
        ]
    for horizon, label in (("lifetime", "to the end of life"), (TWO_YEARS, "to two years")):
        for utilities in UTILITIES:
            for combination in ("additive", "multiplicative"):
                found += week_rows(
                    weeks(trial(horizon), utilities, combination), f"{utilities}, {combination}, {label}"
                )
    shares = ", ".join(f"{level} {share:.3f}" for level, share in zip(PAIN_LEVELS, pain_shares(whole), strict=True))
    return [*found, ("share of life in pain levels, behind the anchor of dutch_patients", "–", shares)]


def week_rows(quality_adjusted, label):
    """Rows of one valuation."""
    difference = quality_adjusted[0] - quality_adjusted[1]
    return [
        (f"quality-adjusted weeks, pooled, {label}", "16.9 (17.7 and 16.0)", f"{quality_adjusted.mean():.1f}"),
        (
            f"difference in weeks (QALY), {label}",
            "1.7 (-1.0 to 4.4)",
            f"{difference:z.2f} ({difference / WEEKS_PER_YEAR:z.4f})",
        ),
    ]


TWO_YEARS = 728


@pytest.mark.xfail(reason="a life expectancy of 40 weeks or more holds what is lived after two years", strict=True)
def test_quality_adjusted_weeks_to_two_years_are_within_one_of_the_published():
    assert inside(weeks(trial(TWO_YEARS), "dutch_patients").mean(), POOLED_WEEKS)


def inside(value, interval):
    return interval[0] <= value <= interval[1]


@pytest.mark.parametrize("horizon", ["lifetime", TWO_YEARS])
def test_the_difference_in_cost_is_inside_the_published_interval(horizon):
    single, multiple = radiotherapy_cost(trial(horizon), "nl")
    assert inside(multiple - single, COST_DIFFERENCE)


TOO_HIGH = pytest.mark.xfail(
    reason="the level of the source is above what the patients of the study reported", strict=True
)


@pytest.mark.parametrize(
    "utilities",
    [
        "dutch_patients",
        "described_state_mild",
        "pain_blind",
        pytest.param("described_state", marks=TOO_HIGH),
        pytest.param("end_stage_level", marks=TOO_HIGH),
    ],
)
@pytest.mark.parametrize("combination", ["additive", "multiplicative"])
def test_quality_adjusted_weeks_are_within_one_of_the_published(utilities, combination):
    assert inside(weeks(trial(), utilities, combination).mean(), POOLED_WEEKS)


@pytest.mark.parametrize("utilities", UTILITIES)
@pytest.mark.parametrize("combination", ["additive", "multiplicative"])
def test_the_difference_in_weeks_is_inside_the_published_interval_and_of_the_order_of_a_hundredth_of_a_qaly(
    utilities, combination
):
    single, multiple = weeks(trial(), utilities, combination)
    assert inside(single - multiple, WEEKS_DIFFERENCE)
    assert abs(single - multiple) / WEEKS_PER_YEAR < 0.02


def test_the_packaged_shares_of_pain_are_those_of_the_trial_as_played():
    from radsim.economics.sets import load_packaged_set

    packaged = load_packaged_set("utilities", "dutch_patients").anchor.at
    np.testing.assert_allclose([packaged[level] for level in PAIN_LEVELS], pain_shares(trial()), atol=0.015)


def main():
    """Print the table as Markdown."""
    print("| figure | published | model |\n|---|---|---|")
    for what, published, model in rows():
        print(f"| {what} | {published} | {model} |")


if __name__ == "__main__":
    main()
