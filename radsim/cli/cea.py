"""`radsim cea`: cost-effectiveness and the value of information."""

from __future__ import annotations

import click

from radsim import SCOPE
from radsim.cli.shared import force_option, json_option, note, print_json, threads_option


def other_model_options(function):
    """Options for the draws of another model, in the place of RESULT."""
    for option in (
        click.option("--currency", metavar="NAME", help="What the costs of another model are in, such as GBP."),
        click.option(
            "--psa-parameters", type=click.Path(), metavar="FILE", help="Parameters of those draws, a column each."
        ),
        click.option("--psa-effects", type=click.Path(), metavar="FILE", help="Effects (QALYs) of those draws."),
        click.option(
            "--psa-costs",
            type=click.Path(),
            metavar="FILE",
            help="Another model: a row a draw, a column a strategy (CSV or Parquet).",
        ),
    ):
        function = option(function)
    return function


@click.command()
@click.argument("result", type=click.Path(), metavar="RESULT", required=False)
@other_model_options
@click.option(
    "--threshold",
    "thresholds",
    type=float,
    multiple=True,
    metavar="X",
    help="Willingness to pay for a QALY; may be repeated.",
)
@click.option("--reference", metavar="SCHEDULE", help="Schedule to compare with; the first by default.")
@click.option(
    "--economics",
    "economics_file",
    type=click.Path(),
    metavar="FILE.yaml",
    help="Value anew as its section economics says.",
)
@click.option("--costs", metavar="NAME|FILE", help="Value anew with these prices.")
@click.option("--utilities", metavar="NAME|FILE", help="Value anew with these utilities.")
@click.option("--perspective", metavar="NAME", help="Value anew: healthcare or societal.")
@click.option("--combination", metavar="NAME", help="Value anew: decrements additive or multiplicative.")
@click.option(
    "--price-year", type=int, metavar="YEAR", help="Value anew with prices brought to this year by their index."
)
@click.option("--discount-costs", type=float, metavar="RATE", help="Value anew with this annual rate, such as 0.035.")
@click.option("--discount-effects", type=float, metavar="RATE", help="Likewise for effects.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value anew with one price or utility fixed (cost.fraction=90).",
)
@click.option(
    "--evppi",
    multiple=True,
    metavar="GROUP",
    help="Value of knowing a parameter or group; groups; all; none. Default: groups, up to 12 schedules.",
)
@click.option(
    "--evsi",
    multiple=True,
    type=click.Path(),
    metavar="TRIAL.yaml",
    help="Value of a proposed trial; may be repeated.",
)
@click.option("--trial-cost", type=click.FloatRange(min=0), metavar="X", help="What the trial costs: its net benefit.")
@click.option(
    "--trial-cost-per-patient", type=click.FloatRange(min=0), metavar="X", help="And for each patient on top."
)
@click.option(
    "--trial-size",
    "trial_sizes",
    type=int,
    multiple=True,
    metavar="N",
    help="Patients in each arm, in the place of those of the file; may be repeated.",
)
@click.option(
    "--trial-years", type=click.IntRange(min=0), default=0, show_default=True, help="Years until the trial reports."
)
@click.option("--ceac", is_flag=True, help="The acceptability curve along thresholds, with its Monte Carlo bands.")
@click.option("--one-way", is_flag=True, help="Each parameter at its 2.5 and 97.5 percentiles.")
@click.option("--two-way", nargs=2, metavar="NAME NAME", help="Two parameters over a grid.")
@click.option(
    "--break-even",
    "--threshold-analysis",
    "break_even",
    is_flag=True,
    help="Threshold analysis: where the best schedule changes with the retreatment policy, the price of a fraction, survival.",
)
@click.option("--scenarios", is_flag=True, help="Table of structural scenarios.")
@click.option(
    "--scenario-file",
    type=click.Path(),
    metavar="FILE.yaml",
    help="Table of your own scenarios (radsim init --kind scenarios).",
)
@click.option("--responders", is_flag=True, help="Cost per responder.")
@click.option("--severity", is_flag=True, help="A scenario: QALYs weighted by severity, as NICE does.")
@click.option("--equity", is_flag=True, help="A scenario: health and its distribution over the subgroups.")
@click.option(
    "--inequality-aversion",
    type=click.FloatRange(min=0),
    metavar="X",
    help="For --equity, in the place of the registry's; 0: inequality does not matter.",
)
@click.option("--budget", is_flag=True, help="Budget impact, from economics.budget_impact.")
@click.option(
    "--patients-per-year",
    "--population",
    "patients_per_year",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="For the value of information and work of a whole population.",
)
@click.option(
    "--years", type=click.IntRange(1, 100), default=5, show_default=True, help="Years for which the decision is valid."
)
@click.option(
    "--precision",
    type=click.FloatRange(min=0, min_open=True),
    metavar="X",
    help="Wanted Monte Carlo error of the net benefit; says how many draws and patients it takes.",
)
@click.option(
    "--patients", type=click.IntRange(min=1), help="Patients of each schedule where the base case is simulated again."
)
@click.option("--cohort", type=click.Path(), metavar="FILE", help="The cohort file, if it does not lie beside RESULT.")
@threads_option
@json_option
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    metavar="PATH",
    help="Write every table: a workbook FILE.xlsx, or a folder of csv files.",
)
@click.option(
    "--to", type=click.Choice(["csv", "parquet", "xlsx"]), help="Form of the tables of -o; by default from its name."
)
@force_option
@click.option("--csv", "as_csv", is_flag=True, help="Print the table of schedules (with --ceac: the curve) as CSV.")
def command(
    result, thresholds, reference, economics_file, evppi, evsi, trial_cost, trial_cost_per_patient, trial_sizes, trial_years, responders, severity, equity,
    inequality_aversion, ceac, one_way, two_way, break_even, scenarios, scenario_file, budget,
    patients_per_year, years, precision, patients, cohort, threads, as_json, as_csv, psa_costs, psa_effects, psa_parameters, currency,
    output, to, force, **changes,
):  # fmt: skip
    """Cost-effectiveness of RESULT, a file of `radsim run -o` or a store of `radsim sweep`, or of another model's draws.

    The probabilistic mean is the base case. New prices, utilities or discount rates need no new simulation; --one-way, --two-way,
    --break-even and --scenarios simulate the base case again where the course of disease changes.
    """
    from radsim.cli import cea_input as given
    from radsim.cli.load import opened
    from radsim.cli.progress import Progress
    from radsim.decision import cost_effectiveness
    from radsim.export import decision as decision_files
    from radsim.storage import UsageFault

    if as_json and as_csv:
        raise UsageFault("--csv: not together with --json")
    given.check_trial(
        evsi, trial_cost=trial_cost, trial_cost_per_patient=trial_cost_per_patient, trial_size=trial_sizes, trial_years=trial_years
    )  # fmt: skip
    if to is not None and output is None:
        raise UsageFault("--to: needs -o PATH")
    if output is not None:
        decision_files.check(
            output,
            to=to,
            force=force,
            inputs=[each for each in (result, psa_costs, psa_effects, psa_parameters) if each],
        )
    of_other_model = given.other_model(result, psa_costs, psa_effects, psa_parameters, currency)
    with of_other_model or opened(result) as dataset, Progress("analysing") as bar:
        result = result or psa_costs
        named = [name for name in evppi if name != given.NO_EVPPI]
        given.check(
            dataset,
            result,
            {"--ceac": ceac, "--evppi": named, "--evsi": evsi, "--patients-per-year": patients_per_year},
        )
        record = given.record_of(dataset)
        economics = given.revalued(record, economics_file, changes)
        given.check_value(dataset, result, record, economics)

        def tell(what, done, total):
            bar.description = what
            bar(done, total)

        analysis = cost_effectiveness(
            dataset, economics=economics, thresholds=thresholds, reference=reference, evppi=given.partial_information(dataset, evppi),
            evsi=evsi, trial_cost=trial_cost, trial_cost_per_patient=trial_cost_per_patient, trial_sizes=trial_sizes, trial_years=trial_years,
            responders=responders, severity=severity, equity=equity if inequality_aversion is None else inequality_aversion,
            one_way=one_way, two_way=two_way, break_even=break_even, scenarios=given.scenarios(scenarios, scenario_file), budget=budget,
            patients_per_year=patients_per_year, years=years, wanted_error=precision, cohort=given.cohort(record, result, cohort),
            patients=patients, threads=threads, progress=tell,
        )  # fmt: skip
        if output is not None:
            note(
                f"{output}: {', '.join(decision_files.write_decision(analysis, output, dataset=dataset, to=to, force=force))}"
            )
        _print(analysis, as_json=as_json, as_csv=as_csv, ceac=ceac, record=record)


def _print(analysis, *, as_json, as_csv, ceac, record):
    from radsim.cord import from_record
    from radsim.decision import tables
    from radsim.tables.csv_file import csv_text

    verdicts = from_record(record) if record else ()
    if as_json:
        document = {**analysis.to_dict(), "cord": [each._asdict() for each in verdicts]}
        print_json({**document, "ceac": _curve(analysis)} if ceac else document)
    elif as_csv:
        click.echo(csv_text(tables.curve(analysis) if ceac else tables.schedules(analysis)), nl=False)
    else:
        _show(analysis, ceac=ceac, verdicts=verdicts)


def _show(analysis, *, ceac, verdicts):
    """Every table of the analysis; of a sweep the decision alone, as its other tables would be many. Warnings and the scope last."""
    from radsim.cli.tables import paragraph, print_table
    from radsim.decision import tables
    from radsim.decision.columns import documents_of
    from radsim.presentation import cord

    for line in cord.lines(verdicts):
        click.echo(paragraph(line))
    for line in _valued_with(documents_of(analysis)):
        click.echo(paragraph(line) + "\n")
    for table in tables.decision_tables(analysis):
        if not analysis.scenarios or table.name in tables.ONE_A_SCENARIO:
            print_table(table)
    if ceac:
        print_table(tables.curve(analysis))
    first = documents_of(analysis)[0]
    if n := len(first["provisional"]):
        click.echo(paragraph(PROVISIONAL.format(n)))
    for warning in first["warnings"]:
        click.echo(paragraph(f"{warning.rstrip('.')}."))
    click.echo(SCOPE)


def _valued_with(documents):
    """What was valued and how; of a sweep whose scenarios differ in it, that of the first, and that the files have each."""
    from radsim.presentation.identity import identity_text

    texts = [identity_text(one["valuation"]) for one in documents if one.get("valuation")]
    if not texts:
        return []
    if len(set(texts)) == 1:
        return [f"Valued with {texts[0]}."]
    return [f"Scenario 0 is valued with {texts[0]}. The others differ in it as their swept values say; --csv has each."]


PROVISIONAL = (
    "Provisional, that is from memory, assumed or not yet checked: {} parameters, prices and utilities (radsim report and radsim export "
    "name them)."
)


def _curve(analysis):
    """The acceptability curve as lists."""
    found = analysis.to_xarray()
    names = [name for name in found.data_vars if "threshold" in found[name].dims]
    keep = {
        dim: [str(v) for v in found[dim].values] for dim in ("scenario", "subgroup", "schedule") if dim in found.dims
    }
    return {
        "threshold": found["threshold"].values.tolist(),
        **keep,
        **{name: {"dims": list(found[name].dims), "values": found[name].values.tolist()} for name in names},
    }
