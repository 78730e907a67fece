"""Who the kernel enrols: each patient against the tables read in plain Python, and all of them against what the population says."""

import math

import numba
import numpy as np
import pytest
import twin
from scipy import stats

from radsim.cohort import covariates_from_uniforms
from radsim.config import COVARIATES, load_config, load_population
from radsim.engine import record_trajectories
from radsim.kernel.layout import PATIENT
from radsim.study import prepare

COMPILED = not numba.config.DISABLE_JIT
compiled = pytest.mark.skipif(not COMPILED, reason="many patients")
N, Z = 100_000, 5.0
COHORT_ROW = 16  # of the generator's purposes, after those of the covariates
ROWS = "primary,site,pain,karnofsky,prior_schedule,prior_weeks_ago\nbreast,hip,8,70,,\nlung,spine,5,50,8Gy/1,30\nprostate,rib,,90,,\n"
COHORTS = {
    "default": {},
    "each row": {"file": ROWS, "each_row": 7},
    "rows with replacement": {"file": ROWS},
    "neuropathic spine": {"population": "neuropathic_spine"},
    "hip, irradiated before": {
        "population": "hip_breast", "prior_schedule": {"none": 0.4, "8Gy/1": 0.3, "30Gy/10": 0.3}, "prior_weeks_ago": 30,
        "primary": {"breast": 0.5, "lung": 0.5}, "cortical_involvement_mm": {"uniform": {"low": 0, "high": 60}},
    },
}  # fmt: skip


def enrolled(cohort, folder, n, *, draw=0, **changes):
    """A study, and its first patients as (patient, covariate)."""
    if "file" in cohort:
        (folder / "rows.csv").write_text(cohort["file"])
        cohort = {**cohort, "file": str(folder / "rows.csv")}
    size = {} if "each_row" in cohort else {"size": n}
    study = prepare(
        load_config({"radsim": 1, "seed": 31, "schedules": ["8Gy/1"], "cohort": {**size, **cohort}, **changes})
    )
    patients, _ = record_trajectories(study, 0, min(n, study.n_patients), draw=draw)
    return study, patients.view(np.recarray)


def covariates(patients):
    assert PATIENT.names[: len(COVARIATES)] == COVARIATES
    return np.stack([patients[name].astype(float) for name in COVARIATES], axis=1)


@pytest.mark.parametrize("draw", [0, 2])
@pytest.mark.parametrize("cohort", COHORTS.values(), ids=COHORTS)
def test_every_patient_is_who_the_tables_say(cohort, draw, tmp_path):
    few = 400 if COMPILED else 20
    study, patients = enrolled(cohort, tmp_path, few, draw=draw, draws=2, subgroups=["primary", "site"])
    tables, found = study.tables, covariates(patients)
    beds = [0.0, *(twin.bed(*dose, study.values(draw)["cord.alpha_beta_gy"]) for dose in ((8.0, 1), (30.0, 10)))]
    for number in range(len(patients)):
        row = None
        if len(tables.rows):
            u = twin.uniform(31, draw, number, COHORT_ROW, 0)
            row = number // 7 if tables.each_row else math.floor(3 * u)
        u = [twin.uniform(31, draw, number, purpose, 0) for purpose in range(len(COVARIATES))]
        expected = covariates_from_uniforms(tables, u, row=row)
        assert found[number].tolist() == expected.tolist()
        assert patients[number].subgroup == 6 * expected[0] + expected[1]
        assert patients[number].prior_bed_gy2 == pytest.approx(beds[int(patients[number].prior_schedule)])


# --- against the population itself. The shares and moments below stand in radsim/data/populations/default.yaml, or follow from it.


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """Many patients of the default population."""
    return enrolled({}, tmp_path_factory.mktemp("crowd"), N)


def assert_shares(values, expected, what):
    """Frequencies of the codes 0, 1, … within five binomial standard errors."""
    for code, share in enumerate(expected):
        allowed = Z * math.sqrt(share * (1.0 - share) / len(values)) + 1e-12
        assert abs(np.mean(values == code) - share) < allowed, (what, code)


@compiled
def test_shares_are_those_of_the_population(crowd):
    _, patients = crowd
    assert_shares(patients.primary, [0.39, 0.23, 0.25, 0.13], "primary")
    assert_shares(patients.site, [0.10, 0.36, 0.30, 0.06, 0.08, 0.10], "site")
    assert_shares(patients.subtype, [1.0], "subtype")
    for primary, (male, visceral, lesions) in enumerate((
        (0.01, 0.35, (0.50, 0.35, 0.15)), (1.0, 0.10, (0.05, 0.15, 0.80)), (0.8, 0.30, (0.75, 0.20, 0.05)), (0.8, 0.35, (0.70, 0.20, 0.10)),
    )):  # fmt: skip
        some = patients[patients.primary == primary]
        assert_shares(some.sex, [1.0 - male, male], ("sex", primary))
        assert_shares(some.visceral, [1.0 - visceral, visceral], ("visceral", primary))
        assert_shares(some.lesion, lesions, ("lesion", primary))


@compiled
def test_every_marginal_is_that_of_the_tables_in_every_category(crowd):
    study, patients = crowd
    tables, found = study.tables, covariates(patients)
    for c, name in enumerate(COVARIATES):
        parent = tables.parent[c]
        for category in np.unique(found[:, parent]).astype(int) if parent >= 0 else [0]:
            some = found[found[:, parent] == category, c] if parent >= 0 else found[:, c]
            levels = tables.values[c, category, : tables.n_levels[c, category]]
            expected = len(some) * np.diff(tables.cumulative[c, category, : len(levels)], prepend=0.0)
            seen = np.array([np.sum(some == level) for level in levels])
            assert seen.sum() == len(some), name
            kept = expected > 5.0
            seen, expected = np.append(seen[kept], seen[~kept].sum()), np.append(expected[kept], expected[~kept].sum())
            if kept.sum() > 1:
                chi_squared = np.sum((seen - expected) ** 2 / np.maximum(expected, 1e-9))
                assert stats.chi2.sf(chi_squared, kept.sum() - 1 + (~kept).any()) > 1e-6, (name, category)


@compiled
def test_moments_of_age_karnofsky_and_pain(crowd):
    _, patients = crowd
    for name, mean, sd, low, high, step in (("age", 65.8, 10.2, 20, 100, 1.0), ("karnofsky", 70, 16, 20, 100, 10.0)):
        limits = (low - step / 2 - mean) / sd, (high + step / 2 - mean) / sd
        cut = stats.truncnorm(*limits, loc=mean, scale=sd)
        assert abs(patients[name].mean() - cut.mean()) < Z * cut.std() / math.sqrt(N) + 1e-3 * step, name
        assert patients[name].std() == pytest.approx(math.hypot(cut.std(), step / math.sqrt(12.0)), rel=0.01), name
    levels = np.arange(2, 11)
    shares = pain_shares(load_population("default").covariates["pain"], levels)
    assert abs(patients.pain.mean() - levels @ shares) < Z * math.sqrt(
        levels**2 @ shares - (levels @ shares) ** 2
    ) / math.sqrt(N)


def pain_shares(pain, levels):
    """Shares of pain scores by the normal distribution of the population, in steps of one."""
    family = pain.marginals["default"].family
    edges = stats.norm.cdf(np.append(levels - 0.5, levels[-1] + 0.5), family.mean, family.sd)
    return np.diff(edges) / (edges[-1] - edges[0])


@compiled
@pytest.mark.parametrize("value", [-0.2, 0.7])
def test_the_correlation_is_that_of_the_normal_scores(value, tmp_path, monkeypatch):
    population = load_population("default")
    (entry,) = population.correlation
    assert entry.between == ("karnofsky", "pain") and entry.value == -0.2
    changed = population._replace(correlation=(entry._replace(value=value),))
    monkeypatch.setattr("radsim.cohort.tables.load_population", lambda name: changed)
    study, patients = enrolled({}, tmp_path, N)
    first, second = (COVARIATES.index(name) for name in entry.between)
    joint = stats.multivariate_normal([0.0, 0.0], [[1.0, value], [value, 1.0]])
    for karnofsky, pain in ((50.0, 4.0), (60.0, 6.0), (70.0, 7.0), (80.0, 5.0)):
        below = [study.tables.cumulative[c, 0, np.searchsorted(study.tables.values[c, 0, :n], level)]
                 for c, level in ((first, karnofsky), (second, pain)) for n in [study.tables.n_levels[c, 0]]]  # fmt: skip
        expected = float(joint.cdf(stats.norm.ppf(below)))
        seen = np.mean((patients.karnofsky <= karnofsky) & (patients.pain <= pain))
        assert abs(seen - expected) < Z * math.sqrt(expected * (1.0 - expected) / N) + 1e-6


@compiled
def test_rows_drawn_with_replacement_are_equally_likely_and_independent(tmp_path):
    _, patients = enrolled(COHORTS["rows with replacement"], tmp_path, 30_000)
    assert_shares(patients.primary, [1 / 3, 1 / 3, 1 / 3], "rows")  # breast, prostate and lung, one row each
    again = patients.primary[1:] == patients.primary[:-1]
    assert abs(again.mean() - 1 / 3) < Z * math.sqrt(2 / 9 / len(again))
    assert np.unique(patients.pain[patients.primary == 1]).tolist() == list(range(2, 11))  # left empty, so drawn
    assert np.unique(patients.pain[patients.primary == 0]).tolist() == [8.0]
