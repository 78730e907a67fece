"""A seeded fuzzer of every door of radsim; `../fuzz.py` starts it."""
