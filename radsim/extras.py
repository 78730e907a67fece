"""Libraries that only some commands need: imported when asked for, or named in the error."""

from __future__ import annotations

from importlib import import_module

from radsim.storage import UsageFault


def require(module, *, extra):
    """Import a library of an optional extra.

    Parameters
    ----------
    module : str
        Dotted name of the module.
    extra : str
        Extra of the distribution that brings it.

    Returns
    -------
    module

    Raises
    ------
    UsageFault
        If the library is not installed, with the command that installs it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.split(".")[0]:
            raise  # a library of its own is missing: not ours to explain
        raise UsageFault(f'needs {error.name}: pip install "radsim[{extra}]"') from None
