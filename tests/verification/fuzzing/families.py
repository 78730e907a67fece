"""Families of cases: each makes a case from a random generator and the folder of whole results."""

from __future__ import annotations

import io
import json
from importlib import import_module

import click

from fuzzing import stock
from fuzzing.case import Case
from fuzzing.generate import configuration
from fuzzing.known import REFUSED
from fuzzing.mutate import ODD_NUMBERS, ODD_TEXTS, flow, mutate, mutate_bytes, mutate_text, odd_value, yaml_text

CONFIG, OUTPUT = "study.yaml", "out.nc"


def _encoded(text):
    return text.encode("utf-8", "replace")


def _as_file(data, random):
    """Plain data as the bytes of a YAML file, now and then damaged as text or as bytes."""
    content = _encoded(yaml_text(data))
    chance = random.random()
    if chance < 0.06:
        return _encoded(mutate_text(content.decode(), random))
    return mutate_bytes(content, random) if chance < 0.1 else content


def _use(random, files, *, share=0.05):
    """`check` a study, or now and then simulate a few patients of it."""
    if random.random() > share:
        return Case(["check", CONFIG], files, round_trip=CONFIG)
    arguments = ["run", CONFIG, "-o", OUTPUT, "--threads", "1", "--draws", random.choice("012")]
    arguments += random.choice(([], ["--json"], ["--patient-output", "patients.nc"]))
    arguments += [] if b"each_row" in files[CONFIG] else ["--patients", "20"]
    return Case(arguments, files, (OUTPUT, "patients.nc"))


def configurations(random, folder):
    """Real and generated configurations, changed in values and structure; some generated ones as they are."""
    real = stock.yaml_data("configs")
    pool = [*(data for data in real.values() if "radsim" in data), stock.STUDY, stock.FULL]
    if random.random() < 0.5:
        data = configuration(random)
        times = random.choice((0, 0, 1))
    else:
        data, times = random.choice(pool), random.choice((1, 1, 1, 2, 3))
    data = mutate(data, random, pool=pool, times=times)
    return _use(
        random, {CONFIG: _as_file(data, random), "real_cohort.csv": (stock.CONFIGS / "real_cohort.csv").read_bytes()}
    )


def trials(random, folder):
    """Trials of the package, changed."""
    pool = list(stock.yaml_data("trials").values())
    data = mutate(random.choice(pool), random, pool=pool, times=random.choice((1, 1, 1, 2, 3)))
    arguments = [
        "validate",
        "trial.yaml",
        "--draws",
        "2",
        "--patients",
        "20",
        "--threads",
        "1",
        *random.choice(([], ["--json"])),
    ]
    return Case(arguments, {"trial.yaml": _as_file(data, random)})


def cohorts(random, folder):
    """Cohort files, CSV and Parquet: cells, headers, bytes."""
    columns = {name: list(cells) for name, cells in stock.COHORT.items() if random.random() < 0.8} or {"pain": ["5"]}
    for _ in range(random.choice((0, 1, 1, 2))):
        cells = columns[random.choice(list(columns))]
        cells[random.randrange(len(cells))] = random.choice(
            (str(random.choice(ODD_NUMBERS)), random.choice(ODD_TEXTS), *stock.COHORT["primary"])
        )
    name = random.choice(("patients.csv", "patients.csv", "patients.parquet"))
    content = _parquet(columns, random) if name.endswith("parquet") else _csv(columns, random)
    if random.random() < 0.15:
        content = mutate_bytes(content, random)
    cohort = {"file": name, **random.choice(({"size": 20}, {"each_row": 3}))}
    data = {**stock.STUDY, "cohort": cohort}
    return _use(random, {CONFIG: _encoded(yaml_text(data)), name: content}, share=0.08)


def _csv(columns, random):
    separator = random.choice(",,,,;\t")
    rows = [separator.join(map(str, row)) for row in (columns, *zip(*columns.values(), strict=True))]
    text = random.choice(("\n", "\n", "\r\n")).join(rows) + random.choice(
        ("\n", "", "\n\n", f"\n{separator * (len(columns) - 1)}\n")
    )
    return _encoded(mutate_text(text, random) if random.random() < 0.25 else text)


def _parquet(columns, random):
    import pyarrow
    from pyarrow import parquet

    def column(cells):
        kind = random.choice(("text", "number", "number"))
        if kind == "text":
            return [cell.encode("utf-8", "replace").decode() or None for cell in cells]
        if set(cells) <= {"yes", "no", ""}:
            return [cell == "yes" for cell in cells]
        try:
            return [float(cell) if cell else None for cell in cells]
        except ValueError:
            return [cell.encode("utf-8", "replace").decode() for cell in cells]

    file = io.BytesIO()
    parquet.write_table(pyarrow.table({name: column(cells) for name, cells in columns.items()}), file)
    return file.getvalue()


def prices(random, folder):
    """Price and utility sets of the package, changed, in a study or listed by `evidence`."""
    kind = random.choice(("costs", "utilities"))
    pool = [
        data for data in stock.yaml_data(kind).values() if f"radsim_{kind}" in data
    ]  # others say what they differ by
    data = random.choice(pool)
    data = mutate(
        _terse(data) if random.random() < 0.7 else data, random, pool=pool, times=random.choice((1, 1, 1, 2, 3))
    )
    files = {"set.yaml": _as_file(data, random)}
    if random.random() < 0.15:
        return Case(["evidence", f"--{kind}", "set.yaml", *random.choice(([], ["--json"]))], files)
    economics = {"costs": "uk"} | {kind: "set.yaml"}
    return _use(random, {**files, CONFIG: _encoded(yaml_text({**stock.STUDY, "economics": economics}))})


def _terse(data):
    """A set without words about its numbers: less to read, and more of the changes meet numbers."""
    if not isinstance(data, dict):
        return data
    return {
        key: _terse(item)
        for key, item in data.items()
        if key not in ("population", "source", "note", "description", "unit", "status")
    }


def sweeps(random, folder):
    """Sweeps: bases, grids, samples; planned, and a few of them done."""
    parts = {
        "grid": {"cohort.karnofsky": [40, 80], "schedules[1].dose_gy": [18, 20], "cohort.era": ["1990s", "modern"]},
        "sample": {"n": 4, "method": random.choice(("sobol", "lhs", "random", "saltelli")), "over": {
            "parameters.relapse.median_days": "evidence", "parameters.flare.probability": {"uniform": {"low": 0.1, "high": 0.4}},
        }},
    }  # fmt: skip
    data = {"base": "base.yaml"} | {name: part for name, part in parts.items() if random.random() < 0.7}
    data = mutate(
        data, random, pool=[{"grid": {"cohort.site": ["hip"]}, "sample": {"n": 8}}, data], times=random.randint(0, 3)
    )
    base = mutate(stock.STUDY, random, times=random.choice((0, 0, 0, 1)))
    files = {"sweep.yaml": _as_file(data, random), "base.yaml": _encoded(yaml_text(base))}
    small = "size" in str(data) or any(len(item) > 9 for item in _lists(data))  # too large to do, perhaps
    if small or random.random() < 0.97:
        return Case(["sweep", "sweep.yaml", "--plan"], files)
    return Case(["sweep", "sweep.yaml", "-o", "store.zarr", "--threads", "1"], files, ("store.zarr",))


def _lists(data):
    if isinstance(data, list):
        yield data
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _lists(item)


def options(random, folder):
    """Command lines of every command: options repeated, left out, with odd values and file names."""
    from radsim.cli.main import COMMANDS

    name = random.choice(COMMANDS)
    command = import_module(f"radsim.cli.{name}").command
    words = []
    known = [option for option in command.params if isinstance(option, click.Option)]
    for option in random.choices(known, k=random.randint(0, 3)) if known else ():
        if option.name in ALWAYS.get(name, ()):
            continue
        words.append(random.choice([*option.opts, *option.opts, mutate_text(option.opts[0], random)]))
        words += [] if option.is_flag else [_option_value(option, random) for _ in range(option.nargs)]
    files = stock.result(folder, "plain.nc") | {CONFIG: _encoded(yaml_text(stock.STUDY))}
    arguments = [name, *FIRST[name](random), *words, *(["-h"] if random.random() < 0.02 else [])]
    if name == "bench" and "--help" not in words:
        arguments += ["--compare", CONFIG]  # no such document: refused before a minute of measuring
    return Case([word.replace("\x00", "") for word in arguments], files, ("out", *filter(None, words)))


ALWAYS = {
    "bench": ("quick", "cold", "threads", "old"),
    "validate": ("figure",),
    "run": ("patients", "draws"),
    "compare": ("patients", "draws"),
    "guide": ("patients", "draws"),
}
"""Options that are not to be varied: they would take minutes, or stand in the command line already."""

FIRST = {
    "run": lambda random: ["study.yaml", "--patients", "20", "--draws", "1"], "check": lambda random: ["study.yaml"],
    "compare": lambda random: ["8Gy/1", "20Gy/5", "--patients", "20", "--draws", "2"],
    "guide": lambda random: ["--site", random.choice(("hip", "spine", "zzz")), "--patients", "20", "--draws", "2"],
    "sweep": lambda random: ["study.yaml"], "rerun": lambda random: ["plain.nc", "-o", "out.nc"],
    "cea": lambda random: ["plain.nc", "--costs", "uk"], "validate": lambda random: ["study.yaml"], "calibrate": lambda random: ["study.yaml", "-o", "out.nc"],
    "evidence": lambda random: [random.choice(("flare", "*", "[", "zzz", "é"))], "show": lambda random: [random.choice(("study.yaml", "plain.nc"))],
    "init": lambda random: ["out"], "schema": lambda random: [], "bench": lambda random: [],
    "plot": lambda random: ["plain.nc", "--kind", random.choice(("response", "survival", "pain", "zzz")), "-o", "out.svg"],
    "report": lambda random: ["plain.nc" if random.random() < 0.05 else "study.yaml", "-o", "out.html"],
    "export": lambda random: ["plain.nc", "--to", random.choice(("csv", "parquet", "xlsx", "zzz")), "-o", "out"],
}  # fmt: skip
"""Arguments that make a command do its work, on small files."""

VALUES = ("1", "2", "0", "-1", "1.5", "nan", "inf", "1e400", "", "uk", "modern", "8Gy/1", "20Gy/5", "none", "breast", "70", "yes", "cost.fraction=90",
          "utility.anchor=0.4", "=", "a=b", "cost.fraction=nan", "30Gy/10@20w", "study.yaml", "plain.nc", "out", ".", "/", "nowhere/x", "-", "--", "@")  # fmt: skip


def _option_value(option, random):
    """Text for one option: of its own kind, or odd; never a size that takes long."""
    if isinstance(option.type, click.Choice) and random.random() < 0.7:
        return random.choice(list(option.type.choices))
    return random.choice(VALUES) if random.random() < 0.8 else random.choice(ODD_TEXTS)


def schedules(random, folder):
    """Texts that are to be schedules, on the command line and in a study."""
    dose, n = (
        random.choice(("8", "20", "0", "8.0", "08", "1e1", "200", "200.1", "-8", "८", "", "8,5", ".5")),
        random.choice(("1", "5", "0", "100", "101", "01", "1.0", "", "９")),
    )
    text = f"{dose}{random.choice(('Gy', 'Gy', 'Gy', 'gy', 'cGy', ' Gy', ''))}{random.choice('///:÷')}{n}{random.choice(('', '', '@sbrt', '@conventional', '@', '@x', '@20w', '@sbrt@20w'))}"
    text = mutate_text(text, random).replace("\x00", "") if random.random() < 0.3 else text
    if random.random() < 0.05:
        where = random.choice(
            (
                ["8Gy/1", text],
                [text],
                ["8Gy/1", "20Gy/5", "--prior", text],
                ["8Gy/1", "20Gy/5", "--prior-schedule", text],
            )
        )
        return Case(["compare", *where, "--patients", "20", "--draws", "2", "--threads", "1"], {})
    data = random.choice(({"schedules": ["8Gy/1", text]}, {"cohort": {"size": 5, "prior_schedule": text, "prior_weeks_ago": 20}},
                          {"schedules": [{"name": text, "dose_gy": odd_value(random), "fractions": random.choice((1, 5, odd_value(random)))}]}))  # fmt: skip
    return Case(["check", CONFIG], {CONFIG: _encoded(yaml_text({**stock.STUDY, **data}))}, round_trip=CONFIG)


def damage(random, folder):
    """Results with flipped, missing and foreign bytes, and with records and attributes that say what no result says."""
    name = random.choice(("plain.nc", "full.nc", "patients.nc", "store.zarr", "cea.json", "validate.json"))
    files = stock.result(folder, name)
    if name.endswith(".json"):
        files[name] = _document(files[name], random)
        kind = random.choice(
            ("frontier", "plane", "acceptability", "evpi", "forest", "forest-held-out", "response", "information")
        )
        return Case(["plot", name, "--kind", kind, "-o", "out.svg"], files, ("out.svg",))
    if name.endswith(".nc") and random.random() < 0.5:
        files[name] = _hostile(files[name], random)
    else:
        inside = random.choice(sorted(files))
        files[inside] = mutate_bytes(files[inside], random)
        if random.random() < 0.15:
            del files[inside]
    if not files:
        return Case(["show", name], {}, expected="refused")
    use = random.choices(READERS, [12, 3, 3, 1, 1, 1, 0.3])[0]
    return Case(
        [word.replace("RESULT", name) for word in use], files, tuple(word for word in use if word.startswith("out"))
    )


READERS = (
    ["show", "RESULT"], ["cea", "RESULT", "--evppi", "none", "--json", "--costs", "uk"], ["rerun", "RESULT", "-o", "out.nc", "--threads", "1"],
    ["plot", "RESULT", "--kind", "response", "-o", "out.svg"], ["export", "RESULT", "--to", "csv", "-o", "out"],
    ["plot", "RESULT", "--kind", "survival", "-o", "out.svg"], ["report", "RESULT", "-o", "out.html"],
)  # fmt: skip


def _document(content, random):
    if random.random() < 0.3:
        return mutate_bytes(content, random)
    return _encoded(flow(mutate(json.loads(content), random, times=random.randint(1, 3))))


def _hostile(content, random):
    """The bytes of a netCDF file whose record or attributes have been changed."""
    import netCDF4

    file = netCDF4.Dataset("x.nc", "r", memory=content)
    names = {None: file, **file.variables}
    changes = []
    for _ in range(random.randint(1, 2)):
        owner = random.choice([None, None, *file.variables])
        known = names[owner].ncattrs()
        if owner is None and "radsim_record" in known and random.random() < 0.7:
            record = mutate(json.loads(file.getncattr("radsim_record")), random, times=random.randint(1, 2))
            changes.append(
                (owner, "radsim_record", flow(record) if random.random() < 0.9 else mutate_text(flow(record), random))
            )
        else:
            changes.append(
                (
                    owner,
                    random.choice([*known, "units", "flag_values"]),
                    random.choice((*ODD_TEXTS[:30], 1, -1.5, [1, 2, 3], float("nan"))),
                )
            )
    copied = netCDF4.Dataset("x.nc", "w", memory=1024)
    for name, size in file.dimensions.items():
        copied.createDimension(name, size.size)
    left_out = random.choice([*file.variables]) if random.random() < 0.2 else None
    for name, variable in file.variables.items():
        if name == left_out:
            continue
        fill = variable.getncattr("_FillValue") if "_FillValue" in variable.ncattrs() else None
        made = copied.createVariable(name, variable.dtype, variable.dimensions, fill_value=fill)
        variable.set_auto_mask(False)
        made.setncatts({key: variable.getncattr(key) for key in variable.ncattrs() if key != "_FillValue"})
        if variable.size:
            made[...] = variable[...]
    copied.setncatts({key: file.getncattr(key) for key in file.ncattrs()})
    for owner, key, value in changes:
        if owner != left_out and key != "_FillValue" and not (isinstance(value, str) and "\x00" in value):
            (copied if owner is None else copied.variables[owner]).setncattr(key, value)
    file.close()
    return bytes(copied.close())


def known(random, folder):
    """Contradictions and impossible values that must be refused, each in one of its forms."""
    return random.choice(REFUSED)()


FAMILIES = {
    "configurations": (configurations, 30),
    "trials": (trials, 4),
    "cohorts": (cohorts, 18),
    "prices": (prices, 8),
    "sweeps": (sweeps, 8),
    "options": (options, 6),
    "schedules": (schedules, 22),
    "damage": (damage, 1),
    "known": (known, 3),
}
"""Families with their share of the cases; what takes longer has fewer."""
