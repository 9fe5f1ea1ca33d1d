"""The disclosure beside an act whose publication day the file or the caller knows."""

from __future__ import annotations

from datetime import date

from connectors.files.outcome import Event
from schemas.catalogue import BY_NAME


def disclosure(name: str, event: Event, disclosed_on: date | None, channel: str | None) -> tuple[tuple[str, Event], ...]:
    """The ActDisclosed of an act: the same act, subject, authority and source; nothing where the day is not known.

    The source's own id and number belong to the act's statement and are not repeated.
    """
    if disclosed_on is None or not BY_NAME[name].makes_act:
        return ()
    header = {
        **event["header"],
        "occurred_on": disclosed_on,
        "source_event_id": None,
        "sequence": None,
        "legal_basis": [],
        "disclosure_exempt_basis": None,
    }
    return (("ActDisclosed", {"header": header, "disclosed_on": disclosed_on, "channel": channel}),)
