"""The answer to a question about one kind of patient: numbers and sentences, before anybody lays them out."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from radsim import SCOPE
from radsim.compare.chances import Prognosis, prognosis
from radsim.compare.findings import each_of, findings, repeats, surenesses
from radsim.compare.influence import most_influential
from radsim.compare.prognosis import median_survival_days
from radsim.compare.question import WEEKS_SHOWN
from radsim.compare.reirradiation import reirradiation
from radsim.compare.trade_off import trade_offs
from radsim.config.covariates import CONDITIONS
from radsim.cord import BEYOND, ELSEWHERE, where_is_it
from radsim.outcomes import estimates, format
from radsim.outcomes.catalogue import BY_KEY, WEEK
from radsim.outcomes.frequencies import situations
from radsim.presentation import patient
from radsim.presentation.caveats import caveats, offered_more_readily
from radsim.presentation.certainty import DRAWN
from radsim.presentation.headline import KEYS, Read, headline
from radsim.prognosis import INTERCEPT

if TYPE_CHECKING:
    import pandas


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
        Covariates that were given, in the user's words; `drawn` are the others, from the default population.
    outcomes : dict of str to Finding
        By key of `radsim.outcomes.catalogue`.
    of_100 : dict of int to tuple of Situation
        By week, one for each schedule.
    repeats : tuple of Estimate
        Repeat courses per patient within five years, the first schedule minus each of the others; with `repeats_sureness`.
    trade_offs : tuple of TradeOff
        The first schedule against each of the others.
    median_survival_weeks : float
        Of such patients in the base case.
    prognosis : Prognosis or None
    cord : tuple of radsim.cord.CordVerdict
        What the rule of the spinal cord says of each schedule.
    reirradiation : Reirradiation or None
    caveats : tuple of Caveat
    most_influential : tuple of Influence
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
    trade_offs: tuple
    median_survival_weeks: float
    prognosis: Prognosis | None
    cord: tuple
    reirradiation: object
    caveats: tuple
    most_influential: tuple
    provisional: tuple
    provisional_covariates: dict
    high_risk_mm: float

    def __repr__(self):
        return "\n".join([self._title, *self.sentences, self._texts().to_string()])

    def _repr_html_(self):
        sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences)
        return f"<p><b>{escape(self._title)}</b></p>{sentences}{self._texts().to_html()}"

    @property
    def _title(self):
        about = patient.describe(self.given) or "no patient in particular"
        return f"{' or '.join(self.schedules)}? {about[:1].upper()}{about[1:]}"

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in sentences, of the schedules that the spinal cord allows; none where fewer than two are left."""
        choices = [i for i, each in enumerate(self.cord) if each.verdict != BEYOND]
        if len(choices) < 2 or choices[0] != 0:
            return ()
        read = {
            key: Read(
                [one.figures[i].value for i in choices],
                [one.differences[i - 1].of_evidence(self.n_draws) for i in choices[1:]],
            )
            for key in KEYS if (one := self.outcomes.get(key)) is not None
        }  # fmt: skip
        schedules = [self.config.schedules[i] for i in choices]
        readily = offered_more_readily(schedules, self.config.parameters)
        return tuple(headline(read, [schedule.name for schedule in schedules], offered_more_readily=readily))

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
            found.outcome.label: {
                (name, part): getattr(figure, part)
                for name, figure in zip(names, (*found.figures, *found.differences), strict=True)
                for part in ("value", "low95", "high95")
            }
            for found in self.outcomes.values()
        }
        return pandas.DataFrame.from_dict(rows, orient="index")

    def _texts(self):
        """Outcomes that the page of `radsim compare` shows, a cell a schedule and a cell a difference."""
        import pandas

        names = [*self.schedules, *(f"{self.schedules[0]} minus {other}" for other in self.schedules[1:])]
        rows = {}
        for found in (each for each in self.outcomes.values() if each.outcome.brief):
            figures = [figure.of_evidence(self.n_draws) for figure in (*found.figures, *found.differences)]
            factor = found.outcome.scale.factor
            rows[found.outcome.label] = [
                format.interval(*figure.with_ends, scale=factor, signed=i >= len(self.schedules))
                for i, figure in enumerate(figures)
            ]
        return pandas.DataFrame.from_dict(rows, orient="index", columns=names)

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
            if found.outcome.is_share
            for f in (*found.figures, *found.differences)
        ]
        return max(f.mcse for f in figures if f.mcse == f.mcse)

    @property
    def high_risk_femur(self):
        """Whether the femur is said to have the cortical involvement that marks a high risk of fracture."""
        involved = self.given.get("cortical_involvement_mm")
        return (
            self.config.cohort.covariates.get("site") == "hip"
            and isinstance(involved, float)
            and involved >= self.high_risk_mm
        )

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
                each._asdict() | {"days_per_repeat": each.days_per_repeat._asdict()} for each in self.trade_offs
            ],
            "prognosis": self._prognosis(),
            "reirradiation": None if self.reirradiation is None else self.reirradiation.to_dict(),
            "caveats": [caveat._asdict() for caveat in self.caveats],
            "most_influential": [each._asdict() for each in self.most_influential],
            "provisional": {"parameters": len(self.provisional), "covariates": sorted(self.provisional_covariates)},
            "scope": SCOPE,
        }

    def _outcome(self, found):
        outcome = found.outcome
        return {
            "variable": outcome.variable,
            "day": outcome.day,
            "units": self.results[outcome.variable].attrs["units"],
            "words": {"clinician": outcome.label, "patient": outcome.patient},
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
        Of `caveats.CIRCUMSTANCES`: what the model does not simulate.
    prognosis_weeks : float, optional
        What `question` was given, for the chances that follow from it. [week]
    threads, progress, command
        As of `radsim.simulate`.

    Returns
    -------
    Answer
    """
    from radsim.provenance import with_asked
    from radsim.simulation import prepared, simulate_study

    study = prepared(config)
    results = simulate_study(study, threads=threads, progress=progress, command=command)
    results = with_asked(results, circumstances=circumstances, prognosis_weeks=prognosis_weeks)
    return read(study, results, circumstances=circumstances, prognosis_weeks=prognosis_weeks)


def read(study, results, *, circumstances=(), prognosis_weeks=None):
    """The `Answer` of a study that has been simulated; see `answer`."""
    from radsim.provenance import from_dataset

    config, record, values = study.config, from_dataset(results), study.values(0)
    more_repeats = repeats(results)
    where = where_is_it(config, study.tables)
    found = findings(results, study, spine=where != ELSEWHERE)
    provisional = (*record["provisional"], *fixed_provisional(study))
    given = config.cohort.covariates
    return Answer(
        config=config,
        results=results,
        record=record,
        given=config.cohort.as_written,
        drawn=tuple(name for name in study_covariates() if name not in given and name not in CONDITIONS),
        outcomes=found,
        of_100={weeks: tuple(situations(results, WEEK * weeks)) for weeks in WEEKS_SHOWN},
        repeats=each_of(more_repeats.estimate()),
        repeats_sureness=tuple(surenesses(more_repeats, BY_KEY["retreatment"], study)),
        trade_offs=trade_offs(results, more_repeats),
        median_survival_weeks=median_survival_days(config) / 7.0,
        prognosis=None if prognosis_weeks is None else prognosis(study, results, prognosis_weeks),
        cord=study.cord,
        reirradiation=reirradiation(config, where, values),
        caveats=caveats(config, circumstances=circumstances),
        most_influential=influential(study, results, found, provisional),
        provisional=provisional,
        provisional_covariates=record["provisional_covariates"],
        high_risk_mm=values["fracture.high_risk_mm"],
    )


def fixed_provisional(study):
    """Provisional parameters that a clinician's estimate holds at their base case: still relied on, all but the intercept it sets."""
    return study.registry.provisional([name for name in study.config.parameters if name != INTERCEPT])


def study_covariates():
    """Covariates that a clinician can give, in order."""
    from radsim.config import COVARIATES

    return tuple(name for name in COVARIATES if not name.startswith("prior_"))


def influential(study, results, found, provisional):
    """The provisional parameters that the answer follows most closely; see `most_influential`.

    Notes
    -----
    Of an outcome whose difference the evidence decides, the difference counts; of the others, the figure of the first schedule.
    """
    if study.n_draws < 2:
        return ()
    shown = [found[key] for key in KEYS if key in found]
    shown += [each for each in found.values() if each.outcome.brief and each not in shown]
    columns = {}
    for each in shown:
        is_drawn = each.sureness[0].verdict in DRAWN
        read = estimates.gaps if is_drawn else estimates.columns
        columns[each.outcome.key] = read(results, each.outcome.variable, day=each.outcome.day).raw()[:, 0]
    samples = {name: study.samples[name][1:] for name in provisional if name in study.samples}
    return most_influential(samples, samples, columns)
