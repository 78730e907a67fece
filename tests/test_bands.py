"""Bands of age, Karnofsky and prognosis as subgroups."""

import numpy as np
import pytest
from studies import study, totals

import radsim
from radsim.config import CATEGORIES, ConfigError, bands, load_config
from radsim.engine import simulate_patients
from radsim.study import prepare

ALL = ("age_band", "karnofsky_band", "prognosis_band")
LABELS = {
    "age_band": ("age under 65", "age 65-74", "age 75 and over"),
    "karnofsky_band": ("Karnofsky 50 or less", "Karnofsky 60-70", "Karnofsky 80 or more"),
    "prognosis_band": ("prognosis group I", "prognosis group II", "prognosis group III"),
}


def expected_codes(table):
    """Code of each patient in each band, written out once more."""
    age, karnofsky = table["age"], table["karnofsky"]
    factors = (table["primary"] != 0).astype(int) + table["visceral"] + (karnofsky <= 60)
    return {
        "age_band": np.where(age < 65, 0, np.where(age < 75, 1, 2)),
        "karnofsky_band": np.where(karnofsky <= 50, 0, np.where(karnofsky <= 70, 1, 2)),
        "prognosis_band": np.where(factors <= 1, 0, np.where(factors == 2, 1, 2)),
        "site": table["site"].astype(int),
    }


def test_bands_have_labels_edges_and_sources():
    assert bands.BANDS == ALL and {name: bands.labels(name) for name in ALL} == LABELS
    for name in ALL:
        band = bands.band(name)
        assert len(band.labels) == len(band.edges) + 1 and list(band.edges) == sorted(band.edges)
        assert band.source and band.status in ("checked", "provisional")
    assert bands.labels("sex") == ("sex=female", "sex=male") and bands.edges("sex") == (1.0,)


@pytest.mark.parametrize("names", [("age_band",), ("prognosis_band", "site"), ("site", *ALL)])
def test_every_patient_is_counted_in_their_own_subgroup(names):
    s = study(n=1200, subgroups=list(names))
    codes = expected_codes(simulate_patients(s, 0, 1200))
    sizes = [len(bands.labels(name)) for name in names]
    group = np.ravel_multi_index([codes[name] for name in names], sizes)
    counted = np.bincount(group, minlength=np.prod(sizes))
    assert np.array_equal(totals(s).n.sum(axis=1), counted)
    assert len(s.subgroups) == np.prod(sizes) and (counted > 0).sum() > 2


def test_limits_of_the_bands(tmp_path):
    """Hand-worked rows: at each limit, and just below it."""
    rows = ["age,karnofsky,ecog,primary,visceral,pain"]
    rows += ["64,50,,breast,no,7", "65,60,,breast,yes,7", "74,70,,lung,yes,7", "75,80,,lung,no,7", "80,,3,lung,yes,7"]
    (tmp_path / "rows.csv").write_text("\n".join(rows) + "\n")
    expected = {
        "age_band": [1, 2, 2],
        "karnofsky_band": [2, 2, 1],  # 50 and ECOG 3; 60 and 70; 80
        "prognosis_band": [2, 2, 1],  # factors: 1, 2, 2, 1, 3
    }
    for name, counts in expected.items():
        cohort = {"file": str(tmp_path / "rows.csv"), "each_row": 1}
        s = prepare(load_config({"seed": 1, "schedules": ["8Gy/1"], "cohort": cohort, "subgroups": [name]}))
        assert totals(s).n.sum(axis=1).tolist() == counts, name


def test_bands_divide_the_sums_without_changing_them():
    whole, parts = totals(study(n=1500)), totals(study(n=1500, subgroups=list(ALL)))
    assert parts.n.shape[0] == 27
    for name in ("n", "flag", "occupancy", "count"):
        assert np.array_equal(getattr(whole, name).sum(axis=0), getattr(parts, name).sum(axis=0)), name


def test_results_and_every_face_name_the_bands(run, tmp_path):
    text = "radsim: 1\nseed: 1\nschedules: [8Gy/1, 20Gy/5]\ncohort: {size: 1024}\nsubgroups: [prognosis_band]\n"
    (tmp_path / "study.yaml").write_text(text)
    done = run("run", "study.yaml", "-o", "a.nc")
    assert done.code == 0 and "subgroups: prognosis_band: risk factors are a primary other than breast" in done.err
    with radsim.open_result(tmp_path / "a.nc") as result:
        assert [str(label) for label in result["subgroup"].values] == ["all", *LABELS["prognosis_band"]]
        alive = result["survival"].isel(draw=0, schedule=0, time=-1).values
    assert alive[1] > alive[2] > alive[3]
    assert run("report", "a.nc", "-o", "a.html").code == 0
    assert "prognosis group III" in (tmp_path / "a.html").read_text().lower().replace("iii", "III")
    assert run("export", "a.nc", "--to", "csv", "-o", "tables").code == 0
    assert any("prognosis group II" in path.read_text() for path in (tmp_path / "tables").glob("*.csv"))


def test_what_is_no_band_is_refused():
    with pytest.raises(ConfigError, match="subgroups.*one of primary.*prognosis_band"):
        load_config({"schedules": ["8Gy/1"], "subgroups": ["karnofsky"]})
    assert "karnofsky" not in CATEGORIES
