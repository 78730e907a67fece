"""The seven effects of care, kept as lists and looked up anew each time they are asked for."""

import math
from dataclasses import dataclass, field


@dataclass
class Effects:
    """What care does to one life.

    `factors` (E1) holds (hazard, start, stop, ratio), `shares` (E2) and `spikes` (E3) hold (start, stop, share or rise), `steps` (E6)
    holds (day, kept, dose, number), and `index_steps` what they would be without repeats and reliefs. `reliefs` (E7), of the index site alone, holds
    (start, stop, share), `ablated` the day of an ablation, `before_ablation` how many there were without it. `sites` holds dicts of start, pain, onset, relapse, level and responds. E4 is `response_log_odds`, E5 the diary. Radiotherapy `misses` where it is aimed at
    what does not hurt. What is given in the place of radiotherapy has log odds, a ratio of onsets, and a day on which a share crosses over.
    """

    factors: list = field(default_factory=list)
    shares: list = field(default_factory=list)
    spikes: list = field(default_factory=list)
    steps: list = field(default_factory=list)
    index_steps: list = field(default_factory=list)
    reliefs: list = field(default_factory=list)
    ablated: float = math.inf
    before_ablation: int = 0
    sites: list = field(default_factory=list)
    response_log_odds: float = 0.0
    flare_risk_ratio: float = 1.0
    cord_elsewhere: float = math.inf
    misses: bool = False
    log_odds_instead: float = None
    onset_ratio: float = 1.0
    cross_over: tuple = (math.inf, 0.0)

    def ratio(self, hazard, t):
        """E1: what a hazard is multiplied with at t."""
        return math.prod(ratio for name, start, stop, ratio in self.factors if name == hazard and start <= t < stop)

    def under(self, hazard, periods):
        """Periods of (until, rate), from day 0 on, with the rates multiplied."""
        edges = {edge for name, start, stop, _ in self.factors if name == hazard for edge in (start, stop) if edge > 0}
        edges |= {until for until, _ in periods}
        found, begin = [], 0.0
        for edge in sorted(edges):
            middle = (begin + edge) / 2 if edge < math.inf else begin + 1.0
            rate = next(rate for until, rate in periods if middle < until)
            found.append((edge, rate * self.ratio(hazard, middle)))
            begin = edge
        return found

    def kept(self, t, index_only=False):
        """E2 and E6: what is left of every pain at t."""
        kept = math.prod(1 - share for start, stop, share in self.shares if start <= t < stop)
        step = self.step(t, index_only)
        return kept * step[1] if step else kept

    def step(self, t, index_only=False):
        """E6: the step in force at t, None if there is none."""
        begun = [step for step in (self.index_steps if index_only else self.steps) if step[0] <= t]
        return begun[-1] if begun else None

    def kept_here(self, t):
        """E7: what is left of the pain of the index site at t."""
        return math.prod(1 - share for start, stop, share in self.reliefs if start <= t < stop)

    def relieve_here(self, start, stop, share):
        """E7, if it lasts at all."""
        if start < stop:
            self.reliefs.append((start, stop, share))

    def rise(self, t):
        """E3: the highest rise in force at t."""
        return max((rise for start, stop, rise in self.spikes if start <= t < stop), default=0.0)

    def pain_elsewhere(self, t):
        """Pain of the worst other site at t, before analgesics."""
        pains = [s["level"] if s["onset"] <= t < s["relapse"] else s["pain"] for s in self.sites if s["start"] <= t]
        return max(pains, default=0.0)

    def hurts_elsewhere(self, t):
        """Does another site hurt without relief, that is a partial or complete response in force?"""
        return any(s["start"] <= t and not (s["responds"] and s["onset"] <= t < s["relapse"]) for s in self.sites)

    def changes_of_pain(self):
        """Days on which care changes the pain of the index site."""
        edges = [edge for start, stop, _ in self.shares + self.spikes + self.reliefs for edge in (start, stop)]
        return edges + [step[0] for step in self.steps]

    def changes_of_sites(self):
        """Days on which the pain of another site changes."""
        return [site[edge] for site in self.sites for edge in ("start", "onset", "relapse")]


class Diary:
    """E5: what is counted of one life, by item and period, up to its end."""

    def __init__(self, period_ends, death):
        self.period_ends = list(period_ends)
        self.end = min(death, self.period_ends[-1])
        self.found = {}

    def add(self, item, period, amount):
        key = (item, period)
        self.found[key] = self.found.get(key, 0) + amount

    def at(self, item, day, amount=1):
        """Something on a day, if there was such a day."""
        if day < self.end:
            self.add(item, next(i for i, end in enumerate(self.period_ends) if day < end), amount)

    def every(self, item, days, start, stop):
        """Something on a day and at intervals after it, before another."""
        n = 0
        while start + n * days < min(stop, self.end):
            self.at(item, start + n * days)
            n += 1

    def parts(self, start, stop):
        """(period, start, stop) of a stretch of time within the life."""
        stop, begin = min(stop, self.end), 0.0
        for period, end in enumerate(self.period_ends):
            first, last = max(start, begin), min(stop, end)
            if first < last:
                yield period, first, last
            begin = end

    def days(self, item, start, stop):
        """Whole days of a stretch: each is counted when it is full, so that stretches side by side count no day twice."""
        for period, first, last in self.parts(start, stop):
            self.add(item, period, len(range(math.floor(first), math.floor(last))))
