"""What it costs and what it is worth: the part of the page for a result with economics."""

from __future__ import annotations

from radsim.presentation.reading import has_value, n_draws

FEWEST_DRAWS = 2
SHOWN = ("incremental", "net_benefit", "information", "burden")
"""Tables of the decision that a page has."""


def analyse(dataset):
    """The document of `radsim cea --json`; None if there are too few draws for one."""
    if not has_value(dataset) or n_draws(dataset) < FEWEST_DRAWS:
        return None
    from radsim.decision import cost_effectiveness

    return cost_effectiveness(dataset, evppi=_groups(dataset)).to_dict()


def _groups(dataset):
    """What to find the value of information for: groups of parameters, where the regressions can be fitted."""
    from importlib.util import find_spec

    from radsim.decision.evppi import LEAST_DRAWS

    return "groups" if n_draws(dataset) >= LEAST_DRAWS and find_spec("sklearn") else ()


def economics(dataset, document):
    """Everything the section says.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of all patients, without `scenario` or `subgroup`.
    document : dict or None
        Of `analyse`.

    Returns
    -------
    dict or None
        ``valuation`` (what was valued and how), ``headline`` (None without a document), ``tables`` (of `radsim.tables.Page`), ``analysed``; None without economics.
    """
    if not has_value(dataset):
        return None
    from radsim.decision.costs import cost_tables
    from radsim.decision.tables import best_choice, decision_tables
    from radsim.presentation.identity import identity_text
    from radsim.tables import page_of

    tables = [*cost_tables(dataset), *(table for table in decision_tables(document) if table.name in SHOWN)]
    return {
        "valuation": identity_text(_identity(dataset)),
        "headline": best_choice(document) if document else None,
        "tables": [page_of(table) for table in tables],
        "analysed": document is not None,
    }


def _identity(dataset):
    """What the result is valued with."""
    from radsim import provenance
    from radsim.presentation.identity import identity
    from radsim.valuation.appraisal import resolve

    record = provenance.from_dataset(dataset)
    economics = resolve(None, record) if "economics" in record else None
    return identity(economics, record, draws=n_draws(dataset))
