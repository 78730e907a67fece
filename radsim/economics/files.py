"""Price and utility sets: what their files may hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    model_validator,
)

from radsim.economics.items import PAIN_LEVELS, PERSPECTIVES
from radsim.economics.quantities import (
    STATUSES,
    AgeNorm,
    CountLosses,
    DeathLosses,
    EventLosses,
    LevelItem,
    PainUtilities,
    Prices,
    Reasons,
    Text,
    UtilityItem,
    UtilityOrNumber,
    Worth,
)
from radsim.yaml.faults import Expected
from radsim.yaml.fields import (
    Flag,
    Line,
    Section,
    ascending,
    check_probabilities,
    described,
    not_empty,
    number,
    one_of,
    whole,
)

COSTS, UTILITIES = "costs", "utilities"
COMBINATIONS = ("additive", "multiplicative")
CONVENTIONS = ("continuous", "annual")

Rate = number(low=0, high=1)
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$"), described("three capital letters such as GBP")]
Format = Annotated[Literal[1], described("1, the version of the format that this radsim reads")]


class ReferenceCase(Section):
    """Discounting, as a set proposes it, with its source."""

    costs: Rate
    effects: Rate
    convention: one_of(*CONVENTIONS) = "continuous"
    source: Text = "not stated"
    status: one_of(*STATUSES) = "provisional"

    def rates(self) -> dict:
        """What a section `economics` says of discounting."""
        return self.model_dump(include={"costs", "effects", "convention"})


class Thresholds(Section):
    """Willingness to pay for a quality-adjusted life year, with its source; in the currency of the prices."""

    values: Annotated[tuple[Worth, ...], BeforeValidator(not_empty), AfterValidator(ascending)]
    source: Text = "not stated"
    status: one_of(*STATUSES) = "provisional"
    note: Text | None = None
    currency: Currency | None = None


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
    financial_year : bool
        Whether it is the year in which a financial year begins: 2024 is then 2024/25.
    perspectives : tuple of str
        Perspectives that the prices serve; the first is the default.
    utilities : str
        Name of the utility set that goes with them unless another is asked for.
    discount : ReferenceCase
    thresholds : Thresholds
    items : Prices
    needs_no_price : Reasons, optional
        Care that is counted and rightly has no price, and why: it repeats what another item holds, or is a result.
    no_figure_found : Reasons, optional
        Care that should have a price and has none, and why.
    """

    radsim_costs: Format
    name: Line
    description: Text = "not described"
    currency: Currency
    price_year: whole(low=1900, high=2200)
    financial_year: Flag = False
    perspectives: Annotated[tuple[one_of(*PERSPECTIVES), ...], BeforeValidator(not_empty)] = PERSPECTIVES
    utilities: Line = "dutch_patients"
    discount: ReferenceCase
    thresholds: Thresholds
    items: Prices
    needs_no_price: Reasons | None = None
    no_figure_found: Reasons | None = None

    @property
    def year_text(self) -> str:
        """The price year as its readers call it: `2024/25`, or `2014`."""
        return f"{self.price_year}/{(self.price_year + 1) % 100:02d}" if self.financial_year else str(self.price_year)

    @model_validator(mode="after")
    def _in_one_currency(self):
        if self.thresholds.currency not in (None, self.currency):
            text = f"{self.currency}, the currency of the prices: a threshold in another is not worth the same"
            raise Expected(text, found=self.thresholds.currency, path=("thresholds", "currency"))
        return self


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


class Anchor(LevelItem):
    """A utility known for one pain level, or as the mean over time spent in several; the shape of the decrements gives the others.

    It multiplies that shape, so that one below 0 would make no pain the worst: it is from 0.
    """

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
    def _in_order(self):
        levels = [getattr(self.pain, level).value for level in PAIN_LEVELS]
        if errors := pain_faults(levels, anchored=self.anchor is not None):
            raise Expected.together(
                [Expected(text, found=found, path=("pain", level)) for level, text, found in errors]
            )
        return self


def pain_faults(levels: Sequence[float], *, anchored: bool) -> list[tuple[str, str, str]]:
    """What is wrong with the order of the pain levels: no pain is worth at least as much as mild, mild as moderate, moderate as severe.

    Parameters
    ----------
    levels : sequence of float, shape (level,)
        Utilities of `PAIN_LEVELS`, or what each loses against no pain. [1]
    anchored : bool
        Whether they are losses.

    Returns
    -------
    list of (str, str, str)
        Level, what was expected of it, what was found.
    """
    faults = []
    for i, (level, value) in enumerate(zip(PAIN_LEVELS, levels, strict=True)):
        before = levels[i - 1] if i else 0.0
        if anchored and i == 0 and value != 0:
            faults.append((level, "0 (what the others are measured against)", f"{value:g}"))
        elif anchored and i and not before <= value < 1:
            faults.append((level, f"a decrement from {before:g} to below 1", f"{value:g}"))
        elif not anchored and i and value > before:
            faults.append((level, f"at most {before:g}, that of pain level {PAIN_LEVELS[i - 1]}", f"{value:g}"))
    return faults
