"""Outcomes of a result as every face shows them: one value, one error, one interval.

`intervals` is the arithmetic on draws; `estimates` reads it out of a result.
"""
