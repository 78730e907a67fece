"""Parameters that a configuration sets although no simulated patient depends on them."""

from radsim.care import KINDS, given

OF_VALIDATION = "between_trial."
"""Beginning of the names of parameters by which trials differ: they belong to `radsim validate`, and no simulated patient depends on them."""


def unused_parameters(names, care):
    """A line for each parameter that is set although no simulated patient depends on it.

    Parameters
    ----------
    names : iterable of str
        Dotted names.
    care : mapping or radsim.config.model.Care
        The section `care` of the configuration.

    Returns
    -------
    list of str
    """
    there = given(care)
    switch_of = {name: kind.switch for kind in KINDS[1:] if kind not in there for name in kind.all_parameters}
    return [
        *(
            f"parameters.{name}: expected a parameter of the simulation, found one of radsim validate, on which nothing here depends"
            for name in names
            if name.startswith(OF_VALIDATION)
        ),
        *(
            f"parameters.{name}: expected care.{switch_of[name]} beside it, as nothing else depends on it"
            for name in names
            if name in switch_of
        ),
    ]
