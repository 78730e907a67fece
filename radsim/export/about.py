"""What an export is, its scope, and how to make its result again: the words at the front."""

from __future__ import annotations

from radsim import SCOPE
from radsim.cord import from_record
from radsim.presentation import cord
from radsim.presentation.identity import identity, identity_text
from radsim.presentation.words import listed
from radsim.provenance import reproduction

STATISTICS = (
    "Values are means over draws 1, 2, ... of the parameters, or of draw 0, the deterministic base case, where there are no others. low and high: "
    "95 % of those draws lie between them, the noise of the simulation taken out; without draws, the Monte Carlo interval. MC error: Monte Carlo "
    "standard error, from a finite number of patients; that of a difference is paired, patient by patient (of a median it is an upper bound). Empty: not "
    "known, or nobody in the denominator."
)


def about(run):
    """Names and values that say what a result is.

    Returns
    -------
    list of (str, str)
    """
    config, record = run.config, run.record
    facts = [
        ("Study", config["name"]),
        ("Scope", SCOPE),
        ("Schedules", listed(run.schedules)),
        ("Patients under each schedule", "" if run.n_patients is None else f"{run.n_patients:,}"),
        (
            "Draws of the parameters",
            f"{run.n_draws:,} beyond the base case" if run.n_draws else "none beyond the base case",
        ),
        ("Horizon", f"{config['horizon_days']:g} days" if config["horizon_days"] != "lifetime" else "lifetime"),
    ]
    facts += [("Spinal cord", line) for line in cord.lines(from_record(record))]
    if run.is_sweep:
        facts.append(
            ("Scenarios", f"{run.dataset.sizes['scenario']}, over {listed(run.swept) or 'the design of the sweep'}")
        )
    if run.economics is not None:
        facts += _economic(run)
    facts.append(("How to read the numbers", STATISTICS))
    return facts + reproduction(record, is_sweep=run.is_sweep)


def _economic(run):
    prices, rates = run.economics.price_set, run.economics.discount
    found = identity(run.economics, run.record, draws=run.n_draws, patients=run.n_patients)
    return [
        ("Valuation", identity_text(found)),
        ("Prices", f"{prices.name}, {prices.currency} of {prices.year_text}, perspective {run.economics.perspective}"),
        ("Utilities", f"{run.economics.utility_set.name}, {run.economics.combination}"),
        ("Discounting", f"costs {rates.costs:g}, effects {rates.effects:g} a year, {rates.convention}"),
    ]


def warnings(run):
    """What a reader must know beside the figures."""
    n = len(run.record["provisional"])
    first = (
        [
            f"{n} of the inputs used are provisional or scenarios: from memory, assumed, not yet checked, or carried over from another setting; the table "
            "inputs marks them."
        ]
        if n
        else []
    )
    found = [str(text) for text in run.record["warnings"]]
    of_analysis = [text for document in run.documents[:1] for text in document["warnings"]]
    why_not = [run.not_analysed] if run.not_analysed else []
    return list(dict.fromkeys([*first, *found, *of_analysis, *why_not]))


def readme(run, tables, ending):
    """The text file that lies beside tables of a folder."""
    lines = ["Results of radsim as tables.", SCOPE, ""]
    lines += [f"{name}: {value}" for name, value in about(run) if name != "Scope" and value]
    lines += ["", *(f"Warning: {text}" for text in warnings(run)), "", "Files:"]
    lines += [f"  {table.name}.{ending}: {table.description} ({table.n_rows} rows)" for table in tables]
    lines += ["  record.json: the run record, with the resolved configuration", ""]
    names = {table.name for table in tables}
    lines += [COLUMNS, *([FOR_PACKAGES] if "psa_costs" in names else []), *([QUOTED] if ending == "csv" else [])]
    return "\n".join(lines) + "\n"


COLUMNS = "columns says what every column of every file is, with its units."
FOR_PACKAGES = (
    "psa_costs, psa_effects and psa_parameters hold draws from 1 on, rows of the "
    "same draw, one column a schedule or parameter: the three files that SAVI asks for, and the arguments of BCEA (eff, cost) and dampack "
    "(make_psa_obj: cost, effectiveness, parameters). In R read them with check.names = FALSE."
)
QUOTED = (
    "Text is UTF-8, an empty cell is a number that is not known. A text that begins with = + - @ is written with an apostrophe before it, so that no "
    "spreadsheet takes it for a formula."
)
