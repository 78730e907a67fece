"""One estimate: every face shows the value, the error and the interval that follow from the Dataset, computed here by hand."""

from __future__ import annotations

import csv
import functools
import json
import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy import stats

from radsim.cli.main import main
from radsim.export import write
from radsim.figures import draw
from radsim.outcomes.catalogue import CATALOGUE, VALUE
from radsim.report import phrases, render
from radsim.report.answer import COMPARED
from radsim.storage import read_netcdf

ASKED = (
    "compare",
    "8Gy/1",
    "20Gy/5",
    "none",
    "--primary",
    "breast",
    "--site",
    "hip",
    "--patients",
    "1300",
    "--seed",
    "3",
)
DRAWS = {"with draws": 8, "without draws": 0}
MEDIANS = ("time_to_response", "duration_of_response")
RESULTS = {}
"""What was read, by folder."""
NORMAL = stats.norm.ppf(0.975)
PARTS = ("value", "mcse", "low95", "high95")


# --- what the Dataset says, by hand -----------------------------------------------------------------------------


def by_hand(values, errors, *, noise=None, quantile=NORMAL, limits=(-np.inf, np.inf)):
    """Value, error and interval of draws, shape (draw, ...): the base case alone, or the draws beyond it without simulation noise."""
    if len(values) == 1:
        ends = np.clip([values[0] - quantile * errors[0], values[0] + quantile * errors[0]], *limits)
        return np.array([values[0], errors[0], *ends])
    drawn, chance = values[1:], errors[1:] if noise is None else noise[1:]
    between, within = drawn.var(axis=0, ddof=1), (chance**2).mean(axis=0)
    is_known = (between > 0.0) & np.isfinite(within)
    kept = np.where(is_known, np.maximum(0.5, 1.0 - within / np.where(is_known, between, 1.0)), 1.0)
    narrowed = drawn.mean(axis=0) + np.sqrt(kept) * (drawn - drawn.mean(axis=0))
    ends = np.clip(np.quantile(narrowed, [0.025, 0.975], axis=0), *limits)
    return np.array([drawn.mean(axis=0), np.sqrt((errors[1:] ** 2).sum(axis=0)) / len(drawn), *ends])


@functools.cache
def expected_of(key, name):
    """By hand, shape (part, schedule, ...): of each schedule, and of the first minus each."""
    dataset = RESULTS[key]
    low = -np.inf if name.startswith("qalys") else 0.0
    high = 10.0 if name == "mean_pain_score" else 1.0 if dataset[name].attrs["units"] == "1" else np.inf
    own = by_hand(dataset[name].values, dataset[f"{name}_mcse"].values, limits=(low, high))
    values, errors = dataset[f"{name}_difference"].values, dataset[f"{name}_difference_mcse"].values
    assert dataset[f"{name}_difference"].attrs["reference"] == str(dataset["schedule"].values[0])
    if name in MEDIANS:  # not paired: an upper bound, which is no measure of chance to take out
        return own, by_hand(-values, errors, noise=np.full(errors.shape, np.nan))
    return own, by_hand(
        -values, errors, quantile=stats.t.ppf(0.975, int((dataset["n_patients"].values[:, 0] > 0).sum()) - 1)
    )


def of_schedule(dataset, name, s, place=()):
    """Of one schedule, at a place along the dimensions after it."""
    return expected_of(dataset.attrs["key"], name)[0][(slice(None), s, *place)]


def first_minus(dataset, name, s, place=()):
    """The first schedule minus another, from the variables of the difference."""
    return expected_of(dataset.attrs["key"], name)[1][(slice(None), s, *place)]


def places(dataset, name):
    """Every place along the dimensions after draw and schedule."""
    return list(np.ndindex(*dataset[name].shape[2:]))


def names_of(dataset):
    return [name for name in dataset.data_vars if f"{name}_mcse" in dataset and not name.endswith("_difference")]


def at_day(dataset, day):
    return () if day is None else (int(np.argmin(np.abs(dataset["time"].values - day))),)


def same(found, expected, what):
    for part, mine, theirs in zip(PARTS, found, expected, strict=True):
        mine = math.nan if mine is None else mine
        is_same = math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-12) or (math.isnan(mine) and math.isnan(theirs))
        assert is_same, (what, part, mine, theirs)


def shown(expected, outcome, *, signed=False, draws=True, decimals=None, dash=False):
    """`54 (50–58)` with draws, `54.2 ± 0.2` without: what a cell of an outcome has to be."""
    value, error, low, high = (outcome.scale.factor * part for part in expected)
    places = outcome.scale.decimals if decimals is None else decimals
    if decimals is None and places == 1 and abs(value) >= (9.95 if draws else 100.0):
        places = 0  # a tenth is shown below ten, without an interval below a hundred
    text = written(value, places, signed=signed)
    if not draws:
        return f"{text} ± {error:,.{places}f}"
    ends = [written(low, places), written(high, places)]
    if ends[0] == ends[1] == written(value, places):
        return text
    return f"{text} ({ends[0]}{'–' if dash and low >= 0 else ' to '}{ends[1]})"


def written(value, places, *, signed=False):
    text = f"{value:{'+' if signed else ''},.{places}f}"
    return no_sign(text).replace("-", "−")


def no_sign(text):
    return text.lstrip("+-") if float(text.replace(",", "")) == 0.0 else text


# --- one result, and what every command makes of it --------------------------------------------------------------


class Cells(HTMLParser):
    """The rows of every table of a page, as texts; and all its text."""

    def __init__(self):
        super().__init__()
        self.rows, self.text, self.cell = [], [], None

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        self.cell = [] if tag in ("td", "th") else self.cell

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self.cell is not None and self.rows:
            self.rows[-1].append(" ".join("".join(self.cell).split()))
            self.cell = None

    def handle_data(self, data):
        self.text.append(data)
        if self.cell is not None:
            self.cell.append(data)


def command(capsys, *arguments):
    capsys.readouterr()
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    found = capsys.readouterr()
    assert leaving.value.code == 0, found.err
    return found.out


@pytest.fixture(scope="module", params=DRAWS)
def folder(request, tmp_path_factory):
    """A question, the same as a study, its result; with draws and without."""
    path = tmp_path_factory.mktemp("faces")
    return path, DRAWS[request.param]


@pytest.fixture
def result(folder, capsys):
    path, draws = folder
    if not (path / "result.nc").exists():
        text = command(capsys, *ASKED, "--draws", draws, "--yaml")
        (path / "study.yaml").write_text(f"{text}\neconomics:\n  costs: uk\n")
        command(capsys, "run", path / "study.yaml", "-o", path / "result.nc")
    if path not in RESULTS:
        RESULTS[path] = read_netcdf(path / "result.nc").assign_attrs(key=path)
    return RESULTS[path]


def test_the_dataset_holds_paired_differences(result):
    for name in names_of(result):
        values, gap = result[name].values, result[f"{name}_difference"]
        np.testing.assert_array_equal(gap.values, values - values[:, :1])
        assert gap.dims == result[name].dims and gap.dtype == np.float64
        assert gap.attrs["units"] == result[name].attrs["units"] == result[f"{name}_difference_mcse"].attrs["units"]
        error, own = result[f"{name}_difference_mcse"].values, result[f"{name}_mcse"].values
        assert not np.nan_to_num(error[:, 0]).any()
        if name not in MEDIANS:
            assert np.nanmedian(error[:, 1]) <= 1.2 * np.nanmedian(np.hypot(own[:, 0], own[:, 1])), name
    assert result["relief_difference_mcse"].values[:, 1].mean() < 0.5 * result["relief_mcse"].values.mean()


def test_run_json(result, folder, capsys):
    document = json.loads(command(capsys, "run", folder[0] / "study.yaml", "--json"))
    compare_document(document, result, names_of(result))


def compare_document(document, dataset, names):
    for name in names:
        for place in places(dataset, name):
            for s, block in enumerate(document["schedules"]):
                same(taken(block[name], place), of_schedule(dataset, name, s, place), (name, s, place))
            for s, block in enumerate(document["differences"], start=1):
                same(taken(block[name], place), first_minus(dataset, name, s, place), (name, "first minus", s, place))


def taken(found, place):
    parts = [found[part] for part in PARTS]
    for i in place:
        parts = [part[i] for part in parts]
    return parts


def test_run_text(result, folder, capsys):
    text = command(capsys, "run", folder[0] / "study.yaml")
    outcomes, differences = text.partition("8Gy/1 minus the others")[::2]
    schedules, seen = [str(name) for name in result["schedule"].values], 0
    for one in CATALOGUE:
        label, place = one.label.format(**result[one.variable].attrs), at_day(result, one.day)
        cells = [
            shown(of_schedule(result, one.variable, s, place), one, draws=folder[1] > 0, dash=True)
            for s in range(len(schedules))
        ]
        assert cells_of(outcomes, label) == cells, label
        if one.differs:
            gaps = [
                shown(first_minus(result, one.variable, s, place), one, signed=True, draws=folder[1] > 0)
                for s in range(1, len(schedules))
            ]
            assert cells_of(differences, label) == gaps, label
        seen += 1
    assert seen >= 30


def cells_of(text, label):
    """Cells of a row of the tables in a text, wherever they were broken between columns."""
    lines = [line for line in text.splitlines() if line.startswith(f"{label}  ") or line == label]
    return [cell for line in lines for cell in re.split(r"\s{2,}", line.removeprefix(label).strip())]


def test_compare(result, folder, capsys):
    asked = (*ASKED, "--draws", folder[1])
    document = json.loads(command(capsys, *asked, "--json"))
    compare_document(
        document,
        result,
        [name for name in names_of(result) if name not in ("cost", "total_cost", "qalys", "qalys_undiscounted")],
    )
    asked_of = [one for one in CATALOGUE if one.group != VALUE and not one.only_spine]
    assert set(document["outcomes"]) == {one.key for one in asked_of}
    for one in asked_of:
        found, place = document["outcomes"][one.key], at_day(result, one.day)
        for s, name in enumerate(document["schedules"]):
            figure = found["schedules"][name["schedule"]]
            same([figure[part] for part in PARTS], of_schedule(result, one.variable, s, place), one.key)
        for s, gap in enumerate(found["differences"], start=1):
            same(
                [gap[part] for part in PARTS], first_minus(result, one.variable, s, place), (one.key, "first minus", s)
            )
    text = command(capsys, *asked, "--full")
    every = text.partition("All outcomes:")[2].partition("8Gy/1 minus 20Gy/5")[0]
    for one in asked_of:
        place = at_day(result, one.day)
        cells = [of_schedule(result, one.variable, s, place) for s in range(len(document["schedules"]))]
        assert cells_of(every, one.label) == [shown(cell, one, draws=folder[1] > 0, dash=True) for cell in cells], (
            one.label
        )
    for s, other in enumerate(document["schedules"][1:], start=1):
        table = (
            text.partition("All outcomes:")[2]
            .partition(f"8Gy/1 minus {other['schedule']}\n")[2]
            .partition("\n\n8Gy/1 minus")[0]
        )
        for one in (one for one in asked_of if one.differs):
            expected = first_minus(result, one.variable, s, at_day(result, one.day))
            assert cells_of(table, one.label)[0] == shown(expected, one, draws=folder[1] > 0, signed=True), one.label
    page = text.partition("All outcomes:")[0].partition("Of 100 patients")[2].partition("minus the others")[0]
    for one in (one for one in asked_of if one.brief and one.group != "Survival"):
        cells = [
            of_schedule(result, one.variable, s, at_day(result, one.day)) for s in range(len(document["schedules"]))
        ]
        whole = [
            shown(cell, one, decimals=0, dash=True) if folder[1] else written(one.scale.factor * cell[0], 0)
            for cell in cells
        ]
        assert [cell.replace("<1", "0") for cell in cells_of(page, one.label)] == whole, one.label


def test_report(result, folder, monkeypatch):
    import radsim.report.page as page

    monkeypatch.setattr(page, "kinds_of", lambda part: [])
    cells = Cells()
    cells.feed(render(result))
    rows = {row[0]: row[1:] for row in reversed(cells.rows) if row}
    for one in (one for one in CATALOGUE if one.group != VALUE):
        for s, cell in enumerate(rows[one.label][-3:]):
            expected = of_schedule(result, one.variable, s, at_day(result, one.day))
            assert cell == shown(expected, one, draws=folder[1] > 0, decimals=one.scale.decimals), one.label
    text = " ".join("".join(cells.text).split())
    said = 0
    for one in COMPARED:
        gap = first_minus(result, one.variable, 1, at_day(result, one.day))
        if abs(one.scale.factor * gap[0]) >= 1.0:  # what does not differ has no such sentence
            expected = words_of(gap, one.scale, draws=folder[1])
            assert f"{expected[:1].upper()}{expected[1:]} under 8Gy/1 than under 20Gy/5" in text, one.key
            said += 1
    assert said >= 3
    for name, digits in (("total_cost", 0), ("qalys", 3)):
        for s in (1, 2):
            value, _, low, high = first_minus(result, name, s)
            number, ends = written(value, digits, signed=True), f"{written(low, digits)} to {written(high, digits)}"
            assert (f"{number} ({ends})" if folder[1] else number) in text, name


def words_of(expected, scale, *, draws):
    from types import SimpleNamespace

    value, _, low, high = expected
    ends = (value, low, high) if draws else (value, np.nan, np.nan)
    return phrases.more_or_fewer(SimpleNamespace(with_ends=ends), scale)


def plain(dataset):
    """Attributes without our key."""
    return {name: value for name, value in dataset.attrs.items() if name != "key"}


def exported_rows(folder, form):
    target = folder / (f"tables.{form}" if form == "xlsx" else f"tables_{form}")
    if form == "csv":
        with open(target / "results.csv", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    if form == "parquet":
        pandas_free = pytest.importorskip("pyarrow.parquet")
        return pandas_free.read_table(target / "results.parquet").to_pylist()
    openpyxl = pytest.importorskip("openpyxl")
    head, *rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(target, read_only=True)["Results"]]
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_export_of_rows(result, folder, form):
    days = [2, 5]
    write(
        result.isel(time=days).drop_attrs(deep=False).assign_attrs(plain(result)), folder[0] / f"tables_{form}", to=form
    )
    names, seen = [str(name) for name in result["schedule"].values], 0
    for row in exported_rows(folder[0], form):
        name, place, s = row["variable"], place_of(result, row), names.index(row["minus"] or row["schedule"])
        expected = first_minus(result, name, s, place) if row["minus"] else of_schedule(result, name, s, place)
        same([number(row[part]) for part in PARTS], expected, (name, row["schedule"], row["minus"], place))
        seen += 1
    assert seen == sum(result.isel(time=days)[name][0].size // 3 * 5 for name in names_of(result))


def place_of(dataset, row):
    found = []
    for dim in dataset[row["variable"]].dims[2:]:
        label = row[{"visit": "visit_weeks", "time": "time_days"}.get(dim, dim)]
        labels = dataset[dim].values
        found.append(labels.tolist().index(label if labels.dtype.kind in "OUT" else float(label)))
    return tuple(found)


def number(cell):
    return np.nan if cell in ("", None) else float(cell)


def test_export_of_a_workbook(result, folder):
    write(
        result.isel(time=[2]).drop_attrs(deep=False).assign_attrs(plain(result)), folder[0] / "tables.xlsx", to="xlsx"
    )
    heads = {"value": "", "mcse": ", MC error", "low95": ", low 95 %", "high95": ", high 95 %"}
    for row in exported_rows(folder[0], "xlsx"):
        if row["at"]:
            continue
        for s, name in enumerate(str(label) for label in result["schedule"].values):
            same(
                [number(row[f"{name}{heads[part]}"]) for part in PARTS],
                of_schedule(result, row["outcome"], s),
                row["outcome"],
            )
            if s:
                gap = [number(row[f"8Gy/1 minus {name}{heads[part]}"]) for part in PARTS]
                same(gap, first_minus(result, row["outcome"], s), (row["outcome"], "first minus", name))


@pytest.mark.parametrize(
    ("kind", "name", "scale"),
    [("relief", "relief", 100.0), ("pain", "mean_pain_score", 1.0), ("opioids", "mean_morphine_equivalent", 1.0)],
)
def test_plot(result, kind, name, scale):
    axes = draw(kind, result).axes[0]
    n = result.sizes["time"]
    lines = [line for line in axes.get_lines() if len(line.get_xdata()) == n + 1]  # from the first fraction on
    bands = [band for band in axes.collections if hasattr(band, "get_paths") and len(band.get_paths())]
    assert len(lines) == len(bands) == 3
    for s, (line, band) in enumerate(zip(lines, bands, strict=True)):
        expected = scale * np.array([of_schedule(result, name, s, place) for place in places(result, name)])
        np.testing.assert_allclose(line.get_ydata()[1:], expected[:, 0], rtol=1e-9)
        heights = band.get_paths()[0].vertices[:, 1]
        for end in expected[:, 2:].ravel():
            assert np.isclose(heights, end, rtol=1e-9, atol=1e-9).any(), (kind, s)


def test_a_median_has_an_error_of_its_difference_that_is_not_paired(result):
    own, gap = result["duration_of_response_mcse"].values, result["duration_of_response_difference_mcse"].values
    np.testing.assert_allclose(gap[:, 1], np.hypot(own[:, 0], own[:, 1]), rtol=1e-12)
    assert "upper bound" in result["duration_of_response_difference_mcse"].attrs["long_name"]


LISTS = {"cli", "compare", "report", "figures", "export", "presentation"}
NAMES_FIGURES = "figures/registry.py"
"""It names figures, some of them as their outcome is named; each row says which outcome of the catalogue it draws."""


def test_faces_list_no_outcomes_themselves():
    import ast
    from pathlib import Path

    import radsim

    clinical = [one for one in CATALOGUE if one.group != VALUE]
    names = {one.variable for one in clinical} | {one.key for one in clinical}
    home, found = Path(radsim.__file__).parent, []
    for file in sorted(home.rglob("*.py")):
        place = file.relative_to(home)
        if place.parts[0] not in LISTS or place.as_posix() == NAMES_FIGURES:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            parts = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
            listed = {part.value for part in parts if isinstance(part, ast.Constant)} & names
            if len(listed) > 1:
                found.append((place.as_posix(), node.lineno, sorted(listed)))
    assert not found, "outcomes belong to radsim.outcomes.catalogue"


def test_every_outcome_has_a_label_of_its_own_that_fits():
    for part in ("label", "patient", "key"):
        texts = [getattr(one, part) for one in CATALOGUE]
        assert len(set(texts)) == len(texts)
    assert all(len(one.label) <= 34 for one in CATALOGUE)
