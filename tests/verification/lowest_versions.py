"""The lowest versions that setup.cfg promises, one requirement a line, for `pip install -c`.

``python tests/verification/lowest_versions.py > lowest.txt; pip install -e '.[test]' -c lowest.txt`` installs exactly these, with the
lowest Python that setup.cfg names; the tests that do not simulate much then say whether the promise holds. Nothing here is a test.
"""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

SETUP = Path(__file__).parents[2] / "setup.cfg"
BOUND = re.compile(r"(?P<name>[\w.-]+)(\[[\w,]+\])?>=(?P<version>[\w.]+)")


def requirements(text):
    """Every requirement of a setup.cfg, with those of its extras; an extra that names another is left to that one.

    Raises
    ------
    ValueError
        If a requirement has no lower bound.
    """
    settings = ConfigParser(interpolation=None)
    settings.read_string(text)
    lists = [settings["options"]["install_requires"], *settings["options.extras_require"].values()]
    lines = [line.strip() for some in lists for line in some.splitlines()]
    return sorted({_bound(line) for line in lines if line and not line.startswith("%(")})


def _bound(line):
    found = BOUND.fullmatch(line)
    if found is None:
        raise ValueError(f"setup.cfg: expected NAME>=VERSION, found {line}")
    return found["name"], found["version"]


if __name__ == "__main__":
    for name, version in requirements(SETUP.read_text(encoding="utf-8")):
        print(f"{name}=={version}")
