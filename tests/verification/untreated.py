"""What makes untreated patients state two points less: each part of the model taken out, and each alone. Half a minute.

``python tests/verification/untreated.py`` prints a table as Markdown, of the set `trials`, base case. The sham arm of Hurwitz 2014 has 7 of the 35 who
were randomised at week 12 (20 %; 95 % interval 10 to 36). Nothing here is a test.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from studies import totals
from time_course import SHAM, responders_at_visits, trial

from radsim.trials import load_trial
from radsim.trials.rerun import rerun

N = 40_000
STATED = {"report.slow_sd": 1e-9}
RESPONSE = {"response.log_odds.no_irradiation": -50.0}
ANALGESICS = {"analgesic.relief_per_increase": 0.0}
CASES = {
    "the whole model": {},
    "without the deviation of what is stated": STATED,
    "without any response of the site": RESPONSE,
    "without relief by analgesics": ANALGESICS,
    "without regression to the mean at the start": {"report.at_start_sd": 1e6},
    "the deviation of what is stated alone": {**RESPONSE, **ANALGESICS},
    "response of the site alone": {**STATED, **ANALGESICS},
    "relief by analgesics alone": {**STATED, **RESPONSE},
}
"""Parameters at which a part does nothing. A very wide spread at the start draws nobody towards the mean, and keeps the deviation."""


def shares(parameters):
    """Two points less without more opioid: of all randomised at week 12, and of who is seen at weeks 1, 4 and 12. [1]"""
    (row,) = rerun(load_trial(SHAM), parameters=parameters, n_patients=N)
    seen = responders_at_visits(
        totals(trial(schedules=("none",), cohort={"size": N}, parameters=parameters)), "consensus", 1
    )
    return row.predicted, *seen[[0, 2, 4]]


def main():
    """Print the table."""
    print(
        "| | of all randomised, week 12, % | of who is seen, week 1, % | week 4, % | week 12, % |\n|---|---|---|---|---|"
    )
    for name, parameters in CASES.items():
        print(f"| {name} | {' | '.join(f'{100 * share:.0f}' for share in shares(parameters))} |")


if __name__ == "__main__":
    main()
