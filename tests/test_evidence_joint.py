"""Parameters that are drawn together: their correlation, their own distributions, and the faults of a block."""

import json

import numpy as np
import pytest
from scipy import stats

from radsim import evidence
from radsim.evidence import Entry, EvidenceError, Joint, Registry, load_registry

SEED, N = 20260101, 20_000
TEXTS = ("1", "anyone", "a paper", "checked", "none")
ENTRIES = [
    Entry("a.first", 1.0, {"normal": {"sd": 2.0}}, *TEXTS),
    Entry("a.second", 3.0, {"lognormal": {"sigma": 0.4}}, *TEXTS, 0.0),
    Entry("a.third", 0.3, {"beta": {"n": 10.0}}, *TEXTS, 0.0, 1.0),
    Entry("a.fourth", 5.0, {"gamma": {"shape": 2.0, "scale": 2.0}}, *TEXTS, 0.0),
]
NAMES = ("a.first", "a.second", "a.third")
CORRELATION = ((1.0, -0.7, 0.2), (-0.7, 1.0, 0.1), (0.2, 0.1, 1.0))
BLOCK = Joint(NAMES, CORRELATION, "a fit")


def draws(joint=(BLOCK,), overrides=None):
    return Registry(ENTRIES, joint=joint).sample(SEED, N, overrides)


def test_normal_scores_have_the_correlation_of_the_block():
    drawn = draws()
    scores = [stats.norm.ppf(stats.rankdata(drawn[name][1:]) / (N + 1)) for name in NAMES]
    assert np.abs(np.corrcoef(scores) - CORRELATION).max() < 5 / np.sqrt(N)


def test_each_keeps_its_own_distribution():
    drawn = draws()
    for name, law in (
        ("a.first", stats.norm(1.0, 2.0)), ("a.second", stats.lognorm(0.4, scale=3.0)), ("a.third", stats.beta(3, 7)),
    ):  # fmt: skip
        assert stats.kstest(drawn[name][1:], law.cdf).pvalue > 1e-6
        assert drawn[name][0] == Registry(ENTRIES)[name].value


def test_a_parameter_outside_the_block_keeps_its_bits():
    assert np.array_equal(draws()["a.fourth"], draws(joint=())["a.fourth"])
    assert not np.array_equal(draws()["a.second"], draws(joint=())["a.second"])


def test_an_override_within_the_block_leaves_the_others_alone():
    plain, changed = draws(), draws(overrides={"a.second": 2.0})
    assert np.ptp(changed["a.second"]) == 0.0
    assert all(np.array_equal(plain[name], changed[name]) for name in plain if name != "a.second")


def test_the_digest_depends_on_the_correlation():
    other = BLOCK._replace(correlation=((1.0, -0.6, 0.2), (-0.6, 1.0, 0.1), (0.2, 0.1, 1.0)))
    digests = {Registry(ENTRIES, joint=joint).digest for joint in ((), (BLOCK,), (other,))}
    assert len(digests) == 3


def test_the_shipped_survival_is_drawn_jointly_and_the_same_from_the_cache(monkeypatch):
    load_registry("trials")
    monkeypatch.setattr(evidence.registry, "parse", lambda texts: pytest.fail("parsed again"))
    registry = load_registry("trials")
    names = [f"survival.log_time.{name}" for name in ("intercept", "prostate", "lung", "other")]
    assert registry.drawn_with(names[0]) == tuple(names[1:])
    drawn = registry.sample(SEED, 4000)
    assert np.corrcoef(drawn[names[0]][1:], drawn[names[2]][1:])[0, 1] < -0.7
    assert registry.drawn_with("flare.probability") == ()


def test_evidence_says_what_is_drawn_jointly(run):
    assert "drawn jointly with survival.log_time.intercept" in run("evidence", "survival.log_time.lung").out
    shown = json.loads(run("evidence", "fracture.high_risk.late*", "--json").out)["parameters"]
    assert [one["drawn_with"] for one in shown] == [["fracture.high_risk.early_rate_per_day"]]
    assert "drawn jointly" not in run("evidence", "flare.probability").out


GOOD = """\
radsim_evidence: 1
joint:
  - names: [some.share, other.share]
    correlation: [[1, 0.5], [0.5, 1]]
    source: a fit
parameters:
  some.share: &entry
    value: 0.3
    uncertainty: {beta: {n: 10}}
    unit: "1"
    population: anyone
    source: a paper
    status: checked
    note: none
  other.share:
    value: 0.4
    uncertainty: {beta: {n: 10}}
    unit: "1"
    population: anyone
    source: a paper
    status: checked
    note: none
""".replace(" &entry", "")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RADSIM_CACHE", str(tmp_path / "cache"))
    for topic in evidence.SETS["guideline"]:
        (tmp_path / f"{topic}.yaml").write_text("radsim_evidence: 1\nparameters: {}\n")
    (tmp_path / "pain.yaml").write_text(GOOD)
    return tmp_path


def test_a_block_is_read(folder):
    found = load_registry("trials", folder=folder).joint
    assert found == (Joint(("some.share", "other.share"), ((1.0, 0.5), (0.5, 1.0)), "a fit"),)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[[1, 0.5], [0.5, 1]]", "[[1, 1.0], [1.0, 1]]", "joint[0]: correlation: expected a positive definite matrix"),
        ("[[1, 0.5], [0.5, 1]]", "[[1, 1.5], [1.5, 1]]", "joint[0]: correlation: expected a positive definite matrix"),
        ("[[1, 0.5], [0.5, 1]]", "[[1, 0.5], [0.4, 1]]", "joint[0]: correlation: expected a symmetric matrix"),
        ("[[1, 0.5], [0.5, 1]]", "[[2, 0.5], [0.5, 1]]", "joint[0]: correlation: expected a symmetric matrix with 1"),
        ("[[1, 0.5], [0.5, 1]]", "[[1, 0.5]]", "joint[0]: correlation: expected 2 rows of 2 numbers"),
        ("[[1, 0.5], [0.5, 1]]", "[[1, x], [x, 1]]", "joint[0]: correlation: expected 2 rows of 2 numbers"),
        ("[some.share, other.share]", "[some.share]", "joint[0]: names: expected two names of parameters or more"),
        ("[some.share, other.share]", "[some.share, no.share]", "joint: no.share: expected the name of a parameter"),
        ("[some.share, other.share]", "[some.share, some.share]", "joint: some.share: expected once, found again"),
        ("source: a fit", "source: ''", "joint[0]: source: expected text"),
        ("    source: a fit\n", "", "joint[0]: expected names, correlation and source"),
        ("value: 0.4\n    uncertainty: {beta: {n: 10}}", "value: 0.4\n    uncertainty: {fixed: {}}",
         "joint: other.share: expected a parameter with an uncertainty, found a fixed one"),
    ],
)  # fmt: skip
def test_a_faulty_block_is_refused(folder, old, new, expected):
    assert old in GOOD
    (folder / "pain.yaml").write_text(GOOD.replace(old, new))
    with pytest.raises(EvidenceError) as caught:
        load_registry("trials", folder=folder)
    (fault,) = caught.value.faults
    assert fault.startswith(f"pain.yaml: {expected}")


def test_faults_of_blocks_and_entries_are_reported_together(folder):
    (folder / "pain.yaml").write_text(GOOD.replace("[[1, 0.5], [0.5, 1]]", "[]").replace("value: 0.3", "value: x"))
    (folder / "toxicity.yaml").write_text("radsim_evidence: 1\njoint: 3\nparameters: {}\n")
    with pytest.raises(EvidenceError) as caught:
        load_registry("trials", folder=folder)
    assert [fault.split(": expected")[0] for fault in caught.value.faults] == [
        "pain.yaml: joint[0]: correlation", "pain.yaml: some.share: value", "toxicity.yaml: joint",
    ]  # fmt: skip
