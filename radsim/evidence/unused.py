"""Parameters that a configuration sets although no simulated patient depends on them."""

OF_VALIDATION = "between_trial."
"""Beginning of the names of parameters by which trials differ: they belong to `radsim validate`, and no simulated patient depends on them."""


def unused_parameters(names):
    """A line for each parameter that is set although no simulated patient depends on it.

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
