"""What care can do to a trajectory, step by step, against arithmetic that is done differently."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import study

from radsim.compiled import doors
from radsim.kernel import changes as compiled_changes
from radsim.kernel import effects as compiled_effects
from radsim.kernel import layout
from radsim.kernel import pain as compiled_pain

changes, effects, pain = doors(compiled_changes), doors(compiled_effects), doors(compiled_pain)
DAYS = st.floats(0.5, 900.0)
PIECES = st.lists(st.tuples(DAYS, DAYS, st.floats(0.1, 1.0)), max_size=5)


def modifiers_of(pieces, hazard=layout.H_FRACTURE):
    modifiers = layout.NEUTRAL.copy()
    for a, b, ratio in pieces:
        effects.multiply_hazard(modifiers[0], hazard, min(a, b), max(a, b), ratio)
    return modifiers[0]


def cumulative(t, rate_at, edges):
    """Cumulative hazard by the midpoints of the pieces between all edges."""
    cuts = sorted({0.0, t, *(e for e in edges if 0.0 < e < t)})
    return sum((b - a) * rate_at((a + b) / 2.0) for a, b in zip(cuts, cuts[1:], strict=False))


@settings(deadline=None, max_examples=200)
@given(PIECES, st.floats(0.01, 3.0), DAYS, st.floats(0.001, 0.01), st.floats(0.001, 0.01))
def test_the_event_is_where_the_stepwise_hazard_has_consumed_the_exponential(pieces, exponential, until, early, late):
    modifiers = modifiers_of(pieces)

    def rate_at(t):
        base = early if t < until else late
        return base * math.prod(ratio for a, b, ratio in pieces if min(a, b) <= t < max(a, b))

    edges = [until, *(day for a, b, _ in pieces for day in (a, b))]
    t = effects.time_under_two(modifiers, layout.H_FRACTURE, exponential, early, until, late)
    assert cumulative(t, rate_at, edges) == pytest.approx(exponential, rel=1e-9)


@settings(deadline=None, max_examples=200)
@given(PIECES, PIECES, st.floats(0.01, 3.0))
def test_a_protective_factor_never_advances_its_event(first, second, exponential):
    """Common random numbers: the same exponential, and one more factor below 1."""
    before = effects.time_under(modifiers_of(first), layout.H_FRACTURE, exponential, 0.002)
    after = effects.time_under(modifiers_of([*first, *second]), layout.H_FRACTURE, exponential, 0.002)
    assert after >= before * (1.0 - 1e-12)


def test_a_factor_acts_on_its_own_hazard_and_on_its_own_days():
    modifiers = modifiers_of([(100.0, 200.0, 0.5)])
    at = [effects.hazard_ratio_at(t, modifiers, layout.H_FRACTURE) for t in (0.0, 99.9, 100.0, 199.9, 200.0, 1e6)]
    assert at == [1.0, 1.0, 0.5, 0.5, 1.0, 1.0]
    assert effects.hazard_ratio_at(150.0, modifiers, layout.H_WORSENING) == 1.0
    effects.multiply_hazard(modifiers, layout.H_FRACTURE, 150.0, math.inf, 0.5)
    assert [effects.hazard_ratio_at(t, modifiers, layout.H_FRACTURE) for t in (120.0, 160.0, 300.0)] == [0.5, 0.25, 0.5]


def test_shares_off_the_pain_multiply_and_spikes_do_not_add():
    trajectory = np.zeros(1, layout.TRAJECTORY)[0]
    effects.clear_effects(trajectory)
    effects.lower_level(trajectory, 0.0, 10.0, 0.5)
    effects.lower_level(trajectory, 5.0, 20.0, 0.5)
    assert [effects.kept_by_care(t, trajectory, 1) for t in (0.0, 5.0, 10.0, 20.0)] == [0.5, 0.25, 0.5, 1.0]
    assert trajectory["n_levels"] == 2
    effects.add_spike(trajectory, 1.0, 3.0, 2.0)
    effects.add_spike(trajectory, 2.0, 4.0, 1.0)
    assert [effects.rise_by_care(t, trajectory) for t in (0.0, 1.0, 2.5, 3.0, 4.0)] == [0.0, 2.0, 2.0, 1.0, 0.0]


def treated_trajectory():
    """A pain of 8 without response; half of it taken off at the site on [10, 30), a quarter on [20, 40)."""
    trajectory = np.zeros(1, layout.TRAJECTORY)[0]
    effects.clear_effects(trajectory)
    trajectory["pain"], trajectory["n_courses"] = 8.0, 1
    for name in trajectory.dtype.names:
        if name in ("onset", "fade", "relapse", "flare_start", "flare_stop"):
            trajectory[name][:] = math.inf
        elif name in (
            "worsening",
            "worsening_end",
            "fracture",
            "cord_compression",
            "titration",
            "escalation",
            "escalation_alone",
        ):
            trajectory[name] = math.inf
    effects.relieve_site(trajectory, 10.0, 30.0, 0.5)
    effects.relieve_site(trajectory, 20.0, 40.0, 0.25)
    effects.treat_site(trajectory, 9.0)
    return trajectory


def test_local_reliefs_act_at_the_site_alone_and_the_index_course_does_not_see_them():
    p, trajectory = study(n=1).parameters(0)[0], treated_trajectory()
    days = (0.0, 10.0, 20.0, 30.0, 40.0)
    assert [pain.pain_at(t, trajectory, 1, p) for t in days] == [8.0, 4.0, 3.0, 6.0, 8.0]
    assert [pain.pain_at(t, trajectory, layout.INDEX_ALONE, p) for t in days] == [8.0] * 5
    effects.add_site(trajectory, 0.0, 7.0, math.inf, math.inf, 7.0)
    assert [pain.worst_pain(t, trajectory, 1, p) for t in days] == [8.0, 7.0, 7.0, 7.0, 8.0]
    assert [pain.before_steps(t, trajectory, 1, p)[0] for t in days] == [8.0, 4.0, 3.0, 6.0, 8.0]


def test_pain_changes_where_local_reliefs_begin_and_end_and_nowhere_else():
    p, trajectory = study(n=1).parameters(0)[0], treated_trajectory()
    found, t = [], 0.0
    while (t := changes.next_change_of_pain(t, trajectory, p)) < 1e6:
        found.append(t)
    assert found == [10.0, 20.0, 30.0, 40.0]


def test_a_treatment_that_did_not_come_to_pass_leaves_the_reliefs_of_all_schedules():
    trajectory, modifiers = treated_trajectory(), layout.NEUTRAL.copy()[0]
    effects.relieve_site(modifiers, 10.0, 30.0, 0.5)
    effects.take_back_treatment(trajectory, modifiers)
    assert trajectory["treated"] == math.inf and trajectory["n_reliefs"] == 1
    other = treated_trajectory()
    assert not effects.same_steps(trajectory, other)
    effects.take_over_steps(other, trajectory)
    assert effects.same_steps(trajectory, other) and trajectory["treated"] == 9.0


def test_the_steps_of_the_index_course_are_kept_once():
    """A treatment of the site, then a repeat: the course alone is judged by the steps before either."""
    trajectory = np.zeros(1, layout.TRAJECTORY)[0]
    effects.clear_effects(trajectory)
    trajectory["n_courses"] = 1
    effects.set_step(trajectory, 0.0, 0.5, 10.0, 2)
    assert effects.dose_of_steps(60.0, trajectory, layout.INDEX_ALONE) == 10.0
    for day, dose in ((40.0, 60.0), (50.0, 90.0)):
        effects.keep_index_steps(trajectory)
        effects.set_step(trajectory, day, 0.1, dose, 3)
    assert [effects.dose_of_steps(60.0, trajectory, n) for n in (layout.INDEX_ALONE, 1)] == [10.0, 90.0]


def test_a_step_of_the_dose_holds_until_the_next_and_one_of_the_same_day_replaces_it():
    trajectory = np.zeros(1, layout.TRAJECTORY)[0]
    effects.clear_effects(trajectory)
    for day, kept, dose, number in ((0.0, 1.0, 10.0, 2), (7.0, 0.8, 30.0, 3), (7.0, 0.5, 60.0, 3)):
        effects.set_step(trajectory, day, kept, dose, number)
    assert trajectory["n_steps"] == 2
    assert [effects.kept_by_care(t, trajectory, 1) for t in (0.0, 6.9, 7.0, 400.0)] == [1.0, 1.0, 0.5, 0.5]
    assert [effects.dose_of_steps(t, trajectory, 1) for t in (0.0, 7.0)] == [10.0, 60.0]


def test_the_index_trajectory_keeps_its_steps_when_a_repeat_changes_them():
    trajectory = np.zeros(1, layout.TRAJECTORY)[0]
    effects.clear_effects(trajectory)
    effects.set_step(trajectory, 0.0, 0.5, 10.0, 2)
    trajectory["n_courses"] = 2
    effects.keep_index_steps(trajectory)
    effects.set_step(trajectory, 50.0, 0.1, 90.0, 3)
    assert [effects.dose_of_steps(60.0, trajectory, n) for n in (1, 2)] == [10.0, 90.0]
    assert [effects.kept_by_care(60.0, trajectory, n) for n in (1, 2)] == [0.5, 0.1]


def test_log_odds_of_the_response_add_up():
    modifiers = layout.NEUTRAL.copy()
    for shift in (0.5, -0.2):
        effects.shift_response(modifiers[0], shift)
    assert modifiers["response_log_odds"][0] == pytest.approx(0.3)


def test_the_worst_of_the_other_sites_counts_from_its_start_and_while_it_is_not_relieved():
    trajectory = np.zeros(1, layout.TRAJECTORY)[0]
    effects.clear_effects(trajectory)
    effects.add_site(trajectory, 10.0, 6.0, 30.0, 60.0, 1.0)
    effects.add_site(trajectory, 20.0, 4.0, math.inf, math.inf, 4.0)
    pain = [effects.pain_of_other_sites(t, trajectory) for t in (0.0, 10.0, 30.0, 59.9, 60.0)]
    assert pain == [0.0, 6.0, 4.0, 4.0, 6.0]
    assert [effects.hurts_elsewhere(t, trajectory) for t in (0.0, 10.0)] == [False, True]


@pytest.mark.parametrize(("level", "hurts"), [(0.0, False), (4.9, False), (5.0, True)])
def test_a_point_less_at_another_site_is_no_relief(level, hurts):
    """The analgesics follow it as they follow the index site: a minor response leaves the dose where it is."""
    trajectory = np.zeros(1, layout.TRAJECTORY)[0]
    effects.clear_effects(trajectory)
    effects.add_site(trajectory, 10.0, 6.0, 30.0, 60.0, level)
    assert [effects.hurts_elsewhere(t, trajectory) for t in (9.0, 20.0, 40.0, 60.0)] == [False, True, hurts, True]


@pytest.mark.parametrize(("start", "stop"), [(0.0, 10.0), (3.7, 95.2), (0.4, 364.9), (91.0, 91.5), (5.0, 5.0)])
def test_days_are_counted_once_and_by_period(start, stop):
    ends, count = np.array([91.3125, 182.625, 365.25]), np.zeros((1, 1, 3, len(layout.ITEMS)), np.int64)
    effects.count_days(start, stop, ends, count, 0, 0, 4)
    found = count[0, 0, :, 4]
    assert found.sum() == int(stop) - int(start) if stop > start else found.sum() == 0
    for period, (a, b) in enumerate(zip((0.0, *ends[:-1]), ends, strict=True)):
        assert abs(found[period] - max(0.0, min(stop, b) - max(start, a))) <= 1.0


MOST = {
    "bone_agent": {"step_therapy": True, "start_day": 40}, "radiopharmaceutical": {"agent": "radium_223"},
    "systemic_therapy": {"second_line": True}, "fracture_care": {"operated": 0.5, "irradiation_prevents_fracture": True},
    "person": {"psychological_care": True, "weight_bearing_advice": True}, "hip_injection": {"articular_share": 1.0},
    "ablation": {"when": "beside"},
}  # fmt: skip
"""Settings with which a kind of care writes as many effects as it can; the others have only one way."""


def test_all_kinds_of_care_together_do_not_need_more_room_than_there_is():
    from studies import study

    from radsim import care
    from radsim.engine import record_trajectories
    from radsim.kernel import care as care_of_the_kernel

    often = {"bone_agent.first_dose_reaction.zoledronic_acid": 1.0, "systemic_therapy.relief.enzalutamide": 1.0}
    often |= {
        "radiopharmaceutical.relief_ratio.radium_223": 9.0,
        "bone_agent.kidney_rate_per_day.zoledronic_acid": 0.005,
    }
    s = study(
        n=300, schedules=["8Gy/1"], parameters=often, care={kind.switch: True for kind in care.KINDS} | MOST,
        cohort={"primary": "prostate", "lesion": "blastic", "several_sites": "yes", "site": "hip", "cortical_involvement_mm": 35},
    )  # fmt: skip
    p, (patients, lives) = s.parameters(0)[0], record_trajectories(s, 0, 300)
    kernel = doors(care_of_the_kernel)
    most = dict.fromkeys(("n_edges", "n_levels", "n_spikes"), 0) | {"n_reliefs": int(lives["n_reliefs"].max())}
    for number in range(300):
        modifiers, u, traits = (np.zeros(1, each) for each in (layout.MODIFIERS, layout.DRAWN, layout.TRAITS))
        for name in layout.DRAWN.names:
            u[name] = 0.5
        modifiers[0], traits["time_to_death"], traits["terminal"] = layout.NEUTRAL[0], 4000.0, 3970.0
        kernel.survive(True, p, s.config.seed, 0, number, u[0], traits[0], patients[number], modifiers[0])
        kernel.act(True, p, s.config.seed, 0, number, u[0], traits[0], patients[number], modifiers[0])
        most |= {name: max(most[name], int(modifiers[name][0])) for name in ("n_edges", "n_levels", "n_spikes")}
    room = {
        "n_edges": layout.MAX_EDGES, "n_levels": layout.MAX_LEVELS, "n_spikes": layout.MAX_SPIKES, "n_reliefs": layout.MAX_RELIEFS,
    }  # fmt: skip
    assert most["n_reliefs"] >= 7  # cement one, an injection five, an ablation one or two
    assert all(0 < n < room[name] for name, n in most.items()), most  # at the limit an effect may have found no room
