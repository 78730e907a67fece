"""The generator: published known answers, and independence of everything it should not depend on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsim.compiled import door
from radsim.kernel import purposes
from radsim.maths import rng
from radsim.maths.rng import LANES

philox4x32, to_uniform, uniform, uniforms = map(door, (rng.philox4x32, rng.to_uniform, rng.uniform, rng.uniforms))

# Random123 1.14, tests/kat_vectors: counter, key, output of philox4x32 with 10 rounds
KNOWN_ANSWERS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_random123_known_answers(counter, key, expected):
    words = philox4x32(*(np.uint64(c) for c in counter), *(np.uint64(k) for k in key))
    assert tuple(int(w) for w in words) == expected


@given(st.integers(0, 2**32 - 1))
def test_uniform_is_never_zero_or_one(word):
    assert 0.0 < to_uniform(np.uint64(word)) < 1.0


@given(
    seed=st.integers(0, 2**53 - 1), draw=st.integers(0, 2**31), patient=st.integers(0, 2**32 - 1),
    purpose=st.integers(0, 200), occurrence=st.integers(0, 4000),
)  # fmt: skip
def test_one_purpose_is_its_lane_of_the_four(seed, draw, patient, purpose, occurrence):
    four = uniforms(seed, draw, patient, purpose // LANES, occurrence)
    assert uniform(seed, draw, patient, purpose, occurrence) == four[purpose % LANES]


def test_every_argument_changes_the_number():
    base = uniform(1, 2, 3, 4, 5)
    changed = [uniform(9, 2, 3, 4, 5), uniform(1, 9, 3, 4, 5), uniform(1, 2, 9, 4, 5), uniform(1, 2, 3, 9, 5),
               uniform(1, 2, 3, 4, 9), uniform(1 + 2**32, 2, 3, 4, 5)]  # fmt: skip
    assert base not in changed
    assert len(set(changed)) == len(changed)


def test_uniforms_are_uniform():
    n = 20_000
    u = np.array([uniform(7, 0, i, purposes.RESPONSE, 0) for i in range(n)])
    counts = np.histogram(u, bins=50, range=(0, 1))[0]
    chi2 = np.sum((counts - n / 50) ** 2 / (n / 50))
    assert chi2 < 49 + 5 * np.sqrt(2 * 49)  # chance of a correct rewrite tripping it: below 1e-5


def test_purposes_are_distinct_and_never_renumbered():
    numbers = {name: value for name, value in vars(purposes).items() if name.isupper()}
    assert len(set(numbers.values())) == len(numbers)
    # a stored result depends on these: append, never renumber
    assert numbers["FRAILTY"] == 128
    assert len(numbers) == 33
