"""Cement in a collapsed vertebra, or in the pelvis around the hip joint."""

from radsim.care.kind import Choice, Item, Kind, Yes, had_by_all, possible

FORBIDS = ("bleeding_tendency", "low_platelets")
SITES = ("spine", "hip", "pelvis")
EFFECTS = ("open_trials", "sham_controlled")


def refused(settings, config):
    """Sites where nobody uses it, a spine without a collapsed vertebra, and patients who would bleed."""
    sites = possible(config, "site") & set(SITES)
    if not sites:
        yield "", "site spine, hip or pelvis, where cement is used", ", ".join(sorted(possible(config, "site")))
    elif sites == {"spine"} and not _may_have_collapsed(config):
        yield "", "collapsed_vertebra yes for some of the patients: at the spine cement is for a fracture", "no"
    forbidden = had_by_all(config, FORBIDS)
    if forbidden:
        yield "", "patients without what forbids it", forbidden


def _may_have_collapsed(config):
    """Without a word of it nobody has a collapsed vertebra, unless a file says who has."""
    said = "collapsed_vertebra" in config.cohort.covariates
    return "yes" in possible(config, "collapsed_vertebra") and (said or config.cohort.file is not None)


def derive(values, settings, modern):
    """Share of the pain that the cement takes, at the spine and around the hip joint: points over the pain of those in whom they were found."""

    def share(points, pain):
        return min(max(points / pain, 0.0), 1.0)

    spine = values["cement.vertebra.relief_points"]
    hip = values["cement.hip.relief_points"] * (1.0 - values["cement.hip.sham_share"])
    if settings["effect"] == EFFECTS.index("sham_controlled"):
        spine = hip = values["cement.sham_controlled_points"]
    return {
        "cement_share": [
            share(spine, values["cement.vertebra.pain_before"]), share(hip, values["cement.hip.pain_before"]),
        ],
    }  # fmt: skip


KIND = Kind(
    number=7,
    name="cement",
    switch="cement",
    label="Cement",
    description="in a collapsed vertebra (vertebroplasty, kyphoplasty), or in the pelvis around the hip joint",
    option="cement",
    option_sets="method",
    reads=("collapsed_vertebra", *FORBIDS),
    settings=(
        Choice("method", ("vertebroplasty", "kyphoplasty"), "vertebroplasty", "at the spine; the effects are the same, the price is not"),
        Choice("effect", EFFECTS, "open_trials", "relief as in open trials in cancer, or none beyond that of a sham"),
        Yes("prevents_collapse", False, "a scenario: the cemented vertebra breaks less often; by default as often"),
    ),
    parameters=tuple(f"cement.{name}" for name in (
        "vertebra.relief_points", "vertebra.pain_before", "hip.relief_points", "hip.pain_before", "hip.sham_share",
        "sham_controlled_points", "earliest_day", "latest_day", "collapse_ratio", "vertebra.leak", "hip.leak",
    )),
    acts_on=("pain", "fracture"),
    purposes={"onset": 248, "leak": 249},
    derived={"cement_share": 2},
    derive=derive,
    items=(
        Item("vertebroplasties", "vertebroplasty", "care", "procedure", "vertebroplasties"),
        Item("kyphoplasties", "kyphoplasty", "care", "procedure", "kyphoplasties"),
        Item("hip_cementings", "hip_cementing", "care", "procedure", "cement in the pelvis around the hip joint"),
        Item("cement_leaks", "cement_leak", "toxicity", "event", "leaks of cement, mostly without symptoms"),
    ),
    refuses=refused,
)  # fmt: skip
