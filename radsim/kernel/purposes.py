"""What a random number is for. Append, never renumber: a purpose is part of every stored result.

Four consecutive purposes share one call of the generator. Ranges: 0–63 the cohort, 64–127 parameters, 128 on the events of a
trajectory.
"""

# the cohort: covariate i of `config.COVARIATES` has purpose i
COHORT_ROW = 16  # which row of a registry a patient is drawn from

PARAMETER = 64  # the patient number is the CRC-32 of the parameter's name

FRAILTY, SURVIVAL, BACKGROUND_DEATH, NEVER_RETURNS = 128, 129, 130, 131
RESPONSE, ONSET, RELAPSE, TOXICITY = 132, 133, 134, 135  # occurrence: course
FLARE, FLARE_START, FLARE_DURATION, DIARY_MISSING = 136, 137, 138, 139  # occurrence: course
OFFER, DELAY, REPEAT_SCHEDULE, OFFER_WITHOUT_FAILURE = 140, 141, 142, 143  # occurrence: course
WORSENING, FRACTURE, CORD_COMPRESSION, SURGERY_FRACTURE = 144, 145, 146, 147
TITRATION, ESCALATION, TAPER, SURGERY_CORD = 148, 149, 150, 151
ATTENDANCE = 152  # occurrence: day of the visit
# from 156 on the kinds of care, each in its row of `radsim.care`
