"""The CHEERS 2022 checklist, filled from a run as far as that is possible.

What only authors can answer is left blank and marked so: nothing is invented.

References
----------
.. [1] Husereau D et al., "Consolidated Health Economic Evaluation Reporting Standards 2022 (CHEERS 2022) statement: updated
   reporting guidance for health economic evaluations," BMC Med, 2022, 20:23, table 1, doi:10.1186/s12916-021-02204-0.
"""

from __future__ import annotations

from typing import NamedTuple

from radsim.export import cheers_methods as methods
from radsim.export import cheers_results as found
from radsim.export.run import gather
from radsim.tables import WHOLE, Column, from_rows

FROM_RUN, PARTLY, AUTHORS, ABSENT = (
    "from the run",
    "from the run, to be completed by the authors",
    "for the authors",
    "not in this run",
)
"""Where the text of an item is from; it is empty for the last two."""

TITLE, ABSTRACT, INTRODUCTION, METHODS = "Title", "Abstract", "Introduction", "Methods"
RESULTS, DISCUSSION, OTHER = "Results", "Discussion", "Other relevant information"


class Item(NamedTuple):
    """One item of the checklist.

    Attributes
    ----------
    number : int
        1 … 28.
    section : str
        Of the article.
    topic : str
        What is to be reported, in our words.
    text : str
        What the run says; empty where only authors, or another run, can.
    status : str
        `FROM_RUN`, `PARTLY`, `AUTHORS` or `ABSENT`.
    """

    number: int
    section: str
    topic: str
    text: str
    status: str


TOPICS = (
    (TITLE, "That it is an economic evaluation, and of what against what", found.compared, PARTLY),
    (ABSTRACT, "Structured summary of context, methods, results and alternatives", None, AUTHORS),
    (INTRODUCTION, "Context, question, and why it matters to those who decide", None, AUTHORS),
    (METHODS, "Analysis plan: whether there was one, and where it is", None, AUTHORS),
    (METHODS, "Study population: who the patients are", methods.population, FROM_RUN),
    (METHODS, "Setting and location, as far as they bear on the findings", methods.setting, PARTLY),
    (METHODS, "Comparators, and why these", methods.comparators, PARTLY),
    (METHODS, "Perspective of the costs, and why", methods.perspective, PARTLY),
    (METHODS, "Time horizon, and why it is long enough", methods.horizon, PARTLY),
    (METHODS, "Discount rates, and why", methods.discounting, FROM_RUN),
    (METHODS, "Which outcomes measure benefit and harm", methods.outcomes, FROM_RUN),
    (METHODS, "How these outcomes were measured", methods.measurement, FROM_RUN),
    (METHODS, "How outcomes were valued, and by whom", methods.valuation, FROM_RUN),
    (METHODS, "Resources and costs: how counted and how priced", methods.resources, FROM_RUN),
    (METHODS, "Currency, dates of prices, conversion", methods.currency, FROM_RUN),
    (METHODS, "The model: what it is, why one, and whether others can have it", methods.model, PARTLY),
    (METHODS, "Analytics and assumptions: how data became results, extrapolation, validation", methods.analytics, FROM_RUN),
    (METHODS, "Heterogeneity: how results for kinds of patient were looked at", methods.heterogeneity, FROM_RUN),
    (METHODS, "Distributional effects: who gains and loses, and priority groups", methods.distribution, PARTLY),
    (METHODS, "Uncertainty: which sources, and how they were treated", methods.uncertainty, FROM_RUN),
    (METHODS, "Engagement: how patients and others took part in the design", None, AUTHORS),
    (RESULTS, "Every input with value, uncertainty and distribution", found.inputs, FROM_RUN),
    (RESULTS, "Main results: mean costs and outcomes, and their summary", found.main_results, FROM_RUN),
    (RESULTS, "What uncertainty, horizon and discounting do to the findings", found.effect_of_uncertainty, PARTLY),
    (RESULTS, "What engagement changed", None, AUTHORS),
    (DISCUSSION, "Findings, limits, ethics and equity, and what they mean for patients and policy", None, AUTHORS),
    (OTHER, "Funding, and the funder's part", None, AUTHORS),
    (OTHER, "Conflicts of interest", None, AUTHORS),
)  # fmt: skip
"""The 28 items in order: section, topic, the function that writes its text, and how complete that text is."""


def table(dataset, analysis=None):
    """The checklist for one run.

    Parameters
    ----------
    dataset : xarray.Dataset
        A result or a sweep, with its run record.
    analysis : radsim.decision.Analysis or dict, optional
        What `radsim.cost_effectiveness` found, or its document; without, it is made where the result has costs.

    Returns
    -------
    list of Item
        28, in order.

    Raises
    ------
    RecordFault
        If the dataset has no run record.
    """
    run = gather(dataset, analysis)
    return [_item(number, *topic, run) for number, topic in enumerate(TOPICS, start=1)]


def checklist(dataset, analysis=None):
    """The items as a `radsim.tables.Table`; what is left for the authors is marked."""
    columns = [
        Column("number", "item", kind=WHOLE), Column("section", "of the article"), Column("topic", "what is to be reported, in our words"),
        Column("text", "what the run says; empty where only authors can"), Column("status", "where the text is from"),
    ]  # fmt: skip
    rows = table(dataset, analysis)
    return from_rows("cheers", "CHEERS 2022 checklist, filled from the run", columns, rows, fill_in=AUTHORS)


def _item(number, section, topic, text_of, status, run):
    if text_of is None:
        return Item(number, section, topic, "", AUTHORS)
    text = text_of(run)
    return Item(number, section, topic, text, status) if text else Item(number, section, topic, "", ABSENT)
