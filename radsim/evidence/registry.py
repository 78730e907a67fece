"""The registry of an evidence set: values, joint draws, citations."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from radsim import _cache
from radsim.evidence.entries import (
    EvidenceError,
    disorder,
    is_whole,
    keep_order,
    named_uniforms,
    number_fault,
    quantile,
    refuse,
)
from radsim.evidence.files import (
    FOLDER,
    SETS,
    VERSION,
    content_json,
    digest_of,
    fields_of,
    from_json,
    parse,
    read_texts,
    to_json,
)
from radsim.evidence.joint import correlated
from radsim.evidence.kept_draws import MOST_DRAWS, kept
from radsim.evidence.posterior import POSTERIOR, load_base_case, load_posterior
from radsim.printable import did_you_mean

CALIBRATED = "trials"
"""The set that is calibrated on the trials as it stands: the default of every command."""
OWN_LOCATION = {"guideline": ("response.cut_complete",)}
"""Calibrated parameters of which a set keeps its own value: its draws are that value plus the posterior's deviation from its mean."""


class Registry(Mapping):
    """The parameters of an evidence set: a mapping from name to `Entry`, in the order of the files.

    Parameters
    ----------
    entries : iterable of Entry
        Valid entries with distinct names.
    joint : iterable of Joint, optional
        Parameters that are drawn together.
    posterior : path, optional
        File of the joint posterior that calibrated parameters are drawn from; without, all are drawn from their own uncertainty.
    own_location : sequence of str
        Calibrated parameters that keep their own value as the middle of their draws.
    """

    def __init__(self, entries, *, joint=(), posterior=None, own_location=()):
        self._entries = {entry.name: entry for entry in entries}
        self.joint = tuple(joint)
        self._digest = None
        self.posterior = posterior
        self.own_location = tuple(own_location)

    def __getitem__(self, name):
        return self._entries[name]

    def __iter__(self):
        return iter(self._entries)

    def __len__(self):
        return len(self._entries)

    @property
    def digest(self):
        """SHA-256 of the set as canonical JSON, joint blocks included, and of its posterior."""
        if self._digest is None:
            fields = {name: fields_of(entry) for name, entry in self._entries.items()}
            joint = [block._asdict() for block in sorted(self.joint)]
            found = hashlib.sha256((to_json(fields) + (to_json(joint) if joint else "")).encode("utf-8"))
            if self.posterior is not None:
                found.update(Path(self.posterior).read_bytes())
            self._digest = found.hexdigest()
        return self._digest

    def values(self, overrides=None):
        """The value of every parameter.

        Parameters
        ----------
        overrides : mapping of str to float, optional
            Values to use instead.

        Returns
        -------
        dict of str to float

        Raises
        ------
        EvidenceError
            For unknown names and values outside the support, all at once.
        """
        overrides = dict(overrides or {})
        refuse([fault for name, value in overrides.items() for fault in self._override_faults(name, value)])
        values = {name: entry.value for name, entry in self._entries.items()}
        values |= {name: float(value) for name, value in overrides.items()}
        refuse(disorder(values))
        return values

    def sample(self, seed, n_draws, overrides=None):
        """Joint draws of every parameter.

        Parameters
        ----------
        seed : int
            Study seed, 0 … 2**53 - 1.
        n_draws : int
            Number of draws, >= 0.
        overrides : mapping of str to float, optional
            Values to use instead; these do not vary.

        Returns
        -------
        dict of str to ndarray, shape (n_draws + 1,)
            Row 0 holds the values, which for calibrated parameters are the means of the posterior; row i is draw i.

        Raises
        ------
        EvidenceError
            As `values`, if a draw puts a parameter on the wrong side of another (`ORDERED`), or if more draws are
            asked for than the posterior has.

        Notes
        -----
        Calibrated parameters: draw i is row i of the posterior, whatever the seed. The others: one uniform per
        parameter and draw, keyed by the CRC-32 of the parameter's name, through the inverse cdf: neither another
        parameter nor more draws change a number. Within a block of `joint` the uniforms are correlated first (Gaussian copula); all
        else is drawn independently. A calibrated parameter of a block follows the posterior, without the others.
        """
        values = self.values(overrides)

        def make():
            return self._drawn(values, seed, n_draws, overrides or {})

        if self.posterior is None or overrides or not 0 < n_draws <= MOST_DRAWS:
            table = make()
        else:
            table = kept(make, registry=self, seed=seed, n_draws=n_draws)
        return dict(zip(values, table, strict=True))

    def _drawn(self, values, seed, n_draws, overrides):
        """`sample` as a table, shape (parameter, draw + 1)."""
        import numpy as np

        table = np.tile(np.array(list(values.values()))[:, None], n_draws + 1)
        if n_draws == 0:
            return table
        draws = dict(zip(values, table, strict=True))  # rows of the table
        calibrated, uniforms = self._calibrated(n_draws), self._joint_uniforms(seed, n_draws)
        for name, entry in self._entries.items():
            if name in overrides:
                continue
            if name in calibrated:
                draws[name][1:] = np.clip(calibrated[name], entry.low, entry.high)
            elif "fixed" not in entry.uncertainty:
                u = uniforms[name] if name in uniforms else named_uniforms(seed, n_draws, name)
                draws[name][1:] = quantile(entry, u)
        keep_order(draws, fixed=overrides)
        refuse(disorder(draws))
        return table

    def _joint_uniforms(self, seed, n_draws):
        """Uniforms of the parameters that are drawn together, name to array, shape (n_draws,)."""
        import numpy as np

        found = {}
        for block in self.joint:
            own = np.stack([named_uniforms(seed, n_draws, name) for name in block.names])
            found |= dict(zip(block.names, correlated(block, own), strict=True))
        return found

    def drawn_with(self, name):
        """The names that a parameter is drawn jointly with, as a tuple; empty for one that is drawn by itself."""
        return tuple(other for block in self.joint if name in block.names for other in block.names if other != name)

    def _calibrated(self, n_draws):
        """The first draws of the calibrated parameters, name to array; empty without a posterior."""
        if self.posterior is None:
            return {}
        columns = load_posterior(self.posterior)
        n_packaged = len(next(iter(columns.values())))
        if n_draws > n_packaged:
            refuse([f"draws: expected at most {n_packaged}, as many as the posterior has, found {n_draws}"])
        draws = {name: column[:n_draws] for name, column in columns.items()}
        for name in self.own_location:
            if name in columns:
                draws[name] = self[name].value + (draws[name] - load_base_case(self.posterior)[name])
        return draws

    def provisional(self, names=None):
        """Names of the provisional parameters among ``names`` (of all without), as a tuple in their order."""
        return tuple(entry.name for entry in self._known(names) if entry.status == "provisional")

    def citations(self, names=None):
        """Sources of the parameters ``names`` (all of them without) and what each is cited for.

        Returns
        -------
        dict of str to list of str
            Source to names of parameters, both in order of first use.
        """
        cited = {}
        for entry in self._known(names):
            cited.setdefault(entry.source, []).append(entry.name)
        return cited

    def _known(self, names):
        return [self[name] for name in (self if names is None else names)]

    def _override_faults(self, name, value):
        if name not in self._entries:
            guess = did_you_mean(name, self._entries)
            return [f"parameters.{name}: expected the name of a parameter{guess}, found an unknown one"]
        fault = number_fault(value, low=self[name].low, high=self[name].high, whole=is_whole(name))
        return [f"parameters.{name}: {fault}"] if fault else []


def load_registry(evidence_set, *, folder=FOLDER):
    """Read an evidence set.

    Parameters
    ----------
    evidence_set : {"guideline", "trials"}
        Which set.
    folder : path, optional
        Where the files are.

    Returns
    -------
    Registry

    Raises
    ------
    EvidenceError
        For an unknown set, or for what is wrong with its files, all at once.
    """
    entries, joint = read_entries(evidence_set, folder)
    if Path(folder) != FOLDER or not POSTERIOR.exists():  # the file is missing only until it is made
        return Registry(entries, joint=joint)
    own = OWN_LOCATION.get(evidence_set, ())
    base_case = {name: value for name, value in load_base_case(POSTERIOR).items() if name not in own}
    entries = [entry._replace(value=base_case.get(entry.name, entry.value)) for entry in entries]
    return Registry(entries, joint=joint, posterior=POSTERIOR, own_location=own)


def load_priors(evidence_set, *, folder=FOLDER):
    """An evidence set before any calibration: as `load_registry`, values and uncertainties being those of the priors."""
    entries, joint = read_entries(evidence_set, folder)
    return Registry(entries, joint=joint)


def read_entries(evidence_set, folder):
    """Entries of the files of a set, and which of them are drawn jointly."""
    if evidence_set not in SETS:
        raise EvidenceError([f"evidence: expected one of {', '.join(sorted(SETS))}, found {evidence_set}"])
    texts = read_texts([Path(folder) / f"{topic}.yaml" for topic in SETS[evidence_set]])
    key = f"evidence-{VERSION}-{digest_of(texts)}.json"
    content = from_json(_cache.load(key))
    if content is None:
        content = parse(texts)
        _cache.store(key, content_json(*content))
    return content
