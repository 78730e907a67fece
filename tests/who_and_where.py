"""What no document may say: who made it, and where."""

from __future__ import annotations

import getpass
import platform
import re
import socket
from pathlib import Path

import radsim

ORDINARY = {"", "radsim", "python", "linux", "localhost"}
"""Words that a document says by right, also where a user or a machine has that name."""


def who_and_where(text, *folders):
    """What a text says of the folders of this checkout and of others, of the user and of the machine.

    A folder counts with its whole path: the last word of it may stand in the text by right, as in a clone named radsim.

    Returns
    -------
    list of str
        Empty if it says nothing.
    """
    whole = (Path.home(), Path.cwd(), Path(__file__).parents[1], Path(radsim.__file__).parent, *folders)
    paths = {str(folder) for folder in whole if len(Path(folder).parts) > 1}  # "/" alone stands in every address
    names = {name for name in (user(), platform.node(), socket.gethostname()) if name.lower() not in ORDINARY}
    said = [name for name in names if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]
    return sorted([path for path in paths if path in text] + said)


def user():
    """Name of the user; nothing where a container runs for a number without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
