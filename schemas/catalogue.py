"""The catalogue of events: one entry per Avro record in ``avsc/``. Adding an event means adding its entry here.

``number`` is the schema id in the Confluent wire format where no registry is used; it is never reused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class EventType:
    """What the product knows of one event, beyond its fields.

    ``kind`` is the kind of act that the event makes, None for a follow-up event, which carries the act id of the act
    that it changes. ``own_date`` names the field that equals ``header.occurred_on``. ``told_apart_by`` are the fields
    that tell two acts of one subject, authority and day apart where there is no document number.
    """

    number: int
    name: str
    zh: str
    kind: str | None = None
    own_date: str | None = None
    told_apart_by: tuple[str, ...] = ()

    @property
    def makes_act(self) -> bool:
        return self.kind is not None


_EVENTS: Final = (
    EventType(1, "SubjectRegistered", "信用主体登记", kind="registration"),
    EventType(
        2,
        "LicenceGranted",
        "行政许可",
        kind="licence",
        told_apart_by=(
            "document_name",
            "licence_category",
            "certificate_name",
            "certificate_number",
            "content",
            "valid_from",
            "valid_to",
            "extra",
        ),
    ),
    EventType(
        3,
        "PenaltyImposed",
        "行政处罚",
        kind="penalty",
        told_apart_by=(
            "document_name",
            "violation_type",
            "violation_facts",
            "penalty_basis",
            "penalty_categories",
            "penalty_content",
            "fine_amount",
            "confiscated_amount",
            "licence_affected",
            "extra",
        ),
    ),
    EventType(
        4,
        "InspectionConducted",
        "行政检查",
        kind="inspection",
        told_apart_by=("plan", "items", "method", "result", "problems", "extra"),
    ),
    EventType(5, "CommitmentMade", "信用承诺", kind="commitment", told_apart_by=("commitment_type", "matter", "content", "extra")),
    EventType(6, "CommitmentFulfilled", "承诺已履行", own_date="fulfilled_on"),
    EventType(7, "CommitmentBreached", "违背承诺", kind="breach", told_apart_by=("commitment_act_id", "kind", "facts", "extra")),
    EventType(8, "ListingNoticed", "列入名单事先告知", kind="listing_notice", told_apart_by=("list", "reason", "extra")),
    EventType(
        9,
        "ListingDecided",
        "列入名单决定",
        kind="listing",
        told_apart_by=("list", "term_months", "reason", "basis_act_ids", "extra"),
    ),
    EventType(
        10,
        "ListingRemoved",
        "移出名单决定",
        kind="listing_removal",
        own_date="removed_on",
        told_apart_by=("list", "entry_act_id", "reason", "extra"),
    ),
    EventType(11, "ActDisclosed", "行政行为已公示", own_date="disclosed_on"),
    EventType(12, "DisclosureWithdrawn", "撤下公示", own_date="withdrawn_on"),
    EventType(13, "ActCorrected", "行政行为更正"),
    EventType(14, "ActRevoked", "行政行为撤销", own_date="revoked_on"),
)

BY_NAME: Final[dict[str, EventType]] = {event.name: event for event in _EVENTS}
BY_NUMBER: Final[dict[int, EventType]] = {event.number: event for event in _EVENTS}
KINDS: Final[frozenset[str]] = frozenset(event.kind for event in _EVENTS if event.kind is not None)


def event_type(name: str) -> EventType:
    """The catalogue entry of an event name; raises KeyError for a name that is not an event of this product."""
    return BY_NAME[name]
