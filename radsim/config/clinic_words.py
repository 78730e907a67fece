"""Sites and primaries as clinics write them, and what the model simulates them as: the one table that every reader uses."""

from __future__ import annotations

import re

SPELLINGS = {
    "site": {
        "ribs": "rib", "proximal_femur": "hip", "femoral_neck": "hip", "proximal_humerus": "humerus", "pelvic_bone": "pelvis", "vertebra": "spine",
        "vertebrae": "spine", "spinal": "spine", "c_spine": "cervical_spine", "t_spine": "thoracic_spine", "l_spine": "lumbar_spine",
        "cervical": "cervical_spine", "thoracic": "thoracic_spine", "lumbar": "lumbar_spine", "femoral_shaft": "femur", "sacral": "sacrum",
        "acetabular": "acetabulum",
    },
    "primary": {
        "renal": "kidney", "renal_cell": "kidney", "urothelial": "bladder", "multiple_myeloma": "myeloma", "gi": "gastrointestinal",
        "gastro_intestinal": "gastrointestinal", "colorectal": "gastrointestinal", "cup": "unknown", "unknown_primary": "unknown",
        "cancer_of_unknown_primary": "unknown",
    },
}  # fmt: skip
"""Other words for the same thing: read, and nothing is said of it."""

SIMULATED_AS = {
    "site": {
        "femur": "hip", "acetabulum": "pelvis", "sacrum": "pelvis", "cervical_spine": "spine", "thoracic_spine": "spine", "lumbar_spine": "spine",
        "skull": "other", "sternum": "other", "clavicle": "other", "scapula": "other",
    },
    "primary": dict.fromkeys(("kidney", "bladder", "melanoma", "myeloma", "gastrointestinal", "thyroid", "unknown"), "other"),
}  # fmt: skip
"""Words whose patients the model does not tell apart from others: what they are simulated as, which is said in the warnings."""

NOTES = {
    ("site", "hip"): "hip (proximal femur)",
    ("site", "pelvis"): "pelvis, so without the rule of the spinal cord",
    ("site", "spine"): "spine, of which the model knows no levels",
    ("site", "other"): "other (the evidence has no separate figures)",
    ("primary", "other"): "other (the evidence has no separate figures)",
}
"""What the patients of such a word are simulated as, in a sentence."""


def spelling(covariate: str, text: str) -> str:
    """A word in lower case, underscores for blanks and hyphens, other words for the same thing replaced."""
    word = re.sub(r"[\s_-]+", "_", text.strip().lower())
    return SPELLINGS.get(covariate, {}).get(word, word)


def words_beside(covariate: str) -> tuple[str, ...]:
    """Words that are read beside the categories of a covariate, each simulated as one of them."""
    return tuple(SIMULATED_AS.get(covariate, ()))


def simulated(covariate: str, marginal):
    """A marginal with the categories of the model.

    Parameters
    ----------
    covariate : str
    marginal : Marginal
        A word, or ``{word: probability}``; others are given back as they are.

    Returns
    -------
    Marginal
        Probabilities of words that mean the same category are added up.
    """
    words = SIMULATED_AS.get(covariate, {})
    if isinstance(marginal, str):
        return words.get(marginal, marginal)
    if not words or not isinstance(marginal, dict) or not words.keys() & marginal.keys():
        return marginal
    added = {}
    for word, share in marginal.items():
        category = words.get(word, word)
        added[category] = added.get(category, 0.0) + share
    return added


def what_is_said(covariate: str, words) -> list[str]:
    """Sentences on the words that are simulated as something else, such as `femur is simulated as hip (proximal femur)`.

    Parameters
    ----------
    covariate : str
    words : iterable of str
        In use; those of the model are passed over.
    """
    groups = {}
    for word in words:
        if word in (known := SIMULATED_AS.get(covariate, {})):
            groups.setdefault(known[word], []).append(word.replace("_", " "))
    return [
        f"{_listed(group)} {'is' if len(group) == 1 else 'are'} simulated as {NOTES[covariate, category]}"
        for category, group in groups.items()
    ]


def _listed(words):
    return " and ".join(words) if len(words) < 3 else ", ".join(words[:-1]) + f" and {words[-1]}"
