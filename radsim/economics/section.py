"""The section `economics` of a configuration."""

from __future__ import annotations

from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from radsim.economics.files import COMBINATIONS, CONVENTIONS, COSTS, UTILITIES, Currency, PriceSet, Rate, UtilitySet
from radsim.economics.inflation import at_year
from radsim.economics.items import PERSPECTIVES
from radsim.economics.quantities import (
    Positive,
    Worth,
)
from radsim.economics.sets import defaults, load_set, parameters, section_faults, set_names
from radsim.yaml.faults import Expected
from radsim.yaml.fields import Flag, Numbers, Section, ascending, not_empty, number, one_of, whole

Share = number(low=0, high=1)


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
        if not isinstance(name, str) or name not in set_names(kind):
            raise Expected(f"one of {', '.join(set_names(kind))}, or a file")
        return name

    return Annotated[str, BeforeValidator(check), Tag("<name>")]


PriceSetOrName = Annotated[_named(COSTS) | Annotated[PriceSet, Tag("<set>")], Discriminator(_form)]
UtilitySetOrName = Annotated[_named(UTILITIES) | Annotated[UtilitySet, Tag("<set>")], Discriminator(_form)]


CARE_NOT_GIVEN = "_care_not_given"
"""Where a section keeps the names of prices and losses that nothing in its study depends on."""


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
        Willingness to pay for a quality-adjusted life year, in any order; kept increasing. [currency]
    values : dict of str to float
        Values that replace those of the sets, without uncertainty, by name (``cost.fraction``, ``utility.pain.severe``).
    price_year : int or None
        Year that the prices are brought to, by the index of their currency; None leaves them as they are. Neither `values` nor
        `thresholds` are changed: they are of this year already.
    currency : str or None
        That of the prices, for a reader; another is refused, as no rate of exchange is in the evidence.
    budget_impact : BudgetImpact or None
    """

    costs: PriceSetOrName
    utilities: UtilitySetOrName
    perspective: one_of(*PERSPECTIVES)
    combination: one_of(*COMBINATIONS)
    age_norm: Flag = True
    discount: Discount
    thresholds: Annotated[tuple[Worth, ...], BeforeValidator(not_empty), AfterValidator(ascending)]
    values: Numbers = Field(default_factory=dict)
    price_year: whole(low=1900, high=2200) | None = None
    currency: Currency | None = None
    budget_impact: BudgetImpact | None = None

    @property
    def own_price_set(self) -> PriceSet:
        """The prices as their set has them."""
        return load_set(COSTS, self.costs)

    @property
    def price_set(self) -> PriceSet:
        """The prices, of the year that is wanted."""
        own = self.own_price_set
        return own if self.price_year is None else at_year(own, self.price_year)

    @property
    def utility_set(self) -> UtilitySet:
        """The utilities."""
        return load_set(UTILITIES, self.utilities)

    @property
    def parameters(self):
        """Every price and utility in use, a tuple of `radsim.economics.sets.EconomicParameter`."""
        unused = self.__dict__.get(CARE_NOT_GIVEN, ())
        return tuple(one for one in parameters(self) if one.name not in unused)

    def without_care(self, names):
        """The same for a study that gives no care of which these are the prices and losses."""
        found = self.model_copy()
        found.__dict__[CARE_NOT_GIVEN] = frozenset(
            names
        )  # beside the fields, where `cached_property` would keep it: no part of equality
        return found

    @model_validator(mode="before")
    @classmethod
    def _as_the_sets_propose(cls, data):
        return {**defaults(data), **_merged_discount(data)} if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _served(self):
        prices = self.own_price_set
        if self.currency not in (None, prices.currency):
            text = f"{prices.currency}, in which the prices {prices.name} are: no rate of exchange is in the evidence, so give prices in {self.currency}"
            raise Expected(text, found=self.currency, path=("currency",))
        try:
            served = self.price_set.perspectives
        except Expected as refused:
            ((_, text, found),) = refused.details
            raise Expected(text, found=found, path=("price_year",)) from None
        if self.perspective not in served:
            raise Expected(
                f"{' or '.join(served)}, which these prices serve", found=self.perspective, path=("perspective",)
            )
        if errors := section_faults(self):
            raise Expected.together(errors)
        return self


def _merged_discount(data):
    """The data, their discounting completed from the price set."""
    given, proposed = data.get("discount"), defaults(data).get("discount")
    return {**data, "discount": {**proposed, **given}} if isinstance(given, dict) and proposed else data
