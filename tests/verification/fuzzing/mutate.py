"""Small changes of plain data, text and bytes; all random numbers from one `random.Random`.

Plain data are mappings (dict), lists, text, numbers and booleans; `Raw` is a piece of YAML that no data stand for (a tag, an alias).
A change returns a new value and leaves its argument as it was.
"""

from __future__ import annotations

import copy
import json


class Raw(str):
    """YAML that is written as it stands."""


ODD_NUMBERS = (
    0,
    -0.0,
    -1,
    1,
    2,
    0.5,
    1.0000001,
    3,
    7,
    28,
    99,
    365,
    1e-320,
    1e308,
    -1e308,
    2**31,
    2**53 - 1,
    2**53,
    2**63,
    10**30,
    1e-9,
)
ODD_TEXTS = (
    "", " ", "none", "null", "yes", "No", "TRUE", "nan", "inf", "1e3", "0x10", "1_000", "12:30:00", "2020-01-01", "8Gy/1", "8Gy/1 ", "8gy/1",
    "８Gy/１", "8Gy/1@sbrt", "24Gy/2@sbrt", "0Gy/1", "8Gy/0", "1e2Gy/1", "-8Gy/1", "breast", "hip", "default", "modern", "\x1b[31mred\x1b[0m",
    "a\nb", "a\tb", "\x00", "\x85", "\u2028", "\u202eevil", "\u200b", "é", "e\u0301", "🦴", "%s%n{}", "../../nowhere", "a" * 3000, "'", '"', "#", "- a", "<b>", "[", "*",
)  # fmt: skip
ODD_YAML = tuple(map(Raw, (
    "~", "", ".nan", ".inf", "-.Inf", "1e400", "-1e400", "1e-400", "0o17", "0x1F", "9" * 400, "+.5", "1.", "!!str 1", "!!python/object:os.system x", "&a 1",
    "*a", "? x", "{a: 1, a: 2}", "[" * 14 + "]" * 14, "{x: {y: {z: {}}}}", "@x", "`x`", "%x", "|\n  x", "'", "1 2", "- 1", "2020-01-01T00:00:00Z",
)))  # fmt: skip


def odd_value(random):
    """A value that a program may not have thought of."""
    pool = random.choices(
        (ODD_NUMBERS, ODD_TEXTS, ODD_YAML, (True, False), ([], {}, [[]], [1, 2], {"a": 1})), (6, 5, 3, 1, 1)
    )[0]
    return copy.deepcopy(random.choice(pool))


def paths(data, before=()):
    """Every path of plain data, that of the whole first."""
    yield before
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from paths(value, (*before, key))


def at(data, path):
    """The value at a path."""
    for key in path:
        data = data[key]
    return data


def mutate(data, random, *, pool=None, times=1):
    """Plain data after some random changes of values, keys and structure.

    Parameters
    ----------
    data : dict or list
    random : random.Random
    pool : sequence of object, optional
        Data of the same kind whose parts may take the place of parts.
    times : int
        Number of changes.

    Returns
    -------
    dict or list
    """
    data = copy.deepcopy(data)
    for _ in range(times):
        known = [path for path in paths(data) if path]
        if not known:
            break
        path = random.choice(known)
        parent = at(data, path[:-1])
        random.choice(CHANGES)(parent, path[-1], random, pool)
    return data


def _replace(parent, key, random, pool):
    parent[key] = odd_value(random)


def _nudge(parent, key, random, pool):
    value = parent[key]
    if isinstance(value, bool):
        parent[key] = not value
    elif isinstance(value, int | float):
        changed = (
            value + 1,
            value - 1,
            value * 10,
            value / 10,
            -value,
            value * 1000,
            int(value),
            float(value),
            str(value),
            value + 0.5,
        )
        parent[key] = random.choice(changed)
    elif isinstance(value, str) and not isinstance(value, Raw):
        parent[key] = mutate_text(value, random)
    else:
        parent[key] = odd_value(random)


def _remove(parent, key, random, pool):
    del parent[key]


def _rename(parent, key, random, pool):
    if isinstance(parent, dict):
        value = parent.pop(key)
        parent[random.choice((mutate_text(str(key), random), *map(str, parent), "unknown"))] = value
    else:
        parent.insert(key, copy.deepcopy(parent[key]))


def _wrap(parent, key, random, pool):
    value = parent[key]
    parent[key] = random.choice(
        ([value], {"value": value}, [value, copy.deepcopy(value)], {str(value)[:20]: 1}, str(value))
    )


def _borrow(parent, key, random, pool):
    other = random.choice(pool) if pool else parent
    here = [path for path in paths(other) if path] or [()]
    same = [path for path in here if path and path[-1] == key]
    parent[key] = copy.deepcopy(at(other, random.choice(same if same and random.random() < 0.8 else here)))


def _add(parent, key, random, pool):
    if isinstance(parent, list):
        parent.append(odd_value(random))
    else:
        parent[random.choice(ODD_TEXTS)] = odd_value(random)


CHANGES = (_replace, _replace, _nudge, _nudge, _nudge, _remove, _rename, _wrap, _borrow, _borrow, _add)


def mutate_text(text, random):
    """Text with one small change."""
    i, j = sorted((random.randint(0, len(text)), random.randint(0, len(text))))
    return random.choice((
        text[:i] + text[j:], text[:i] + random.choice(ODD_TEXTS) + text[i:], text[:j] + text[i:], text.upper(), text + " ", text[:i] + text[i + 1 :],
        text.replace(",", ";"), text.replace("\n", "\r\n"), text.replace(" ", "\t", 1), text[::-1],
    ))  # fmt: skip


def mutate_bytes(content, random):
    """Bytes flipped, cut, doubled or replaced."""
    if not content:
        return bytes(random.randrange(256) for _ in range(8))
    i = random.randrange(len(content))
    j = min(len(content), i + random.choice((1, 4, 64, 4096)))
    flipped = bytes([content[i] ^ (1 << random.randrange(8))])
    return random.choice((
        content[:i] + flipped + content[i + 1 :], content[:i] + flipped + content[i + 1 :], content[:i], content[:i] + content[j:], content[:j] + content[i:],
        content[:i] + bytes(j - i) + content[j:], content[:i] + random.randbytes(j - i) + content[j:], b"", content + content[:64], b"\xef\xbb\xbf" + content,
    ))  # fmt: skip


def yaml_text(data):
    """Plain data as YAML: keys of the outermost mapping on lines of their own, all else in flow style."""
    if isinstance(data, dict) and data:
        return "".join(f"{_key(key)}: {flow(value)}\n" for key, value in data.items())
    return flow(data) + "\n"


def flow(value):
    """A value in YAML's flow style."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def _key(key):
    return (
        str(key)
        if str(key).replace("_", "").replace(".", "").isalnum() and str(key).isascii()
        else json.dumps(str(key))
    )
