"""Export: what is read back from csv, Parquet and xlsx is the result; nothing acts as a formula; faults leave nothing behind."""

from __future__ import annotations

import csv
import functools
import json
import re
import sys
import zipfile

import numpy as np
import pytest

import radsim
from radsim.decision import cost_effectiveness, tables
from radsim.decision.columns import Found
from radsim.export import cheers, write
from radsim.export.outcomes import outcome_names, parts
from radsim.export.results import variable_summaries
from radsim.export.run import gather
from radsim.outcomes.intervals import remove_monte_carlo_variance
from radsim.provenance import RecordFault, from_dataset
from radsim.storage import UsageFault, write_netcdf
from radsim.tables.csv_file import harmless
from radsim.tables.table import records, rows_of
from radsim.valuation import appraise
from radsim.yaml.packaged import read_packaged

DAYS_PER_YEAR = 365.25
HOSTILE = ["=1+1", "+CMD", "-2+3", "@SUM(A1)"]
KEYS = ("subgroup", "draw", "schedule", "visit_weeks", "time_days", "component")
DIMS = {"visit_weeks": "visit", "time_days": "time"}


def study(**changes):
    return {
        "radsim": 1, "name": "=HYPERLINK(\"x\")", "seed": 8, "schedules": ["8Gy/1", "20Gy/5", "none"], "cohort": {"size": 300},
        "draws": 6, "subgroups": ["visceral"], "economics": {"costs": "uk"}, "parameters": {"flare.probability": 0.3}, **changes,
    }  # fmt: skip


@functools.cache
def result():
    return radsim.simulate(study(), threads=1)


@functools.cache
def bare():
    """Without economics, draws and subgroups."""
    config = study(draws=0)
    del config["economics"], config["subgroups"]
    return radsim.simulate(config, threads=1)


@functools.cache
def hostile():
    schedules = [{"name": name, "dose_gy": 8 + i, "fractions": 1} for i, name in enumerate(HOSTILE)]
    return radsim.simulate(study(schedules=schedules, draws=2, cohort={"size": 100}), threads=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "tables"
    write(result(), path, to="csv", raw=("occupancy", "count"))
    return path


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path_factory.mktemp("export") / "book.xlsx"
    write(result(), path, to="xlsx")
    return openpyxl.load_workbook(path)


def read(folder, name):
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(cell):
    return np.nan if cell in ("", None) else float(cell)


def sheet_rows(sheet):
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return [dict(zip(head, row, strict=True)) for row in rows]


def value_at(variable, row):
    """The value of a variable that a row of outcomes is of."""
    at = {}
    for key in KEYS:
        dim = DIMS.get(key, key)
        if dim in variable.dims:
            at[dim] = row[key] if dim in ("subgroup", "schedule", "component") else float(row[key])
    return float(variable.sel(at))


# --- csv ----------------------------------------------------------------------------------------------------


def test_every_estimate_comes_back_to_the_bit(folder):
    dataset, rows = result(), read(folder, "outcomes")
    names = outcome_names(dataset)
    assert {"overall_response", "relief", "cost", "qalys"} <= set(names) and "occupancy" not in names
    assert len(rows) == sum(dataset[name].size for name in names)
    for name in names:
        mine = [row for row in rows if row["variable"] == name]
        for column, source in (("value", name), ("mcse", f"{name}_mcse")):
            np.testing.assert_array_equal([number(row[column]) for row in mine], dataset[source].values.ravel())
    for row in rows[:: len(rows) // 97]:  # labels belong to their values
        assert number(row["value"]) == pytest.approx(value_at(dataset[row["variable"]], row), rel=0, abs=0, nan_ok=True)
        assert row["units"] == dataset[row["variable"]].attrs["units"]


def test_a_row_a_draw_aligned(folder):
    dataset, rows = result(), read(folder, "draws")
    assert [(row["subgroup"], int(row["draw"])) for row in rows] == [
        (g, d) for g in dataset["subgroup"].values for d in range(7)
    ]
    for prefix, name in (("cost", "total_cost"), ("qalys", "qalys"), ("life_years", "life_years")):
        for s, schedule in enumerate(dataset["schedule"].values):
            column = [number(row[f"{prefix}_{schedule}"]) for row in rows]
            np.testing.assert_array_equal(column, dataset[name].values[:, :, s].ravel())
    for dim in ("parameter", "economic_parameter"):
        for i, name in enumerate(dataset[dim].values):
            column = [number(row[str(name)]) for row in rows]
            np.testing.assert_array_equal(column, np.tile(dataset[f"{dim}_value"].values[:, i], 3))


def test_three_matrices_for_other_packages(folder):
    dataset = result().isel(subgroup=0)
    tables = {name: read(folder, f"psa_{name}") for name in ("costs", "effects", "parameters")}
    matrix = {name: np.array([[number(c) for c in row.values()] for row in rows]) for name, rows in tables.items()}
    assert list(tables["costs"][0]) == list(tables["effects"][0]) == ["8Gy/1", "20Gy/5", "none"]
    np.testing.assert_array_equal(matrix["effects"], dataset["qalys"].values[1:])
    np.testing.assert_allclose(matrix["costs"], dataset["total_cost"].values[1:], rtol=1e-14)
    names = list(tables["parameters"][0])
    assert "cost.fraction" in names and "flare.probability" not in names  # a number that the study set does not vary
    clinical = list(dataset["parameter"].values)
    shared = [name for name in names if name in clinical]
    columns = dataset["parameter_value"].values[1:][:, [clinical.index(name) for name in shared]]
    np.testing.assert_array_equal(matrix["parameters"][:, [names.index(name) for name in shared]], columns)


def test_the_decision_follows_from_the_exported_draws(folder):
    rows = {name: read(folder, f"psa_{name}") for name in ("costs", "effects")}
    cost, qalys = (np.array([[float(c) for c in row.values()] for row in rows[name]]) for name in ("costs", "effects"))
    for row in read(folder, "information"):
        benefit = float(row["threshold"]) * qalys - cost
        np.testing.assert_allclose(
            float(row["value"]), benefit.max(axis=1).mean() - benefit.mean(axis=0).max(), atol=1e-9
        )
    for row in read(folder, "net_benefit"):
        benefit = float(row["threshold"]) * qalys - cost
        s = list(rows["costs"][0]).index(row["schedule"])
        np.testing.assert_allclose(float(row["net_monetary_benefit"]), benefit[:, s].mean(), rtol=1e-9)
        assert float(row["p_cost_effective"]) == (benefit.argmax(axis=1) == s).mean()
        assert (row["best"] == "yes") == (benefit.mean(axis=0).argmax() == s)


def test_the_incremental_table_is_that_of_cea(folder):
    document = cost_effectiveness(result()).to_dict()
    rows = {row["schedule"]: row for row in read(folder, "incremental")}
    assert [float(row["cost"]) for row in rows.values()] == sorted(float(row["cost"]) for row in rows.values())
    for expected in document["schedules"]:
        row = rows[expected["schedule"]]
        for name in ("cost", "qalys", "icer", "incremental_cost", "cost_deterministic"):
            assert (row[name] == "") if expected[name] is None else (float(row[name]) == expected[name])
        assert (row["status"], row["quadrant"]) == (expected["status"], expected["quadrant"])
    assert len(read(folder, "subgroups")) == 2 * 2 * 3 and len(read(folder, "burden")) == 3 * 4
    assert {row["by"] for row in read(folder, "individualised")} == {"subgroup", "prognostic band"}


def test_results_are_means_percentiles_and_differences(folder):
    dataset = result()
    rows = [row for row in read(folder, "results") if row["variable"] == "acute_toxicity" and row["subgroup"] == "all"]
    found = {(row["schedule"], row["minus"]): row for row in rows}
    assert set(found) == {("8Gy/1", ""), ("20Gy/5", ""), ("none", ""), ("8Gy/1", "20Gy/5"), ("8Gy/1", "none")}
    values, errors = (dataset[name].values[0] for name in ("acute_toxicity", "acute_toxicity_mcse"))
    row, drawn = found["8Gy/1", ""], values[1:, 0]
    assert float(row["base_case"]) == values[0, 0]
    np.testing.assert_allclose(float(row["value"]), drawn.mean(), rtol=1e-12)
    np.testing.assert_allclose(
        [float(row[k]) for k in ("low95", "high95")],
        np.quantile(remove_monte_carlo_variance(drawn, errors[1:, 0]), [0.025, 0.975]),
        rtol=1e-12,
    )
    np.testing.assert_allclose(float(row["mcse"]), np.sqrt((errors[1:, 0] ** 2).sum()) / 6, rtol=1e-12)
    gap = found["8Gy/1", "none"]
    np.testing.assert_allclose(float(gap["value"]), (values[1:, 0] - values[1:, 2]).mean(), rtol=1e-12)
    bound = np.hypot(errors[1:, 0], errors[1:, 2])
    np.testing.assert_allclose(float(gap["mcse"]), np.sqrt((bound**2).sum()) / 6, rtol=1e-12)
    assert {row["units"] for row in rows} == {"1"}


def test_life_years_do_not_differ_and_without_draws_the_base_case_stands():
    _, found = variable_summaries(bare(), "life_years")
    gap = found["8Gy/1", "20Gy/5"]
    assert gap["value"] == 0.0 and gap["mcse"] == 0.0
    own = found["8Gy/1", ""]
    assert own["value"] == own["base_case"] == bare()["life_years"].values[0, 0]
    assert own["high95"] - own["value"] == pytest.approx(
        1.959964 * own["mcse"]
    )  # the columns say that it is the Monte Carlo interval


def test_occupancy_adds_up_to_life_years_and_counts_to_patients(folder):
    dataset = result()
    days = {}
    for row in read(folder, "occupancy"):
        key = row["subgroup"], int(row["draw"]), row["schedule"]
        days[key] = days.get(key, 0.0) + float(row["value"])
    expected = dataset["life_years"].values.ravel() * DAYS_PER_YEAR
    np.testing.assert_allclose(list(days.values()), expected, rtol=1e-6)
    counted = [row for row in read(folder, "count") if row["item"] == "courses" and row["schedule"] == "8Gy/1"]
    first = [float(row["value"]) for row in counted if row["period_start_days"] == "0.0"]
    assert all(1.0 <= value < 1.6 for value in first) and len(first) == 3 * 7


def test_batches_are_weighted_by_their_patients():
    from radsim.export.outcomes import occupancy

    dataset = radsim.simulate(study(cohort={"size": 5000}, schedules=["8Gy/1"], draws=0), threads=1)
    assert dataset.sizes["batch"] > 1
    (block,) = occupancy(dataset).blocks()
    of_all = block["value"].reshape(3, -1).sum(axis=1)
    np.testing.assert_allclose(of_all, dataset["life_years"].values.ravel() * DAYS_PER_YEAR, rtol=1e-6)


def test_every_column_is_described_with_its_units(folder):
    described = {(row["table"], row["column"]): row for row in read(folder, "columns")}
    for path in folder.glob("*.csv"):
        if path.stem != "columns":
            assert {(path.stem, column) for column in read(folder, path.stem)[0]} <= set(described)
    assert described["draws", "cost_8Gy/1"]["units"] == described["psa_costs", "8Gy/1"]["units"] == "GBP"
    assert described["incremental", "cost"]["units"] == "GBP 2024/25"
    assert described["psa_parameters", "cost.fraction"]["units"] == "GBP per fraction"
    assert described["outcomes", "time_days"]["units"] == "d"
    assert described["outcomes, results", "mean_morphine_equivalent"]["units"] == "mg d-1"
    assert described["outcomes, results", "relief"]["description"] == result()["relief"].attrs["long_name"]


def test_the_folder_says_what_it_is_and_how_to_make_it_again(folder):
    text = (folder / "README.txt").read_text()
    assert radsim.SCOPE in text and "Seed: 8" in text and "radsim rerun" in text and "provisional" in text
    assert json.loads((folder / "record.json").read_text()) == from_dataset(result())
    assert all(path.stem in text for path in folder.glob("*.csv"))


def test_inputs_have_source_and_status(folder):
    rows = {row["input"]: row for row in read(folder, "inputs")}
    dataset, record = result(), from_dataset(result())
    for dim in ("parameter", "economic_parameter"):
        for i, name in enumerate(dataset[dim].values):
            assert float(rows[name]["value"]) == dataset[f"{dim}_value"].values[0, i]
            assert rows[name]["source"] or rows[name]["status"] == "missing"
    clinical = {name for name, row in rows.items() if row["kind"] == "clinical" and row["status"] == "provisional"}
    assert clinical == {
        name for name in record["provisional"] if not name.startswith(("cost.", "utility.", "economics."))
    }
    own = rows["flare.probability"]
    assert (own["status"], own["uncertainty"], own["low95"]) == ("set by this study", "fixed", "")
    assert rows["cost.fraction"]["status"] == "checked" and "Cost Collection" in rows["cost.fraction"]["source"]
    low, high = (float(rows["cost.fraction"][end]) for end in ("low95", "high95"))
    assert low < 229.87 < high and rows["cost.fraction"]["uncertainty"].startswith("gamma")
    assert (
        rows["economics.discount.costs"]["value"] == "0.035" and rows["economics.threshold"]["units"] == "GBP per QALY"
    )
    assert rows["population.karnofsky"]["status"] == "provisional"


def test_a_result_without_economics_draws_and_subgroups(tmp_path):
    names = write(bare(), tmp_path / "t", to="csv")
    assert names == ["results", "outcomes", "draws", "inputs", "columns"]
    assert "component" not in read(tmp_path / "t", "outcomes")[0]


# --- parquet ------------------------------------------------------------------------------------------------


def test_parquet_holds_what_csv_holds(folder, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    names = write(result(), tmp_path / "p", to="parquet", raw=("count",))
    for name in names:
        if name == "columns":
            continue
        table, rows = parquet.read_table(tmp_path / "p" / f"{name}.parquet"), read(folder, name)
        assert table.num_rows == len(rows) and table.column_names == list(rows[0])
        for field in table.schema:
            column = table[field.name].to_pylist()
            theirs = [row[field.name] for row in rows]
            if str(field.type) == "string":
                assert [harmless(cell or "") for cell in column] == theirs
            else:
                assert ["" if cell is None else cell for cell in column] == [cell and float(cell) for cell in theirs]
    schema = parquet.read_schema(tmp_path / "p" / "draws.parquet")
    assert schema.field("cost_8Gy/1").metadata[b"units"] == b"GBP" and str(schema.field("draw").type) == "int64"
    assert schema.metadata[b"scope"].decode() == radsim.SCOPE
    assert schema.metadata[b"valuation"].decode().startswith("prices uk (GBP of 2024/25)")


def test_parquet_in_several_groups_of_rows(tmp_path, monkeypatch):
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr("radsim.tables.parquet_file.ROWS_A_GROUP", 1000)
    write(result(), tmp_path / "p", to="parquet")
    file = parquet.ParquetFile(tmp_path / "p" / "outcomes.parquet")
    assert file.num_row_groups > 3
    assert file.metadata.num_rows == sum(result()[name].size for name in outcome_names(result()))


# --- xlsx ---------------------------------------------------------------------------------------------------


def test_the_first_sheet_says_what_it_is(book):
    assert book.sheetnames[0] == "About"
    cells = {row[0].value: row[1].value for row in book["About"].iter_rows() if row[0].value}
    assert cells["Scope"] == radsim.SCOPE and cells["Seed"] == "8" and "radsim rerun" in cells["To make it again"]
    assert [name for name in cells if name.startswith("Sheet ")] == [f"Sheet {name}" for name in book.sheetnames[1:]]
    assert cells["Sheet Incremental"].startswith(
        "Costs, QALYs, increments, ICER and dominance. By rising cost, each against"
    )
    warned = [row[1].value for row in book["About"].iter_rows() if row[0].value == "Warning"]
    assert (
        "GBP of 2024/25" in cells["Prices"]
        and "inputs used are provisional or scenarios" in warned[0]
        and len(warned) > 3
    )
    assert {"Inputs", "Results", "Incremental", "Net benefit", "Information", "Draws", "CHEERS", "Configuration"} < set(
        book.sheetnames
    )


def test_numbers_of_the_workbook_are_those_of_the_result(book):
    dataset = result()
    rows = sheet_rows(book["Draws"])
    for s, schedule in enumerate(dataset["schedule"].values):
        column = [row[f"cost_{schedule} [GBP]"] for row in rows]
        np.testing.assert_allclose(column, dataset["total_cost"].values[:, :, s].ravel(), rtol=2e-15)
    found = {(row["subgroup"], row["outcome"], row["at"]): row for row in sheet_rows(book["Results"])}
    qalys = found["all", "qalys", None]
    np.testing.assert_allclose(qalys["20Gy/5"], dataset["qalys"].values[0, 1:, 1].mean(), rtol=1e-13)
    np.testing.assert_allclose(
        qalys["8Gy/1 minus 20Gy/5"],
        (dataset["qalys"].values[0, 1:, 0] - dataset["qalys"].values[0, 1:, 1]).mean(),
        rtol=1e-9,
    )
    relief = found["visceral=yes", "relief", "day 84"]
    np.testing.assert_allclose(
        relief["none"], dataset["relief"].sel(subgroup="visceral=yes", time=84).values[1:, 2].mean(), rtol=1e-13
    )
    assert relief["units"] == "1" and found["all", "cost", "radiotherapy"]["none"] == 0


def test_sheets_are_made_to_be_read(book):
    results, draws = book["Results"], book["Draws"]
    assert results.freeze_panes == "F2" and draws.freeze_panes == "C2" and results.auto_filter.ref
    assert draws["C1"].value == "cost_8Gy/1 [GBP]" and draws["C2"].number_format == "#,##0.00"
    shares = [row for row in results.iter_rows(min_row=2) if row[4].value == "1"]
    assert shares and all(row[5].number_format == "0.000" for row in shares)
    assert all(8 <= one.width <= 61 for one in results.column_dimensions.values())
    blank = [row for row in book["CHEERS"].iter_rows() if row[4].value == cheers.AUTHORS]
    assert len(blank) == 8 and all(row[3].value is None and row[3].fill.fgColor.rgb == "FFFFF6D6" for row in blank)


def test_the_configuration_is_there_whole(book):
    text = "\n".join(row[0].value for row in book["Configuration"].iter_rows(min_row=2))
    assert json.loads(text) == from_dataset(result())["config"]


def test_a_workbook_that_would_not_fit_is_refused(run, tmp_path, monkeypatch):
    write_netcdf(result(), tmp_path / "r.nc", force=False)
    monkeypatch.setattr("radsim.tables.workbook.MOST_ROWS", 20)
    code, out, err = run("export", "r.nc", "--to", "xlsx", "-o", "o.xlsx")
    assert (code, out) == (2, "") and err.startswith("xlsx: a sheet holds 19 rows") and err.count("\n") == 1
    assert not (tmp_path / "o.xlsx").exists()


# --- formulas -----------------------------------------------------------------------------------------------


def test_no_text_becomes_a_formula_in_a_workbook(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    write(hostile(), tmp_path / "h.xlsx", to="xlsx")
    with zipfile.ZipFile(tmp_path / "h.xlsx") as archive:
        content = [archive.read(name).decode(errors="replace") for name in archive.namelist()]
        assert not any("<hyperlink" in text for text in content)
        formulas = [formula for text in content for formula in re.findall("<f>(.*?)</f>", text)]
        of_cells = r"[A-Z]+\d+([*+/-][A-Z]+\d+)+"  # the net benefit worked out; no text of ours or of a user
        of_draws = r"[A-Z]+\((Draws!|\$|[A-Z]+|\d|[-:,.*/()]|&gt;|=)+\)"
        assert formulas and all(re.fullmatch(f"{of_cells}|{of_draws}", formula) for formula in formulas)
    found = openpyxl.load_workbook(tmp_path / "h.xlsx")
    cells = [cell for sheet in found for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells if cell.parent.title not in ("Worked out", "From draws")} == {"s", "n"}
    assert {row["schedule"] for row in sheet_rows(found["Incremental"])} == set(HOSTILE)
    assert set(HOSTILE) <= {cell.value for cell in cells} and 'radsim: =HYPERLINK("x")' in {
        cell.value for cell in cells
    }


def recalculated(book, sheet, formula):
    """What a formula of the workbook gives: a spreadsheet of seven functions."""

    def cells(match):
        name, first, last = match["sheet"] or sheet, match["first"].replace("$", ""), match["last"]
        if last is None:
            value = book[name][first].value
            return f"({recalculated(book, name, value)})" if isinstance(value, str) else repr(float(value))
        return f"array({[row[0].value for row in book[name][f'{first}:{last}'.replace('$', '')]]})"

    known = {
        "array": np.array, "AVERAGE": np.mean, "SUMPRODUCT": np.sum, "COUNT": np.size,
        "PERCENTILE": lambda values, share: np.percentile(values, 100 * share),
    }  # fmt: skip
    reference = r"(?:(?P<sheet>\w+)!)?(?P<first>\$?[A-Z]+\$?\d+)(?::(?P<last>\$?[A-Z]+\$?\d+))?"
    return eval(re.sub(reference, cells, formula.removeprefix("=")), {"__builtins__": {}}, known)


def test_the_formulas_of_a_workbook_give_its_numbers(book):
    """Means, intervals and acceptability again from the sheet of draws, increments and net benefit from the means."""
    analysis = cost_effectiveness(result()).to_dict()
    rows = {row["schedule"]: row for row in analysis["schedules"]}
    sheet = book["From draws"]
    head = {cell.value.split(" [")[0]: i for i, cell in enumerate(sheet[1])}
    assert sheet.max_row == 1 + 2 * 3
    for cells in sheet.iter_rows(min_row=2):
        row, threshold = rows[cells[head["schedule"]].value], f"{cells[head['threshold']].value:g}"
        wanted = {
            "net_monetary_benefit": row["net_benefit"][threshold],
            "p_cost_effective": row["p_cost_effective"][threshold],
        }
        wanted |= {
            f"{name}{end}": row[f"{name}{end}"] for name in ("cost", "qalys") for end in ("", "_low95", "_high95")
        }
        for name, value in wanted.items():
            again = recalculated(book, sheet.title, cells[head[name]].value)
            np.testing.assert_allclose(again, value, rtol=1e-12, atol=1e-12, err_msg=name)
    for cells in book["Worked out"].iter_rows(min_row=2):
        if cells[1].value != "20Gy/5":
            continue
        benefit = recalculated(book, "Worked out", cells[10].value)
        np.testing.assert_allclose(
            benefit, rows["20Gy/5"]["versus_reference"]["incremental_qalys"] * cells[0].value
            - rows["20Gy/5"]["versus_reference"]["incremental_cost"], rtol=1e-10,
        )  # fmt: skip


def test_no_text_becomes_a_formula_in_csv(tmp_path):
    write(hostile(), tmp_path / "h", to="csv")
    for path in (tmp_path / "h").glob("*.csv"):
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    assert not cell.startswith(("=", "+", "@", "\t", "\r"))
                    assert not cell.startswith("-") or float(cell) < 0 or float(cell) == 0
    assert list(read(tmp_path / "h", "psa_costs")[0]) == [f"'{name}" for name in HOSTILE]


def test_parquet_keeps_names_as_they_are(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    write(hostile(), tmp_path / "h", to="parquet")
    assert parquet.read_schema(tmp_path / "h" / "psa_costs.parquet").names == HOSTILE


# --- the same again -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["csv", "parquet", "xlsx"])
def test_the_same_result_gives_the_same_bytes(to, tmp_path, monkeypatch):
    if to == "parquet":
        pytest.importorskip("pyarrow")
    if to == "xlsx":
        pytest.importorskip("xlsxwriter")
    for name in ("a", "b"):
        write(bare(), tmp_path / name, to=to)
    first, second = (
        sorted(p for p in ([tmp_path / n] if to == "xlsx" else (tmp_path / n).iterdir())) for n in ("a", "b")
    )
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_the_workbook_has_no_date_of_its_own(tmp_path):
    pytest.importorskip("xlsxwriter")
    write(bare(), tmp_path / "o.xlsx", to="xlsx")
    with zipfile.ZipFile(tmp_path / "o.xlsx") as archive:
        assert {info.date_time[:3] for info in archive.infolist()} == {(1980, 1, 1)}
        core = archive.read("docProps/core.xml").decode()
    assert core.count("2020-01-01T00:00:00Z") == 2 and "<dc:creator></dc:creator>" in core


# --- sweeps -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    pytest.importorskip("zarr")
    from radsim.sweep import run as sweep

    store = tmp_path_factory.mktemp("sweep") / "s.zarr"
    base = study(name="A sweep", cohort={"size": 100}, schedules=["8Gy/1", "20Gy/5"], draws=2, parameters={})
    del base["subgroups"]
    sweep(
        {"base": base, "grid": {"cohort.karnofsky": [50, 80], "parameters.flare.probability": [0.2, 0.4]}},
        store,
        threads=1,
    )
    return store


def test_a_sweep_has_its_scenarios_and_swept_values(swept, run, tmp_path):
    from radsim.sweep import open_sweep

    code, out, err = run("export", swept, "--to", "csv", "-o", "t", "--count")
    assert (code, out) == (0, "") and err.startswith("t: results, outcomes, draws, inputs, incremental")
    dataset = open_sweep(swept)
    rows = read(tmp_path / "t", "outcomes")
    for name in ("relief", "total_cost"):
        mine = [row for row in rows if row["variable"] == name]
        np.testing.assert_array_equal([number(row["value"]) for row in mine], dataset[name].values.ravel())
        swept_values = dict(zip(dataset["scenario"].values, dataset["cohort.karnofsky"].values, strict=True))
        assert all(swept_values[int(row["scenario"])] == int(row["cohort.karnofsky"]) for row in mine)
    drawn = read(tmp_path / "t", "draws")
    assert [float(row["flare.probability"]) for row in drawn] == [
        float(row["parameters.flare.probability"]) for row in drawn
    ]
    assert len(drawn) == 4 * 3 and len(read(tmp_path / "t", "incremental")) == 4 * 2
    marked = {row["input"]: row["note"] for row in read(tmp_path / "t", "inputs")}
    assert "swept" in marked["flare.probability"] and "swept" not in marked["onset.median_days"]
    assert not (tmp_path / "t" / "psa_costs.csv").exists()


def test_a_sweep_as_a_workbook(swept, run, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    assert run("export", swept, "--to", "xlsx", "-o", "s.xlsx")[0] == 0
    found = openpyxl.load_workbook(tmp_path / "s.xlsx")
    assert [row["scenario"] for row in sheet_rows(found["Incremental"])] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert {row[0].value: row[1].value for row in found["About"].iter_rows()}["Scenarios"].startswith(
        "4, over cohort.karnofsky"
    )


def test_large_tables_come_in_parts_that_cover_all(monkeypatch, swept):
    from radsim.export import draws, outcomes, results
    from radsim.sweep import open_sweep

    names = ["relief", "relief_mcse", "occupancy", "n_patients", "parameter_value", "cost", "cost_mcse", "total_cost"]
    dataset = open_sweep(swept)[names].load()
    makers = (outcomes.outcomes, outcomes.occupancy, draws.draws, results.results)
    whole = [list(rows_of(make(dataset))) for make in makers]
    assert [len(rows) for rows in whole] == [make(dataset).n_rows for make in makers]
    monkeypatch.setattr("radsim.export.outcomes.ROWS_AT_ONCE", 40)
    monkeypatch.setattr("radsim.export.draws.CELLS_AT_ONCE", 5)
    assert len(list(parts(dataset, dataset["occupancy"].dims))) == 4 * 3
    cut = [list(rows_of(make(dataset))) for make in makers]
    assert cut[:3] == whole[:3] and sorted(map(str, cut[3])) == sorted(map(str, whole[3]))


def test_a_sweep_that_cannot_be_analysed_whole_is_exported_and_says_so(swept, tmp_path):
    from radsim.sweep import open_sweep

    dataset = open_sweep(swept).load()
    dataset["cost"][0, :, 1] = dataset["total_cost"][0, :, 1] = np.nan  # as where a scenario has not that schedule
    names = write(dataset, tmp_path / "t", to="csv")
    assert "incremental" not in names and "outcomes" in names
    assert (
        "no incremental analysis of this sweep: scenario 0: cost: expected finite numbers"
        in (tmp_path / "t" / "README.txt").read_text()
    )
    assert items(dataset)[23].status == cheers.ABSENT


# --- the checklist ------------------------------------------------------------------------------------------


def items(dataset, analysis=None):
    return {item.number: item for item in cheers.table(dataset, analysis)}


def test_the_checklist_has_28_items_and_invents_nothing():
    found = cheers.table(result())
    assert [item.number for item in found] == list(range(1, 29))
    assert list(dict.fromkeys(item.section for item in found)) == [
        "Title",
        "Abstract",
        "Introduction",
        "Methods",
        "Results",
        "Discussion",
        "Other relevant information",
    ]
    blank = [item.number for item in found if item.status == cheers.AUTHORS]
    assert blank == [2, 3, 4, 21, 25, 26, 27, 28]
    for item in found:
        assert bool(item.text) == (item.status in (cheers.FROM_RUN, cheers.PARTLY))


def test_the_checklist_is_filled_from_the_run():
    found = items(result())
    assert "300 simulated patients" in found[5].text and "era 1990s" in found[5].text
    assert "20Gy/5: 20 Gy in 5 fractions, 5 a week, conventional" in found[7].text
    assert found[8].text.startswith("Healthcare: what the payer bears")
    assert "Travel and time of patients" in found[8].text and "Costs that are above zero: radiotherapy" in found[8].text
    assert (
        "1825 days (5 years)" in found[9].text and "Costs 3.5 % and effects 3.5 % a year (continuous" in found[10].text
    )
    assert found[15].text == "GBP, prices of 2024/25. No index was applied. No currency was converted."
    brought = items(appraise(result(), {"costs": "uk", "price_year": 2020}))[15].text
    assert (
        brought.startswith("GBP, prices of 2020/21. Brought from 2024/25 by costs of the National Health Service")
        and "PSSRU" in brought
    )
    assert "6 draws" in found[17].text and "seed 8" in found[17].text
    assert "visceral=no and visceral=yes" in found[18].text and "unweighted" in found[19].text
    document = cost_effectiveness(result()).to_dict()
    first = document["schedules"][0]
    assert f"8Gy/1 GBP {first['cost']:,.0f}, {first['qalys']:.3f} QALYs" in found[23].text
    assert "quadrant south-west (costs less, less effective: saving per QALY forgone)" in found[23].text
    base = f"The deterministic base case: 8Gy/1 GBP {first['cost_deterministic']:,.0f}, {first['qalys_deterministic']:.3f} QALYs"
    assert base in found[23].text and first["cost_deterministic"] != first["cost"]
    assert "At GBP 20,000 per QALY" in found[24].text and "perfect information" in found[24].text


def test_the_checklist_takes_in_what_else_was_analysed():
    """The scenarios, single parameters and the threshold analysis of the analysis, not a blank or a pointer elsewhere."""
    dataset = result().isel(subgroup=0, drop=True)
    alone = items(dataset, cost_effectiveness(dataset))
    assert "none here: radsim cea RESULT --scenarios" in alone[20].text and "scenarios of" not in alone[24].text
    analysis = cost_effectiveness(
        dataset, scenarios=True, one_way=["cost.fraction", "cost.fracture"], break_even=True, patients=300
    )
    document, found = analysis.to_dict(), items(dataset, analysis)
    changed = [row for row in document["scenarios"][1:] if "schedules" in row]
    assert f"Structure: {len(changed)} scenarios of the deterministic base case" in found[20].text
    assert "one parameter at a time and a threshold analysis" in found[20].text
    gains = {row["scenario"]: row["schedules"][1]["incremental_net_benefit"]["20000"] for row in changed}
    least = min(gains, key=gains.get)
    assert f"20Gy/5 from GBP {gains[least]:,.0f}".replace("-", "−") + f" ({least}) to GBP" in found[24].text
    assert f"Over {len(changed)} scenarios" in found[24].text and "One parameter at a time" in found[24].text
    assert "Threshold analysis: another schedule becomes the best at cost.fraction" in found[24].text
    other = [
        row["scenario"] for row in changed if row["all_best"]["20000"] != document["scenarios"][0]["all_best"]["20000"]
    ]
    assert ("that of the base case in all of them" in found[24].text) == (not other)


def test_the_checklist_says_how_trials_were_met_and_list_prices():
    held_out = read_packaged("validation.yaml")["summary"]["held_out"]
    said = f"of {held_out['arms']} results of {held_out['trials']} trials that nothing was fitted to {held_out['coverage95']:.0%}"
    assert said.replace("%", " %") in items(result())[17].text
    config = {"seed": 1, "schedules": ["8Gy/1"], "cohort": {"size": 50, "primary": "prostate"}, "draws": 2}
    config |= {"care": {"systemic_therapy": {"therapy": "enzalutamide"}}, "economics": {"costs": "uk"}}
    text = items(radsim.simulate(config, threads=1))[15].text
    assert "List prices before a confidential discount: cost.month_of_ribociclib" in text


def test_the_checklist_takes_an_analysis_in_either_form():
    analysis = cost_effectiveness(result(), thresholds=[1000])
    assert items(result(), analysis) == items(result(), analysis.to_dict())
    assert "At GBP 1,000 per QALY" in items(result(), analysis)[24].text


def test_the_checklist_follows_the_configuration():
    section = {"costs": "nl", "discount": {"costs": 0.04, "effects": 0.0, "convention": "annual"}}
    config = study(economics=section, draws=0, horizon_days="lifetime", cohort={"size": 100, "karnofsky": 60})
    del config["subgroups"]
    found = items(radsim.simulate(config, threads=1))
    assert "with travel to fractions and visits" in found[8].text and "death of each patient" in found[9].text
    assert (
        found[10].text.startswith("Costs 4 % and effects 0 % a year (annual")
        and "as the study set them" in found[10].text
    )
    assert "karnofsky 60" in found[5].text and found[18].text.startswith("No subgroups were declared")
    assert "not varied in this run" in found[20].text and found[24].status == cheers.ABSENT
    assert "deterministic base case" in found[23].text


def test_without_economics_the_economic_items_are_not_in_the_run():
    found = items(bare())
    assert {n for n, item in found.items() if item.status == cheers.ABSENT} == {1, 6, 8, 10, 13, 14, 15, 19, 23, 24}
    assert found[11].text.startswith("Life years.")


def test_the_checklist_of_a_sweep(swept):
    from radsim.sweep import open_sweep

    found = items(open_sweep(swept))
    assert found[23].text.startswith("4 scenarios") and "cohort.karnofsky" in found[5].text
    assert "here 4 over cohort.karnofsky and parameters.flare.probability" in found[20].text


def test_one_draw_is_enough_for_a_checklist():
    one = result().isel(draw=[0, 1])
    assert "means of 1 draws" in items(one)[23].text and gather(one).n_draws == 1


# --- faults -------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    write_netcdf(bare(), tmp_path / "r.nc", force=False)
    return tmp_path / "r.nc"


def refused(run, *arguments):
    code, out, err = run("export", *arguments)
    assert (code, out) == (2, "") and err.count("\n") == 1
    return err


def test_nothing_is_replaced_unasked(run, file, tmp_path):
    for to, name in (("csv", "t"), ("xlsx", "o.xlsx")):
        assert run("export", "r.nc", "--to", to, "-o", name)[0] == 0
        assert "--force replaces it" in refused(run, "r.nc", "--to", to, "-o", name)
        (tmp_path / "t" / "outcomes.csv").write_text("old")
        assert run("export", "r.nc", "--to", to, "-o", name, "--force")[0] == 0
    assert run("export", "r.nc", "--to", "csv", "-o", "t", "--force")[0] == 0
    assert (tmp_path / "t" / "outcomes.csv").read_text() != "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["o.xlsx", "r.nc", "t"]


def test_a_folder_of_others_is_never_replaced(run, file, tmp_path):
    for name, content in (("thesis", "chapter.docx"), ("notes", "data.csv")):
        (tmp_path / name).mkdir()
        (tmp_path / name / content).write_text("mine")
        assert "radsim export did not make" in refused(run, "r.nc", "--to", "csv", "-o", name, "--force")
        assert (tmp_path / name / content).read_text() == "mine"
    run("export", "r.nc", "--to", "csv", "-o", "t")
    (tmp_path / "t" / "my.R").write_text("mine")
    assert "radsim export did not make" in refused(run, "r.nc", "--to", "csv", "-o", "t", "--force")
    assert "is read by this command" in refused(run, "r.nc", "--to", "csv", "-o", ".", "--force")


def test_an_empty_folder_will_do(run, file, tmp_path):
    (tmp_path / "t").mkdir()
    assert run("export", "r.nc", "--to", "csv", "-o", "t")[0] == 0 and (tmp_path / "t" / "draws.csv").exists()
    assert (tmp_path / "t").stat().st_mode & 0o777 != 0o700


def test_bad_requests(run, file, tmp_path):
    (tmp_path / "text.nc").write_text("no result")
    assert "cannot be read" in refused(run, "gone.nc", "--to", "csv", "-o", "t")
    assert "not a result of radsim" in refused(run, "text.nc", "--to", "csv", "-o", "t")
    assert "there is no folder" in refused(run, "r.nc", "--to", "csv", "-o", "no/t")
    assert "is a file" in refused(run, "r.nc", "--to", "csv", "-o", "text.nc", "--force")
    assert "too long for a workbook" in refused(run, "r.nc", "--to", "xlsx", "-o", "o.xlsx", "--occupancy")
    code, _, err = run("export", "r.nc", "--to", "pdf", "-o", "t")
    assert code == 2 and "'csv', 'xlsx', 'parquet'" in err
    assert not (tmp_path / "t").exists()


def test_the_best_of_a_subgroup_is_one_schedule_even_if_another_ends_like_it():
    rows = [
        {"schedule": name, "cost": 1.0, "qalys": 1.0, "net_benefit": {"1": 0.0}, "p_cost_effective": {"1": 0.5}}
        for name in ("4Gy/1", "24Gy/1")
    ]
    group = {"subgroup": "a", "share": 1.0, "life_years": 1.0, "best": {"1": "24Gy/1"}, "evpi": {}, "schedules": rows}
    document = {"subgroups": [group], "base_case": "probabilistic"}
    assert [row["best"] for row in records(tables.subgroups(Found([document], [], "GBP")))] == ["no", "yes"]


def test_a_result_without_what_was_asked_for(tmp_path):
    with pytest.raises(UsageFault, match="occupancy: expected in the result"):
        write(bare().drop_vars("occupancy"), tmp_path / "t", to="csv", raw=("occupancy",))
    with pytest.raises(RecordFault, match="no attribute radsim_record"):
        write(bare().drop_attrs(), tmp_path / "t", to="csv")
    with pytest.raises(
        UsageFault, match="expected a result of radsim run -o or the store of a sweep, found no dimension schedule"
    ):
        write(bare().isel(schedule=0, drop=True), tmp_path / "t", to="csv")
    with pytest.raises(UsageFault, match="expected one of csv, xlsx, parquet, found pdf"):
        write(bare(), tmp_path / "t", to="pdf")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("to", "library", "extra"), [("xlsx", "xlsxwriter", "export"), ("parquet", "pyarrow", "parquet")]
)
def test_a_library_that_is_missing_is_named(to, library, extra, run, file, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    assert f'needs {library}: pip install "radsim[{extra}]"' in refused(run, "r.nc", "--to", to, "-o", "t")


def test_an_interrupted_export_leaves_the_earlier_one(file, run, tmp_path, monkeypatch):
    run("export", "r.nc", "--to", "csv", "-o", "t")
    before = {p.name: p.read_bytes() for p in (tmp_path / "t").iterdir()}

    def full(table, path):
        path.write_text("half")
        if table.name == "draws":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("radsim.tables.csv_file.write_csv", full)
    code, _, err = run("export", "r.nc", "--to", "csv", "-o", "t", "--force")
    assert code == 1 and "No space left on device; nothing was written" in err and err.count("\n") == 1
    assert {p.name: p.read_bytes() for p in (tmp_path / "t").iterdir()} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.nc", "t"]
