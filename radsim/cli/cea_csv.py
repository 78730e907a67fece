"""CSV of `radsim cea`: the table of schedules, or the acceptability curve."""

from __future__ import annotations

import csv
import io


def csv_text(analysis, *, curve=False):
    """The table of schedules, one row a schedule and scenario; or the acceptability curve."""
    rows = (
        curve_rows(analysis)
        if curve
        else [row for each in analysis.scenarios or [analysis] for row in csv_rows(each.document)]
    )
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def csv_rows(document):
    """Rows of flat cells; what is not known is empty."""
    scenario = document.get("scenario", {})
    return [
        {**scenario, **_flat(row), "currency": document["currency"], "price_year": document["price_year"]}
        for row in document["schedules"]
    ]


def _flat(row, prefix=""):
    cells = {}
    for name, value in row.items():
        if isinstance(value, dict):
            cells |= _flat(value, f"{prefix}{name}_")
        else:
            cells[f"{prefix}{name}"] = " + ".join(value) if isinstance(value, list) else value
    return cells


def curve_rows(analysis):
    """One row a threshold and schedule (and scenario, and subgroup)."""
    rows = []
    for each in analysis.scenarios or [analysis]:
        found = each.to_xarray()
        groups = [str(g) for g in found["subgroup"].values] if "subgroup" in found.dims else [None]
        for g, group in enumerate(groups):
            one = found.isel(subgroup=g) if group is not None else found
            for (i, t), (s, name) in (
                (a, b) for a in enumerate(one["threshold"].values) for b in enumerate(one["schedule"].values)
            ):
                values = {
                    v: float(one[v].values[i, s])
                    for v in ("acceptability", "acceptability_low95", "acceptability_high95", "expected_loss")
                }
                rows.append(
                    {
                        **each.document.get("scenario", {}),
                        **({} if group is None else {"subgroup": group}),
                        "threshold": float(t),
                        "schedule": str(name),
                        **values,
                    }
                )
    return rows
