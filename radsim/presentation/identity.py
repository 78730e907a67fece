"""What a valuation is: prices, utilities, perspective, discounting, horizon, survival, evidence, draws. The one place where it is put together."""

from __future__ import annotations

from radsim.outcomes.format import count

UNKNOWN = "not known: valued elsewhere"


def identity(economics, record, *, draws=None, patients=None):
    """What every table of costs and QALYs has at its head.

    Parameters
    ----------
    economics : radsim.economics.section.Economics or None
        None where nothing says how the result was valued, such as for the draws of another model.
    record : dict or None
        Run record of the result.
    draws, patients : int, optional
        Draws of the parameters beyond the base case, and patients under each schedule in one.

    Returns
    -------
    dict
        ``costs``, ``currency``, ``price_year``, ``price_year_text`` (``2024/25``), ``price_year_of_set``, ``utilities``, ``combination``, ``age_norm``, ``perspective``,
        ``discount`` (``costs``, ``effects``, ``convention``), ``horizon_days``, ``survival``, ``evidence``, ``draws``, ``patients``, ``seed``; None where
        it is not known.
    """
    return {**_value(economics), **_course(record), "draws": draws, "patients": patients}


def _value(economics):
    if economics is None:
        names = ("costs", "currency", "price_year", "price_year_text", "price_year_of_set", "utilities", "combination", "age_norm", "perspective", "discount")  # fmt: skip
        return dict.fromkeys(names)
    prices = economics.price_set
    return {
        "costs": prices.name,
        "currency": prices.currency,
        "price_year": prices.price_year,
        "price_year_text": prices.year_text,
        "price_year_of_set": economics.own_price_set.price_year,
        "utilities": economics.utility_set.name,
        "combination": economics.combination,
        "age_norm": economics.age_norm,
        "perspective": economics.perspective,
        "discount": economics.discount.model_dump(),
    }


def _course(record):
    if record is None:
        return dict.fromkeys(("horizon_days", "survival", "evidence", "seed"))
    config = record["config"]
    return {
        "horizon_days": config["horizon_days"],
        "survival": survival_text(config["cohort"]),
        "evidence": record["evidence"]["set"],
        "seed": record["seed"],
    }


def survival_text(cohort):
    """The survival curve of a section `cohort`: `modern`, `modern, weibull tail`, `own curve curve.csv`."""
    chosen = cohort.get("survival") or {}
    if not chosen:
        return str(cohort.get("era", "1990s"))
    if "tail" in chosen:
        return f"{cohort.get('era', '1990s')}, {chosen['tail'].replace('_', ' ')} tail"
    return f"own curve {chosen['file']}" if "file" in chosen else "own curve"


def identity_text(found):
    """An identity in one line of words.

    Parameters
    ----------
    found : dict
        As `identity` gives it.

    Returns
    -------
    str
    """
    return "; ".join(part for part in (_value_text(found), _course_text(found)) if part)


def _value_text(found):
    if found["costs"] is None:
        return f"prices and utilities {UNKNOWN}"
    brought = "" if found["price_year"] == found["price_year_of_set"] else f" brought from {found['price_year_of_set']}"
    rates = found["discount"]
    norm = "with the population norm by age" if found["age_norm"] else "without the population norm by age"
    parts = (
        f"prices {found['costs']} ({found['currency']} of {found['price_year_text']}{brought})",
        f"utilities {found['utilities']}, {found['combination']}, {norm}",
        f"{found['perspective']} perspective",
        f"discounting {100 * rates['costs']:.3g} % costs, {100 * rates['effects']:.3g} % effects a year, {rates['convention']}",
    )
    return "; ".join(parts)


def _course_text(found):
    parts = []
    if found["horizon_days"] is not None:
        days = found["horizon_days"]
        parts += [
            "horizon lifetime" if days == "lifetime" else f"horizon {days:g} days",
            f"survival {found['survival']}",
            f"evidence {found['evidence']}, seed {found['seed']}",
        ]
    if found["draws"] is not None:
        parts.append(f"{count(found['draws'])} draws" if found["draws"] else "base case without draws")
    if found["patients"] is not None:
        parts.append(f"{count(found['patients'])} patients a schedule")
    return "; ".join(parts)
