"""The answer to a question about one kind of patient: numbers and sentences, before anybody lays them out."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from radsim import SCOPE
from radsim.compare.break_even import break_even
from radsim.compare.chances import Prognosis, prognosis
from radsim.compare.leans import leans_on
from radsim.compare.outcomes import each_of, outcomes, repeats, week
from radsim.compare.prognosis import SCALES, median_survival_days
from radsim.compare.question import WEEKS_SHOWN
from radsim.compare.reirradiation import reirradiation
from radsim.compare.spread import sureness
from radsim.cord import ELSEWHERE, where_is_it
from radsim.outcomes import estimates
from radsim.presentation.caveats import caveats
from radsim.presentation.frequencies import situation

if TYPE_CHECKING:
    import pandas

LEANING = {
    "relief_12_weeks": False, "retreatment_1_year": True, "hospital_days": True, "free_of_pain_12_weeks": False,
    "alive_12_months": False, "fracture_1_year": False, "cord_compression_1_year": False,
}  # fmt: skip
"""Outcomes that say which parameters matter, and whether by the difference between the first two schedules or by the first."""


@dataclass(frozen=True)
class Answer:
    """An answer.

    Attributes
    ----------
    config : Config
        The question; `radsim.simulate` gives the same numbers for it.
    results : radsim.results.Results
        The result it is read from, run record included.
    given : dict
        Covariates that were said; `drawn` are the others, from the default population.
    outcomes : dict of str to Outcome
        See `radsim.compare.outcomes.ROWS`.
    of_100 : dict of int to tuple of Situation
        By week, one for each schedule.
    repeats : tuple of Estimate
        Repeat courses per patient within five years, the first schedule minus each of the others; with `repeats_sureness`.
    break_even : tuple of BreakEven
        The first schedule against each of the others.
    median_survival_weeks : float
        Of such patients in the base case.
    prognosis : Prognosis or None
    cord : tuple of radsim.cord.CordVerdict
        What the rule of the spinal cord says of each schedule.
    reirradiation : Reirradiation or None
    caveats : tuple of Caveat
    leans_on : tuple of Lean
        Provisional parameters that matter most here; `provisional` and `provisional_covariates` name all.
    """

    config: object
    results: object = field(repr=False)
    record: dict = field(repr=False)
    given: dict
    drawn: tuple
    outcomes: dict
    of_100: dict
    repeats: tuple
    repeats_sureness: tuple
    break_even: tuple
    median_survival_weeks: float
    prognosis: Prognosis | None
    cord: tuple
    reirradiation: object
    caveats: tuple
    leans_on: tuple
    provisional: tuple
    provisional_covariates: dict
    high_risk_mm: float

    def __repr__(self):
        return f"{self._title}\n{self._texts().to_string()}"

    def _repr_html_(self):
        return f"<p>{escape(self._title)}</p>{self._texts().to_html()}"

    @property
    def _title(self):
        patient = ", ".join(f"{name} {value}" for name, value in self.given.items()) or "default population"
        return (
            f"{' or '.join(self.schedules)}: {patient}; of 100 patients (or days, points), 95 % of {self.n_draws} draws"
        )

    def to_frame(self) -> pandas.DataFrame:
        """Outcomes under each schedule, and the first schedule minus each of the others.

        Returns
        -------
        pandas.DataFrame
            A row for each outcome; columns in two levels, the second `value`, `low95` and `high95`. In the units of
            `to_dict`: shares are from 0 to 1.
        """
        import pandas

        names = [*self.schedules, *(f"{self.schedules[0]} minus {other}" for other in self.schedules[1:])]
        rows = {
            found.row.clinician: {
                (name, part): getattr(figure, part)
                for name, figure in zip(names, (*found.figures, *found.differences), strict=True)
                for part in ("value", "low95", "high95")
            }
            for found in self.outcomes.values()
        }
        return pandas.DataFrame.from_dict(rows, orient="index")

    def _texts(self):
        """As `to_frame`, each figure with its interval in one cell."""
        frame = self.to_frame()
        shares = [found.row.units == "1" for found in self.outcomes.values()]
        frame = frame.mul([100.0 if is_share else 1.0 for is_share in shares], axis=0)
        cells = {
            name: [f"{value:.1f} ({low:.1f} to {high:.1f})" for value, low, high in frame[name].itertuples(index=False)]
            for name in dict.fromkeys(frame.columns.get_level_values(0))
        }
        return type(frame)(cells, index=frame.index)

    @property
    def schedules(self) -> tuple[str, ...]:
        return tuple(schedule.name for schedule in self.config.schedules)

    @property
    def n_draws(self):
        """Draws of the posterior behind each interval."""
        return self.config.draws

    @property
    def simulation_error(self):
        """Largest Monte Carlo standard error of a share that is shown. [1]"""
        figures = [
            f
            for found in self.outcomes.values()
            if found.row.units == "1"
            for f in (*found.figures, *found.differences)
        ]
        return max(f.mcse for f in figures if f.mcse == f.mcse)

    @property
    def high_risk_femur(self):
        """Whether the femur is said to have the cortical involvement that marks a high risk of fracture."""
        involved = self.given.get("cortical_involvement_mm")
        return self.given.get("site") == "hip" and isinstance(involved, float) and involved >= self.high_risk_mm

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON: names instead of positions, NaN included."""
        return {
            "patient": {
                "given": self.given,
                "drawn": list(self.drawn),
                "median_survival_weeks": self.median_survival_weeks,
            },
            "era": self.config.cohort.era,
            "evidence": self.config.evidence,
            "of_100": {
                f"week_{weeks}": {name: found._asdict() for name, found in zip(self.schedules, each, strict=True)}
                for weeks, each in self.of_100.items()
            },
            "outcomes": {name: self._outcome(found) for name, found in self.outcomes.items()},
            "repeats_per_patient": self._differences(self.repeats, self.repeats_sureness),
            "break_even": [
                each._asdict() | {"days_per_repeat": each.days_per_repeat._asdict()} for each in self.break_even
            ],
            "prognosis": self._prognosis(),
            "reirradiation": None if self.reirradiation is None else self.reirradiation.to_dict(),
            "caveats": [caveat._asdict() for caveat in self.caveats],
            "leans_on": [lean._asdict() for lean in self.leans_on],
            "provisional": {"parameters": len(self.provisional), "covariates": sorted(self.provisional_covariates)},
            "scope": SCOPE,
        }

    def _outcome(self, found):
        row = found.row
        return {
            "variable": row.variable,
            "day": row.day,
            "units": row.units,
            "words": {"clinician": row.clinician, "patient": row.patient},
            "schedules": {name: f._asdict() for name, f in zip(self.schedules, found.figures, strict=True)},
            "differences": self._differences(found.differences, found.sureness),
        }

    def _differences(self, figures, how_sure):
        return [
            {"schedules": [self.schedules[0], other], **f._asdict(), "how_sure": sure._asdict()}
            for other, f, sure in zip(self.schedules[1:], figures, how_sure, strict=True)
        ]

    def _prognosis(self):
        if self.prognosis is None:
            return None
        chances = {
            name: {
                schedule: f._asdict() for schedule, f in zip(self.schedules, getattr(self.prognosis, name), strict=True)
            }
            for name in ("died_before_relief", "died_before_completion")
        }
        return {"weeks": self.prognosis.weeks, "model_weeks": self.prognosis.model_weeks, **chances}


def answer(
    config, *, circumstances=(), prognosis_weeks=None, threads=None, progress=None, command="radsim.compare.answer"
):
    """Simulate a question and read the answer.

    Parameters
    ----------
    config : Config
        From `question`.
    circumstances : sequence of str
        Of `caveats.CIRCUMSTANCES`: what the model does not know of.
    prognosis_weeks : float, optional
        What `question` was given, for the chances that follow from it. [week]
    threads, progress, command
        As of `radsim.simulate`.

    Returns
    -------
    Answer
    """
    from radsim.simulation import prepared, simulate_study

    study = prepared(config)
    results = simulate_study(study, threads=threads, progress=progress, command=command)
    return read(study, results, circumstances=circumstances, prognosis_weeks=prognosis_weeks)


def read(study, results, *, circumstances=(), prognosis_weeks=None):
    """The `Answer` of a study that has been simulated; see `answer`."""
    from radsim.provenance import from_dataset

    config, record, values = study.config, from_dataset(results), study.values(0)
    more_repeats = repeats(results)
    where = where_is_it(config, study.tables)
    found = outcomes(results, study, spine=where != ELSEWHERE)
    provisional = (*record["provisional"], *fixed_provisional(study))
    given = config.cohort.covariates
    return Answer(
        config=config,
        results=results,
        record=record,
        given=dict(given),
        drawn=tuple(name for name in study_covariates() if name not in given),
        outcomes=found,
        of_100={weeks: situations(results, weeks) for weeks in WEEKS_SHOWN},
        repeats=each_of(more_repeats.estimate()),
        repeats_sureness=tuple(sureness(more_repeats.at(i)) for i in range(len(config.schedules) - 1)),
        break_even=break_even(results, more_repeats),
        median_survival_weeks=median_survival_days(config) / 7.0,
        prognosis=None if prognosis_weeks is None else prognosis(study, results, prognosis_weeks),
        cord=study.cord,
        reirradiation=reirradiation(config, where, values),
        caveats=caveats(config, circumstances=circumstances),
        leans_on=leaning(study, results, found, provisional),
        provisional=provisional,
        provisional_covariates=record["provisional_covariates"],
        high_risk_mm=values["fracture.high_risk_mm"],
    )


def fixed_provisional(study):
    """Provisional parameters that a clinician's estimate holds at their base case: still relied on, all but the scale it sets."""
    scale = SCALES[study.config.cohort.era]
    return study.registry.provisional([name for name in study.config.parameters if name != scale])


def study_covariates():
    """Covariates that a clinician can say, in order."""
    from radsim.config import COVARIATES

    return tuple(name for name in COVARIATES if not name.startswith("prior_"))


def situations(results, weeks):
    """A hundred patients at some week under each schedule, from the means over the draws."""
    day = week(weeks)
    alive, relief, free = (
        estimates.estimate(results, name, day=day).value for name in ("survival", "relief", "complete_relief")
    )
    return tuple(situation(alive=a, relief=r, free_of_pain=f) for a, r, f in zip(alive, relief, free, strict=True))


def leaning(study, results, found, provisional):
    """The provisional parameters that the outcomes follow most closely; see `leans_on`."""
    if study.n_draws < 2:
        return ()
    columns = {}
    for name, by_difference in LEANING.items():
        if name in found:
            row, read = found[name].row, estimates.gaps if by_difference else estimates.columns
            columns[name] = read(results, row.variable, day=row.day).raw()[:, 0]
    samples = {name: study.samples[name][1:] for name in provisional if name in study.samples}
    return leans_on(samples, samples, columns)
