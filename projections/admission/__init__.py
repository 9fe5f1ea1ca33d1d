"""Admission: what may enter the log. Pure rules over a decoded event (semantics: admission)."""

from projections.admission.entitlement import Source
from projections.admission.judge import Decoded, decode, judge
from projections.admission.kind import Rules, kind_problem
from projections.admission.personal import holds_personal_number, personal_data_problem
from projections.admission.reasons import REASONS, Rejection
from projections.admission.repeats import Duplicate, New, decide_repeat

__all__ = [
    "REASONS",
    "Decoded",
    "Duplicate",
    "New",
    "Rejection",
    "Rules",
    "Source",
    "decide_repeat",
    "decode",
    "holds_personal_number",
    "judge",
    "kind_problem",
    "personal_data_problem",
]
