"""What a result says: estimates with intervals, and differences, for a JSON document or a table."""

from __future__ import annotations

from radsim.as_calibrated import KEY
from radsim.outcomes import catalogue, estimates, format
from radsim.outcomes.care_given import care_given
from radsim.outcomes.intervals import Estimate

HUNDRED = 100.0
"""From here on a number has no decimals."""


def json_document(dataset, record):
    """The document of `run --json`.

    Parameters
    ----------
    dataset : Results or xarray.Dataset
    record : dict
        Its run record.

    Returns
    -------
    dict
        Numbers are Python floats, NaN included; a variable that depends on time or visit has lists in that
        order.
    """
    document = {
        "name": record["config"]["name"],
        "seed": record["seed"],
        "patients": n_patients(dataset),
        "draws": dataset.sizes["draw"] - 1,
        "digest": record["digest"],
        "visits_weeks": dataset["visit"].values.tolist(),
        "times_days": dataset["time"].values.tolist(),
        "schedules": [
            {"schedule": each["schedule"], **_cord(record, each["schedule"]), **each}
            for each in _by_schedule(dataset, _everybody(dataset))
        ],
        "differences": _by_difference(dataset),
        **_care(dataset, record),
        **_valuation(dataset, record),
        **({KEY: record[KEY]} if KEY in record else {}),
        "warnings": record["warnings"],
    }
    if "subgroup" in dataset.sizes:
        labels = dataset["subgroup"].values.tolist()
        document["subgroups"] = [
            {"subgroup": label, "schedules": _by_schedule(dataset, i)} for i, label in enumerate(labels) if i > 0
        ]
    return document


def _valuation(dataset, record):
    """What costs and QALYs are valued with; nothing without them."""
    if "economics" not in record:
        return {}
    from radsim.presentation.identity import identity
    from radsim.valuation.appraisal import resolve

    n = n_patients(dataset)
    return {"valuation": identity(resolve(None, record), record, draws=dataset.sizes["draw"] - 1, patients=n)}


def _cord(record, schedule):
    """What the rule of the spinal cord says of a schedule."""
    found = [each for each in record.get("cord", ()) if each["schedule"] == schedule]
    return {"cord": found[0]} if found else {}


def _care(dataset, record):
    """What was given and what happened of the care around the radiotherapy, of one patient; nothing where there is none."""
    rows = care_given(dataset, record["config"].get("care", {}), subgroup=_everybody(dataset))
    schedules = dataset["schedule"].values.tolist()
    found = [
        {
            "care": row.kind.switch, "item": row.item.name, "per": row.item.per, "meaning": row.item.meaning, "schedule": schedule,
            "to_the_end": _as_json(row.to_the_end, i), "in_first_year": _as_json(row.in_first_year, i),
        }
        for row in rows for i, schedule in enumerate(schedules)
    ]  # fmt: skip
    return {"care": found} if found else {}


def care_rows(dataset, record):
    """Cells of the table of the care: label, then one cell per schedule."""
    rows, has_draws = (
        care_given(dataset, record["config"].get("care", {}), subgroup=_everybody(dataset)),
        dataset.sizes["draw"] > 1,
    )
    return [
        [row.label, *(_care_cell(row, has_draws, i) for i in range(dataset.sizes["schedule"]))]
        for row in rows
        if row.is_seen
    ]


def _care_cell(row, has_draws, i):
    figure = row.to_the_end.at(i)
    decimals = 0 if figure.value * row.factor >= HUNDRED else 1
    if has_draws:
        return format.interval(*figure.with_ends, decimals, scale=row.factor, between="–")
    return format.with_error(figure.value, figure.mcse, decimals, scale=row.factor)


def n_patients(dataset):
    """Patients simulated under each schedule in one draw."""
    return int(_of_group(dataset["n_patients"], 0).sum(axis=0)[0])


def table_rows(dataset, outcomes):
    """Cells of a table of outcomes, a row each: label, then one cell per schedule."""
    return _table(dataset, outcomes, estimates.estimate, between="–")


def difference_rows(dataset, outcomes):
    """Cells of the table of differences: label, then one cell per schedule after the first, which it is minus."""
    return _table(dataset, [one for one in outcomes if one.differs], estimates.differences, signed=True)


def _table(dataset, outcomes, read, **style):
    everybody, has_draws = _everybody(dataset), dataset.sizes["draw"] > 1
    rows = []
    for one in outcomes:
        found = read(dataset, one.variable, day=one.day, subgroup=everybody)
        figures = [Estimate(*parts) for parts in zip(*found, strict=True)]
        rows.append(
            [catalogue.label(one, dataset), *(cell(figure, one.scale, has_draws, **style) for figure in figures)]
        )
    return rows


def cell(figure, scale, has_draws, *, between=" to ", signed=False):
    """`54 (50–58)` with draws, `54.2 ± 0.2` without."""
    if has_draws:
        decimals = scale.decimals_of(figure.value)
        return format.interval(
            *figure.with_ends, decimals, scale=scale.factor, between="–" if between == "–" and figure.low95 >= 0 else " to ", signed=signed
        )  # fmt: skip
    decimals = 0 if abs(figure.value * scale.factor) >= HUNDRED else scale.decimals
    return format.with_error(figure.value, figure.mcse, decimals, scale=scale.factor, signed=signed)


def _everybody(dataset):
    """Position of all patients along `subgroup`, where there is one."""
    return 0 if "subgroup" in dataset.sizes else None


def _of_group(variable, subgroup):
    """Values of one subgroup; `subgroup`, where there is one, is the first dimension."""
    return variable.values[subgroup] if variable.dims[0] == "subgroup" else variable.values


def _by_schedule(dataset, subgroup):
    found = {name: estimates.estimate(dataset, name, subgroup=subgroup) for name in estimates.estimate_names(dataset)}
    return [
        {"schedule": schedule, **{name: _as_json(estimate, i) for name, estimate in found.items()}}
        for i, schedule in enumerate(dataset["schedule"].values.tolist())
    ]


def _by_difference(dataset):
    first, *others = dataset["schedule"].values.tolist()
    found = {
        name: estimates.differences(dataset, name, subgroup=_everybody(dataset))
        for name in estimates.estimate_names(dataset)
    }
    return [
        {"schedules": [first, other], **{name: _as_json(estimate, i) for name, estimate in found.items()}}
        for i, other in enumerate(others)
    ]


def _as_json(estimate, i):
    return {field: part[i].tolist() for field, part in zip(Estimate._fields, estimate, strict=True)}
