"""The file of a sweep: which base, which paths, which values; every fault of it at once, with its line."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from radsim.config import ConfigError
from radsim.sweep.distributions import check_distribution
from radsim.sweep.paths import overlap, parse_path
from radsim.sweep.sample import METHODS
from radsim.yaml.content import fault_at
from radsim.yaml.faults import Expected, a_known, describe, dotted
from radsim.yaml.nodes import FAULTY, Document, read_source, well_formed

KEYS = ("radsim_sweep", "name", "base", "grid", "sample")
SAMPLE_KEYS = ("n", "method", "seed", "over")
FORMAT = 1


class Design(NamedTuple):
    """A sweep as written.

    Attributes
    ----------
    document : Document
        The sweep's own file, for the lines of faults.
    base : Document
        The configuration that the scenarios vary.
    grid : dict of str to tuple
        Values by path.
    sample : dict or None
        ``n``, ``method``, ``over`` (distribution by path) and perhaps ``seed``.
    paths : dict of str to tuple
        Every swept path in its parts, those of the grid first.
    pins : dict of str to str
        Digests of swept cohort files, by their names in the sweep, where the files are not to be read.
    """

    document: Document
    base: Document
    grid: dict
    sample: dict | None
    paths: dict
    pins: dict = MappingProxyType({})


def load_design(source):
    """Read the file of a sweep.

    Parameters
    ----------
    source : path, open text or Mapping
        As for `load_config`; ``base`` may be a configuration instead of the name of its file.

    Returns
    -------
    Design

    Raises
    ------
    ConfigError
        With every fault of the file, and of the form of its base.
    """
    document = well_formed(source)
    reader = _Reader(document)
    design = reader.read()
    if reader.faults:
        raise ConfigError(sorted(reader.faults, key=lambda fault: (fault.line is None, fault.line or 0)))
    return design


class _Reader:
    """Reads one document, collecting faults."""

    def __init__(self, document):
        self.document, self.faults = document, list(document.faults)
        self.known = {fault.path for fault in document.faults}  # faults of form, which need no second one

    def fault(self, path, expected, found):
        if not any(dotted(path[:n]) in self.known for n in range(1, len(path) + 1)):
            self.faults.append(fault_at(self.document, path, expected, found))

    def read(self):
        data = self.document.data
        if not isinstance(data, dict):
            self.fault((), "a mapping with base, grid or sample", describe(data))
            return None
        self._unknown(data, KEYS, ())
        if data.get("radsim_sweep", FORMAT) != FORMAT:
            self.fault(("radsim_sweep",), f"{FORMAT}, the version of the format", describe(data["radsim_sweep"]))
        base = self._base(data)
        grid, sample = self._grid(data), self._sample(data)
        if "grid" not in data and "sample" not in data:
            self.fault((), "grid or sample, or both", "neither")
        return Design(self.document, base, grid, sample, self._paths(grid, sample))

    def _unknown(self, data, keys, path):
        for key in data:
            if key not in keys:
                self.fault((*path, key), a_known("one of the keys", str(key), keys), str(key))

    def _base(self, data):
        """The base configuration as a document; faults of its content follow when it is loaded."""
        given = data.get("base")
        if isinstance(given, Mapping):
            lines = {path[1:]: line for path, line in self.document.lines.items() if path[:1] == ("base",)}
            return Document(self.document.file if lines else "base", self.document.folder, given, lines, [])
        if not isinstance(given, str):
            self.fault(("base",), "the file of a configuration", describe(given) if "base" in data else "nothing")
            return None
        base = read_source(os.path.join(self.document.folder, given))
        self.faults += base.faults
        return base

    def _grid(self, data):
        given = data.get("grid", {})
        if not isinstance(given, dict) or ("grid" in data and not given):
            self.fault(("grid",), "a mapping of at least one path to a list of values", describe(given))
            return {}
        kept = {}
        for path, values in given.items():
            if not isinstance(values, tuple | list) or not values:
                self.fault(("grid", path), "a list of at least one value", describe(values))
            elif repeated := [i for i, value in enumerate(values) if value in values[:i] and value is not FAULTY]:
                self.fault(("grid", path, repeated[0]), "each value once", f"{describe(values[repeated[0]])} again")
            else:
                kept[path] = tuple(values)
        return kept

    def _sample(self, data):
        if "sample" not in data:
            return None
        given = data["sample"]
        if not isinstance(given, dict):
            self.fault(("sample",), "a mapping with n, method and over", describe(given))
            return None
        self._unknown(given, SAMPLE_KEYS, ("sample",))
        method = given.get("method", "sobol")
        if method not in METHODS:
            self.fault(("sample", "method"), a_known("one of", str(method), METHODS), describe(method))
        self._count(given, method)
        seed = given.get("seed", 0)
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**53:
            self.fault(("sample", "seed"), "a whole number from 0 to 2**53 - 1", describe(seed))
        return {**given, "method": method, "over": self._over(given)}

    def _count(self, given, method):
        n = given.get("n")
        if isinstance(n, bool) or not isinstance(n, int) or n < 1:
            self.fault(("sample", "n"), "a whole number >= 1", describe(n) if "n" in given else "nothing")
        elif method == "saltelli" and n & (n - 1):
            near = 2 ** round(math.log2(n))
            self.fault(("sample", "n"), f"a power of two for saltelli, such as {near}", str(n))

    def _over(self, given):
        over = given.get("over")
        if not isinstance(over, dict) or not over:
            found = describe(over) if "over" in given else "nothing"
            self.fault(("sample", "over"), "a mapping of at least one path to a distribution", found)
            return {}
        kept = {}
        for path, distribution in over.items():
            where = ("sample", "over", path)
            try:
                kept[path] = check_distribution(distribution, tuple(path.split(".")))
            except Expected as error:
                for part, expected, found in error.details:
                    self.fault(where + part, expected, found or describe(distribution))
        return kept

    def _paths(self, grid, sample):
        """Every path in its parts; no value may be swept twice."""
        paths = {}
        places = [(("grid", path), path) for path in grid]
        places += [(("sample", "over", path), path) for path in (sample or {}).get("over", {})]
        for place, path in places:
            try:
                parts = parse_path(path)
            except Expected as error:
                ((_, expected, found),) = error.details
                self.fault(place, expected, found)
                continue
            if clash := next((other for other, known in paths.items() if overlap(parts, known)), None):
                self.fault(place, "a path that no other one sweeps", f"it beside {clash}")
            paths[path] = parts
        return paths
