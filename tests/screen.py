"""What must not leave the edge, as `xinji push` says it to the file connector."""

from __future__ import annotations

from connectors.files import Screen
from projections.admission import holds_personal_number, personal_data_problem

SCREEN = Screen(personal_data_problem, holds_personal_number)
