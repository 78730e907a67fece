"""Every sum of the kernel, worked out again in plain Python from the twin's courses of the same patients; and its cells by hand."""

import math
from collections import Counter

import numba
import numpy as np
import pytest
import twin
from test_twin_agrees import STUDIES
from test_twin_care_agrees import STUDIES as STUDIES_OF_CARE
from twin_care.effects import Diary
from twin_compared import play, schedule_of_the_twin

from radsim.compiled import door
from radsim.config import load_config
from radsim.engine import empty_sums, record_trajectories, simulate
from radsim.kernel import columns, layout, observe, segments, tables, tally, tally_page, workspace
from radsim.kernel.tables import Sums
from radsim.maths.measures import MEASURES
from radsim.study import Endpoint, prepare

COMPILED = not numba.config.DISABLE_JIT
N_PATIENTS = 250 if COMPILED else 24
YEAR = 365.25
PERIODS = tuple(YEAR / 4 * i for i in range(1, 9)) + (3 * YEAR, 4 * YEAR, 1600.0)
ENDPOINTS = (
    Endpoint("any_reduction", 1, 1), Endpoint("consensus", 2, 8), Endpoint("categorical", 4, 12), Endpoint("pain_score", 50, 52),
)  # fmt: skip
CHANGES = {
    "spine": {"schedules": ["8Gy/1", "20Gy/5", "none"], "cohort": {"site": "spine"}, "parameters": {
        "fracture.rate_per_day.spine": 0.004, "cord_compression.rate_per_day": 0.004, "surgery.after_fracture.other": 0.7,
        "surgery.after_cord_compression": 0.7, "flare.diary_missing": 0.3, "toxicity.multiple.spine": 0.6,
    }},
    "repeats": STUDIES["everybody is retreated, fractured, flared"],
    "all care": {key: value for key, value in STUDIES_OF_CARE["all"].items() if key != "horizon_days"},
    "modern hip": {**STUDIES["modern hip"], "observation": {"visits_weeks": [1, 2, 4, 8, 12], "from": "end_of_treatment"}},
}  # fmt: skip


def study_of(changes):
    config = {
        "radsim": 1,
        "seed": 20260101,
        "horizon_days": 1600,
        "subgroups": ["sex"],
        "observation": {"visits_weeks": [1, 2, 4, 8, 12]},
        **changes,
    }
    config["cohort"] = {"size": N_PATIENTS, **changes.get("cohort", {})}
    return prepare(load_config({**config, "times_days": [0, 7, 28, 84, 200, 600]}), endpoints=ENDPOINTS, actuarial=True)


def played_by_the_twin(study, schedule, patients):
    """The course of every patient under a schedule, with the visits of that schedule."""
    config, s = study.config, study.config.schedules.index(schedule)
    of_twin = schedule_of_the_twin(schedule)
    late = twin.fraction_days(0.0, of_twin)[-1] if config.observation.from_ == "end_of_treatment" else 0.0
    days = [7.0 * week + late for week in config.observation.visits_weeks]
    return [play(study, s, number, patient, visit_days=days) for number, patient in enumerate(patients)]


# --- the account: each function adds what one patient is to a Counter of named cells


def luck(number, purpose):
    return twin.uniform(20260101, 0, number, purpose, 0)


def period_of(t):
    return sum(t >= end for end in PERIODS)


def joint_cell(one, t):
    """Name of the cell: pain, graver event and its age, nearness to death. 90 and 30 days are what the names say."""
    pain = ("none", "mild", "moderate", "severe")[twin.pain_category(twin.score(twin.worst_pain(one, t)))]
    health = "no_event"
    for event, name in ((one.time_to_fracture, "fracture"), (one.time_to_cord_compression, "cord_compression")):
        if t >= event:
            health = f"{name}_recent" if t < event + 90.0 else f"{name}_late"
    left = one.time_to_death - t
    near = "under_30_days" if left <= 30.0 else "30_to_90_days" if left <= 90.0 else "over_90_days"
    return f"pain_{pain}|{health}|death_{near}"


def stretches(one):
    """Stretches of time to the horizon in which nothing but the dose changes."""
    p = one.parameters
    delay, drift = p["analgesic.taper_delay_days"], p["analgesic.drift_until_days"]
    changes = [*PERIODS, *twin.changes_of_pain(one), one.time_to_escalation + drift, p["analgesic.titration_day"]]
    changes += [one.time_to_death - 90.0, one.time_to_death - 30.0]
    changes += [event + 90.0 for event in (one.time_to_fracture, one.time_to_cord_compression)]
    changes += [c["onset"] + delay for c in one.courses] + one.effects.changes_of_sites()
    return twin.segments(one, changes, PERIODS[-1])


def add_time(one, number, found):
    for start, stop in stretches(one):
        middle = (start + stop) / 2
        found["occupancy", period_of(middle), joint_cell(one, middle)] += stop - start
        found["count", period_of(middle), "opioid_mg"] += (stop - start) * twin.morphine_at(one, middle)


def first_onset(one, end):
    """Onset of a partial or complete response to the index course that is in force at all before an end, else infinity."""
    index = one.courses[0]
    in_force = index["responds"] >= twin.PARTIAL and index["onset"] < min(end, index["relapse"])
    return index["onset"] if in_force else math.inf


def add_events(one, number, found):
    end, p = min(one.time_to_death, PERIODS[-1]), one.parameters
    happened = [("fractures", one.time_to_fracture), ("cord_compressions", one.time_to_cord_compression)]
    happened += [("flares", c["flare"][0]) for c in one.courses if c["flare"]]
    happened += [("follow_up_visits", day) for day, seen in zip(one.visit_days, one.attended, strict=True) if seen]
    happened += [("courses", c["start"]) for c in one.courses if not c["schedule"]["none"]]
    happened += [("fractions", c["start"]) for c in one.courses for _ in range(c["fractions_given"])]
    happened += [("acute_toxicity", c["start"]) for c in one.courses if c["toxicity"]]
    happened += [("deaths", one.time_to_death)] if one.time_to_death < PERIODS[-1] else []
    for name, day in happened:
        if day < end or name == "deaths":
            found["count", period_of(day), name] += 1
    site = "hip" if one.patient["site"] == "hip" else "other"
    operations = [
        event + p["surgery.delay_days"] < one.time_to_death and luck(number, purpose) < chance
        for event, purpose, chance in (
            (one.time_to_fracture, twin.SURGERY_FRACTURE, p["surgery.after_fracture." + site]),
            (one.time_to_cord_compression, twin.SURGERY_CORD, p["surgery.after_cord_compression"]),
        )
    ]
    if one.time_to_surgery < end:
        found["count", period_of(one.time_to_surgery), "operations"] += sum(operations)


def add_care(one, number, found):
    diary = Diary(PERIODS, one.time_to_death)
    twin.count_care(one, diary, seed=20260101, draw=0, number=number)
    for (item, period), amount in diary.found.items():
        found["count", period, item] += amount


def add_flags(one, number, found):
    end, index = min(one.time_to_death, PERIODS[-1]), one.courses[0]
    answers = [
        twin.response_at_visit(one, v, "pain_score") for v, day in enumerate(one.visit_days) if day <= index_visits(one)
    ]
    seen = max((answer for answer in answers if answer is not None), default=0)
    with_repeats = [answer_with_repeats(one, v) for v, day in enumerate(one.visit_days) if day <= index_visits(one)]
    both = max([seen, *(answer for answer in with_repeats if answer is not None)])
    latent = first_onset(one, one.time_to_death) <= 84.0 and index["onset"] < one.time_to_surgery
    flare = bool(index["flare"]) and index["flare"][0] < one.time_to_death
    flags = {
        "response": seen >= 1, "complete": seen == 2, "latent_response": latent,
        "latent_complete": latent and index["responds"] == twin.COMPLETE, "retreatment": one.time_to_retreatment < end,
        "fracture": one.time_to_fracture < end, "cord_compression": one.time_to_cord_compression < end, "flare": flare,
        "flare_missing_as_flare": flare or one.flare_diary_missing, "flare_missing_as_none": flare and not one.flare_diary_missing,
        "toxicity": index["toxicity"], "response_including_retreatment": both >= 1, "complete_including_retreatment": both == 2,
        "responder": first_onset(one, end) < math.inf, "died": one.time_to_death < PERIODS[-1],
    }  # fmt: skip
    for name, yes in flags.items():
        found["flag", name] += yes


def index_visits(one):
    """Last day of the headline: twelve weeks after week 0 (the fifth visit)."""
    return one.visit_days[-1]


def answer_with_repeats(one, visit):
    """As `twin.response_at_visit` under the pain score, but with the repeats counted."""
    day = one.visit_days[visit]
    if not one.attended[visit]:
        return None
    if day >= one.time_to_surgery:
        return 0
    stated = twin.stated(one, day)
    return twin.classify("pain_score", one.patient["pain"], 0.0, stated, 0.0)


def add_visits(one, number, found):
    last_seen = max((v for v, seen in enumerate(one.attended) if seen), default=-1)
    for measure in MEASURES:
        answers = [twin.response_at_visit(one, v, measure) for v in range(len(one.visit_days))]
        for v, answer in enumerate(answers):
            if answer is not None:
                for name, yes in (("assessable", True), ("overall", answer >= 1), ("complete", answer == 2)):
                    found["visit", v, measure, name] += yes
            for kind, least in (("overall", 1), ("complete", 2)):
                before = any(a is not None and a >= least for a in answers[:v])
                found["visit", v, measure, f"at_risk_{kind}"] += v <= last_seen and not before
                found["visit", v, measure, f"first_{kind}"] += answer is not None and answer >= least and not before


def add_endpoints(one, number, found, weeks):
    for row, endpoint in enumerate(ENDPOINTS):
        inside = [v for v, week in enumerate(weeks) if endpoint.first_week <= week <= endpoint.last_week]
        answers = [a for a in (twin.response_at_visit(one, v, endpoint.measure) for v in inside) if a is not None]
        for name, yes in (
            ("assessable", answers),
            ("overall", max(answers, default=0) >= 1),
            ("complete", max(answers, default=0) == 2),
        ):
            found["endpoint", row, name] += bool(yes)


def add_times(one, number, found, times):
    events = {
        "retreat": one.time_to_retreatment,
        "fractur": one.time_to_fracture,
        "cord_compress": one.time_to_cord_compression,
    }
    risk = {"retreat": "retreatment", "fractur": "fracture", "cord_compress": "cord_compression"}
    for i, t in enumerate(times):
        alive = one.time_to_death > t
        found["time_count", i, "alive"] += alive
        found["time_count", i, "in_relief"] += twin.in_response(one, t)
        found["time_count", i, "in_complete_relief"] += twin.in_complete_response(one, t)
        for name, day in events.items():
            found["time_count", i, f"{name}ed"] += day <= t
            found["time_count", i, f"at_risk_{risk[name]}"] += alive and day > t
        if alive:
            pain, dose = twin.pain_at(one, t), twin.morphine_at(one, t)
            for name, value in (
                ("pain", pain),
                ("pain_squared", pain**2),
                ("morphine", dose),
                ("morphine_squared", dose**2),
            ):
                found["time_sum", i, name] += value


def add_lives(one, number, found):
    end = min(one.time_to_death, PERIODS[-1])
    relief = sum(stop - start for start, stop in stretches(one) if twin.in_response(one, (start + stop) / 2))
    responder = first_onset(one, end) < math.inf
    attended = sum(c["fractions_given"] for c in one.courses if c["start"] < end)
    share = attended / max(end, 1.0)
    sums = {
        "days_alive": end, "days_alive_squared": end**2, "days_in_response": relief, "responder_days_alive": end * responder,
        "responder_days_in_response": relief * responder, "treatment_days": attended, "treatment_days_squared": attended**2,
        "share_in_treatment": share, "share_in_treatment_squared": share**2,
    }  # fmt: skip
    for name, value in sums.items():
        found["patient", name] += value
    if responder:
        onset, relapse = one.courses[0]["onset"], one.courses[0]["relapse"]
        stop = min(end, one.time_to_retreatment)
        found["onset_histogram", int(onset)] += 1
        name, until = ("relapse_histogram", relapse) if relapse < stop else ("censor_histogram", max(stop, onset))
        found[name, int(until - onset)] += 1


def by_the_twin(study, schedule, patients, group):
    """Named sums over the patients of a group."""
    found = Counter()
    for number, one in enumerate(played_by_the_twin(study, schedule, patients)):
        if patients[number].sex == group:
            found["n",] += 1
            found["patient", "pain_at_start"] += one.pain
            found["patient", "morphine_at_start"] += patients[number].morphine_equivalent
            for add in (add_time, add_events, add_flags, add_visits, add_lives):
                add(one, number, found)
            add_endpoints(one, number, found, study.config.observation.visits_weeks)
            add_times(one, number, found, study.config.times_days)
            add_care(one, number, found)
    return found


def by_the_kernel(totals, s, group):
    """The same names for the sums of a schedule and group, added over batches."""
    t = totals
    found = {("n",): t.n[group].sum()}
    axes = {
        "flag": [layout.FLAGS], "visit": [range(5), MEASURES, layout.VISIT_COUNTS],
        "endpoint": [range(len(ENDPOINTS)), layout.ENDPOINT_COUNTS], "time_count": [range(6), layout.TIME_COUNTS],
        "time_sum": [range(6), layout.TIME_SUMS], "patient": [layout.PATIENT_SUMS],
        "occupancy": [range(len(PERIODS)), layout.STATES], "count": [range(len(PERIODS)), layout.ITEMS[: t.count.shape[-1]]],
    }  # fmt: skip
    for name, labels in axes.items():
        table = getattr(t, name)[group, :, s].sum(axis=0)
        assert table.shape == tuple(map(len, labels)), name
        for at in np.argwhere(table):
            found[name, *(label[i] for label, i in zip(labels, at, strict=True))] = table[tuple(at)]
    for name in ("onset_histogram", "relapse_histogram", "censor_histogram"):
        table = getattr(t, name)[group, s]
        found |= {(name, int(day)): table[day] for day in np.flatnonzero(table)}
    return found


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_every_sum_is_that_of_the_twin(changes):
    study = study_of(changes)
    assert tuple(study.period_ends) == pytest.approx(PERIODS, rel=1e-15)
    totals = simulate(study, threads=1).totals[0]
    patients, _ = record_trajectories(study, 0, N_PATIENTS)
    for s, schedule in enumerate(study.config.schedules):
        for group in (layout.FEMALE, layout.MALE):
            expected = by_the_twin(study, schedule, patients, group)
            found = by_the_kernel(totals, s, group)
            for name in expected.keys() | found.keys():
                # sums are kept in 2**-20, squares in 2**-10 of their unit
                slack = N_PATIENTS * (2.0**-10 if str(name[-1]).endswith("squared") else 2.0**-18)
                assert found.get(name, 0.0) == pytest.approx(expected[name], rel=1e-7, abs=slack), (schedule.name, name)
            events = [
                name
                for name in expected
                if name[0] in ("flag", "visit", "endpoint", "time_count", "n") or "histogram" in name[0]
            ]
            assert all(found.get(name, 0) == expected[name] for name in events)  # counts exactly


def test_what_stored_sums_are_made_with_stays():
    # a sweep's store keeps the integers: other units, blocks or batches would make it read wrongly
    assert (layout.FINE_UNIT, layout.COARSE_UNIT, tables.BLOCK_SIZE, tables.N_BATCHES) == (2**20, 2**10, 512, 16)


# --- cells by hand


health_state, death_distance = door(segments.health_state), door(segments.death_distance)


@numba.njit(nogil=True, error_model="numpy")
def write_segments(life, patient, end, period_ends, p, written):
    segments.write_segments(life, patient, end, period_ends, p, written)  # a step that takes tables has no `door`


def life(**given):
    one = np.zeros(1, layout.TRAJECTORY).view(np.recarray)[0]
    for name in (
        "onset",
        "fade",
        "relapse",
        "flare_start",
        "flare_stop",
        "fracture",
        "cord_compression",
        "surgery",
        "worsening",
        "worsening_end",
        "titration",
        "escalation",
    ):
        one[name] = math.inf
    one["n_courses"], one["time_to_death"] = 1, math.inf
    for name, value in given.items():
        one[name] = value
    return one


def page_of(lives):
    """Some trajectories in a page, and what is added up of them beside it; the rest of its columns are of nobody."""
    page = np.zeros(1, layout.PAGE).view(np.recarray)[0]
    observed = np.zeros(1, layout.OBSERVED).view(np.recarray)[0]
    write_column = door(columns.write_column)
    for j, one in enumerate(lives):
        write_column(page, j, one, 0.0)
        observed.surgery[j] = one["surgery"]
        observed.retreated[j] = one["start"][1] if one["n_courses"] > 1 else math.inf
    return page, observed, weights(lives)


def weights(columns_used):
    """One for each column that holds somebody, zero for the others."""
    return (np.arange(layout.WIDTH) < len(columns_used)).astype(np.int64)


@pytest.mark.parametrize(
    ("day", "expected"),
    [(0.0, "over_90_days"), (109.99, "over_90_days"), (110.0, "30_to_90_days"), (169.99, "30_to_90_days"), (170.0, "under_30_days"),
     (200.0, "under_30_days")],
)  # fmt: skip
def test_nearness_to_death_at_its_boundaries(day, expected):
    assert layout.DEATH_DISTANCES[death_distance(day, 200.0)] == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [(49.99, "no_event"), (50.0, "fracture_recent"), (139.99, "fracture_recent"), (140.0, "fracture_late"), (199.99, "fracture_late"),
     (200.0, "cord_compression_recent"), (289.99, "cord_compression_recent"), (290.0, "cord_compression_late")],
)  # fmt: skip
def test_recent_and_late_events_at_their_boundaries(day, expected):
    assert layout.HEALTH_STATES[health_state(day, life(fracture=50.0, cord_compression=200.0))] == expected


def test_a_fracture_after_a_cord_compression_is_the_lesser_of_the_two():
    assert (
        layout.HEALTH_STATES[health_state(150.0, life(fracture=140.0, cord_compression=50.0))]
        == "cord_compression_late"
    )


def test_the_days_of_one_patient_by_hand():
    """Pain 8; a fracture on day 50, a cord compression on day 130, death on day 300; no relief."""
    study = study_of(CHANGES["spine"])
    p = study.parameters(0)[0]
    patient = np.zeros(1, layout.PATIENT).view(np.recarray)[0]
    written = workspace.empty_segments(2)
    one = life(pain=8.0, fracture=50.0, cord_compression=130.0, time_to_death=300.0)
    write_segments(one, patient, 300.0, np.array([91.0, 400.0]), p, written)
    found = Counter()
    for i in range(written.n_segments[0]):
        found[int(written.period[i]), layout.STATES[written.state[i]]] += written.days[i]
    assert found == {
        (0, "pain_severe|no_event|death_over_90_days"): 50.0, (0, "pain_severe|fracture_recent|death_over_90_days"): 41.0,
        (1, "pain_severe|fracture_recent|death_over_90_days"): 39.0, (1, "pain_severe|cord_compression_recent|death_over_90_days"): 80.0,
        (1, "pain_severe|cord_compression_recent|death_30_to_90_days"): 10.0,
        (1, "pain_severe|cord_compression_late|death_30_to_90_days"): 50.0, (1, "pain_severe|cord_compression_late|death_under_30_days"): 30.0,
    }  # fmt: skip


@pytest.mark.parametrize(("day", "counted"), [(99.9, 1), (100.0, 0)])
def test_what_happens_on_the_last_day_is_beyond_the_horizon(day, counted):
    one = life(n_courses=2, fracture=day, cord_compression=day, surgery=day, n_operations=2.0, time_to_death=300.0)
    one["response_class"][0], one["onset"][0], one["relapse"][0], one["start"][1], one["flare_start"][0] = (
        layout.PARTIAL,
        day,
        200.0,
        day,
        day,
    )
    flags, counts = np.zeros((1, 1, len(layout.FLAGS)), np.int64), np.zeros((1, 1, 2, len(layout.ITEMS)), np.int64)
    page, observed, weight = page_of([one])
    door(tally_page.look_at_index_response)(page, 100.0, 99.0, observed)
    door(tally_page.tally_flags)(page, observed, weight, 100.0, flags, 0, 0)
    door(tally_page.tally_deaths)(page, np.array([50.0, 100.0]), weight, counts, 0, 0)
    door(tally.tally_events)(one, 100.0, np.array([50.0, 100.0]), counts, 0, 0, 1)
    flags, counts = (
        dict(zip(layout.FLAGS, flags[0, 0], strict=True)),
        dict(zip(layout.ITEMS, counts[0, 0, 1], strict=True)),
    )
    for name in ("retreatment", "fracture", "cord_compression", "responder"):
        assert flags[name] == counted, name
    for name, times in (("fractures", 1), ("cord_compressions", 1), ("flares", 1), ("operations", 2), ("deaths", 0)):
        assert counts[name] == times * counted, name


@numba.njit(nogil=True, error_model="numpy")
def tally_given(one, end, period_ends, sums, g, s):
    tally.tally_given(one, end, period_ends, sums, g, s)


def test_a_course_of_less_than_a_day_takes_a_day():
    one = life(time_to_death=0.4, irradiated=1)
    one["fractions_given"][0] = 1.0
    sums = Sums(*(table[0] for table in empty_sums(study_of(CHANGES["spine"]), batches=1)))
    tally_given(one, 0.4, np.array([91.0]), sums, 0, 0)
    given = dict(zip(layout.PATIENT_SUMS, sums.given_patient[0, 0] / layout.PATIENT_SCALES, strict=True))
    assert given["treatment_days"] == 1.0 and given["share_in_treatment"] == 1.0  # not 1 / 0.4


# --- denominators by hand: three visits, four patients. U: not seen, 0: no response, 1: partial, 2: complete, -1: progression


U = observe.UNSEEN
SEEN_OF = [[U, U, U], [0, 1, U], [U, -1, U], [1, U, 2]]


def category(rows):
    """Categories (visit, measure, column) of some patients, under the second measure."""
    table = np.full((3, len(MEASURES), layout.WIDTH), U, np.int64)
    table[:, 1, : len(rows)] = np.transpose(rows)
    return table


def nobody_yet():
    return np.zeros(1, layout.OBSERVED).view(np.recarray)[0]


def test_endpoints_count_who_was_seen_at_their_visits():
    endpoints = np.array([[1, 0, 0], [1, 0, 1], [1, 2, 2], [1, 0, 2], [1, 0, -1], [0, 0, 2]])
    sums = np.zeros((1, 1, len(endpoints), 3), np.int64)
    door(tally_page.tally_endpoints)(category(SEEN_OF), endpoints, nobody_yet(), weights(SEEN_OF), sums, 0, 0)
    # assessable, overall, complete
    assert sums[0, 0].tolist() == [[2, 1, 0], [3, 2, 0], [1, 1, 1], [3, 2, 1], [0, 0, 0], [0, 0, 0]]


def test_visits_and_numbers_at_risk_by_hand():
    measures = np.array([0, 1, 0, 0], np.uint8)
    sums = np.zeros((1, 1, 3, len(MEASURES), len(layout.VISIT_COUNTS)), np.int64)
    seen = (category(SEEN_OF)[:, 1] != U).astype(np.int64)
    door(tally_page.tally_visits)(category(SEEN_OF), measures, weights(SEEN_OF), sums, 0, 0)
    door(tally_page.tally_first_responses)(
        category(SEEN_OF), seen, measures, nobody_yet(), weights(SEEN_OF), sums, 0, 0
    )
    table = dict(zip(layout.VISIT_COUNTS, sums[0, 0, :, 1].T.tolist(), strict=True))
    assert table == {
        "assessable": [2, 2, 1], "overall": [1, 1, 1], "complete": [0, 0, 1],
        "at_risk_overall": [3, 2, 0], "first_overall": [1, 1, 0],  # the last responded at once; the second at the second visit
        "at_risk_complete": [3, 3, 1], "first_complete": [0, 0, 1],  # up to the last visit at which each was seen
    }  # fmt: skip
    assert not sums[:, :, :, [0, 2, 3]].any()


def test_times_at_risk_by_hand():
    sums = np.zeros((1, 1, 3, len(layout.TIME_COUNTS)), np.int64)
    times = np.array([10.0, 20.0, 30.0])
    retreated = life(time_to_death=25.0, n_courses=2)
    retreated["start"][1] = 20.0
    lives = retreated, life(time_to_death=30.0, fracture=10.0), life(time_to_death=40.0, cord_compression=15.0)
    page, observed, weight = page_of(lives)
    door(tally_page.tally_at_risk)(page, times, observed, weight, sums, 0, 0)
    table = dict(zip(layout.TIME_COUNTS, sums[0, 0].T.tolist(), strict=True))
    assert table["at_risk_retreatment"] == [3, 2, 1]  # at risk is: alive after the time, and not yet retreated at it
    assert table["at_risk_fracture"] == [2, 2, 1] and table["at_risk_cord_compression"] == [3, 2, 0]
