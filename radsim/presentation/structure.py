"""Differences whose sign follows from how the model is built, not from the evidence: nothing may be called likely of them."""

from __future__ import annotations

REPEATS = "by repeats alone"
FRACTIONS = "by the fractions"

OF_RESPONSE = (
    "relief", "complete_relief", "overall_response", "complete_response", "partial_response", "latent_overall_response",
    "latent_complete_response", "response_including_retreatment", "complete_response_including_retreatment", "mean_pain_score",
    "net_pain_relief", "net_pain_relief_all",
)  # fmt: skip
"""Variables that the schedules change through response and repeats alone."""
OF_FRACTIONS = ("treatment_days", "share_of_life_in_treatment")


def follows_from(variable, first, second, samples):
    """What the sign of a difference between two schedules follows from.

    Parameters
    ----------
    variable : str
        Name in a result.
    first, second : radsim.config.Schedule
    samples : mapping of str to ndarray, shape (draw,)
        Parameters by dotted name.

    Returns
    -------
    str
        `REPEATS` where the response is assumed equal in every draw; `FRACTIONS`; empty where the evidence decides.
    """
    if variable in OF_FRACTIONS:
        return FRACTIONS if first.fractions != second.fractions else ""
    if variable in OF_RESPONSE and same_response(first, second, samples):
        return REPEATS
    return ""


def same_response(first, second, samples):
    """Whether two schedules relieve pain equally in every draw: an assumption of the evidence set, if so."""
    from radsim.study import schedule_log_odds

    n_draws = len(next(iter(samples.values())))
    for draw in range(n_draws):
        values = {name: float(column[draw]) for name, column in samples.items()}
        if schedule_log_odds(first, values) != schedule_log_odds(second, values):
            return False
    return True


def known_schedules(names, record):
    """The schedules of a result, as the rules of a configuration read them.

    Parameters
    ----------
    names : sequence of str
        Along `schedule`.
    record : dict
        The run record; a name that it does not know, as where a sweep varies the schedules, is read as an abbreviation.

    Returns
    -------
    list of radsim.config.Schedule or None
        None where neither says what the schedule is.
    """
    from radsim.config import Schedule

    configured = record.get("config", {}).get("schedules", ())
    mappings = {each["name"]: each for each in configured if isinstance(each, dict)}

    def known(name):
        try:
            return Schedule.model_validate(mappings[name]) if name in mappings else Schedule.parse(name)
        except ValueError:
            return None

    return [known(name) for name in names]


def samples_of(dataset):
    """Parameters of every draw of a result by dotted name, as the simulation used them; empty where it does not hold them."""
    if "parameter_value" not in dataset or "parameter" not in dataset["parameter_value"].dims:
        return {}
    values = dataset["parameter_value"].values
    return {str(name): values[..., i] for i, name in enumerate(dataset["parameter"].values)}


def in_words(direction, cause):
    """`more: by repeats alone`."""
    return f"{direction}: {cause}"
