"""`radsim compare`: two schedules or more for one kind of patient, in natural frequencies; no file needed."""

from __future__ import annotations

import click

from radsim.care import KINDS
from radsim.cli.shared import json_option, print_json, threads_option, typed_command, warn

COVARIATES = {
    "primary": "breast, prostate, lung or other; kidney, myeloma … are simulated as other.",
    "site": "hip (proximal femur), pelvis, spine, humerus, rib or other; also femur, sacrum, lumbar-spine …",
    "age": "Years.",
    "sex": "female or male.",
    "subtype": "Receptors of a breast cancer, such as triple_negative.",
    "karnofsky": "10 to 100, in tens.",
    "ecog": "0 to 4, instead of Karnofsky.",
    "visceral": "Visceral metastases: yes or no.",
    "lesion": "lytic, mixed or blastic.",
    "cortical_involvement_mm": "Axial cortical involvement of the femur.",
    "neuropathic": "Neuropathic component: yes or no.",
    "pain": "Worst pain, 2 to 10.",
    "morphine_equivalent": "Daily oral morphine equivalent, mg.",
    "prior_schedule": "Earlier course to this site.",
    "prior_weeks_ago": "Weeks since its last fraction.",
    **{
        name: f"{text}: yes or no; read by the care around the radiotherapy."
        for name, text in (
            ("several_sites", "Other painful sites"),
            ("bone_agent_before", "On a bone agent before"),
            ("smoking", "Smoking"),
            ("dentures", "Dentures"),
            ("kidney_failure", "Kidney failure"),
            ("heart_failure", "Heart failure"),
            ("low_platelets", "Low platelets"),
            ("collapsed_vertebra", "A collapsed vertebra at the site"),
            ("bleeding_tendency", "Anticoagulants or a disorder of clotting"),
            ("immunosuppressed", "Immunosuppressed"),
        )
    },
}
"""Covariates with what may be said of each."""


def option_name(name):
    """`--prior-weeks-ago` of prior_weeks_ago."""
    return "--" + name.replace("_", "-")


def covariate_options(function):
    """An option for every covariate; the model of the configuration checks the values."""
    for name, text in reversed(COVARIATES.items()):
        function = click.option(option_name(name), name, metavar="VALUE", help=text)(function)
    return function


def care_options(function):
    """An option for every kind of care that has one, and `--care` for all of them with their settings."""
    function = click.option(
        "--care", "care", multiple=True, metavar="KEY[=VALUE]",
        help="Any care and any of its settings, as in a configuration: KIND, or KIND.SETTING=VALUE.",
    )(function)  # fmt: skip
    for kind in reversed(KINDS):
        if kind.option:
            text = f"{kind.label}: {kind.description}."
            form = {"metavar": "|".join(_choice(kind).options)} if kind.option_sets else {"is_flag": True}
            function = click.option(option_name(kind.option), f"care_{kind.name}", help=text, **form)(function)
    return function


def _choice(kind):
    """The setting that the option of a kind of care sets."""
    return next(setting for setting in kind.settings if setting.name == kind.option_sets)


def care_of(options, pairs):
    """The section `care` of what was typed."""
    from radsim.yaml.nodes import resolve_scalar

    care = {}
    for kind in KINDS:
        value = options.pop(f"care_{kind.name}", None)
        if value:
            care[kind.switch] = {kind.option_sets: value} if kind.option_sets else True
    for pair in pairs:
        key, has_value, text = pair.partition("=")
        switch, _, setting = key.strip().partition(".")
        value = resolve_scalar(text) if has_value else True
        if setting:
            known = care.get(switch)
            care[switch] = {**(known if isinstance(known, dict) else {}), setting: value}
        elif not (value is True and isinstance(care.get(switch), dict)):
            care[switch] = value
    return care


@click.command()
@click.argument("schedules", nargs=-1, metavar="SCHEDULE SCHEDULE...")
@covariate_options
@care_options
@click.option(
    "--prior", multiple=True, metavar="SCHEDULE@WEEKSw", help="Both in one: 30Gy/10@20w; once for each earlier course."
)
@click.option("--prognosis-weeks", type=float, metavar="WEEKS", help="Your own estimate of median survival.")
@click.option("--cord-dose-gy", type=float, metavar="GY", help="Dose of an SBRT course to the spinal cord.")
@click.option("--complicated", is_flag=True, help="Complicated metastasis, such as a soft tissue mass.")
@click.option("--postoperative", is_flag=True, help="After surgery of the site.")
@click.option("--suspected-cord-compression", is_flag=True, help="Says only that it is urgent.")
@click.option("--impending-fracture", is_flag=True, help="Says only that it is urgent.")
@click.option("--era", default="modern", metavar="ERA", help="Survival: modern (default) or 1990s, as in the trials.")
@click.option("--evidence", default="trials", metavar="SET", help="Evidence set: trials (default) or guideline.")
@click.option("--patients", type=int, help="Patients of each schedule and draw.  [default: 1024]")
@click.option("--draws", type=int, help="Draws of the parameters.  [default: 100]")
@click.option("--seed", type=int, help="Seed of all random numbers; fixed if not given.")
@click.option("--full", is_flag=True, help="Every table, how sure each difference is, and which numbers matter most.")
@click.option("--report", metavar="FILE.html", help="Write the page of the same question as well.")
@click.option("--force", is_flag=True, help="Replace an existing report.")
@click.option("--yaml", "as_yaml", is_flag=True, help="Print the question as a configuration for run, and stop.")
@threads_option
@json_option
def command(
    schedules, prior, prognosis_weeks, cord_dose_gy, complicated, postoperative, suspected_cord_compression, impending_fracture,
    era, evidence, patients, draws, seed, full, report, force, as_yaml, threads, as_json, care, **covariates,
):  # fmt: skip
    """Compare schedules such as 8Gy/1 20Gy/5 for one kind of patient: of 100 patients like this one.

    What is not given of the patient comes from the default population. Schedules: total dose, a slash, number of fractions;
    24Gy/2@sbrt names a technique, none is analgesics alone.
    """
    if suspected_cord_compression or impending_fracture:
        show_urgent(as_json=as_json)
        return
    sizes = {"patients": patients, "draws": draws, "seed": seed}
    given = {
        "care": care_of(covariates, care), "prior": prior, "prognosis_weeks": prognosis_weeks, "cord_dose_gy": cord_dose_gy, "era": era, "evidence": evidence,
    }  # fmt: skip
    config = ask(schedules, covariates, given | {name: value for name, value in sizes.items() if value is not None})
    if as_yaml:
        from radsim.config import to_yaml

        click.echo(to_yaml(config).rstrip("\n"))
        return
    circumstances = [name for name, is_so in (("complicated", complicated), ("postoperative", postoperative)) if is_so]
    if report:
        from radsim.storage import check_output

        check_output(report, force=force)
    found = find_answer(config, circumstances, prognosis_weeks, threads)
    show(found, as_json=as_json, full=full)
    if report:
        write_page(found, report, force=force)


def write_page(found, path, *, force):
    """The report of the same question as one HTML page."""
    from radsim.cli.shared import note
    from radsim.report import write_report

    write_report(found.results.to_xarray(), path, force=force)
    note(f"Report: {path}")


def show_urgent(*, as_json):
    """All there is to say."""
    from radsim.presentation.caveats import URGENT

    if as_json:
        print_json({"urgent": URGENT})
    else:
        click.echo(URGENT)


def ask(schedules, covariates, given):
    """The configuration of what was typed; faults name the options."""
    from radsim.compare import question
    from radsim.config import ConfigError
    from radsim.yaml.nodes import resolve_scalar

    patient = {name: resolve_scalar(text) for name, text in covariates.items() if text is not None}
    try:
        return question(list(schedules), patient=patient, **given)
    except ConfigError as error:
        has_prior = bool(given["prior"])
        raise ConfigError(_by_option(fault, has_prior=has_prior) for fault in error.faults) from None


def find_answer(config, circumstances, prognosis_weeks, threads):
    """Simulate and read; a fault of the evidence names its option."""
    from radsim.cli.progress import Progress
    from radsim.compare import answer
    from radsim.evidence import EvidenceError

    try:
        with Progress("simulating") as progress:
            return answer(
                config, circumstances=circumstances, prognosis_weeks=prognosis_weeks, threads=threads, progress=progress,
                command=typed_command(),
            )  # fmt: skip
    except EvidenceError as error:
        raise EvidenceError([_dashed(fault) for fault in error.faults]) from None


def show(found, *, as_json, full=False):
    """The answer on stdout; where its numbers come from on stderr."""
    from radsim.cli.text import note_citations
    from radsim.presentation.cord import warnings as cord_warnings

    already_said = () if as_json else cord_warnings(found.cord)  # they stand first on the page
    warn(warning for warning in found.record["warnings"] if warning not in already_said)
    note_citations(found.record)
    if as_json:
        from radsim.cli.summary import json_document

        print_json(json_document(found.results, found.record) | found.to_dict())
        return
    from radsim.cli.compare_page import show_page

    show_page(found)
    if full:
        from radsim.cli.compare_full import show_full

        show_full(found)


def _by_option(fault, *, has_prior):
    """A fault under the name of the option that it comes from."""
    path = fault.path.removeprefix("cohort.")
    head, _, rest = path.partition("[")
    if head == "schedules":
        number, _, part = rest.partition("]")
        if part.startswith(".cord_dose_gy") or fault.found == "none for SBRT":
            expected = fault.expected.split(" (write")[0]  # an option does it here
            return fault._replace(file=option_name("cord_dose_gy"), path="", expected=expected)
        return fault._replace(file=f"schedule {int(number) + 1}" if number else "schedules", path="")
    name = path.split(".")[0].partition("[")[0]
    name = {"size": "patients"}.get(name, name)
    name = "prior" if has_prior and name in ("prior_schedule", "prior_weeks_ago") else name
    return fault._replace(file=option_name(name), path="")


def _dashed(fault):
    """`--draws: …` of `draws: …`; other faults as they are."""
    return f"--{fault}" if fault.startswith("draws: ") else fault
