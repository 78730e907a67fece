"""Ablation of the site by heat, cold or focused ultrasound."""

from radsim.care.kind import Choice, Item, Kind, had_by_all

METHODS = ("radiofrequency", "cryo", "ultrasound", "ethanol")
WITH_FIGURES = METHODS[:3]
WITHOUT_NEEDLE = "ultrasound"
NEEDLE_FORBIDS = ("bleeding_tendency", "low_platelets")


def refused(settings, config):
    """A method without figures, a needle in patients who would bleed, and a time that never comes."""
    if settings.method not in WITH_FIGURES:
        yield "method", f"{', '.join(WITH_FIGURES)}, as no figure for {settings.method} is known", settings.method
    forbidden = had_by_all(config, NEEDLE_FORBIDS)
    if forbidden and settings.method != WITHOUT_NEEDLE:
        yield "method", f"{WITHOUT_NEEDLE}, which needs no needle, as all patients have {forbidden}", settings.method
    irradiated = {schedule.fractions > 0 for schedule in config.schedules}
    if settings.when == "first_line" and irradiated == {True}:
        yield "when", "none among the schedules, as a first ablation takes the place of irradiation", "first_line"
    if settings.when != "first_line" and irradiated == {False}:
        yield "when", "first_line, or a schedule that irradiates", settings.when


def derive(values, settings, modern):
    """Log odds of the response after it and without it, on the scale of a course of radiotherapy."""
    without = values["response.log_odds.no_irradiation"]
    return {"ablation_log_odds": [without + values["ablation.log_odds_ratio"], without]}


KIND = Kind(
    number=8,
    name="ablation",
    switch="ablation",
    label="Ablation",
    description="heat, cold or focused ultrasound at the site, in the place of irradiation, beside it or after it",
    option="ablation",
    option_sets="method",
    reads=NEEDLE_FORBIDS,
    settings=(
        Choice("method", METHODS, "ultrasound", "how; ethanol is refused, as no figure is known"),
        Choice("when", ("salvage", "first_line", "beside"), "salvage", "when the pain after irradiation asks for it, on day 0 under `none`, or on day 0 under every course"),
    ),
    parameters=tuple(f"ablation.{name}" for name in (
        "log_odds_ratio", "onset_sigma", "least_pain", "salvage_after_days", "review_days", "sonication_pain",
    )),
    vectors={
        f"ablation_by_{name}": tuple(f"ablation.{name}.{method}" for method in WITH_FIGURES)
        for name in ("onset_median_days", "serious_harm")
    },
    acts_on=("pain",),
    purposes={"response": 252, "onset": 253, "relapse": 254, "serious_harm": 255, "complete_relief": 264, "sonication_pain": 265},
    derived={"ablation_log_odds": 2},
    derive=derive,
    items=(
        Item("radiofrequency_ablations", "radiofrequency_ablation", "care", "procedure", "ablations by radiofrequency"),
        Item("cryoablations", "cryoablation", "care", "procedure", "ablations by cold"),
        Item("ultrasound_ablations", "ultrasound_ablation", "care", "procedure", "ablations by focused ultrasound"),
        Item("ablation_harms", "ablation_harm", "toxicity", "event", "serious harm of an ablation, such as a burn or a fracture"),
        Item("painful_sonications", "painful_sonication", "toxicity", "event", "pain during focused ultrasound"),
    ),
    refuses=refused,
)  # fmt: skip
