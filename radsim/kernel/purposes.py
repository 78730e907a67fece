"""What a random number is for. Append, never renumber: a purpose is part of every stored result.

Four consecutive purposes share one call of the generator. Ranges: 0–63 the cohort, 64–127 parameters, 128 on the events of a
trajectory.
"""

# the cohort: covariate i of `config.COVARIATES` has purpose i, from the sixteenth on i + 1
COHORT_ROW = 16  # which row of a registry a patient is drawn from

PARAMETER = 64  # the patient number is the CRC-32 of the parameter's name

FRAILTY, SURVIVAL, BACKGROUND_DEATH, NEVER_RETURNS = 128, 129, 130, 131
RESPONSE, ONSET, RELAPSE, TOXICITY = 132, 133, 134, 135  # occurrence: course
FLARE, FLARE_START, FLARE_DURATION, DIARY_MISSING = 136, 137, 138, 139  # occurrence: course
OFFER, REPEAT_SCHEDULE = 140, 142  # occurrence: course; 141 and 143 belonged to the first edition
WORSENING, FRACTURE, CORD_COMPRESSION, SURGERY_FRACTURE = 144, 145, 146, 147
TITRATION, ESCALATION, TAPER, SURGERY_CORD = 148, 149, 150, 151
ATTENDANCE = 152  # occurrence: day of the visit
# 156 to 255, and from 264 on: the kinds of care, each in its row of `radsim.care`
REPORT_AT_START, REPORT_AT_VISITS, TERMINAL, DRIFT = 256, 257, 258, 259
COMPLETE_RELIEF, WORSENING_DURATION, RELAPSE_EFFECT, COMPLETE_RELIEF_EFFECT = 260, 261, 262, 263  # occurrence: course
