"""Options of `radsim cea` that value a result anew, as a section `economics`."""

from __future__ import annotations


def revalued(dataset, file, changes):
    """How to value anew: an `Economics`, or None to leave the result as it was valued."""
    from radsim.storage import UsageFault

    wanted = _changes(changes)
    if file is None and not wanted:
        return None
    from radsim import provenance
    from radsim.config import load_config
    from radsim.decision.base_case import changed_economics
    from radsim.economics.appraisal import resolve

    if file is not None:
        start = load_config(file, overrides={"schedules": ["8Gy/1"]}).economics
        if start is None:
            raise UsageFault(f"{file}: expected a section economics, found none")
    else:
        record = provenance.from_dataset(dataset) if provenance.RECORD_ATTRIBUTE in dataset.attrs else None
        if (record or {}).get("economics") is None and "costs" in wanted:
            return load_config({"schedules": ["8Gy/1"], "economics": wanted}).economics
        start = resolve(None, record)
    return _checked_values(changed_economics(start, wanted))


def _checked_values(economics):
    """The same, its single values held against what they may be."""
    from radsim.config import load_config
    from radsim.config.dump import plain

    return load_config({"schedules": ["8Gy/1"], "economics": plain(economics)}).economics


def _changes(options):
    """Options of the command line as keys of the section `economics`."""
    found = {
        name: options[name]
        for name in ("costs", "utilities", "perspective", "combination")
        if options[name] is not None
    }
    rates = {
        name: options[f"discount_{name}"] for name in ("costs", "effects") if options[f"discount_{name}"] is not None
    }
    if rates:
        found["discount"] = rates
    if options["settings"]:
        found["values"] = _settings(options["settings"])
    return found


def _settings(texts):
    """Numbers by name of every `NAME=NUMBER`; a name is given once."""
    from radsim.storage import UsageFault

    found = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        try:
            number = float(value)
        except ValueError:
            raise UsageFault(f"--set: expected NAME=NUMBER, found {text}") from None
        if name in found:
            raise UsageFault(f"--set {name}: expected once, found {found[name]:.10g} and {value}")
        found[name] = number
    return found
