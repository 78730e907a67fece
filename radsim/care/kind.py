"""What the row of a kind of care says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

NOTHING = MappingProxyType({})


class Choice(NamedTuple):
    """A setting that is one of several words; the kernel reads the position.

    Attributes
    ----------
    name : str
    options : tuple of str
    default : str
    meaning : str
        A phrase for the schema.
    """

    name: str
    options: tuple[str, ...]
    default: str
    meaning: str

    def number(self, value):
        """What the kernel reads."""
        return float(self.options.index(value))


class Amount(NamedTuple):
    """A setting that is a number.

    Attributes
    ----------
    name : str
    low, high : float
        Least and greatest value.
    default : float
    unit : str
    meaning : str
    """

    name: str
    low: float
    high: float
    default: float
    unit: str
    meaning: str

    def number(self, value):
        """What the kernel reads."""
        return float(value)


class Yes(NamedTuple):
    """A setting that is true or false.

    Attributes
    ----------
    name : str
    default : bool
    meaning : str
    """

    name: str
    default: bool
    meaning: str

    def number(self, value):
        """What the kernel reads."""
        return float(value)


class Item(NamedTuple):
    """Something that is counted of a kind of care, and can have a price.

    Attributes
    ----------
    name : str
        Of the item of `count`, in the plural.
    price : str
        Of one; the parameter is called ``cost.`` and this.
    component : str
        Part of the cost, one of `radsim.economics.items.COMPONENTS`.
    per : str
        What one unit is, for the unit of the price.
    meaning : str
    loss : str or None
        Meaning of the quality-adjusted days that one costs, ``utility.loss.`` and `price`, which a utility set may give; None: no loss.
    warning : str
        Said with a result in which any is counted, after their number; empty: nothing is.
    """

    name: str
    price: str
    component: str
    per: str
    meaning: str
    loss: str | None = None
    warning: str = ""


class Output(NamedTuple):
    """A variable of a result that items add up to; it is there only where the care is given.

    Attributes
    ----------
    name : str
    units : str
        UDUNITS.
    long_name : str
        What it is, in the clinic's words, with the denominator.
    items : mapping of str to tuple of str
        Label along `dim` to the names of the items, of `radsim.kernel.layout.ITEMS`, that are added up.
    dim : str
        Its dimension beside draw and schedule; empty: none, and the one label is empty, too.
    cumulative : bool
        Whether it has `period`, too: what there has been of it by the end of each.
    of_days : bool
        Whether it is divided by the days lived, not by the patients.
    """

    name: str
    units: str
    long_name: str
    items: Mapping[str, tuple[str, ...]]
    dim: str = ""
    cumulative: bool = False
    of_days: bool = False


def derives_nothing(values, settings, modern):
    """Nothing is worked out once for all patients."""
    return {}


def no_effects(values):
    """A kind of care that is no schedule."""
    return {}


def never_refused(settings, config):
    """No combination of settings is refused."""
    return ()


def possible(config, covariate):
    """Categories that patients of a study may have, as far as its configuration says.

    Parameters
    ----------
    config : radsim.config.Config
    covariate : str

    Returns
    -------
    frozenset of str
        Every category where nothing is said, or a file has the patients.
    """
    from radsim.config.clinic_words import simulated  # the configuration reads the rows
    from radsim.config.covariates import CATEGORIES

    given = config.cohort.covariates.get(covariate)
    if given is None:
        return frozenset(CATEGORIES[covariate])
    given = simulated(covariate, given)
    return frozenset({given} if isinstance(given, str) else {name for name, share in given.items() if share > 0.0})


def had_by_all(config, conditions):
    """Those of the ``conditions`` that all patients have, in words; empty if some may have none of them."""
    return " and ".join(name.replace("_", " ") for name in conditions if possible(config, name) == {"yes"})


class Kind(NamedTuple):
    """A kind of care.

    Attributes
    ----------
    number : int
        Its place among the kinds: the next free one, never changed.
    name : str
        Of its evidence file and its module of the kernel.
    switch : str
        Key of `care` in a configuration: true, false, or its settings.
    label, description : str
        A short title for tables, and a phrase for the schema and the starting file.
    parameters : tuple of str
        Names in the evidence registry; in the kernel ``p.`` and the name with underscores.
    acts_on : tuple of str
        What it changes of a trajectory: hazards of `radsim.kernel.layout.HAZARDS`, or ``death``, ``flare``, ``response``, ``pain``, ``dose``, ``sites``.
    purposes : mapping of str to int
        Its random numbers, each a purpose of its own from 156 on; append, never renumber.
    items : tuple of Item
        What is counted.
    settings : tuple of Choice, Amount or Yes
        In the kernel ``p.setting_<kind>_<setting>``.
    option : str
        Its option of `radsim compare`, without dashes. Empty: none of its own.
    option_sets : str
        The setting, a `Choice`, whose value the option has; empty: it is a flag.
    reads : tuple of str
        Conditions of a patient that it asks for: of `radsim.config.covariates.CONDITIONS`.
    vectors : mapping of str to tuple of str
        Field of the kernel's parameters to the parameters that it holds, in the order of the codes of a choice.
    state : tuple of str
        Numbers that its module carries from one of its steps to the next, ``modifiers.<kind>_<name>``, 0 at the start.
    derived : mapping of str to int
        Fields of the kernel's parameters that are worked out once for all patients of a draw, ``p.<name>``, and their sizes.
    derive : callable
        From the parameters by name (a mapping), the settings by name and whether the era is the modern one to the values of `derived`.
    arm : str
        Schedule of a study that it is, given in the place of radiotherapy: the care is given wherever a study has that schedule. Empty: none.
    arm_effects : callable
        From the parameters by name to what that schedule changes: fields of `radsim.kernel.layout.SCHEDULE`.
    outputs : tuple of Output
        Variables of a result that its items add up to.
    refuses : callable
        From its settings (a model) and the `Config` to what contradicts: an iterable of (setting or '', expected, found).
    """

    number: int
    name: str
    switch: str
    label: str
    description: str
    parameters: tuple[str, ...]
    acts_on: tuple[str, ...]
    purposes: Mapping[str, int]
    items: tuple[Item, ...]
    settings: tuple = ()
    option: str = ""
    option_sets: str = ""
    reads: tuple[str, ...] = ()
    vectors: Mapping[str, tuple[str, ...]] = NOTHING
    state: tuple[str, ...] = ()
    derived: Mapping[str, int] = NOTHING
    derive: Callable = derives_nothing
    arm: str = ""
    arm_effects: Callable = no_effects
    outputs: tuple[Output, ...] = ()
    refuses: Callable = never_refused

    @property
    def all_parameters(self):
        """Names in the registry, those of the vectors among them."""
        return self.parameters + tuple(name for names in self.vectors.values() for name in names)

    def field(self, setting):
        """Field of the kernel's parameters that holds a setting."""
        return f"setting_{self.name}_{setting}"
