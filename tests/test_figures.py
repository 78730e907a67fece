"""Figures: what is drawn is what the result holds, every axis has its unit, files are the same bytes, faults are one line."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import xarray

import radsim
from radsim.cli.main import main
from radsim.figures import FIGURES, accessible_svg, alt_text, draw, figure_svg, missing, write_figure
from radsim.figures.first_event import LAYERS
from radsim.figures.style import shown_names, spread
from radsim.figures.sweeps import along, cells
from radsim.outcomes.estimates import estimate
from radsim.outcomes.frequencies import situations
from radsim.outcomes.intervals import remove_monte_carlo_variance
from radsim.presentation.reading import swept_paths
from radsim.storage import UsageFault, write_netcdf

matplotlib = pytest.importorskip("matplotlib")

SCHEDULES = ["8Gy/1", "20Gy/5", "none"]
NASTY = ["_8Gy/1", "$20Gy/5$ <script>alert(1)</script>, as in the hospital nearby\n", "../../x 骨"]
UNIT = re.compile(r"\(.+\)|\bof \d+\b|per 100|per patient|weeks|years", re.IGNORECASE)


def simulate(**changes):
    config = {"radsim": 1, "seed": 7, "cohort": {"size": 600}, "schedules": SCHEDULES, "draws": 3, **changes}
    return radsim.simulate(config, threads=1)


@pytest.fixture(scope="module")
def result():
    return simulate()


@pytest.fixture(scope="module")
def economic():
    return simulate(economics={"costs": "uk"}, cohort={"size": 300}, draws=4)


@pytest.fixture(scope="module")
def patients(tmp_path_factory):
    from radsim.results.patients import assemble_patients
    from radsim.simulation import prepared

    return assemble_patients(
        prepared({"radsim": 1, "seed": 7, "cohort": {"size": 400}, "schedules": SCHEDULES})
    ).to_xarray()


@pytest.fixture(scope="module")
def validation():
    def row(trial, kind, arm, observed, inside):
        return {
            "trial": trial, "kind": kind, "outcome": "overall_response", "measure": "pain_score", "when": {"week": 4}, "arm": arm,
            "observed": observed, "n": 50, "predicted": 0.6, "low95": 0.4, "high95": 0.8, "inside": inside,
        }  # fmt: skip

    rows = [row("a-1990", "held_out", "8Gy/1", 0.7, True), row("a-1990", "held_out", "20Gy/5", 0.9, False)]
    rows += [row("b-1990", "calibration", "8Gy/1", 0.5, True)]
    contrast = {
        "trial": "a-1990", "outcome": "overall_response", "measure": "pain_score", "when": {"week": 4}, "first": "8Gy/1",
        "second": "20Gy/5", "observed_difference": -0.2, "predicted": 0.0, "low95": -0.25, "high95": 0.25, "inside": True,
    }  # fmt: skip
    return {"rows": rows, "contrasts": [contrast], "summary": {}}


@pytest.fixture(scope="module")
def analysis():
    def moved(name, schedule, low, high):
        return {
            "parameter": name, "unit": "1", "value": 0.2, "low": 0.1, "high": 0.3, "schedule": schedule, "base": {"20000": -500.0},
            "at_low": {"20000": low}, "at_high": {"20000": high},
        }  # fmt: skip

    evppi = [
        {"parameters": name, "threshold": t, "value": value * t / 20000, "se": 2.0}
        for name, value in (("prices", 5.0), ("response", 40.0)) for t in (20000.0, 30000.0)
    ]  # fmt: skip
    one_way = [moved("a", "20Gy/5", -520.0, -480.0), moved("b", "20Gy/5", -900.0, None), moved("a", "none", 1.0, 2.0)]
    money = {"currency": "GBP", "price_year": 2024, "reference": "8Gy/1", "evpi": {"20000": 60.0, "30000": 70.0}}
    return {**money, "evppi": evppi, "one_way": one_way}


@pytest.fixture(scope="module")
def sweep():
    x, y = (grid.ravel() for grid in np.meshgrid([50.0, 70.0, 90.0], [0.5, 1.0], indexing="ij"))
    value = np.stack([0.2 + 0.001 * x, 0.1 + 0.05 * y, 0.0 * x], axis=-1)[:, np.newaxis]
    dims = ("scenario", "draw", "schedule")
    return xarray.Dataset(
        {"retreatment": (dims, value, {"units": "1"}), "retreatment_mcse": (dims, np.full(value.shape, 0.01), {"units": "1"})},
        {"cohort.karnofsky": ("scenario", x), "retreatment.willingness_ratio": ("scenario", y), "grid_point": ("scenario", np.arange(6)),
         "fixed": ("scenario", np.ones(6)), "scenario": np.arange(6), "draw": [0], "schedule": SCHEDULES},
    )  # fmt: skip


@pytest.fixture(scope="module")
def sources(result, economic, patients, validation, analysis, sweep):
    """For every kind something it can draw, and options."""
    by_source = {"result": result, "patients": patients, "validation": validation, "analysis": analysis, "sweep": sweep}
    return {
        kind: (economic if entry.economics and entry.source == "result" else by_source[entry.source],
               {"outcome": "retreatment"} if entry.source == "sweep" else {})
        for kind, entry in FIGURES.items()
    }  # fmt: skip


def lines_of(axes):
    """Lines with markers: the curves."""
    return [line for line in axes.lines if line.get_marker() not in ("None", "", None) and len(line.get_xdata()) > 1]


def texts_of(figure):
    return " ".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))


# --- every kind


@pytest.mark.parametrize("kind", FIGURES)
def test_a_figure_is_drawn_with_units_and_words(kind, sources):
    source, options = sources[kind]
    figure = draw(kind, source, **options)
    labels = [label for axes in figure.axes for label in (axes.get_xlabel(), axes.get_ylabel()) if label]
    labels = [
        label for label in labels if label != "cohort.karnofsky"
    ]  # a path of the configuration, which has no unit
    labels += [figure.texts[0].get_text()] if kind == "icons" else []
    assert labels and all(UNIT.search(label) or kind == "icons" for label in labels[:-1]) and UNIT.search(labels[-1])
    sentence = alt_text(kind, source, **options)
    assert re.search(r"\d", sentence) and sentence.endswith(".") and "nan" not in sentence and "\n" not in sentence


def test_clip_paths_are_named_by_number():
    """Their names would hang on the last bits of a layout."""
    drawn = (
        '<svg x="1"><g clip-path="url(#{0})"/><g clip-path="url(#{1})"/><clipPath id="{0}"/><clipPath id="{1}"/></svg>'
    )
    one, other = (
        accessible_svg(drawn.format(*names), title="", description="", prefix="f")
        for names in (("pb4860cc581", "p6ca3df0654"), ("pf71ff6b0bd", "pdf59e6882e"))
    )
    assert one == other and "url(#f-clip1)" in one and '<clipPath id="f-clip2"/>' in one


@pytest.mark.parametrize("kind", FIGURES)
def test_an_svg_is_the_same_bytes_with_text_and_words(kind, sources, tmp_path):
    source, options = sources[kind]
    for name in ("a.svg", "b.svg"):
        write_figure(draw(kind, source, **options), tmp_path / name, force=False, title="A title", description="a < b")
    content = (tmp_path / "a.svg").read_bytes()
    assert content == (tmp_path / "b.svg").read_bytes()
    assert b"<dc:date>" not in content and b"<text" in content
    root = ElementTree.fromstring(content)
    words = {each.tag.rpartition("}")[2]: each for each in root if "id" in each.attrib}
    assert (words["title"].text, words["desc"].text) == ("A title", "a < b")
    assert root.attrib["aria-labelledby"].split() == [words["title"].attrib["id"], words["desc"].attrib["id"]]


def test_nothing_is_left_open_and_no_setting_changed(result):
    from matplotlib import _pylab_helpers

    before = dict(matplotlib.rcParams)
    figure_svg("pain", result)
    assert not _pylab_helpers.Gcf.figs
    assert dict(matplotlib.rcParams) == before


def test_several_figures_stand_on_one_page(result):
    page = figure_svg("pain", result) + figure_svg("survival", result, prefix="s")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) and all(name.startswith(("pain-", "s-")) for name in ids)
    links = re.findall(r'(?:href="#|url\(#)([^")]+)', page)
    assert links and set(links) <= set(ids)
    assert page.startswith("<svg ") and "<?xml" not in page and "<metadata" not in page


@pytest.mark.parametrize("kind", [k for k, entry in FIGURES.items() if entry.source == "result"])
def test_names_are_only_text(kind, result, economic):
    source = (economic if FIGURES[kind].economics else result).assign_coords(schedule=NASTY)
    svg = figure_svg(kind, source)
    assert "<script" not in svg
    ElementTree.fromstring(svg)
    shown = texts_of(draw(kind, source)) if kind in ("icons", "incidence", "response") else ""
    assert not shown or ("_8Gy/1" in shown and "$20Gy" in shown)


@pytest.mark.parametrize(
    "kind", [k for k, entry in FIGURES.items() if entry.source == "result" and not entry.economics]
)
@pytest.mark.parametrize("shape", ["base case", "one draw", "one schedule", "one of each", "many schedules"])
def test_results_of_any_size(kind, shape, result):
    source = {
        "base case": result.isel(draw=[0]), "one draw": result.isel(draw=[0, 1]), "one schedule": result.isel(schedule=[1]),
        "one of each": result.isel(draw=[0], schedule=[0], time=[0], visit=[0]),
        "many schedules": result.isel(schedule=[0, 1, 2] * 4).assign_coords(schedule=[f"{i}Gy/1" for i in range(12)]),
    }[shape]  # fmt: skip
    figure_svg(kind, source)


# --- what is drawn is what the result holds


@pytest.mark.parametrize(("kind", "variable", "scale"), [
    ("pain", "mean_pain_score", 1.0), ("opioids", "mean_morphine_equivalent", 1.0), ("relief", "relief", 100.0),
])  # fmt: skip
def test_curves_and_bands(kind, variable, scale, result):
    (axes,) = draw(kind, result).axes
    drawn, noise = result[variable].values[1:], result[f"{variable}_mcse"].values[1:]
    narrowed = remove_monte_carlo_variance(drawn, noise)
    start = 0.0 if kind == "relief" else result[f"{variable.removeprefix('mean_')}_at_start"].values[1:].mean()
    curves, bands = lines_of(axes), axes.collections
    assert len(curves) == len(bands) == 3
    for s, (line, band) in enumerate(zip(curves, bands, strict=True)):
        assert line.get_xdata() == pytest.approx([0.0, *result["time"].values / 7.0])
        assert line.get_ydata() == pytest.approx([start, *scale * drawn.mean(axis=0)[s]])
        low, high = scale * np.percentile(narrowed[:, s], [2.5, 97.5], axis=0)
        low, high = np.append(low, start), np.append(high, start)
        heights = band.get_paths()[0].vertices[:, 1]
        assert (heights.min(), heights.max()) == pytest.approx((low.min(), high.max()))


def test_without_draws_bands_are_of_the_simulation(result):
    (axes,) = draw("pain", result.isel(draw=[0])).axes
    heights = axes.collections[0].get_paths()[0].vertices[:, 1]
    value, mcse = (result[name].values[0, 0] for name in ("mean_pain_score", "mean_pain_score_mcse"))
    start = float(result["pain_score_at_start"].values[0])
    assert heights.max() == pytest.approx(max(start, (value + 1.959964 * mcse).max()))


def test_estimates_are_those_of_the_tables(result):
    from radsim.figures.view import make_view

    for source in (result, result.isel(draw=[0]), result.isel(draw=[0, 1])):
        view = make_view(source)
        for name in ("relief", "survival", "overall_response"):
            mine, table = view.estimate(name), estimate(source, name)
            assert np.array_equal(mine.value, table.value)
            assert np.array_equal(mine.with_ends, table.with_ends, equal_nan=True)


def test_a_pain_score_may_exceed_one(result):
    from radsim.figures.view import make_view

    found = make_view(result.isel(draw=[0])).estimate("mean_pain_score")
    assert found.value.max() > 1.0 and np.all(found.low95 <= found.value) and np.all(found.value <= found.high95)


@pytest.mark.parametrize("kind", ["pain", "opioids", "relief", "survival", "incidence"])
def test_every_course_begins_at_the_first_fraction(kind, result):
    for axes in draw(kind, result).axes:
        assert all(line.get_xdata()[0] == 0.0 for line in lines_of(axes)) and lines_of(axes)


def test_a_result_that_does_not_hold_its_start_begins_at_its_first_time(result):
    old = result.drop_vars(["pain_score_at_start", "morphine_equivalent_at_start"])
    for kind in ("pain", "opioids"):
        assert lines_of(draw(kind, old).axes[0])[0].get_xdata()[0] == pytest.approx(result["time"].values[0] / 7.0)


def test_a_figure_is_a_module_and_a_row(result, monkeypatch):
    import sys
    import types

    from radsim.figures.registry import RESULT, Kind
    from radsim.figures.style import new_figure
    from radsim.report.pictures import kinds_of, pictures

    def draw_flare(view, *, size):
        figure = new_figure(size)
        figure.subplots().bar(view.names, 100.0 * view.estimate("pain_flare").value)
        return figure

    def describe_flare(view):
        return f"Pain flare under {len(view.names)} schedules."

    module = types.ModuleType("radsim.figures.flare")
    module.draw_flare, module.describe_flare = draw_flare, describe_flare
    monkeypatch.setitem(sys.modules, "radsim.figures.flare", module)
    row = Kind("pain flare", RESULT, "flare", "draw_flare", "describe_flare", ("pain_flare",), page="course")
    monkeypatch.setitem(FIGURES, "flare", row)
    assert [bar.get_height() for bar in draw("flare", result).axes[0].patches] == pytest.approx(
        100.0 * estimate(result, "pain_flare").value
    )
    assert "flare" in kinds_of("course")
    (picture,) = pictures(result, ["flare"])
    assert (picture.caption, picture.text) == ("Pain flare", "Pain flare under 3 schedules.")
    assert missing("flare", result.drop_vars("pain_flare")) == "needs pain_flare"


def test_the_title_warns_of_the_dead(result):
    for kind in ("pain", "opioids"):
        text = texts_of(draw(kind, result)).lower()
        assert "among the living" in text and "died" in text


def test_identical_schedules_are_one_line_and_said_to_be_assumed(result):
    figure = draw("survival", result)
    (line,) = lines_of(figure.axes[0])
    assert line.get_ydata() == pytest.approx(
        100.0 * np.concatenate([[1.0], result["survival"].values[1:].mean(axis=0)[0]])
    )
    assert "all 3 schedules" in texts_of(figure) and "assumption" in texts_of(figure)


def test_a_schedule_keeps_its_colour(result):
    whole, part = draw("pain", result), draw("pain", result, schedules=["none", "20Gy/5"])
    of_whole, of_part = ([line.get_color() for line in lines_of(figure.axes[0])] for figure in (whole, part))
    assert of_part == [of_whole[2], of_whole[1]]


def test_response_by_visit(result):
    panels = draw("response", result).axes
    names = [f"{e}_{d}_response" for d in ("overall", "complete") for e in ("pain_score", "consensus")]
    for axes, name in zip(panels, names, strict=True):
        assert lines_of(axes)[-1].get_ydata() == pytest.approx(100.0 * result[name].values[1:, 2].mean(axis=0))


def test_events_that_a_patient_can_have_together_have_panels_of_their_own(result):
    figure = draw("incidence", result)
    variables = {
        "Treated again here": "retreatment_incidence", "Fracture here": "pathological_fracture_incidence",
        "Cord compression": "spinal_cord_compression_incidence", "Alive": "survival",
    }  # fmt: skip
    assert [axes.get_title(loc="left") for axes in figure.axes] == list(variables)
    for axes in figure.axes:
        values = 100.0 * result[variables[axes.get_title(loc="left")]].values[1:].mean(axis=0)
        start = 100.0 if axes.get_title(loc="left") == "Alive" else 0.0
        for line in lines_of(axes):
            assert any(line.get_ydata() == pytest.approx([start, *row]) for row in values)
        assert axes.collections and not any(collection.get_hatch() for collection in axes.collections)
    assert "at most once in a panel" in texts_of(figure)


def test_what_never_happens_has_no_panel():
    hip = simulate(cohort={"size": 200, "site": "hip"}, draws=0)
    assert "Cord compression" not in [axes.get_title(loc="left") for axes in draw("incidence", hip).axes]


def test_first_events_exclude_each_other(patients):
    times = np.stack([
        np.nan_to_num(patients[name].values, nan=np.inf) for name in LAYERS
    ])  # fmt: skip
    winner = np.where(np.isfinite(times.min(axis=0)), times.argmin(axis=0), -1)
    for s, axes in enumerate(draw("first-event", patients).axes):
        heights = [line.get_ydata()[-1] for line in axes.lines]
        shares = [100.0 * np.mean(winner[s] == i) for i in range(3)]
        assert np.diff([0.0, *heights]) == pytest.approx(shares)
        assert heights[-1] <= 100.0 + 1e-9


def test_a_hundred_icons(result):
    figure = draw("icons", result)
    for s, axes in enumerate(figure.axes):
        counts = [len(icons.get_offsets()) for icons in axes.collections]
        assert sum(counts) == 100
        week_12 = list(result["time"].values).index(84.0)
        free = 100.0 * result["complete_relief"].values[1:, s, week_12].mean()
        died = 100.0 * (1.0 - result["survival"].values[1:, s, week_12].mean())
        assert abs(counts[0] - free) < 1.0 and abs(counts[-1] - died) < 1.0
    assert "4 weeks" in texts_of(draw("icons", result, day=28))


def test_icons_are_as_many_as_in_every_other_picture_of_a_hundred(result):
    told = situations(result, 84.0)
    for axes, one in zip(draw("icons", result).axes, told, strict=True):
        counts = [n for n in (one.free_of_pain, one.relief - one.free_of_pain, one.no_relief, one.died) if n]
        assert [len(icons.get_offsets()) for icons in axes.collections] == counts
    without_free = draw("icons", result.drop_vars("complete_relief"))
    assert [sum(len(icons.get_offsets()) for icons in axes.collections) for axes in without_free.axes] == [100] * 3
    assert "free of pain" not in texts_of(without_free)


def test_the_forest_keeps_kinds_apart(validation):
    panels = draw("forest", validation).axes
    assert [len(axes.get_yticks()) for axes in panels] == [3, 2, 2]  # with the heading of the outcome
    held_out, calibration, contrasts = panels
    observed = [line.get_xdata()[0] for line in held_out.lines if line.get_marker() in ("o", "X")]
    assert observed == pytest.approx([70.0, 90.0])
    assert [line.get_marker() for line in held_out.lines if line.get_marker() in ("o", "X")] == ["o", "X"]
    assert [line.get_xdata()[0] for line in contrasts.lines if line.get_marker() == "o"] == pytest.approx([-20.0])
    assert "1 of 2 inside" in held_out.get_title(loc="right") and "1 of 1" in calibration.get_title(loc="right")
    assert len(draw("forest-held-out", validation).axes) == 2 and len(draw("forest-calibration", validation).axes) == 1


def test_the_plane(economic):
    (axes,) = draw("ce-plane", economic, threshold=[1000.0, 50000.0]).axes
    cost, qalys = economic["cost"].sum("component").values[1:], economic["qalys"].values[1:]
    points = [line for line in axes.lines if line.get_linestyle() == "None"]
    assert len(points) == 4  # points and mean of two schedules
    assert points[0].get_xdata() == pytest.approx(qalys[:, 1] - qalys[:, 0])
    assert points[0].get_ydata() == pytest.approx(cost[:, 1] - cost[:, 0])
    assert points[3].get_ydata()[0] == pytest.approx((cost[:, 2] - cost[:, 0]).mean())
    slopes = [np.diff(line.get_ydata())[0] / np.diff(line.get_xdata())[0] for line in axes.lines[-2:]]
    assert slopes == pytest.approx([1000.0, 50000.0])
    assert "GBP" in axes.get_ylabel() and "GBP 50,000 per QALY" in texts_of(axes.figure)
    assert "against none" in texts_of(draw("ce-plane", economic, reference="none"))


def test_acceptability_and_loss(economic):
    from radsim.decision.net_benefit import acceptability, expected_loss, net_monetary_benefit

    cost, qalys = economic["cost"].sum("component").values[1:], economic["qalys"].values[1:]
    for kind, function, scale in (("ceac", acceptability, 100.0), ("expected-loss", expected_loss, 1.0)):
        (axes,) = draw(kind, economic).axes
        curves = lines_of(axes)
        assert len(curves) == 3
        expected = scale * function(net_monetary_benefit(cost, qalys, curves[0].get_xdata()))
        for s, line in enumerate(curves):
            assert line.get_ydata() == pytest.approx(expected[:, s])
    frontier = [line for line in draw("ceac", economic).axes[0].lines if line.get_gid() == "frontier"]
    best = net_monetary_benefit(cost, qalys, frontier[0].get_xdata()[0]).mean(axis=0).argmax()
    assert frontier[0].get_ydata()[0] == pytest.approx(lines_of(draw("ceac", economic).axes[0])[best].get_ydata()[0])


def test_values_of_information(analysis):
    (axes,) = draw("evppi", analysis).axes
    assert [bar.get_width() for bar in axes.patches] == [40.0, 5.0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["response", "prices"]
    assert "knowing everything: 60" in texts_of(axes.figure)
    (axes,) = draw("evppi", analysis, threshold=[30000.0]).axes
    assert axes.patches[0].get_width() == pytest.approx(60.0)
    with pytest.raises(UsageFault, match="--threshold 1: expected 20000, 30000"):
        draw("evppi", analysis, threshold=[1.0])


def test_the_tornado(analysis):
    (axes,) = draw("tornado", analysis).axes
    low, high = axes.containers
    assert [bar.get_width() for bar in low] == [-400.0, -20.0]
    assert np.isnan(high[0].get_width()) and high[1].get_width() == 20.0
    assert axes.get_yticklabels()[0].get_text() == "b (0.1 to 0.3)"
    assert "none against 8Gy/1" in texts_of(draw("tornado", analysis, against="none"))
    with pytest.raises(UsageFault, match="--against x"):
        draw("tornado", analysis, against="x")


def test_the_map_of_a_sweep(sweep):
    figure = draw("sweep-map", sweep, outcome="retreatment")
    mesh = figure.axes[0].collections[0].get_array()
    assert np.asarray(mesh) == pytest.approx(np.tile([25.0, 27.0, 29.0], (2, 1)))
    table = cells(np.array([1, 1, 2]), np.array([5, 5, 6]), np.array([1.0, 3.0, 7.0]))[2]
    assert np.array_equal(table, [[2.0, np.nan], [np.nan, 7.0]], equal_nan=True)
    assert list(swept_paths(sweep)) == ["cohort.karnofsky", "retreatment.willingness_ratio"]


def test_the_line_of_a_sweep(sweep):
    (axes,) = draw("sweep-line", sweep, outcome="retreatment", over=["retreatment.willingness_ratio"]).axes
    lines = [
        line
        for line in axes.lines
        if line.get_linestyle() != "None" and len(line.get_xdata()) == 2 and line.get_marker() != "None"
    ]
    assert lines[1].get_ydata() == pytest.approx([12.5, 15.0])
    at, mean, reach = along(np.array([1.0, 1.0, 2.0]), np.array([4.0, 6.0, 7.0]), np.array([3.0, 4.0, 1.0]))
    assert (at.tolist(), mean.tolist()) == ([1.0, 2.0], [5.0, 7.0])
    assert reach == pytest.approx(1.959964 * np.array([2.5, 1.0]))


def test_five_hundred_scenarios(sweep):
    rng = np.random.default_rng(1)
    many = sweep.isel(scenario=np.arange(500) % 6).assign_coords(scenario=np.arange(500))
    many = many.assign_coords({"cohort.karnofsky": ("scenario", rng.uniform(20, 90, 500))})
    for kind in ("sweep-map", "sweep-line"):
        assert len(figure_svg(kind, many, outcome="retreatment")) < 1_500_000
    with pytest.raises(UsageFault, match="holds 500 scenarios: choose one with --scenario 0 … 499"):
        draw("pain", simulate_in(many))


def simulate_in(sweep):
    """A sweep that has what a curve of pain needs."""
    pain = (("scenario", "draw", "schedule", "time"), np.ones((sweep.sizes["scenario"], 1, 3, 2)), {"units": "1"})
    return sweep.assign(mean_pain_score=pain).assign_coords(time=[7.0, 84.0])


def test_one_scenario_of_a_sweep(sweep):
    assert "scenario 4" in texts_of(draw("pain", simulate_in(sweep), scenario=4))


def test_subgroups():
    source = simulate(subgroups=["sex"], draws=0, cohort={"size": 300})
    labels = source["subgroup"].values.tolist()
    for label in (None, *labels):
        group = 0 if label is None else labels.index(label)
        line = lines_of(draw("pain", source, subgroup=label).axes[0])[0]
        assert line.get_ydata()[1:] == pytest.approx(source["mean_pain_score"].values[group, 0, 0])
        assert line.get_ydata()[0] == pytest.approx(source["pain_score_at_start"].values[group, 0])
    assert labels[1] in texts_of(draw("pain", source, subgroup=labels[1]))
    with pytest.raises(UsageFault, match="--subgroup x: expected all"):
        draw("pain", source, subgroup="x")


# --- labels


def test_labels_are_moved_apart_and_stay_inside():
    heights = spread([0.0, 0.0, 0.1, 9.0], [1.0, 1.0, 2.0, 1.0], low=0.0, high=10.0)
    edges = [(h - s / 2, h + s / 2) for h, s in zip(heights, [1.0, 1.0, 2.0, 1.0], strict=True)]
    assert all(upper <= lower + 1e-9 for (_, upper), (lower, _) in zip(edges[:-1], edges[1:], strict=True))
    assert edges[0][0] >= 0.0 and edges[-1][1] <= 10.0 and heights[3] == 9.0


def test_long_names_differ_when_shortened():
    long = "8Gy/1 " + "x" * 60 + " end"
    names = shown_names([long, long + " ", "20Gy/5"])
    assert len(set(names)) == 3 and all(len(name) <= 28 for name in names) and names[2] == "20Gy/5"


# --- the command and its faults


@pytest.fixture
def plot(capsys, tmp_path, monkeypatch, result):
    """Run `radsim plot` beside a result."""
    monkeypatch.chdir(tmp_path)
    write_netcdf(result, "r.nc", force=True)

    def call(*arguments):
        with pytest.raises(SystemExit) as leaving:
            main(["plot", *map(str, arguments)])
        return leaving.value.code, *capsys.readouterr()

    return call


@pytest.mark.parametrize(("name", "start"), [("f.png", b"\x89PNG"), ("f.svg", b"<?xml"), ("f.PDF", b"%PDF")])
def test_the_command_writes_a_figure_whole(plot, tmp_path, name, start):
    assert plot("r.nc", "--kind", "pain", "-o", name) == (0, "", "")
    first = (tmp_path / name).read_bytes()
    assert first.startswith(start)
    code, out, err = plot("r.nc", "--kind", "pain", "-o", name)
    assert (code, out) == (2, "") and "--force" in err
    assert plot("r.nc", "--kind", "pain", "-o", name, "--force")[0] == 0
    assert (tmp_path / name).read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["r.nc", name])


def test_size_and_choice(plot, tmp_path):
    assert (
        plot("r.nc", "--kind", "pain", "-o", "f.png", "--width", 5, "--height", 3, "--dpi", 60, "--schedule", "none")[0]
        == 0
    )
    header = (tmp_path / "f.png").read_bytes()[16:24]
    assert (int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")) == (300, 180)


def test_day_zero_is_a_day(plot, tmp_path):
    assert plot("r.nc", "--kind", "icons", "-o", "f.svg", "--day", 0)[0] == 0
    assert "at 7 days." in (tmp_path / "f.svg").read_text(encoding="utf-8")  # the nearest that the result looked at


def test_documents_from_a_file_and_standard_input(plot, tmp_path, validation, monkeypatch):
    import io

    (tmp_path / "v.json").write_text(json.dumps(validation))
    assert plot("v.json", "--kind", "forest", "-o", "a.svg") == (0, "", "")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(validation).encode())))
    assert plot("-", "--kind", "forest", "-o", "b.svg") == (0, "", "")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


@pytest.mark.parametrize(("arguments", "words"), [
    (("r.nc", "--kind", "ceac", "-o", "f.png"), "r.nc: ceac: needs economics"),
    (("r.nc", "--kind", "forest", "-o", "f.png"), "r.nc: forest: needs the document of radsim validate --json"),
    (("r.nc", "--kind", "tornado", "-o", "f.png"), "r.nc: tornado: needs economics"),
    (("r.nc", "--kind", "first-event", "-o", "f.png"), "needs a file of patients"),
    (("r.nc", "--kind", "sweep-map", "-o", "f.png"), "needs a store of radsim sweep"),
    (("r.nc", "--kind", "pain", "-o", "f.bmp"), "f.bmp: expected a name that ends in .png, .svg, .pdf"),
    (("r.nc", "--kind", "pain", "-o", "png"), "png: expected a name that ends"),
    (("r.nc", "--kind", "pain", "-o", "no/f.png"), "there is no folder no"),
    (("r.nc", "--kind", "pain", "-o", "f.png", "--schedule", "9Gy/1"), "--schedule 9Gy/1: expected 8Gy/1, 20Gy/5, none"),
    (("r.nc", "--kind", "pain", "-o", "f.png", "--subgroup", "x"), "--subgroup x: the result has no subgroups"),
    (("r.nc", "--kind", "pain", "-o", "f.png", "--day", "3"), "--day: not an option of pain"),
    (("nowhere.nc", "--kind", "pain", "-o", "f.png"), "nowhere.nc: cannot be read"),
    (("bad.json", "--kind", "forest", "-o", "f.png"), "bad.json: expected the document of radsim validate --json"),
    (("r.nc", "--kind", "pains", "-o", "f.png"), "pains"),
])  # fmt: skip
def test_faults_are_one_line_and_nothing_is_written(plot, tmp_path, arguments, words):
    (tmp_path / "bad.json").write_text("[1]")
    code, out, err = plot(*arguments)
    assert (code, out) == (2, "") and words in err and "Traceback" not in err
    assert len(err.strip().splitlines()) == 1 or "pains" in arguments
    assert not list(tmp_path.glob("f.*"))


def test_what_is_missing(result, economic, patients, validation, analysis):
    assert missing("pain", result) == "" and "economics" in missing("ce-plane", result)
    assert missing("ceac", economic) == "" and "at least 2 draws" in missing("ceac", economic.isel(draw=[0, 1]))
    assert "at least 20 draws" in missing("evppi", economic)
    assert "radsim cea --one-way" in missing("tornado", economic) and missing("tornado", analysis) == ""
    assert "`evppi`" in missing("evppi", {"evpi": {}}) and "radsim validate" in missing("forest", analysis)
    assert "a result of radsim run" in missing("pain", patients) and "a result" in missing("pain", validation)
    assert "times_days" in missing("pain", result.isel(time=[])) and "visits" in missing(
        "response", result.isel(visit=[])
    )


def test_a_missing_library_is_named(plot, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    code, out, err = plot("r.nc", "--kind", "pain", "-o", "f.png")
    assert (code, out) == (2, "") and err.strip().endswith('needs matplotlib: pip install "radsim[plot]"')


def test_help_lists_the_kinds_and_loads_nothing(plot):
    import subprocess
    import sys

    code, out, _ = plot("--help")
    assert code == 0 and all(re.search(rf"^ +{kind} +\S", out, re.MULTILINE) for kind in FIGURES)
    heavy = "import sys, radsim.cli.plot, radsim.figures; print([m for m in ('matplotlib', 'numpy', 'xarray') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True).stdout == "[]\n"
