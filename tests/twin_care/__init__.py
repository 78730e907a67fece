"""The twin of the care around the radiotherapy: a module a kind, written from `radsim/kernel/README.md` and sharing no code with radsim.

A kind of care is a module with some of the functions

    ratio_of_death(settings, patient, parameters, era, care, luck)  of the hazard of death from the disease
    act(settings, life, schedule, luck)       effects that depend on nothing else
    act_last(settings, life, schedule, luck)  effects that depend on those
    follow(settings, life, luck, visit_days)  after each course: effects that depend on the pain so far
    count(settings, life, luck, diary)        what was given and what happened, for the `diary`

where `life` is a `twin.Life`, `settings` holds words and numbers as a configuration does, and `luck(purpose, occurrence)` is a uniform.
"""
