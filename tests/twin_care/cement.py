"""Cement in a collapsed vertebra, or in the pelvis around the hip joint: a share of the pain of the site from a day on."""

import math

NEVER = math.inf
ONSET, LEAK = 248, 249
AT_THE_SPINE = {"vertebroplasty": "vertebroplasties", "kyphoplasty": "kyphoplasties"}


def is_given(patient):
    if patient["bleeding_tendency"] or patient["low_platelets"]:
        return False
    return patient["site"] in ("hip", "pelvis") or (patient["site"] == "spine" and bool(patient["collapsed_vertebra"]))


def where(patient):
    return "vertebra" if patient["site"] == "spine" else "hip"


def share_of_pain(settings, patient, p):
    """Points over the pain of those in whom they were found; no more than all of it."""
    place = where(patient)
    points = p[f"cement.{place}.relief_points"]
    if place == "hip":
        points *= 1 - p["cement.hip.sham_share"]
    if settings["effect"] == "sham_controlled":
        points = p["cement.sham_controlled_points"]
    return min(1.0, max(0.0, points / p[f"cement.{place}.pain_before"]))


def act(settings, life, schedule, luck):
    p, patient = life.parameters, life.patient
    if not is_given(patient):
        return
    earliest, latest = p["cement.earliest_day"], p["cement.latest_day"]
    onset = earliest + (latest - earliest) * luck(ONSET)
    life.effects.relieve_here(onset, NEVER, share_of_pain(settings, patient, p))
    if settings["prevents_collapse"] and patient["site"] == "spine":
        life.effects.factors.append(("fracture", 0.0, NEVER, p["cement.collapse_ratio"]))


def count(settings, life, luck, diary):
    patient = life.patient
    if not is_given(patient):
        return
    diary.at(AT_THE_SPINE[settings["method"]] if patient["site"] == "spine" else "hip_cementings", 0.0)
    if luck(LEAK) < life.parameters[f"cement.{where(patient)}.leak"]:
        diary.at("cement_leaks", 0.0)
