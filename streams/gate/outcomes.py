"""What becomes of a statement at the gate. Not frozen: one of them is made of every statement."""

from __future__ import annotations

from dataclasses import dataclass

from projections.admission import Rejection
from schemas.records import ReceiptRow, Statement
from streams.gate.submissions import Item
from streams.gate.window import ActKey, IdKey


@dataclass(slots=True)
class Judged:
    """An item that keeps every rule but may be a repeat. ``partition`` is that of the log to which it belongs."""

    item: Item
    name: str
    digest: str
    act_key: ActKey
    id_key: IdKey
    partition: int


@dataclass(slots=True)
class Rejected:
    """An item that is not admitted. Event, act and subject as far as they could be read."""

    item: Item
    rejection: Rejection
    event: str = ""
    act_id: str = ""
    subject_id: str = ""
    source_event_id: str = ""

    def also(self, item: Item) -> Rejected:
        """Another item, rejected for the same."""
        return Rejected(item, self.rejection, self.event, self.act_id, self.subject_id, self.source_event_id)


@dataclass(slots=True)
class Admitted:
    """An item that enters the log. ``on_log``: it need not be produced (again): it stands there since before a crash and
    was never answered, or the same message stands twice in the take."""

    item: Item
    name: str
    statement: Statement
    on_log: bool


@dataclass(slots=True)
class Repeated:
    """An item that says again what ``first`` said; ``first`` may be of the same take (its offset is then unconfirmed).
    ``new_id``: its source's own id where nobody used that before: it is to be remembered."""

    item: Item
    first: Statement
    new_id: str = ""


@dataclass(slots=True)
class Answered:
    """An item that was answered before, as its message came again: it gets the same receipt."""

    item: Item
    receipt: ReceiptRow


@dataclass(slots=True)
class PassedOn:
    """An item that came by a partition on which its subject does not lie, which another gate writes: it goes there."""

    item: Item
    partition: int
    subject_id: str


Outcome = Rejected | Admitted | Repeated | Answered | PassedOn
