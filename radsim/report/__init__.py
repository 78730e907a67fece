"""One page that answers: what differs between the schedules, how sure that is, and where every number comes from."""

from radsim.report.page import WORDS, render, write_report

__all__ = ["WORDS", "render", "write_report"]
