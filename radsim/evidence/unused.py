"""Which parameters a simulation depends on."""

OF_VALIDATION = "between_trial."
"""Beginning of the names of parameters by which trials differ: they are of `radsim validate`, and no simulation depends on them."""


def unused_parameters(names):
    """A line for each parameter among those set for a simulation on which it does not depend.

    Parameters
    ----------
    names : iterable of str
        Dotted names.

    Returns
    -------
    list of str
    """
    return [
        f"parameters.{name}: expected a parameter of the simulation, found one of radsim validate, on which nothing here depends"
        for name in names
        if name.startswith(OF_VALIDATION)
    ]
