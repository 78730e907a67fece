"""The commented file that `radsim init` writes; ``configs/guideline.yaml`` is the same text."""

from radsim.care import KINDS

CARE = "".join(f"{f'  {kind.switch}: false':<41}# {kind.description}\n" for kind in KINDS if not kind.arm)

STARTING_FILE = """\
# The default study: a painful, uncomplicated bone metastasis, irradiated once, several times, or not at all.
#
#   radsim run guideline.yaml -o guideline.nc
#
# `radsim check` lists all faults of a file like this one, `radsim show` fills in every default, and with
# `radsim schema` an editor completes the keys.

radsim: 1                       # version of this format
name: Painful uncomplicated bone metastasis
seed: 20260101                  # same seed, same patients, same random numbers; leave it out and one is drawn

cohort:
  size: 100000                  # patients; each is simulated under every schedule
  population: default           # the mix of the Dutch Bone Metastasis Study; others: hip_breast,
                                # lung_poor_prognosis, neuropathic_spine
  era: 1990s                    # survival as in the fractionation trials; or modern
  # Any covariate may be fixed or given a distribution of its own:
  # primary: {breast: 0.4, prostate: 0.25, lung: 0.25, other: 0.1}
  # site: hip                   # hip, pelvis, spine, humerus, rib, other
  # karnofsky: 70
  # age: {normal: {mean: 65, sd: 10}}
  # pain: {uniform: {low: 5, high: 10}}   # worst pain, 0 to 10; below 2 there is no response
  # morphine_equivalent: {lognormal: {median: 40, sigma: 0.9, zero: 0.45}}   # mg a day; zero: share without
  # neuropathic: 0.2            # probability of yes; or true, false
  # prior: [30Gy/10@60w]        # earlier courses to the same site, all of them: schedule, weeks since its last fraction

schedules:                      # total dose / number of fractions; `none` is analgesics alone
  - 8Gy/1
  - 20Gy/5
  - 30Gy/10
  - none
  # - {name: 24Gy/2@sbrt, dose_gy: 24, fractions: 2, technique: sbrt, cord_dose_gy: 17}

evidence: guideline             # complete response placed in the range of the guidelines; or trials, the default
                                # where nothing is said: as calibrated on the trials
# parameters: {flare.probability: 0.3}   # replaces values of the registry, which `radsim evidence` lists

observation:
  visits_weeks: [1, 2, 4, 8, 12]         # when patients are asked; who is not seen counts as a failure

care:
CARE

# retreatment: {none_may_be_irradiated: true}   # patients of `none` who hurt may be offered a first course later

horizon_days: 1825              # or lifetime
times_days: [7, 14, 28, 56, 84, 182, 365]
draws: 0                        # N: N draws of all parameters beside the base case
# subgroups: [primary]          # results also apart for each category
# economics: {costs: uk}        # costs and QALYs too; horizon_days: lifetime goes with it
""".replace("CARE\n", CARE)
