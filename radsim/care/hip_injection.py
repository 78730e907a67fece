"""A corticosteroid injected into the hip joint."""

from radsim.care.kind import Amount, Item, Kind, Yes, had_by_all, possible

FORBIDS = ("bleeding_tendency", "low_platelets", "immunosuppressed")
SITES = ("hip", "pelvis")


def refused(settings, config):
    """Sites without a hip joint, and patients whom it would harm."""
    if not possible(config, "site") & set(SITES):
        yield "", "site hip or pelvis, next to the joint", ", ".join(sorted(possible(config, "site")))
    forbidden = had_by_all(config, FORBIDS)
    if forbidden:
        yield "", "patients without what forbids it", forbidden


KIND = Kind(
    number=9,
    name="hip_injection",
    switch="hip_injection",
    label="Injection into the hip joint",
    description="a corticosteroid with a local anaesthetic, for the part of the pain that comes from the joint",
    option="hip-injection",
    reads=FORBIDS,
    settings=(
        Amount("articular_share", 0, 1, 0, "1", "share of the pain that comes from the joint; no trial in metastases tells it"),
        Yes("joint_harm", False, "a scenario: joints are destroyed as often as in a series without a control group"),
    ),
    parameters=tuple(f"hip_injection.{name}" for name in (
        "relief_points", "least_pain", "full_days", "fades_until_days", "septic_arthritis", "septic_arthritis_day",
        "joint_harm", "joint_harm_day",
    )),
    acts_on=("pain",),
    purposes={"septic_arthritis": 250, "joint_harm": 251},
    items=(
        Item("hip_injections", "hip_injection", "care", "procedure", "injections into the hip joint, guided by imaging"),
        Item("septic_arthritides", "septic_arthritis", "toxicity", "event", "septic arthritis after an injection"),
        Item("destroyed_joints", "destroyed_joint", "toxicity", "event", "hip joints destroyed after an injection"),
    ),
    refuses=refused,
)  # fmt: skip
