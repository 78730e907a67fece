"""What `radsim compare` and `radsim guide` take of a patient: the options, and the question that they make."""

from __future__ import annotations

import contextlib

import click

from radsim.care import KINDS
from radsim.cli.shared import json_option, threads_option

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


def patient_options(function):
    """Every option that describes one kind of patient, the care around the radiotherapy, and the size of the simulation."""
    options = (
        covariate_options,
        care_options,
        click.option(
            "--prior",
            multiple=True,
            metavar="SCHEDULE@WEEKSw",
            help="Both in one: 30Gy/10@20w; once for each earlier course.",
        ),
        click.option("--prognosis-weeks", type=float, metavar="WEEKS", help="Your own estimate of median survival."),
        click.option("--complicated", is_flag=True, help="Complicated metastasis, such as a soft tissue mass."),
        click.option("--postoperative", is_flag=True, help="After surgery of the site."),
        click.option(
            "--suspected-cord-compression", is_flag=True, help="Says that it is urgent; nothing is simulated."
        ),
        click.option("--impending-fracture", is_flag=True, help="Says that it is urgent; nothing is simulated."),
        click.option(
            "--era", default="modern", metavar="ERA", help="Survival: modern (default) or 1990s, as in the trials."
        ),
        click.option(
            "--evidence", default="trials", metavar="SET", help="Evidence set: trials (default) or guideline."
        ),
        click.option("--patients", type=int, help="Patients of each schedule and draw.  [default: 1024]"),
        click.option("--draws", type=int, help="Draws of the parameters.  [default: 100]"),
        click.option("--seed", type=int, help="Seed of all random numbers; fixed if not given."),
        threads_option,
        json_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


ASKED = ("prior", "prognosis_weeks", "era", "evidence")
SIZES = ("patients", "draws", "seed")


def ask(make, options):
    """The configuration of what was typed; faults name the options.

    Parameters
    ----------
    make : callable
        `radsim.compare.question` with its schedules, or the like.
    options : mapping
        What was typed of `patient_options` under the names of covariates, `care`, `ASKED` and `SIZES`.
    """
    from radsim.config import ConfigError
    from radsim.yaml.nodes import resolve_scalar

    options = dict(options)
    given = {"care": care_of(options, options.pop("care")), **{name: options.pop(name) for name in ASKED}}
    given |= {name: value for name in SIZES if (value := options.pop(name)) is not None}
    patient = {name: resolve_scalar(text) for name, text in options.items() if text is not None}
    try:
        return make(patient=patient, **given)
    except ConfigError as error:
        has_prior = bool(given["prior"])
        raise ConfigError(_by_option(fault, has_prior=has_prior) for fault in error.faults) from None


@contextlib.contextmanager
def named_by_option():
    """Put the name of its option before a fault of the evidence."""
    from radsim.evidence import EvidenceError

    try:
        yield
    except EvidenceError as error:
        raise EvidenceError([_dashed(fault) for fault in error.faults]) from None


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
