"""Ibandronate in the place of radiotherapy: a schedule of a study, one infusion, and radiotherapy where it fails."""

from radsim.care.kind import Item, Kind

NAME = "ibandronate_arm"
SCHEDULE = "ibandronate"


def refused(settings, config):
    """A second agent beside the infusion."""
    if config.care.bone_agent is not None and any(schedule.name == SCHEDULE for schedule in config.schedules):
        text = f"no care.bone_agent beside the schedule {SCHEDULE}, which is an agent itself"
        yield "", text, f"care.bone_agent with {config.care.bone_agent.agent}"


def arm_effects(values):
    """Response, its onset, and who is irradiated after four weeks."""
    return {
        "log_odds": values[f"{NAME}.response_log_odds"],
        "onset_ratio": values[f"{NAME}.onset_ratio"],
        "cross_over_day": values[f"{NAME}.cross_over_day"],
        "cross_over_share": values[f"{NAME}.cross_over_share"],
    }


KIND = Kind(
    number=14,
    name=NAME,
    switch=NAME,
    label="Ibandronate",
    description="one infusion of 6 mg in the place of radiotherapy, which follows in some of those without response after four weeks",
    arm=SCHEDULE,
    arm_effects=arm_effects,
    parameters=(
        f"{NAME}.response_log_odds", f"{NAME}.onset_ratio", f"{NAME}.cross_over_day", f"{NAME}.cross_over_share",
    ),
    acts_on=(),
    purposes={},
    items=(Item("ibandronate_infusions", "ibandronate_infusion", "care", "infusion", "infusions of ibandronate in the place of radiotherapy"),),
    refuses=refused,
)  # fmt: skip
