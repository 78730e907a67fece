"""The evidence: every number of the model with uncertainty, unit, population and source, and joint draws.

Parameters that `radsim calibrate` has calibrated are drawn from its packaged posterior (`POSTERIOR`), the others each from its own
uncertainty.

The registry is written as YAML (``data/evidence``), one file a topic. The set ``trials`` is those files;
``guideline`` lays ``guideline.yaml`` over them. The parsed form is kept as JSON in the cache under the digest
of the files: parsing YAML takes a hundred times longer than all else here.

An entry of the registry::

    flare.probability:
      value: 0.31
      uncertainty: {beta: {a: 44, b: 98}}     # a family of FAMILIES
      low: 0                                  # limits of support, inclusive; omitted where there is none
      high: 1
      unit: "1"                               # UDUNITS
      population: who the figure describes
      source: citation, and table or arithmetic where a figure is derived
      status: checked                         # read in its source and copied, or simple arithmetic on it;
                                              # everything else is provisional
      note: what a reader should know
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import zlib
from collections.abc import Mapping
from functools import lru_cache
from numbers import Real
from pathlib import Path
from typing import NamedTuple

from radsim import _cache

FOLDER = Path(__file__).parent / "data" / "evidence"
POSTERIOR = Path(__file__).parent / "data" / "draws" / "posterior.nc"
"""Draws of the calibrated parameters, made by `radsim calibrate`; the registry in `FOLDER` draws from them."""
TRIALS = (
    "survival", "response", "pain", "analgesics", "retreatment", "skeletal", "toxicity", "observation", "between_trials",
)  # fmt: skip
SETS = {"trials": TRIALS, "guideline": (*TRIALS, "guideline")}
"""Files of each evidence set, later ones laid over earlier ones."""

VERSION = 1  # of the files and of their parsed form
STATUSES = ("checked", "provisional")
TEXTS = ("unit", "population", "source", "status", "note")
REQUIRED = ("value", "uncertainty", *TEXTS)
NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")

FAMILIES = {
    "fixed": ((),),
    "beta": (("a", "b"), ("mean", "n"), ("n",)),
    "normal": (("sd",),),
    "lognormal": (("sigma",),),
    "gamma": (("shape", "scale"),),
    "uniform": (("low", "high"),),
}
"""Families of uncertainty, and the sets of numbers that define each.

``normal`` has the value as its mean, ``lognormal`` as its median, ``beta: {n}`` as its mean: a retuned value
moves its draws. The others stand by themselves. ``normal`` and ``lognormal`` are truncated to the support.
"""

WILLINGNESS = "retreatment.willingness_ratio"
OPTIONAL = {WILLINGNESS: (0.001, 1000.0)}
"""Parameters with no value of their own, and their limits: they may be set, and act only then."""

OWN_LOCATION = {"guideline": ("response.cut_overall", "response.cut_complete")}
"""Calibrated parameters of which a set keeps its own value: its draws are that value plus the posterior's deviation from its median."""

ORDERED = (("response.cut_overall", "response.cut_complete"),)
"""Pairs of parameters of which the first must stay below the second, also in every draw."""

PARAMETER_PURPOSE = 64  # `radsim.kernel.purposes.PARAMETER`; a test holds them equal


class EvidenceError(ValueError):
    """What is wrong with the registry, or with what a user asked of it.

    Attributes
    ----------
    faults : tuple of str
        One line each.
    """

    def __init__(self, faults):
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Entry(NamedTuple):
    """One parameter."""

    name: str
    value: float
    uncertainty: dict
    unit: str
    population: str
    source: str
    status: str
    note: str
    low: float = -math.inf
    high: float = math.inf


class Registry(Mapping):
    """The parameters of an evidence set: a mapping from name to `Entry`, in the order of the files.

    Parameters
    ----------
    entries : iterable of Entry
        Valid entries with distinct names.
    posterior : path, optional
        File of the joint posterior that calibrated parameters are drawn from; without, all are drawn from their own uncertainty.
    own_location : sequence of str
        Calibrated parameters that keep their own value as the middle of their draws.
    """

    def __init__(self, entries, *, posterior=None, own_location=()):
        self._entries = {entry.name: entry for entry in entries}
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
        """SHA-256 of the set as canonical JSON, and of its posterior."""
        if self._digest is None:
            fields = {name: _fields(entry) for name, entry in self._entries.items()}
            found = hashlib.sha256(_to_json(fields).encode("utf-8"))
            if self.posterior is not None:
                found.update(Path(self.posterior).read_bytes())
            self._digest = found.hexdigest()
        return self._digest

    def values(self, overrides=None):
        """The value of every parameter.

        Parameters
        ----------
        overrides : mapping of str to float, optional
            Values to use instead; may hold the optional parameters.

        Returns
        -------
        dict of str to float
            With an optional parameter only if it is among the overrides.

        Raises
        ------
        EvidenceError
            For unknown names and values outside the support, all at once.
        """
        overrides = dict(overrides or {})
        _refuse([fault for name, value in overrides.items() for fault in self._override_faults(name, value)])
        values = {name: entry.value for name, entry in self._entries.items()}
        values |= {name: float(value) for name, value in overrides.items()}
        _refuse(_disorder(values))
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
            Row 0 holds the values; row i is draw i.

        Raises
        ------
        EvidenceError
            As `values`, if a draw puts a parameter on the wrong side of another (`ORDERED`), or if more draws are
            asked for than the posterior has.

        Notes
        -----
        Calibrated parameters: draw i is row i of the posterior, whatever the seed. The others: one uniform per
        parameter and draw, keyed by the CRC-32 of the parameter's name, through the inverse cdf: neither another
        parameter nor more draws change a number. These are drawn independently of each other.
        """
        import numpy as np

        values = self.values(overrides)
        draws = {name: np.full(n_draws + 1, value) for name, value in values.items()}
        if n_draws == 0:
            return draws
        calibrated = self._calibrated(n_draws)
        for name, entry in self._entries.items():
            if name in (overrides or ()):
                continue
            if name in calibrated:
                draws[name][1:] = np.clip(calibrated[name], entry.low, entry.high)
            elif "fixed" not in entry.uncertainty:
                draws[name][1:] = quantile(entry, named_uniforms(seed, n_draws, name))
        _refuse(_disorder(draws))
        return draws

    def _calibrated(self, n_draws):
        """The first draws of the calibrated parameters, name to array; empty without a posterior."""
        import numpy as np

        if self.posterior is None:
            return {}
        columns = load_posterior(self.posterior)
        n_packaged = len(next(iter(columns.values())))
        if n_draws > n_packaged:
            _refuse([f"draws: expected at most {n_packaged}, as many as the posterior has, found {n_draws}"])
        draws = {name: column[:n_draws] for name, column in columns.items()}
        for name in self.own_location:
            if name in columns:
                draws[name] = self[name].value + (draws[name] - np.median(columns[name]))
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
        return [self[name] for name in (self if names is None else names) if name not in OPTIONAL]

    def _override_faults(self, name, value):
        if name not in self._entries and name not in OPTIONAL:
            guess = _did_you_mean(name, (*self._entries, *OPTIONAL))
            return [f"parameters.{name}: expected the name of a parameter{guess}, found an unknown one"]
        low, high = OPTIONAL[name] if name in OPTIONAL else (self[name].low, self[name].high)
        fault = _number_fault(value, low=low, high=high, whole=_is_whole(name))
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
    if evidence_set not in SETS:
        raise EvidenceError([f"evidence: expected one of {', '.join(sorted(SETS))}, found {evidence_set}"])
    texts = _read([Path(folder) / f"{topic}.yaml" for topic in SETS[evidence_set]])
    key = f"evidence-{VERSION}-{_digest(texts)}.json"
    entries = _from_json(_cache.load(key))
    if entries is None:
        entries = _parse(texts)
        _cache.store(key, _to_json([_fields(entry) for entry in entries]))
    if Path(folder) != FOLDER or not POSTERIOR.exists():  # the file is missing only until it is made
        return Registry(entries)
    return Registry(entries, posterior=POSTERIOR, own_location=OWN_LOCATION.get(evidence_set, ()))


@lru_cache(maxsize=2)
def load_posterior(path):
    """Draws of the calibrated parameters.

    Parameters
    ----------
    path : path
        File that `radsim calibrate` wrote.

    Returns
    -------
    dict of str to ndarray, shape (draw,)
        Read-only. Row 0 is draw 1.

    Raises
    ------
    EvidenceError
        If the file cannot be read.
    """
    import netCDF4
    import numpy as np

    try:
        with netCDF4.Dataset(path) as file:
            file.set_auto_mask(False)
            names, table = file["parameter"][:], np.asarray(file["parameter_value"][:], np.float64)
    except (OSError, IndexError, RuntimeError) as error:
        raise EvidenceError([f"{Path(path).name}: expected draws of radsim calibrate, found {error}"]) from error
    table.flags.writeable = False
    return {str(name): table[:, i] for i, name in enumerate(names)}


def posterior_summary(registry):
    """What the calibration says of each calibrated parameter of a registry.

    Returns
    -------
    dict of str to dict
        By name: ``prior`` and ``posterior``, each with median, low95 and high95, and ``informed_by``, the trials. Empty without a
        posterior.
    """
    if registry.posterior is None:
        return {}
    import netCDF4

    with netCDF4.Dataset(registry.posterior) as file:
        rows = json.loads(file.radsim_calibration_report)["parameters"]
    summary = {}
    for row in rows:
        found = {key: row[key] for key in ("prior", "posterior", "informed_by")}
        if row["name"] in registry.own_location:
            found = {key: _moved_to(registry[row["name"]].value, found[key]) for key in ("prior", "posterior")} | {
                "informed_by": row["informed_by"]
            }
        if row["draws"] == "posterior" and row["name"] in registry:
            summary[row["name"]] = found
    return summary


def _moved_to(value, numbers):
    return {key: number - numbers["median"] + value for key, number in numbers.items()}


def prior_fingerprint(registry, names):
    """SHA-256 of the uncertainties of some parameters: whether a posterior still belongs to a registry."""
    priors = {name: [registry[name].value, registry[name].uncertainty] for name in names}
    return hashlib.sha256(_to_json(priors).encode("utf-8")).hexdigest()


def quantile(entry, probability):
    """Quantiles of the uncertainty of a parameter.

    Parameters
    ----------
    entry : Entry
        The parameter.
    probability : array
        Probabilities, in (0, 1). [1]

    Returns
    -------
    ndarray, shape of ``probability``
        In the unit of the parameter; increasing in ``probability``.
    """
    import numpy as np
    from scipy.special import betaincinv, gammaincinv

    ((family, numbers),) = entry.uncertainty.items()
    probability = np.asarray(probability, dtype=np.float64)
    if family == "fixed":
        return np.full_like(probability, entry.value)
    if family == "beta":
        return betaincinv(*_beta_counts(entry.value, numbers), probability)
    if family == "gamma":
        return numbers["scale"] * gammaincinv(numbers["shape"], probability)
    if family == "uniform":
        return numbers["low"] + (numbers["high"] - numbers["low"]) * probability
    if family == "normal":
        return _truncated_normal(entry.value, numbers["sd"], entry.low, entry.high, probability)
    low, high = (-math.inf if limit <= 0 else math.log(limit) for limit in (entry.low, entry.high))
    return np.exp(_truncated_normal(math.log(entry.value), numbers["sigma"], low, high, probability))


def resolve_policy(values):
    """Put the retreatment policy in force: how willingly a multi-fraction course is repeated.

    Parameters
    ----------
    values : mapping of str to float
        One value per parameter, with or without ``retreatment.willingness_ratio`` w: the odds of an offer
        after non-response, single to multiple.

    Returns
    -------
    dict of str to float
        Without the ratio. Unset, the calibrated offers and delays; else those of ``multiple`` changed to fit.

    Raises
    ------
    EvidenceError
        If the calibrated policy gives no scale to measure the ratio on.

    Notes
    -----
    With w* the calibrated ratio, θ = ln w / ln w*, each logit offer and log delay of ``multiple`` is
    single + θ (multiple − single); θ = 0 gives those of ``single`` exactly (``kernel/README.md``).
    """
    resolved = dict(values)
    ratio = resolved.pop(WILLINGNESS, None)
    if ratio is None:
        return resolved
    theta = 0.0 if ratio == 1.0 else math.log(ratio) / _calibrated_log_ratio(values)
    for kind in ("non_response", "progression", "no_failure"):
        single, multiple = _offer("single", kind), _offer("multiple", kind)
        resolved[multiple] = _between(values[single], values[multiple], theta, scale=_logit, back=_expit)
    single, multiple = "retreatment.delay.single_median_days", "retreatment.delay.multiple_median_days"
    resolved[multiple] = _between(values[single], values[multiple], theta, scale=math.log, back=_exp)
    return resolved


# --- uncertainty --------------------------------------------------------------------------------------------


def named_uniforms(seed, n_draws, name):
    """``rng.uniform(seed, draw, crc32(name), PARAMETER_PURPOSE, 0)`` of draws 1 … n_draws, shape (n_draws,), in (0, 1).

    The plain body of the generator on arrays: the same numbers without a second of compilation.
    """
    import numpy as np

    from radsim import rng

    philox, to_uniform = (getattr(step, "py_func", step) for step in (rng.philox4x32, rng.to_uniform))
    draw = np.arange(1, n_draws + 1, dtype=np.uint64)
    patient, occurrence = np.uint64(zlib.crc32(name.encode())), np.uint64(0)
    group = np.uint64(PARAMETER_PURPOSE // rng.LANES)
    key = np.uint64(seed)
    words = philox(patient, draw, group, occurrence, key & rng.MASK, key >> rng.HALF_WORD)
    return to_uniform(words[PARAMETER_PURPOSE % rng.LANES])


def _beta_counts(value, numbers):
    if "a" in numbers:
        return numbers["a"], numbers["b"]
    mean = numbers.get("mean", value)
    return mean * numbers["n"], (1.0 - mean) * numbers["n"]


def _truncated_normal(mean, sd, low, high, probability):
    """Quantiles of a normal cut off at its limits; without limits, the plain inverse cdf to the bit."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    below, above = ndtr((low - mean) / sd), ndtr((high - mean) / sd)
    return np.clip(mean + sd * ndtri(below + (above - below) * probability), low, high)


# --- the policy ---------------------------------------------------------------------------------------------


def _offer(fractions, kind):
    return f"retreatment.offer.{fractions}.{kind}"


def _calibrated_log_ratio(values):
    """ln w*: log odds ratio of an offer after non-response, single to multiple."""
    single, multiple = (values[_offer(fractions, "non_response")] for fractions in ("single", "multiple"))
    if single in (0.0, 1.0) or multiple in (0.0, 1.0) or _logit(single) == _logit(multiple):
        raise EvidenceError([
            f"parameters.{WILLINGNESS}: expected different offers after non-response, strictly between 0 and "
            f"1, to measure it on, found {single} (single) and {multiple} (multiple)"
        ])  # fmt: skip
    return _logit(single) - _logit(multiple)


def _between(single, multiple, theta, *, scale, back):
    """single + θ (multiple − single) on a scale; equal ends exactly, also where the scale is infinite."""
    if theta == 0.0 or single == multiple:
        return single
    if scale is _logit and {single, multiple} & {0.0, 1.0}:
        _refuse([
            f"parameters.{WILLINGNESS}: expected offers strictly between 0 and 1, found {single} (single) "
            f"and {multiple} (multiple)"
        ])  # fmt: skip
    return back(scale(single) + theta * (scale(multiple) - scale(single)))


def _logit(p):
    return math.log(p / (1.0 - p))


def _expit(x):
    return 1.0 / (1.0 + _exp(-x))


def _exp(x):
    return math.exp(min(x, 700.0))  # a delay of 1e304 days is never; math.exp would raise


# --- the files ----------------------------------------------------------------------------------------------


def _read(paths):
    texts, faults = {}, []
    for path in paths:
        try:
            texts[path.name] = path.read_bytes()
        except OSError as error:
            faults.append(f"{path.name}: expected a readable file, found {error.strerror}")
    _refuse(faults)
    return texts


def _digest(texts):
    """SHA-256 of files with their names and lengths."""
    found = hashlib.sha256()
    for name, text in texts.items():
        found.update(f"{name} {len(text)}\n".encode() + text)
    return found.hexdigest()


def _fields(entry):
    """An entry as a dict for JSON, which has no infinity."""
    return {key: value for key, value in entry._asdict().items() if value not in (-math.inf, math.inf)}


def _to_json(content):
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _from_json(text):
    """Entries from the cache, or None if that is not what the text holds."""
    try:
        return [Entry(**fields) for fields in json.loads(text)]
    except (TypeError, ValueError):
        return None


def _parse(texts):
    """Entries of the files of a set, later files laid over earlier ones; all faults of all files at once."""
    entries, faults = {}, []
    for file, text in texts.items():
        overlay = file == "guideline.yaml"
        parameters, found = _parameters(text)
        faults += [f"{file}: {fault}" for fault in found]
        for name, fields in parameters.items():
            found = _entry_faults(name, fields)
            if (name in entries) != overlay:
                found.append("expected to overlay another file" if overlay else "expected once, found again")
            faults += [f"{file}: {name}: {fault}" for fault in found]
            entries[name] = None if found else _entry(name, fields)
    _refuse(faults)
    return list(entries.values())


def _parameters(text):
    """The mapping from name to fields in a file, and what is wrong with it as a whole."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        document = YAML(typ="safe", pure=True).load(text.decode("utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f"line {line + 1}: "
        return {}, [f"{where}expected YAML, found {getattr(error, 'problem', None) or error}"]
    if not isinstance(document, dict) or set(document) != {"radsim_evidence", "parameters"}:
        return {}, ["expected radsim_evidence and parameters, and nothing else"]
    if document["radsim_evidence"] != VERSION or not isinstance(document["parameters"], dict):
        return {}, [f"expected radsim_evidence: {VERSION} and a mapping of parameters"]
    return document["parameters"], []


def _entry(name, fields):
    numbers = {key: float(fields[key]) for key in ("value", "low", "high") if key in fields}
    ((family, of_family),) = fields["uncertainty"].items()
    uncertainty = {family: {key: float(number) for key, number in of_family.items()}}
    return Entry(name=name, uncertainty=uncertainty, **numbers, **{key: fields[key] for key in TEXTS})


def _entry_faults(name, fields):
    """What is wrong with one entry of a file."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return ["expected a dotted name"]
    if not isinstance(fields, dict):
        return ["expected a mapping"]
    faults = [f"{key}: expected, found nothing" for key in REQUIRED if key not in fields]
    faults += [f"{key}: unknown" for key in fields if key not in (*REQUIRED, "low", "high")]
    texts = {key: fields[key] for key in TEXTS if key in fields}
    faults += [f"{key}: expected text, found {text!r}" for key, text in texts.items() if not _is_text(text)]
    if fields.get("status", STATUSES[0]) not in STATUSES:
        faults.append(f"status: expected one of {', '.join(STATUSES)}, found {fields['status']}")
    numbers = {key: _number_fault(fields[key]) for key in ("low", "high") if key in fields}
    faults += [f"{key}: {fault}" for key, fault in numbers.items() if fault]
    if faults:
        return faults
    value, low, high = fields["value"], fields.get("low", -math.inf), fields.get("high", math.inf)
    fault = _number_fault(value, low=low, high=high, whole=_is_whole(name))
    fault = f"value: {fault}" if fault else _uncertainty_fault(fields["uncertainty"], value, low, high)
    return [fault] if fault else []


def _uncertainty_fault(uncertainty, value, low, high):
    """What is wrong with the uncertainty of an entry whose value is valid, or None."""
    if not isinstance(uncertainty, dict) or len(uncertainty) != 1 or not set(uncertainty) <= set(FAMILIES):
        return f"uncertainty: expected one family of {', '.join(FAMILIES)}, found {uncertainty!r}"
    ((family, numbers),) = uncertainty.items()
    if not isinstance(numbers, dict) or set(numbers) not in [set(form) for form in FAMILIES[family]]:
        forms = " or ".join("{" + ", ".join(form) + "}" for form in FAMILIES[family])
        return f"uncertainty.{family}: expected {forms}, found {numbers!r}"
    if any(_number_fault(number) for number in numbers.values()):
        return f"uncertainty.{family}: expected finite numbers, found {numbers!r}"
    if not _is_valid_family(family, numbers, value, low, high):
        return f"uncertainty.{family}: impossible for {value} in {low} to {high}, found {numbers!r}"
    return None


def _is_valid_family(family, numbers, value, low, high):
    """Whether the numbers of a family make a distribution whose draws stay within the support."""
    if family == "uniform":
        return low <= numbers["low"] <= value <= numbers["high"] <= high and numbers["low"] < numbers["high"]
    if any(number <= 0.0 for number in numbers.values()):
        return False
    if family == "beta":
        return low <= 0.0 and high >= 1.0 and all(count > 0.0 for count in _beta_counts(value, numbers))
    if family == "gamma":
        return low <= 0.0 and high == math.inf
    return family != "lognormal" or value > 0.0


# --- checks -------------------------------------------------------------------------------------------------


def _is_whole(name):
    """Whether a parameter is a count: fractions are whole."""
    return name.endswith(".fractions")


def _is_text(found):
    return isinstance(found, str) and found.strip() != ""


def _number_fault(value, *, low=-math.inf, high=math.inf, whole=False):
    """What is wrong with a number, or None."""
    number = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    if number and low <= value <= high and not (whole and value != int(value)):
        return None
    limits = [f"{sign} {limit:g}" for sign, limit in ((">=", low), ("<=", high)) if math.isfinite(limit)]
    kind = "a whole number" if whole else "a finite number"
    return f"{' '.join(['expected', kind, ' and '.join(limits)]).rstrip()}, found {value!r}"


def _disorder(values):
    """What is wrong with the order of parameters, in one set of values or in arrays of draws."""
    faults = []
    for first, second in ORDERED:
        if first in values and second in values and _any(values[first] >= values[second]):
            faults.append(f"parameters.{first}: expected below {second} in the base case and in every draw")
    return faults


def _any(found):
    return bool(found.any()) if hasattr(found, "any") else bool(found)


def _did_you_mean(name, names):
    from difflib import get_close_matches

    guesses = get_close_matches(str(name), names, n=1, cutoff=0.6)
    return f" (did you mean {guesses[0]}?)" if guesses else ""


def _refuse(faults):
    if faults:
        raise EvidenceError(faults)
