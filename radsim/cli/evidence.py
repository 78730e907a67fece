"""`radsim evidence`: every parameter with its uncertainty, unit, population, source and status."""

from __future__ import annotations

import textwrap

import click

from radsim.cli.shared import json_option, print_json


@click.command()
@click.argument("pattern", required=False)
@click.option("--evidence", "evidence_set", default="trials", show_default=True,
              type=click.Choice(["guideline", "trials"]), help="Evidence set.")  # fmt: skip
@click.option("--costs", metavar="NAME|FILE", help="List this set of prices instead: uk, nl or a file.")
@click.option("--utilities", metavar="NAME|FILE", help="List this set of utilities instead.")
@click.option(
    "--equity", is_flag=True, help="List instead what severity and equity weigh health by, and the life table."
)
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print a table as CSV: a row each, with licence and price year.")
def command(pattern, evidence_set, costs, utilities, equity, as_json, as_csv):
    """List the parameters of the model, or those whose name contains PATTERN (* and ? as in file names)."""
    from radsim.evidence import load_registry, posterior_summary
    from radsim.export.listing import listing
    from radsim.storage import UsageFault

    if as_json and as_csv:
        raise UsageFault("--csv: not together with --json")
    if equity:
        if costs is not None or utilities is not None:
            raise UsageFault("--equity: not together with --costs or --utilities")
        _show_equity(pattern, as_json=as_json, as_csv=as_csv)
        return
    if costs is not None or utilities is not None:
        _show_economics({"costs": costs, "utilities": utilities}, pattern, as_json=as_json, as_csv=as_csv)
        return
    registry = load_registry(evidence_set)
    names = matching(registry, pattern)
    if not names:
        raise UsageFault(f"evidence: no parameter matches {pattern!r}")
    entries = [registry[name] for name in names]
    if as_csv:
        _print_csv(listing(entries, of=evidence_set))
        return
    calibrated = posterior_summary(registry)
    if as_json:
        parameters = [
            as_json_entry(entry, calibrated.get(entry.name), drawn_with=registry.drawn_with(entry.name))
            for entry in entries
        ]
        print_json({"evidence": evidence_set, "digest": registry.digest, "parameters": parameters})
    else:
        for entry in entries:
            click.echo(plain_entry(entry, calibrated.get(entry.name), drawn_with=registry.drawn_with(entry.name)))


def _print_csv(table):
    from radsim.tables.csv_file import csv_text

    click.echo(csv_text(table), nl=False)


def _show_economics(given, pattern, *, as_json, as_csv):
    """The numbers of price and utility sets, in the form of the registry's."""
    from radsim.economics.parameters import as_entry
    from radsim.economics.sets import load_packaged_set, load_set_file, set_names, set_parameters
    from radsim.export.listing import of_section
    from radsim.storage import UsageFault

    sets = {
        kind: load_packaged_set(kind, name) if name in set_names(kind) else load_set_file(kind, name)
        for kind, name in given.items()
        if name is not None
    }
    listed = [(content, p) for kind, content in sets.items() for p in set_parameters(kind, content)]
    entries = {p.name: as_entry(p) for _, p in listed}
    years = {p.name: p.item.price_year or getattr(content, "price_year", None) for content, p in listed}
    licences = {p.name: p.item.licence for _, p in listed}
    names = matching(entries, pattern)
    if not names:
        raise UsageFault(f"evidence: no price or utility matches {pattern!r}")
    if as_csv:
        _print_csv(of_section([p for _, p in listed], sets, names=names))
    elif as_json:
        print_json({
            **{kind: content.name for kind, content in sets.items()},
            "parameters": [
                {**as_json_entry(entries[name]), "price_year": years[name], "licence": licences[name]} for name in names
            ],
        })  # fmt: skip
    else:
        for name in names:
            click.echo(plain_entry(entries[name]))


def _show_equity(pattern, *, as_json, as_csv):
    """The numbers that health is weighed by, in the form of the registry's."""
    from radsim.decision.equity_values import equity_entries, licences
    from radsim.export.listing import listing
    from radsim.storage import UsageFault

    entries, known = equity_entries(), licences()
    names = matching(entries, pattern)
    if not names:
        raise UsageFault(f"evidence: no number of severity or equity matches {pattern!r}")
    if as_csv:
        _print_csv(listing([entries[name] for name in names], of="equity", licences=known))
    elif as_json:
        print_json({
            "set": "equity",
            "parameters": [{**as_json_entry(entries[name]), "licence": known.get(name)} for name in names],
        })  # fmt: skip
    else:
        for name in names:
            click.echo(plain_entry(entries[name]))


def matching(registry, pattern):
    """Names that match a pattern, in the registry's order: all without one."""
    from fnmatch import fnmatchcase

    if pattern is None:
        return list(registry)
    wanted = pattern.lower()
    if not set(wanted) & set("*?["):
        wanted = f"*{wanted}*"
    return [name for name in registry if fnmatchcase(name.lower(), wanted)]


def as_json_entry(entry, calibrated=None, *, drawn_with=()):
    """An entry as a mapping for JSON; limits of support that are infinite are null, and so is `calibrated` without a posterior."""
    own = {"uncertainty": dict(entry.uncertainty), "calibrated": calibrated, "drawn_with": list(drawn_with)}
    return {**entry._asdict(), **own}


def describe_uncertainty(uncertainty):
    """`beta(a 44, b 98)`, `uniform(2 to 4)`, or `fixed`."""
    ((family, numbers),) = uncertainty.items()
    if family == "uniform":
        return f"uniform({numbers['low']:g} to {numbers['high']:g})"
    inside = ", ".join(f"{name} {value:g}" for name, value in (numbers or {}).items())
    return f"{family}({inside})" if inside else family


def plain_entry(entry, calibrated=None, *, drawn_with=()):
    """An entry in lines of at most 80 columns: the numbers, what calibration made of them, whom they describe, where they are from."""
    lines = [
        f"{entry.name} = {entry.value:g} [{entry.unit}]  {describe_uncertainty(entry.uncertainty)}  {entry.status}"
    ]
    jointly = [f"drawn jointly with {', '.join(drawn_with)}"] if drawn_with else []
    for text in (*_calibrated_lines(calibrated), *jointly, entry.population, entry.source):
        lines += textwrap.wrap(text, 80, initial_indent="    ", subsequent_indent="      ")
    return "\n".join(lines)


def _calibrated_lines(calibrated):
    """Prior and posterior, and the trials between them."""
    if calibrated is None:
        return []
    prior, posterior = (
        f"{found['median']:.3g} ({found['low95']:.3g} to {found['high95']:.3g})"
        for found in (calibrated["prior"], calibrated["posterior"])
    )
    by = ", ".join(calibrated["informed_by"])
    return [f"calibrated: prior {prior}, posterior {posterior}" + (f"; informed by {by}" if by else "")]
