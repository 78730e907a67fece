"""Inputs that must be refused: contradictions and impossible values that no change at random would find again and again."""

from __future__ import annotations

from functools import partial

from fuzzing.case import Case
from fuzzing.mutate import Raw, yaml_text
from fuzzing.stock import STUDY


def _study(**changes):
    """A study with some keys replaced, checked."""
    return Case(["check", "study.yaml"], {"study.yaml": yaml_text({**STUDY, **changes}).encode()}, expected="refused")


def _cohort(text, name="patients.csv"):
    data = {**STUDY, "cohort": {"file": name, "size": 20}}
    return Case(
        ["check", "study.yaml"], {"study.yaml": yaml_text(data).encode(), name: text.encode()}, expected="refused"
    )


def _typed(*arguments):
    return Case(list(arguments), {"study.yaml": yaml_text(STUDY).encode()}, ("out.nc",), expected="refused")


STUDIES = (
    {"schedules": ["8Gy/1", "8Gy/1"]}, {"schedules": []}, {"schedules": ["8Gy/0"]}, {"schedules": [{"name": "8Gy/1", "dose_gy": 20, "fractions": 5}]},
    {"schedules": [{"dose_gy": 24, "fractions": 2, "cord_dose_gy": 17}]}, {"cohort": {"size": 0}}, {"cohort": {"size": True}}, {"cohort": {"size": 20, "karnofsky": 75}},
    {"cohort": {"size": 20, "primary": {"breast": 0.5, "lung": 0.6}}}, {"cohort": {"size": 20, "each_row": 2}}, {"cohort": {"size": 20, "pain": 11}},
    {"cohort": {"size": 20, "age": {"uniform": {"low": 70, "high": 60}}}}, {"cohort": {"size": 20, "age": Raw(".nan")}}, {"horizon_days": -1}, {"horizon_days": Raw(".inf")},
    {"times_days": [84, 28]}, {"times_days": [28, 28]}, {"draws": -1}, {"draws": 1.5}, {"seed": 2**53}, {"seed": -1}, {"radsim": 2}, {"parameters": {"flare.probability": 1.5}},
    {"parameters": {"nothing.known": 1}}, {"observation": {"never_returns": -0.1}}, {"observation": {"visits_weeks": [4, 2]}}, {"subgroups": ["age"]},
    {"economics": {}}, {"economics": {"costs": "fr"}}, {"economics": {"costs": "uk", "discount": {"costs": -0.1}}}, {"economics": {"costs": "uk", "values": {"cost.fraction": -1}}},
    {"economics": {"costs": "uk", "thresholds": [-1]}}, {"unknown": 1}, {"name": Raw("~")}, {"care": {"dexamethasone_prophylaxis": "perhaps"}},
)  # fmt: skip
STUDIES += (
    {"cohort": {"size": 20, "primary": "lung", "subtype": "triple_negative"}},
    {"cohort": {"size": 20, "prior_weeks_ago": 20}},
    {"cohort": {"size": 20, "prior_schedule": "none", "prior_weeks_ago": 20}},
    {"economics": {"costs": "uk", "values": {"cost.fraction": 1e30}}},
    {"economics": {"costs": "uk", "values": {"utility.anchor": -0.5}}},
    {"economics": {"costs": "uk", "thresholds": [20000, 20000]}},
)
COHORTS = (
    "pain,pain\n5,6\n", "pain,unknown\n5,6\n", "pain\n11\n", "pain\nnan8\n", "karnofsky\n75\n", "primary\nliver\n", "pain,age\n5\n", "", "pain\n",
    "age\n-1\n", "age\n1e400\n", "prior_schedule,prior_weeks_ago\n8Gy/1,-3\n", "visceral\nmaybe\n",
)  # fmt: skip
COHORTS += (
    "primary,subtype\nlung,triple_negative\n",
    "prior_schedule,prior_weeks_ago\nnone,20\n",
    "prior_weeks_ago\n20\n",
    "pain;age\n8,5;60\n",
)
TYPED = (
    ("run", "study.yaml", "--patients", "0"), ("run", "study.yaml", "--draws", "-1"), ("run", "study.yaml", "--seed", "-1"), ("run", "study.yaml", "--threads", "0"),
    ("run", "study.yaml", "-o", "out.nc", "--patient-output", "out.nc"), ("run", "nowhere.yaml"), ("run", "study.yaml", "-o", "nowhere/out.nc"),
    ("run", "study.yaml", "-o", "study.yaml", "--force"), ("compare", "8Gy/1"), ("compare", "8Gy/1", "8Gy/1"), ("compare", "8Gy/1", "20Gy/5", "--pain", "11"),
    ("compare", "8Gy/1", "20Gy/5", "--prior", "30Gy/10"), ("compare", "8Gy/1", "20Gy/5", "--prior", "30Gy/10@-2w"), ("compare", "8Gy/1", "20Gy/5", "--karnofsky", "75"),
    ("compare", "8Gy/1", "20Gy/5", "--prognosis-weeks", "nan"), ("validate", "nowhere.yaml"), ("show", "nowhere.nc"), ("cea", "study.yaml"), ("zzz",),
)  # fmt: skip
TYPED += (
    ("run", "study.yaml", "--seed", "1", "--seed", "2"),
    ("compare", "8Gy/1", "20Gy/5", "--site", "hip", "--site", "spine"),
    ("compare", "8Gy/1", "20Gy/5", "--site=hip", "--site=hip"),
    ("run", "study.yaml", "-o", "out.nc", "--output", "out.nc"),
    ("compare", "8Gy/1", "20Gy/5", "--primary", "lung", "--subtype", "triple_negative"),
    ("compare", "8Gy/1", "20Gy/5", "--prior-weeks-ago", "20"),
    ("run", "/dev/null"),
    ("show", "study.yaml\u202e"),
)
REFUSED = (
    *(partial(_study, **changes) for changes in STUDIES), *(partial(_cohort, text) for text in COHORTS), *(partial(_typed, *words) for words in TYPED),
)  # fmt: skip
