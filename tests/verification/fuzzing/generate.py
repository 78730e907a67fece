"""Configurations that a JSON Schema allows, by random choice; most are valid, some break a rule that a schema cannot say."""

from __future__ import annotations

import functools

LONGEST = 4
DISTRIBUTIONS = ("normal", "lognormal", "uniform", "fixed", "gamma", "beta")  # of which a value has one


@functools.cache
def schema():
    """The JSON Schema of a configuration."""
    from radsim.config import json_schema

    return json_schema()


def configuration(random):
    """A small configuration with a few keys of every section, made to keep the rules that a schema cannot say."""
    known = schema()["properties"]
    wanted = random.sample(sorted(set(known) - {"schedules", "cohort", "draws", "radsim"}), random.randint(0, 5))
    found = {name: value(known[name], random) for name in wanted}
    found["cohort"] = _cohort(value(known["cohort"], random), random)
    found["schedules"] = random.sample(
        ("8Gy/1", "20Gy/5", "30Gy/10", "none", "4Gy/1", "24Gy/6", "17.5Gy/3"), random.randint(1, 4)
    )
    if "parameters" in found:
        found["parameters"] = {
            random.choice(("flare.probability", "relapse.median_days", "nothing.known")): random.choice(
                (0.1, 0.5, 100.0)
            )
        }
    if "economics" in found:
        kept = ("perspective", "combination", "age_norm", "discount", "thresholds")
        found["economics"] = {name: item for name, item in found["economics"].items() if name in kept} | {
            "costs": random.choice(("uk", "nl"))
        }
    horizon = found.get("horizon_days", 1825)
    if "times_days" in found or horizon != 1825:
        found["times_days"] = [
            time for time in found.get("times_days", ()) if horizon == "lifetime" or time <= horizon
        ] or [0]
    for section, name in (
        (found, "times_days"),
        (found, "subgroups"),
        (found.get("economics", {}), "thresholds"),
        (found.get("observation", {}), "visits_weeks"),
    ):
        if name in section:
            section[name] = sorted(set(section[name]))
    return found


def _cohort(cohort, random):
    for name in ("file", "file_sha256", "each_row"):
        cohort.pop(name, None)
    cohort.update(
        size=random.randint(1, 30),
        population=random.choice(("default", "hip_breast", "lung_poor_prognosis", "neuropathic_spine")),
    )
    cohort = {name: shares(item) for name, item in cohort.items()}
    if "prior_schedule" in cohort:
        cohort["prior_schedule"] = random.choice(("none", "8Gy/1", {"none": 0.5, "30Gy/10": 0.5}))
    if isinstance(cohort.get("karnofsky"), int | float):
        cohort["karnofsky"] = random.randrange(10, 101, 10)
    return cohort


def shares(item):
    """A mapping of numbers scaled to a sum of one, as shares of categories have to."""
    if not isinstance(item, dict) or not item or not all(isinstance(share, int | float) for share in item.values()):
        return item
    total = sum(item.values())
    return {name: share / total for name, share in item.items()} if total > 0 else item


def value(rule, random):
    """A value that a schema allows."""
    if "$ref" in rule:
        return value(schema()["$defs"][rule["$ref"].rpartition("/")[2]], random)
    for either in ("anyOf", "oneOf"):
        if either in rule:
            return value(random.choice(rule[either]), random)
    if "const" in rule:
        return rule["const"]
    if "enum" in rule:
        return random.choice(rule["enum"])
    return KINDS[rule["type"]](rule, random)


def _mapping(rule, random):
    known, needed = rule.get("properties", {}), rule.get("required", [])
    wanted = [name for name in known if name in needed or random.random() < 0.4]
    if rule.get("maxProperties") == 1 or (known and set(known) <= set(DISTRIBUTIONS)):
        wanted = [random.choice(list(known))]
    wanted = wanted or list(known)[:1]
    return {name: value(known[name], random) for name in wanted}


def _list(rule, random):
    return [value(rule["items"], random) for _ in range(random.randint(1, LONGEST))]


def _number(rule, random):
    low = rule.get("minimum", rule.get("exclusiveMinimum", -1000))
    high = rule.get("maximum", rule.get("exclusiveMaximum", low + 1000))
    found = random.choice((low, high, round(random.uniform(low, high), 3), random.uniform(low, min(high, low + 10))))
    return high if "exclusiveMinimum" in rule and found <= low else found


def _integer(rule, random):
    low = rule.get("minimum", -1000)
    return random.randint(low, min(rule.get("maximum", low + 1000), low + 100))


KINDS = {
    "object": _mapping, "array": _list, "number": _number, "integer": _integer,
    "string": lambda rule, random: random.choice(("a name", "Männer & Frauen", "1990s", "x: y", "#1", "true", "8Gy/1")),
    "boolean": lambda rule, random: random.random() < 0.5,
}  # fmt: skip
