"""Dexamethasone around the index course, against pain flare."""

from radsim.care.kind import Item, Kind

KIND = Kind(
    number=0,
    name="dexamethasone",
    switch="dexamethasone_prophylaxis",
    label="Dexamethasone",
    description="around the irradiation, against a flare of the pain",
    option="dexamethasone",
    parameters=("dexamethasone.flare_risk_ratio", "dexamethasone.hyperglycaemia_probability"),
    acts_on=("flare",),
    purposes={"hyperglycaemia": 156},
    items=(
        Item("dexamethasone_courses", "dexamethasone_course", "toxicity", "course", "dexamethasone against pain flare"),
        Item("hyperglycaemias", "hyperglycaemia", "toxicity", "event", "hyperglycaemia under dexamethasone"),
    ),
)
