"""Entries on lists: from when, until when, and what is irregular about them (semantics: lists)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from projections.acts import Act
from projections.dates import add_months
from projections.policy import Policy
from projections.policy.lists import ListRule

IRREGULARITIES: Final = {
    "no_prior_notice": "应事先告知而未告知 / notice was due and none is known between the previous decision and this one",
    "no_known_basis": "没有已知的依据行为 / no basis act that the log knows as made, of this subject",
    "basis_void": "依据行为全部自始无效 / all known basis acts are void",
    "ends_before_start": "移出早于列入 / it ends before it starts",
    "invalid_correction": "更正使行为无效，未生效 / a correction or restatement would leave the act invalid; it has no effect",
    "conflicting_sources": "其他单位的陈述与之不一致 / another source's latest statement differs",
    "not_competent": "决定机关不在名单目录允许的类别内 / the authority is not of a class that may decide",
}
"""The closed list of irregularities. They are shown, never hidden, and never drop a fact."""
_END_ORDER: Final = ("removed", "revoked", "repaired", "term")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry on a list, open on ``[listed_from, listed_to)``; None is open-ended. ``evidence``: ids of the events."""

    entry_id: str
    list: str
    list_name: str
    effect: str
    authority_id: str
    authority_name: str
    source_id: str
    listed_from: date
    listed_to: date | None
    end_reason: str | None
    reason: str | None
    responsible: tuple[tuple[str, str], ...]
    irregularities: tuple[str, ...]
    evidence: tuple[str, ...]
    legal_basis: str

    def open_on(self, day: date) -> bool:
        return self.listed_from <= day and (self.listed_to is None or day < self.listed_to)


def entries_of(acts: Sequence[Act], policy: Policy) -> list[Entry]:
    """The entries of one subject, voided ones left out, by day and id."""
    listings = [act for act in acts if act.name == "ListingDecided"]
    removals = sorted(
        (act for act in acts if act.name == "ListingRemoved" and act.revocation is None), key=lambda one: one.recorded_order
    )
    by_id = {act.act_id: act for act in acts}
    found = [
        _entry(act, rule, removals, listings, acts, by_id, policy)
        for act in listings
        if not act.void and (rule := policy.lists.find(act.content["list"], act.occurred_on))
    ]
    return sorted(found, key=lambda one: (one.listed_from, one.entry_id))


def _entry(
    act: Act,
    rule: ListRule,
    removals: Iterable[Act],
    listings: Iterable[Act],
    acts: Iterable[Act],
    by_id: dict[str, Act],
    policy: Policy,
) -> Entry:
    start = act.occurred_on
    ends = {"revoked": act.revoked_on, "term": _term_end(act, rule)}
    undisturbed = min((day for day in ends.values() if day), default=None)
    removal = _removal(act, removals, undisturbed)
    ends["removed"] = removal.content["removed_on"] if removal else None
    listed_to, end_reason = _first_end(ends)
    irregular = set(act.irregularities) | _basis_irregularities(act, by_id)
    if removal:
        irregular |= set(removal.irregularities)
    if listed_to is not None and listed_to < start:
        irregular.add("ends_before_start")
        listed_to = start
    if not _noticed(act, rule, listings, acts):
        irregular.add("no_prior_notice")
    if rule.authority_classes and policy.authorities.class_of(act.authority_name) not in rule.authority_classes:
        irregular.add("not_competent")
    return Entry(
        entry_id=act.act_id,
        list=rule.id,
        list_name=rule.name,
        effect=rule.effect,
        authority_id=act.header["authority_id"],
        authority_name=act.authority_name,
        source_id=act.header["source_id"],
        listed_from=start,
        listed_to=listed_to,
        end_reason=end_reason,
        reason=act.content["reason"],
        responsible=_responsible(act),
        irregularities=tuple(sorted(irregular)),
        evidence=(*act.evidence, *(removal.evidence if removal else ())),
        legal_basis="；".join(act.header["legal_basis"]) or rule.legal_basis,
    )


def _term_end(act: Act, rule: ListRule) -> date | None:
    months = act.content["term_months"]
    if months is None:
        months = rule.longest_term_months
    return None if months is None else add_months(act.occurred_on, months)


def _first_end(ends: dict[str, date | None]) -> tuple[date | None, str | None]:
    given = [(day, _END_ORDER.index(reason), reason) for reason, day in ends.items() if day is not None]
    return (min(given)[0], min(given)[2]) if given else (None, None)


def _removal(act: Act, removals: Iterable[Act], undisturbed: date | None) -> Act | None:
    """The latest recorded removal that names the entry, or names its list while the entry is open but for removals."""
    latest = None
    for removal in removals:
        named, day = removal.content["entry_act_id"], removal.content["removed_on"]
        if named is not None:
            applies = named == act.act_id
        else:
            applies = (
                removal.content["list"] == act.content["list"]
                and act.occurred_on <= day
                and (undisturbed is None or day < undisturbed)
            )
        if applies:
            latest = removal
    return latest


def _basis_irregularities(act: Act, by_id: dict[str, Act]) -> set[str]:
    known = [by_id[basis] for basis in act.content["basis_act_ids"] if basis in by_id]
    if not known:
        return {"no_known_basis"}
    return {"basis_void"} if all(basis.void for basis in known) else set()


def _noticed(act: Act, rule: ListRule, listings: Iterable[Act], acts: Iterable[Act]) -> bool:
    """Whether notice was given where it is due: dated before the decision day and after the previous decision."""
    if rule.notice_due_from is None or act.occurred_on < rule.notice_due_from:
        return True
    previous = max(
        (
            one.occurred_on
            for one in listings
            if one.content["list"] == act.content["list"] and one.occurred_on < act.occurred_on and not one.void
        ),
        default=date.min,
    )
    return any(
        one.name == "ListingNoticed"
        and one.content["list"] == act.content["list"]
        and previous < one.occurred_on < act.occurred_on
        and (one.revoked_on is None or (not one.void and act.occurred_on < one.revoked_on))
        for one in acts
    )


def _responsible(act: Act) -> tuple[tuple[str, str], ...]:
    """The persons with their masked names. Names count only where there is one for each person: a correction of the one
    list leaves the other, and nobody is to bear another's name."""
    persons, masks = act.content["responsible_persons"], act.content["responsible_person_masks"]
    paired = dict(zip(persons, masks, strict=True)) if len(persons) == len(masks) else dict.fromkeys(persons, "")
    return tuple(paired.items())
