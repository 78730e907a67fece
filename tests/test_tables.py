"""Tables as data: one table, the same numbers from every printer."""

from __future__ import annotations

import csv
import functools
import io

import pytest

import radsim
from radsim.decision import cost_effectiveness, costs, tables
from radsim.outcomes.format import MINUS, UNKNOWN
from radsim.tables import NUMBER, WHOLE, Column, csv_file, from_rows, page_of, parquet_file, workbook
from radsim.tables.table import records

STUDY = {
    "radsim": 1, "name": "All tables", "seed": 5, "cohort": {"size": 400}, "horizon_days": 730.5, "draws": 21, "subgroups": ["visceral"],
    "schedules": ["8Gy/1", "20Gy/5"],
    "economics": {
        "costs": "uk", "budget_impact": {"patients_per_year": 100, "current": {"8Gy/1": [1.0]}, "future": {"20Gy/5": [1.0]}},
    },
}  # fmt: skip
ALL = (
    "incremental", "net_benefit", "cost_components", "worked_out", "information", "monte_carlo", "subgroups", "individualised", "burden", "one_way", "two_way",
    "threshold_analysis", "scenarios", "budget_impact", "budget_components",
)  # fmt: skip


@functools.cache
def result():
    return radsim.simulate(STUDY, threads=1)


@functools.cache
def analysis():
    return cost_effectiveness(
        result(), evppi=["retreatment"], one_way=["cost.fraction", "utility.anchor"], two_way=("cost.fraction", "utility.anchor"),
        break_even=True, scenarios=[{"name": "free", "economics": {"values": {"cost.fraction": 0.0}}}], budget=True, threads=1,
    )  # fmt: skip


def every_table():
    whole = result().isel(subgroup=0, drop=True)
    return [
        *tables.decision_tables(analysis()),
        tables.curve(analysis()),
        tables.schedules(analysis()),
        *costs.cost_tables(whole),
    ]


def read_text(text):
    """A number as a page shows it."""
    return float(text.split(" ")[0].replace(",", "").replace(MINUS, "-"))


def test_an_analysis_has_every_table_once():
    assert [table.name for table in tables.decision_tables(analysis())] == list(ALL)
    assert all(
        table.basis == "probabilistic, mean of 21 draws x 400 patients; GBP 2024/25, QALYs"
        for table in tables.decision_tables(analysis())
    )
    assert tables.decision_tables(None) == [] and len(tables.decision_tables(analysis().to_dict())) == len(ALL)


def test_csv_parquet_and_workbook_hold_the_same_cells(tmp_path):
    parquet, openpyxl = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("openpyxl")
    found = every_table()
    content, names = workbook.workbook_bytes(found, title="All", about=[("Warning", "=1")])
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    assert names == book.sheetnames and book["About"]["B3"].value == "=1"
    for table, name in zip([each.with_identity() for each in found], names[1:], strict=True):
        expected = [tuple(row[column.name] for column in table.file_columns) for row in records(table)]
        assert expected and len({len(row) for row in expected}) == 1
        read = [row for row in csv.reader(io.StringIO(csv_file.csv_text(table)))]
        assert read[0] == [column.name for column in table.file_columns]
        assert read[1:] == [["" if cell is None else str(cell) for cell in row] for row in expected]
        parquet_file.write_parquet(table, tmp_path / "t.parquet", metadata={})
        assert [tuple(row.values()) for row in parquet.read_table(tmp_path / "t.parquet").to_pylist()] == expected
        for shown, cells in zip(list(book[name].iter_rows(values_only=True))[1:], expected, strict=True):
            for cell, value in zip(shown, cells, strict=True):
                assert cell == (pytest.approx(value, rel=1e-14) if isinstance(value, float) else value)


def test_every_table_of_a_decision_says_what_was_valued_and_how():
    for table in [*tables.decision_tables(analysis()), tables.curve(analysis()), tables.schedules(analysis())]:
        (text,) = {row["valuation"] for row in records(table.with_identity())}
        assert text.startswith("prices uk (GBP of 2024/25); utilities dutch_patients, additive"), table.name
        for part in (
            "healthcare perspective",
            "3.5 % costs, 3.5 % effects",
            "horizon ",
            "survival 1990s",
            "evidence trials",
            "21 draws",
            "400 patients",
        ):
            assert part in text, (table.name, part)
        assert [c.name for c in table.with_identity().with_identity().columns].count("valuation") == 1
    assert analysis().to_dict()["valuation"]["discount"] == {
        "costs": 0.035,
        "effects": 0.035,
        "convention": "continuous",
    }


def test_an_identity_names_the_curve_and_the_year_that_prices_come_from():
    from radsim.presentation.identity import identity, identity_text, survival_text

    assert survival_text({"era": "modern"}) == "modern"
    assert (
        survival_text({"era": "modern", "survival": {"tail": "generalised_gamma"}}) == "modern, generalised gamma tail"
    )
    assert survival_text({"survival": {"file": "mine.csv", "days": [1.0], "alive": [0.5]}}) == "own curve mine.csv"
    assert survival_text({"survival": {"quantiles": {"0.5": 100.0}}}) == "own curve"
    section = radsim.load_config({"schedules": ["8Gy/1"], "economics": {"costs": "uk", "price_year": 2020}}).economics
    found = identity(section, None)
    assert (found["price_year"], found["price_year_of_set"], found["horizon_days"]) == (2020, 2024, None)
    assert "GBP of 2020/21 brought from 2024" in identity_text(found)
    assert identity_text(identity(None, None)) == "prices and utilities not known: valued elsewhere"


def test_a_page_shows_the_numbers_of_the_files():
    for table in every_table():
        page = page_of(table)
        for column in (c for c in table.columns if c.label and c.kind == NUMBER and not table.across):
            place = page.headings.index(column.label)
            scale = 100.0 if column.form in ("per_cent", "probability") else 1.0
            for row, shown in zip(records(table), page.rows, strict=False):
                if shown[place] != UNKNOWN:
                    assert read_text(shown[place]) == pytest.approx(scale * row[column.name], rel=6e-4, abs=0.51)


def test_terminal_and_report_print_the_same_page(capsys):
    from radsim.cli.tables import print_table
    from radsim.report.page import _template

    report = _template().environment.get_template("parts.html").module
    for table in (each for each in every_table() if each.name != "schedules"):  # which is for files alone
        page = page_of(table)
        print_table(table)
        text, html = capsys.readouterr().out, str(report.data_table(page))
        for row in page.rows:
            assert all(cell in text for cell in row)
            assert all(f">{cell.replace('>', '&gt;').replace('<', '&lt;')}</t" in html for cell in row), row
        assert bool(page.rows) == bool(page.headings)  # a table without headings is for files alone
        if page.rows:
            assert max(map(len, text.splitlines())) <= 100 and html.count("<tr>") == 1 + len(page.rows)


def test_values_stand_across_and_what_is_missing_is_a_dash():
    columns = [
        Column("a", label="A"),
        Column("t", kind=NUMBER, form="money"),
        Column("x", kind=NUMBER, label="x at {}", spread=True, decimals=1),
    ]
    table = from_rows(
        "t",
        "d",
        columns,
        [["p", 1000.0, 1.0], ["p", 2000.0, -2.0], ["q", 2000.0, None]],
        across="t",
        title="T",
        notes=("n",),
    )
    page = page_of(table)
    assert page.headings == ["A", "x at 1,000", "x at 2,000"] and page.is_number == [False, True, True]
    assert page.rows == [["p", "1.0", "−2.0"], ["q", UNKNOWN, UNKNOWN]] and (page.title, page.notes) == ("T", ("n",))


def test_rows_that_look_the_same_are_kept_and_braces_in_a_name_are_no_place():
    columns = [Column("a", label="A{}"), Column("n", kind=WHOLE, label="N"), Column("hidden", in_files=False)]
    page = page_of(from_rows("t", "d", columns, [["{}", 1, "x"], ["{}", 1, "x"], ["{}", 1, "x"]], most_rows=2))
    assert page.headings == ["A{}", "N"] and page.rows == [["{}", "1"]] * 2


def test_intervals_errors_and_shares():
    ends = {"interval": ("low", "high")}
    columns = [
        Column("p", kind=NUMBER, label="P", form="probability", **ends), Column("d", kind=NUMBER, label="D", form="money", signed=True, **ends),
        Column("e", kind=NUMBER, label="E", error="low", decimals=1), Column("low", kind=NUMBER), Column("high", kind=NUMBER),
    ]  # fmt: skip
    (row,) = page_of(from_rows("t", "d", columns, [[0.5, 0.5, 0.5, 0.25, 0.75]])).rows
    assert row == ["50 % (25 to 75)", "+0.50 (0.25 to 0.75)", "0.5 ± 0.2"]


def test_parameters_worth_nothing_to_know_are_named_below_the_table():
    document = analysis().to_dict()
    evppi = [
        {"parameters": name, "members": 1, "threshold": t, "value": value, "se": 0.1}
        for name, value in (("pain", 0.0), ("flare", 2.0), ("onset", 3.0)) for t in (20000.0, 30000.0)
    ]  # fmt: skip
    table = tables.information(tables.found_in({**document, "evppi": evppi}))
    page = page_of(table)
    assert [row[0] for row in page.rows] == ["everything", "onset", "flare"]
    assert page.notes[0] == "Knowing them would change no decision (EVPPI 0): pain."
    assert sum(row["of"] == "pain" for row in records(table)) == 2


def test_a_reference_that_is_not_the_comparator_has_columns_of_its_own():
    document = cost_effectiveness(result().isel(subgroup=0), reference="20Gy/5").to_dict()
    page = page_of(tables.decision_tables(document)[0])
    assert "+ cost vs 20Gy/5" in page.headings and "ICER vs 20Gy/5" in page.headings
    assert "+ cost vs 8Gy/1" not in page_of(tables.decision_tables(analysis())[0]).headings


def test_columns_of_a_sweep_name_the_scenario():
    document = {**analysis().to_dict(), "scenario": {"scenario": 7, "cohort.pain": 4.123456789, "grid_point": 1}}
    for table in tables.decision_tables(document)[:3]:
        assert [column.name for column in table.columns][:3] == ["scenario", "cohort.pain", "grid_point"]
        assert page_of(table).rows[0][:2] == ["7", "4.123"] and "grid_point" not in page_of(table).headings
