"""The section `economics` and the price and utility sets that it names."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from radsim.config.economic_items import PAIN_LEVELS, PERSPECTIVES
from radsim.config.economic_quantities import (
    STATUSES,
    AgeNorm,
    CountLosses,
    DeathLosses,
    EventLosses,
    PainUtilities,
    Positive,
    Price,
    Prices,
    Text,
    UtilityItem,
    UtilityOrNumber,
)
from radsim.config.faults import Expected
from radsim.config.fields import Flag, Line, Section, described, increasing, not_empty, number, one_of, whole
from radsim.config.marginals import check_probabilities

COSTS, UTILITIES = "costs", "utilities"
COMBINATIONS = ("additive", "multiplicative")
CONVENTIONS = ("continuous", "annual")

Rate = number(low=0, high=1)
Share = number(low=0, high=1)
Format = Annotated[Literal[1], described("1, the version of the format that this radsim reads")]


class ReferenceCase(Section):
    """Discounting, as a set proposes it, with its source."""

    costs: Rate
    effects: Rate
    convention: one_of(*CONVENTIONS) = "continuous"
    source: Text = "not stated"
    status: one_of(*STATUSES) = "provisional"


class Thresholds(Section):
    """What a quality-adjusted life year is held to be worth, with its source."""

    values: Annotated[tuple[Price, ...], BeforeValidator(not_empty), AfterValidator(increasing)]
    source: Text = "not stated"
    status: one_of(*STATUSES) = "provisional"
    note: Text | None = None


class PriceSet(Section):
    """Prices, with what goes by default with them.

    Parameters
    ----------
    radsim_costs : int
        Version of the format.
    name, description : str
    currency : str
        ISO 4217, such as GBP.
    price_year : int
        Of the set; an item of another year says so itself.
    perspectives : tuple of str
        Perspectives that the prices serve; the first is the default.
    utilities : str
        Name of the utility set that goes with them unless another is asked for.
    discount : ReferenceCase
    thresholds : Thresholds
    items : Prices
    """

    radsim_costs: Format
    name: Line
    description: Text = "not described"
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$"), described("three capital letters such as GBP")]
    price_year: whole(low=1900, high=2200)
    perspectives: Annotated[tuple[one_of(*PERSPECTIVES), ...], BeforeValidator(not_empty)] = PERSPECTIVES
    utilities: Line = "dutch_patients"
    discount: ReferenceCase
    thresholds: Thresholds
    items: Prices


def _where(value):
    """Shares of the pain levels that an anchor is known for, from one level or a mapping."""
    if isinstance(value, str) and value in PAIN_LEVELS:
        return {value: 1.0}
    if not isinstance(value, dict):
        raise Expected(f"one of {', '.join(PAIN_LEVELS)}, or {{pain level: share of the time}}")

    def known(level):
        if level not in PAIN_LEVELS:
            raise Expected(f"one of {', '.join(PAIN_LEVELS)}")
        return level

    return check_probabilities(value, known)


class Anchor(UtilityItem):
    """A utility known for one pain level, or as the mean over time spent in several; the shape of the decrements gives the others."""

    at: Annotated[dict[str, float], BeforeValidator(_where)]


class UtilitySet(Section):
    """Utilities by pain level, event, nearness to death and age.

    Parameters
    ----------
    radsim_utilities : int
        Version of the format.
    name, description : str
    combination : {'additive', 'multiplicative'}
        How what an event or nearness to death takes away acts.
    anchor : Anchor or None
        With it, `pain` holds decrements against no pain, of which only the shape is used; without, utilities.
    decrement_base : float
        Utility of the state that `event` and `death` were measured against, for the multiplicative form. [1]
    lowest : UtilityItem
        No state is worse than this. [1]
    pain, event, death, loss, age
        Tables of quantities; `age` may be left out.
    """

    radsim_utilities: Format
    name: Line
    description: Text = "not described"
    combination: one_of(*COMBINATIONS) = "additive"
    anchor: Anchor | None = None
    decrement_base: number(above=0, high=1) = 1.0
    lowest: UtilityOrNumber = UtilityItem(value=-1.0)
    pain: PainUtilities
    event: EventLosses
    death: DeathLosses
    loss: CountLosses
    age: AgeNorm | None = None

    @model_validator(mode="after")
    def _decrements(self):
        if self.anchor is None:
            return self
        values = [getattr(self.pain, level).value for level in PAIN_LEVELS]
        for level, value, before in zip(PAIN_LEVELS, values, [None, *values], strict=False):
            low = 0.0 if before is None else before
            if not low <= value < 1 or (before is None and value != 0):
                text = (
                    "0 (what the others are measured against)"
                    if before is None
                    else f"a decrement from {low:g} to below 1"
                )
                raise Expected(text, found=f"{value:g}", path=("pain", level))
        return self


class Discount(Section):
    """Rates a year, at mid-period.

    Parameters
    ----------
    costs, effects : float
        0 … 1. [year-1]
    convention : {'continuous', 'annual'}
        exp(-r t) or (1 + r)**-t.
    """

    costs: Rate
    effects: Rate
    convention: one_of(*CONVENTIONS)


class BudgetImpact(Section):
    """What a payer faces as practice changes.

    Parameters
    ----------
    patients_per_year : float
        Patients who start treatment in a year. [1]
    current, future : dict of str to tuple of float
        Share of each schedule in each year, without and with the change; shares of a year sum to one. [1]
    """

    patients_per_year: Positive
    current: dict[str, Annotated[tuple[Share, ...], BeforeValidator(not_empty)]]
    future: dict[str, Annotated[tuple[Share, ...], BeforeValidator(not_empty)]]

    @model_validator(mode="after")
    def _whole(self):
        lengths = {len(shares) for world in (self.current, self.future) for shares in world.values()}
        if len(lengths) != 1:
            raise Expected("as many years for every schedule", found=" and ".join(map(str, sorted(lengths))))
        for key in ("current", "future"):
            for year, shares in enumerate(zip(*getattr(self, key).values(), strict=True)):
                if abs(sum(shares) - 1) > 1e-6:
                    raise Expected(
                        f"shares that sum to 1 in year {year + 1}", found=f"a sum of {sum(shares):.7g}", path=(key,)
                    )
        return self


def _form(value):
    """Tag of a set: its name, or the set itself."""
    return "<name>" if isinstance(value, str) else "<set>"


def _named(kind):
    """Check the name of a packaged set."""

    def check(name):
        from radsim.config.economic_sets import set_names

        if not isinstance(name, str) or name not in set_names(kind):
            raise Expected(f"one of {', '.join(set_names(kind))}, or a file")
        return name

    return Annotated[str, BeforeValidator(check), Tag("<name>")]


PriceSetOrName = Annotated[_named(COSTS) | Annotated[PriceSet, Tag("<set>")], Discriminator(_form)]
UtilitySetOrName = Annotated[_named(UTILITIES) | Annotated[UtilitySet, Tag("<set>")], Discriminator(_form)]


def _values(values):
    errors = [
        Expected("a number", path=(name,))
        for name, value in values.items()
        if isinstance(value, bool) or not isinstance(value, int | float) or value - value != 0
    ]
    if errors:
        raise Expected.together(errors)
    return values


class Economics(Section):
    """How a result is valued; what is left out is as the price set proposes.

    Parameters
    ----------
    costs : str or PriceSet
        A packaged set, or what a file held; `load_config` reads the file.
    utilities : str or UtilitySet
        Likewise.
    perspective : {'healthcare', 'societal'}
        Whose costs count.
    combination : {'additive', 'multiplicative'}
        How decrements act on utility.
    age_norm : bool
        Whether utility falls with age as in the general population, where the utility set says how.
    discount : Discount
    thresholds : tuple of float
        Worth of a quality-adjusted life year, increasing. [currency]
    values : dict of str to float
        Values that replace those of the sets, without uncertainty, by name (``cost.fraction``, ``utility.pain.severe``).
    budget_impact : BudgetImpact or None
    """

    costs: PriceSetOrName
    utilities: UtilitySetOrName
    perspective: one_of(*PERSPECTIVES)
    combination: one_of(*COMBINATIONS)
    age_norm: Flag = True
    discount: Discount
    thresholds: Annotated[tuple[Price, ...], BeforeValidator(not_empty), AfterValidator(increasing)]
    values: Annotated[dict[str, float], BeforeValidator(lambda v: _values(v) if isinstance(v, dict) else v)] = Field(
        default_factory=dict
    )
    budget_impact: BudgetImpact | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_the_sets_propose(cls, data):
        from radsim.config.economic_sets import defaults

        return {**defaults(data), **_merged_discount(data)} if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _served(self):
        from radsim.config.economic_sets import price_set, value_faults

        served = price_set(self).perspectives
        if self.perspective not in served:
            raise Expected(
                f"{' or '.join(served)}, which these prices serve", found=self.perspective, path=("perspective",)
            )
        if errors := value_faults(self):
            raise Expected.together(errors)
        return self


def _merged_discount(data):
    """The data, their discounting completed from the price set."""
    from radsim.config.economic_sets import defaults

    given, proposed = data.get("discount"), defaults(data).get("discount")
    return {**data, "discount": {**proposed, **given}} if isinstance(given, dict) and proposed else data
