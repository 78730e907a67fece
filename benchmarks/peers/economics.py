"""The same draws of costs and effects through radsim and its peers: ``python benchmarks/peers/economics.py``.

A peer that is not installed, or has no such function, is named in the table. Exit code 3 if radsim misses a known value by more than five standard
errors, or the arithmetic of the draws.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm
from threadpoolctl import threadpool_limits

from radsim.decision.evpi import evpi
from radsim.decision.evppi import evppi
from radsim.decision.incremental import incremental_analysis
from radsim.decision.net_benefit import acceptability, net_monetary_benefit

PARTS = ("decision", "EVPPI", "EVSI")
LEAST_SECONDS = 0.2  # of a part, repeated until then
Z = 5.0
HAS_NONE = "has none"
FOUND = "found_"  # before the name of the parameter that a trial measures
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


class Case(NamedTuple):
    """Draws, and what is known of them.

    Attributes
    ----------
    name : str
    costs, effects : pandas.DataFrame
        A row a draw, a column each of two strategies. [currency, QALY]
    thresholds : tuple of float
        For acceptability and EVPI. [currency per QALY]
    at : float
        Threshold of EVPPI and EVSI. [currency per QALY]
    parameters : pandas.DataFrame or None
    groups : tuple of str
        Whose value is asked: names joined by ``+``.
    summaries : pandas.DataFrame or None
        What one trial found in each draw: the mean of the parameter after which its column is named.
    n, n0 : float
        Patients of the trial; patients that the prior is worth. [1]
    truth : dict of str to float
        By the name of the number: closed forms.
    in_draws : dict of str to float
        The same from these draws: plain arithmetic, with the true means given the parameters or the data.
    """

    name: str
    costs: pd.DataFrame
    effects: pd.DataFrame
    thresholds: tuple
    at: float
    parameters: pd.DataFrame | None = None
    groups: tuple = ()
    summaries: pd.DataFrame | None = None
    n: float = 0.0
    n0: float = 1.0
    truth: dict = {}
    in_draws: dict = {}


def expected_gain(mean, sd):
    """E max(X, 0) - max(E X, 0) of a normal X. [that of X]"""
    return mean * norm.cdf(mean / sd) + sd * norm.pdf(mean / sd) - max(mean, 0.0)


def gain_in(draws):
    """The same of draws of X, shape (draw,)."""
    return float(np.maximum(draws, 0.0).mean() - max(draws.mean(), 0.0))


def arithmetic(costs, effects, thresholds):
    """ICER, acceptability and EVPI of two strategies by plain arithmetic."""
    cost, effect = (table.to_numpy()[:, 1] - table.to_numpy()[:, 0] for table in (costs, effects))
    found = {"ICER": float(cost.mean() / effect.mean())}
    for k in thresholds:
        benefit = k * effect - cost
        share = np.mean((benefit > 0.0) + 0.5 * (benefit == 0.0))  # equal strategies share a draw
        found |= {f"CEAC {k:.0f}": float(share), f"EVPI {k:.0f}": gain_in(benefit)}
    return found


MEAN_COST, SD_COST = 1250.0, 300.0
MEAN_EFFECT, SD_EFFECTS = 0.05, {"response": 0.04, "survival": 0.02}
TRIAL, PRIOR = 20.0, 16.0
"""Patients of a trial that measures the response of each with an error of 4 standard deviations of the prior, which is thus worth 16."""


def normal_case(n_draws, seed):
    """A linear model of three independent standard normal parameters; every value has a closed form.

    Cost = 1250 + 300 price, effect = 0.05 + 0.04 response + 0.02 survival, both against a strategy that costs and gains a fixed sum.
    """
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.standard_normal((n_draws, 3)), columns=["price", *SD_EFFECTS])
    error = rng.standard_normal(n_draws) * math.sqrt(PRIOR / TRIAL)
    cost = MEAN_COST + SD_COST * x["price"]
    effect = MEAN_EFFECT + sum(sd * x[name] for name, sd in SD_EFFECTS.items())
    costs = pd.DataFrame({"old": 2000.0, "new": 2000.0 + cost})
    effects = pd.DataFrame({"old": 0.4, "new": 0.4 + effect})
    summaries = pd.DataFrame({f"{FOUND}response": x["response"] + error})
    thresholds, at = (20000.0, 30000.0), 20000.0
    groups = ("price", "response", "survival", "price+survival")

    def spread(k, names):
        return math.hypot(*(SD_COST if name == "price" else k * SD_EFFECTS[name] for name in names))

    truth = {"ICER": MEAN_COST / MEAN_EFFECT}
    for k in thresholds:
        mean, sd = k * MEAN_EFFECT - MEAN_COST, spread(k, x.columns)
        truth |= {f"CEAC {k:.0f}": float(norm.cdf(mean / sd)), f"EVPI {k:.0f}": float(expected_gain(mean, sd))}
    mean = at * MEAN_EFFECT - MEAN_COST
    known = {name: (-SD_COST if name == "price" else at * SD_EFFECTS[name]) * x[name].to_numpy() for name in x}
    learnt = TRIAL / (TRIAL + PRIOR)
    in_draws = arithmetic(costs, effects, thresholds)
    for group in groups:
        names = group.split("+")
        truth[f"EVPPI {group}"] = float(expected_gain(mean, spread(at, names)))
        in_draws[f"EVPPI {group}"] = gain_in(mean + sum(known[name] for name in names))
    slope = at * SD_EFFECTS["response"]
    truth["EVSI"] = float(expected_gain(mean, slope * math.sqrt(learnt)))
    in_draws["EVSI"] = gain_in(mean + slope * learnt * summaries[f"{FOUND}response"].to_numpy())
    return Case(
        f"normal linear model, {n_draws:,} draws", costs, effects, thresholds, at, x, groups, summaries, TRIAL, PRIOR, truth, in_draws
    )  # fmt: skip


def read_case(costs, effects, thresholds):
    """Draws of another model from two CSV files: a row a draw, a named column for each of two strategies."""
    tables = [pd.read_csv(path) for path in (costs, effects)]
    for path, table in zip((costs, effects), tables, strict=True):
        if table.shape[1] != 2 or list(table) != list(tables[0]) or len(table) != len(tables[0]):
            sys.exit(
                f"{path}: expected two named columns and as many rows as in {costs}, found {table.shape[1]} columns, {len(table)} rows"
            )
    thresholds = tuple(thresholds)
    return Case(
        f"{Path(costs).stem}, {len(tables[0]):,} draws", *tables, thresholds, thresholds[0], in_draws=arithmetic(*tables, thresholds)
    )  # fmt: skip


class Missing(Exception):
    """A peer that is not there."""


class Radsim:
    """This program."""

    def __init__(self, case, folder):
        self.case, self.version, self.errors = case, version("radsim"), {}
        self.parts = {"decision": self.decision}
        if case.groups:
            self.parts |= {"EVPPI": self.evppi, "EVSI": self.evsi}

    def decision(self):
        """ICER, acceptability, EVPI."""
        case = self.case
        cost, effect = case.costs.to_numpy(), case.effects.to_numpy()
        dearer = incremental_analysis(cost.mean(axis=0), effect.mean(axis=0))[int(cost.mean(axis=0).argmax())]
        benefit = net_monetary_benefit(cost, effect, case.thresholds)
        found = {"ICER": dearer.increment.icer}
        for k, share, value in zip(case.thresholds, acceptability(benefit), evpi(benefit), strict=True):
            found |= {f"CEAC {k:.0f}": float(share[1]), f"EVPI {k:.0f}": float(value)}
        return found

    def evppi(self):
        """EVPPI with its standard error."""
        return {
            name: self._regression(name, self.case.parameters[group.split("+")])
            for name, group in ((f"EVPPI {group}", group) for group in self.case.groups)
        }

    def evsi(self):
        """By the regression that `radsim cea --evsi` uses, here on the mean that the trial finds."""
        return {"EVSI": self._regression("EVSI", self.case.summaries)}

    def _regression(self, name, known):
        benefit = net_monetary_benefit(self.case.costs.to_numpy(), self.case.effects.to_numpy(), self.case.at)
        found = evppi(benefit, known.to_numpy())
        self.errors[name] = found.se
        return found.value

    def ask(self, part):
        """Numbers by name, and processor seconds of one repetition; nothing where there is no such part."""
        return timed(self.parts.get(part))

    def close(self):
        """Nothing to close."""


class Heormodel:
    """heormodel, a Python package."""

    def __init__(self, case, folder):
        try:
            from heormodel import cea, models, voi
        except ImportError:
            raise Missing from None
        self.case, self.version, self.errors = case, version("heormodel"), {}
        self.cea, self.models, self.voi = cea, models, voi
        self.parts = {"decision": self.decision}
        if case.groups:
            self.parts |= {"EVPPI": self.evppi, "EVSI": self.evsi}

    def _outcomes(self):
        tables = [table.rename_axis(index="iteration") for table in (self.case.costs, self.case.effects)]
        return self.models.Outcomes.from_wide(*tables)

    def decision(self):
        """ICER, acceptability, EVPI."""
        outcomes, ks = self._outcomes(), list(self.case.thresholds)
        curve, perfect = self.cea.ceac(outcomes, ks), self.voi.evpi(outcomes, ks)
        found = {"ICER": float(self.cea.icer_table(outcomes)["icer"].dropna().iloc[-1])}
        for i, k in enumerate(ks):
            found |= {f"CEAC {k:.0f}": float(curve.iloc[i, 1]), f"EVPI {k:.0f}": float(perfect.iloc[i])}
        return found

    def evppi(self):
        """EVPPI by splines, its default."""
        draws = self.case.parameters.rename_axis(index="iteration")
        return {
            f"EVPPI {group}": float(self.voi.evppi(self._outcomes(), draws, group.split("+"), self.case.at))
            for group in self.case.groups
        }

    def evsi(self):
        """EVSI by splines of what the trial found."""
        summaries = self.case.summaries.rename_axis(index="iteration")
        return {"EVSI": float(self.voi.evsi_regression(self._outcomes(), summaries, self.case.at))}

    def ask(self, part):
        """As `Radsim.ask`."""
        return timed(self.parts.get(part))

    def close(self):
        """Nothing to close."""


class InR:
    """A package of R, in a process that stays until all is asked."""

    def __init__(self, package, case, folder):
        self.case, self.errors = case, {}
        here = Path(__file__).with_suffix(".R")
        try:
            self.process = subprocess.Popen(
                ["Rscript", str(here), package, str(folder)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **ONE_THREAD},
            )  # fmt: skip
        except FileNotFoundError:
            raise Missing from None
        name, _, found = self.process.stdout.readline().strip().partition("\t")
        if name != "version":
            self.close()
            raise Missing
        self.version = found

    def ask(self, part):
        """As `Radsim.ask`; RuntimeError in the peer's own words if it fails."""
        if part != "decision" and not self.case.groups:
            return {}, None
        self.process.stdin.write(f"{part}\n")
        self.process.stdin.flush()
        found = dict(line.rstrip("\n").split("\t") for line in iter(self.process.stdout.readline, "end\n") if line)
        if "failed" in found:
            raise RuntimeError(found["failed"])
        seconds = found.pop("seconds", None)
        return {name: float(value) for name, value in found.items()}, None if seconds is None else float(seconds)

    def close(self):
        """End the process."""
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


PEERS = {
    "radsim": Radsim,
    "BCEA": lambda *given: InR("BCEA", *given),
    "voi": lambda *given: InR("voi", *given),
    "dampack": lambda *given: InR("dampack", *given),
    "heormodel": Heormodel,
}
"""Name to what opens it."""


def timed(part):
    """Numbers of a part, and processor seconds of one repetition."""
    if part is None:
        return {}, None
    with threadpool_limits(1):
        started, n = time.process_time(), 0
        while n == 0 or time.process_time() - started < LEAST_SECONDS:
            found = part()
            n += 1
        return found, (time.process_time() - started) / n


def write_files(case, folder):
    """What the peers in R read."""
    tables = {"costs": case.costs, "effects": case.effects, "parameters": case.parameters, "summaries": case.summaries}
    for name, table in tables.items():
        if table is not None:
            table.to_csv(folder / f"{name}.csv", index=False)
    about = [*(("threshold", k) for k in case.thresholds), ("at", case.at), ("n", case.n), ("n0", case.n0)]
    pd.DataFrame(about, columns=["name", "value"]).to_csv(folder / "about.csv", index=False)
    pd.DataFrame({"group": list(case.groups)}).to_csv(folder / "groups.csv", index=False)


def race(case, repetitions):
    """Every peer on one case, in turns.

    Returns
    -------
    dict of str to dict
        By peer: ``version``, ``values``, ``errors`` and ``seconds`` (median processor seconds by part), ``failed`` by part; ``missing`` alone if it is not
        installed.
    """
    found, opened = {}, {}
    with tempfile.TemporaryDirectory() as name:
        write_files(case, Path(name))
        for peer, opening in PEERS.items():
            try:
                opened[peer] = opening(case, name)
                found[peer] = {"version": opened[peer].version, "values": {}, "errors": {}, "seconds": {}, "failed": {}}
            except Missing:
                found[peer] = {"missing": True}
        for _ in range(repetitions):
            for peer, one in opened.items():
                for part in PARTS:
                    try:
                        values, seconds = one.ask(part)
                    except RuntimeError as error:
                        found[peer]["failed"][part] = str(error)
                        continue
                    found[peer]["values"] |= values
                    found[peer]["errors"] |= one.errors
                    if seconds is not None:
                        found[peer]["seconds"].setdefault(part, []).append(seconds)
        for peer, one in opened.items():
            one.close()
            found[peer]["seconds"] = {part: statistics.median(all_) for part, all_ in found[peer]["seconds"].items()}
    return found


def part_of(name):
    """The part that a number belongs to."""
    return name.split()[0] if name.split()[0] in PARTS else "decision"


def rows_of(case, found):
    """The table of one case: first row the headings."""
    names = list(case.truth or case.in_draws)
    rows = [["", "truth", "these draws", *found]]
    for name in names:
        known = [shown(name, part.get(name)) for part in (case.truth, case.in_draws)]
        rows.append([name, *known, *(cell(name, one) for one in found.values())])
    for part in PARTS:
        if part == "decision" or case.groups:
            rows.append([f"milliseconds, {part}", "", "", *(seconds_cell(part, one) for one in found.values())])
    return rows


def shown(name, value):
    """A number as a table has it."""
    if value is None:
        return "–"
    if name.startswith("CEAC"):
        return f"{value:.3f}"
    return f"{value:,.2f}" if abs(value) >= 1.0 else f"{value:.5f}"


def cell(name, one):
    """One number of one peer, or why there is none."""
    if one.get("missing"):
        return "not installed"
    if part_of(name) in one["failed"]:
        return "failed"
    if name not in one["values"]:
        return HAS_NONE
    error = one["errors"].get(name)
    return shown(name, one["values"][name]) + (f" ± {shown(name, error)}" if error is not None else "")


def seconds_cell(part, one):
    """Processor time of one part of one peer."""
    if one.get("missing"):
        return "not installed"
    seconds = one["seconds"].get(part)
    return ("failed" if part in one["failed"] else HAS_NONE) if seconds is None else f"{1000.0 * seconds:,.2f}"


def as_text(rows):
    """Columns side by side."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(text.ljust(w) if i == 0 else text.rjust(w) for i, (text, w) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in rows
    )  # fmt: skip


def as_markdown(rows):
    """A table of Markdown."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|---" + "|---:" * (len(rows[0]) - 1) + "|", *lines[1:]])


def versions_line(found):
    """`radsim 0.1.0, BCEA not installed, …`."""
    return ", ".join(f"{peer} {one.get('version', 'not installed')}" for peer, one in found.items())


def misses(case, one):
    """What radsim gives otherwise than the arithmetic of the draws, or too far from the truth, as text."""
    for name, value in one["values"].items():
        error = one["errors"].get(name)
        if error is None and not math.isclose(value, case.in_draws[name], rel_tol=1e-9, abs_tol=1e-9):
            yield f"{name}: expected {case.in_draws[name]!r}, found {value!r}"
        if error is not None and abs(value - case.truth[name]) > Z * error:
            yield f"{name}: expected {case.truth[name]:.2f} within {Z:g} errors of {error:.2f}, found {value:.2f}"


def main():
    """Parse, race, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=1000, help="of the normal linear model")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--repetitions", type=int, default=5)
    options.add_argument(
        "--matrix", nargs=2, metavar=("COSTS.csv", "EFFECTS.csv"), help="draws of another model, two strategies"
    )
    options.add_argument(
        "--threshold", type=float, action="append", help="for --matrix, may be repeated; 20000 and 25000 by default"
    )
    form = options.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true")
    form.add_argument("--json", action="store_true")
    given = options.parse_args()
    cases = [normal_case(given.draws, given.seed)]
    if given.matrix:
        cases.append(read_case(*given.matrix, given.threshold or (20000.0, 25000.0)))
    found = [race(case, given.repetitions) for case in cases]
    if given.json:
        print(json.dumps([
            {"case": case.name, "truth": case.truth, "these_draws": case.in_draws, "peers": one} for case, one in zip(cases, found, strict=True)
        ], indent=1))  # fmt: skip
    else:
        for case, one in zip(cases, found, strict=True):
            rows = rows_of(case, one)
            print(f"{case.name}; {versions_line(one)}\n\n{as_markdown(rows) if given.markdown else as_text(rows)}\n")
    for peer, part, text in (
        (peer, part, text)
        for one in found
        for peer, each in one.items()
        for part, text in each.get("failed", {}).items()
    ):
        print(f"{peer}, {part}: {text}", file=sys.stderr)
    wrong = [text for case, one in zip(cases, found, strict=True) for text in misses(case, one["radsim"])]
    for text in wrong:
        print(f"radsim: {text}", file=sys.stderr)
    sys.exit(3 if wrong else 0)


if __name__ == "__main__":
    main()
