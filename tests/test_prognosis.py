"""Survival in closed form against simulation, and the survival of the named populations."""

import math

import numpy as np
import pytest
from studies import study, time_column, totals

from radsim.cohort import build_tables
from radsim.config import load_config
from radsim.evidence import load_registry
from radsim.prognosis import Kind

N, Z = 60_000, 5.0


def kind(era="modern", **cohort):
    config = load_config({"schedules": ["none"], "cohort": {**cohort, "era": era}})
    return Kind(build_tables(config)[0], load_registry("trials").values(), era)


@pytest.mark.parametrize("population", ["default", "modern", "hip_breast"])
@pytest.mark.parametrize("era", ["1990s", "modern"])
def test_the_closed_form_is_what_is_simulated(population, era):
    days = [30, 84, 364, 1800]
    s = study(
        n=N, evidence="trials", schedules=("none",), times_days=days, cohort={"population": population, "era": era}
    )
    alive, expected = time_column(totals(s), "alive")[0] / N, kind(era, population=population).survival(days)
    assert np.all(np.abs(alive - expected) < Z * np.sqrt(expected * (1 - expected) / N))


def test_longer_stretches_every_survival_time():
    lung = kind(primary="lung", age=20)  # hardly any death in the general population
    assert lung.survival(100.0, longer=math.log(2.0)) == pytest.approx(lung.survival(50.0), abs=1e-3)


def test_a_clinic_has_the_early_deaths_that_are_published():
    dead = 1.0 - kind(population="clinic").survival([30])[0]
    assert 0.12 <= dead <= 0.16


def test_today_has_the_quartiles_that_are_published():
    months = np.array([3.3, 9.5, 24.0, 30.5])
    assert kind(population="modern").survival(months * 365.25 / 12) == pytest.approx([0.75, 0.5, 0.31, 0.25], abs=0.04)
