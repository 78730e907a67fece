"""From a configuration to the numbers the kernel reads."""

import numpy as np
import pytest
from studies import study

from radsim.config import CATEGORIES, COVARIATES, load_config
from radsim.courses import dose_log_odds, schedule_records
from radsim.evidence import EvidenceError, load_registry
from radsim.kernel import baseline, layout
from radsim.presentation.cord import warnings
from radsim.study import Endpoint, endpoint_rows, prepare


def test_the_kernel_reads_every_parameter_of_the_registry_and_no_other():
    names = {name for name in load_registry("trials") if not name.startswith("between_trial.")}  # not of a life
    assert names == set(layout.parameter_names())


def test_codes_of_the_kernel_are_those_of_the_configuration():
    assert COVARIATES.index("pain") == baseline.PAIN
    assert len(COVARIATES) == baseline.N_COVARIATES
    assert CATEGORIES["site"].index("spine") == layout.SPINE
    assert CATEGORIES["site"].index("hip") == layout.HIP
    assert CATEGORIES["lesion"].index("lytic") == layout.LYTIC
    assert CATEGORIES["sex"].index("male") == layout.MALE
    for vector, category in (("survival_log_time_primary", "primary"), ("survival_log_time_subtype", "subtype"),
                             ("fracture_rate_per_day", "site")):  # fmt: skip
        names = [name.rpartition(".")[2] for name in layout.VECTOR_PARAMETERS[vector]]
        assert tuple(names) == CATEGORIES[category]


def test_guide_table_starts_at_the_level_or_before_it():
    s = study(n=1)
    u = np.linspace(0.5, 4095.5, 4096) / 4096
    for i in range(len(COVARIATES)):
        for category in range(6):
            cumulative = s.tables.cumulative[i, category]
            exact = np.searchsorted(cumulative, u, side="left")
            start = s.cohort.guide[i, category, (u * baseline.N_GUIDE).astype(int)]
            assert (start <= exact).all()


def test_periods_are_quarters_and_then_years_up_to_the_horizon():
    assert study(n=1, horizon_days=100, times_days=[7]).period_ends == pytest.approx([91.3125, 100.0])
    ends = study(n=1, horizon_days=1825).period_ends
    assert np.diff(ends[:8]) == pytest.approx(91.3125)
    assert ends[8:] == pytest.approx([1095.75, 1461.0, 1825.0])
    assert study(n=1, horizon_days="lifetime").period_ends[-1] == pytest.approx(60 * 365.25)


def test_a_horizon_on_a_period_end_makes_no_empty_period():
    assert study(n=1, horizon_days=730.5).period_ends == pytest.approx(91.3125 * np.arange(1, 9))


def test_schedules_on_the_plateau_relieve_alike_and_small_doses_never_less_than_none():
    values = load_registry("trials").values()
    assert dose_log_odds(8.0, 1, values) == dose_log_odds(4.0, 5, values) == dose_log_odds(3.0, 10, values) == 0.0
    assert dose_log_odds(4.0, 1, values) == pytest.approx(-values["response.dose.deficit_at_half_plateau"], rel=1e-12)
    assert dose_log_odds(4.0, 1, values) < dose_log_odds(6.0, 1, values) < 0.0
    assert dose_log_odds(0.1, 1, values) == values["response.log_odds.no_irradiation"]


def test_records_of_the_usual_schedules():
    s = study(n=1, schedules=("8Gy/1", "30Gy/10", "none"))
    single, ten, none = schedule_records(s.config.schedules, s.values(0))
    assert (single.n_fractions, single.last_fraction_day, single.cord_bed_gy2) == (1, 0.0, 40.0)
    assert (ten.n_fractions, ten.last_fraction_day, ten.cord_bed_gy2) == (10, 11.0, 75.0)
    assert (none.n_fractions, none.irradiated, none.cord_bed_gy2) == (0, 0, 0.0)
    assert (single.fraction_class, ten.fraction_class) == (layout.SINGLE, layout.MULTIPLE)


def test_endpoints_without_a_visit_stay_empty():
    rows = endpoint_rows([Endpoint("consensus", 4, 4), Endpoint("pain_score", 30, 40)], np.array([1.0, 4.0, 12.0]))
    assert rows.tolist() == [[1, 1, 1], [0, 0, -1]]


def test_end_of_treatment_moves_the_visits():
    s = study(n=1, schedules=("8Gy/1", "30Gy/10"), observation={"visits_weeks": [4], "from": "end_of_treatment"})
    assert s.protocol(0).visit_days.tolist() == [[28.0], [39.0]]
    assert s.protocol(0).same_visits.tolist() == [0, 0]


def test_observation_of_the_configuration_wins_over_the_registry():
    s = study(n=1, observation={"never_returns": 0.5})
    assert s.values(0)["observation.never_returns"] == 0.5
    assert s.values(0)["observation.attendance"] == load_registry("trials").values()["observation.attendance"]


def test_unknown_parameters_are_named():
    config = load_config({"radsim": 1, "seed": 1, "cohort": {"size": 10}, "schedules": ["8Gy/1"],
                          "parameters": {"flare.probabilty": 0.3}})  # fmt: skip
    with pytest.raises(EvidenceError, match=r"flare\.probability"):
        prepare(config)


def test_an_index_course_beyond_the_cord_budget_is_a_warning():
    changes = {"schedules": ("8Gy/1", "30Gy/10"), "n": 1}
    beyond = study(**changes, cohort={"site": "spine", "prior_schedule": "30Gy/10", "prior_weeks_ago": 30})
    assert [w for w in warnings(beyond.cord)] == [
        "30Gy/10: beyond the limits of the spinal cord: 150 Gy2 in all, above 135.5; simulated all the same"
    ]
    elsewhere = study(**changes, cohort={"site": "rib", "prior_schedule": "30Gy/10", "prior_weeks_ago": 30})
    assert not warnings(elsewhere.cord)


def test_a_study_leans_on_what_its_lives_depend_on_alone():
    assert set(study(n=1).samples) == set(layout.parameter_names([{}]))
