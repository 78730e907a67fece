"""An injection into the hip joint: a share of the pain that fades in four steps, and two rare harms."""

ARTHRITIS, HARM = 250, 251


def is_given(patient):
    forbidden = patient["bleeding_tendency"] or patient["low_platelets"] or patient["immunosuppressed"]
    return patient["site"] in ("hip", "pelvis") and not forbidden


def act(settings, life, schedule, luck):
    if not is_given(life.patient):
        return
    p = life.parameters
    share = settings["articular_share"] * p["hip_injection.relief_points"]
    share /= max(life.pain, p["hip_injection.least_pain"])
    full, over = p["hip_injection.full_days"], p["hip_injection.fades_until_days"]
    life.effects.relieve_here(0.0, full, share)
    for part in range(4):
        start, stop = (full + (over - full) * n / 4 for n in (part, part + 1))
        life.effects.relieve_here(start, stop, share * (7 - 2 * part) / 8)


def count(settings, life, luck, diary):
    if not is_given(life.patient):
        return
    p = life.parameters
    diary.at("hip_injections", 0.0)
    if luck(ARTHRITIS) < p["hip_injection.septic_arthritis"]:
        diary.at("septic_arthritides", p["hip_injection.septic_arthritis_day"])
    if settings["joint_harm"] and luck(HARM) < p["hip_injection.joint_harm"]:
        diary.at("destroyed_joints", p["hip_injection.joint_harm_day"])
