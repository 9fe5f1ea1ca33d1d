"""Entries on lists: from when, until when, and what is irregular about them (semantics: lists)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final

from projections.dates import add_months
from projections.grades.sums import Ceiling
from projections.lists.facts import ListFacts, Listing, Notice, Removal
from projections.lists.lists import ListRule, lists_of
from projections.policy import Policy
from projections.policy.authorities import authorities_of

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
    reason: str
    responsible: tuple[tuple[str, str], ...]
    irregularities: tuple[str, ...]
    evidence: tuple[str, ...]
    legal_basis: str

    def open_on(self, day: date) -> bool:
        return self.listed_from <= day and (self.listed_to is None or day < self.listed_to)


def entries_of(facts: Iterable[ListFacts], void: Mapping[str, bool], policy: Policy) -> list[Entry]:
    """The entries of one subject, voided ones left out, by day and id. ``void`` says of every act of the subject that the
    log knows as made whether it is void."""
    index = _Index(facts)
    found = [
        _entry(one, rule, index, void, policy)
        for one in index.listings
        if not one.void and (rule := lists_of(policy).find(one.list, one.occurred_on))
    ]
    return sorted(found, key=lambda one: (one.listed_from, one.entry_id))


class _Index:
    """The facts by what an entry looks for, so that many entries cost as many look-ups and not their square."""

    def __init__(self, facts: Iterable[ListFacts]) -> None:
        self.listings: list[Listing] = []
        self.decided: dict[str, list[date]] = {}
        self.notices: dict[str, list[Notice]] = {}
        self.removals: dict[str, list[Removal]] = {}
        """By the entry that they name, else by the list; the latest recorded first."""
        for one in facts:
            if isinstance(one, Listing):
                self.listings.append(one)
                if not one.void:
                    self.decided.setdefault(one.list, []).append(one.occurred_on)
            elif isinstance(one, Notice):
                self.notices.setdefault(one.list, []).append(one)
            elif isinstance(one, Removal) and not one.revoked:
                named = one.list if one.entry_act_id is None else one.entry_act_id
                self.removals.setdefault(named, []).append(one)
        for days in self.decided.values():
            days.sort()
        for notices in self.notices.values():
            notices.sort(key=lambda one: one.occurred_on)
        for removals in self.removals.values():
            removals.sort(key=lambda one: one.order, reverse=True)


def _entry(listing: Listing, rule: ListRule, index: _Index, void: Mapping[str, bool], policy: Policy) -> Entry:
    start = listing.occurred_on
    ends = {"revoked": listing.revoked_on, "term": _term_end(listing, rule)}
    undisturbed = min((day for day in ends.values() if day), default=None)
    removal = _removal(listing, index, undisturbed)
    ends["removed"] = removal.removed_on if removal else None
    listed_to, end_reason = _first_end(ends)
    irregular = set(listing.irregularities) | _basis_irregularities(listing, rule, void)
    if removal:
        irregular |= set(removal.irregularities)
    if listed_to is not None and listed_to < start:
        irregular.add("ends_before_start")
        listed_to = start
    if not _noticed(listing, rule, index):
        irregular.add("no_prior_notice")
    if rule.authority_classes and authorities_of(policy).class_of(listing.authority_name) not in rule.authority_classes:
        irregular.add("not_competent")
    return Entry(
        entry_id=listing.act_id, list=rule.id, list_name=rule.name, effect=rule.effect, authority_id=listing.authority_id,
        authority_name=listing.authority_name, source_id=listing.source_id, listed_from=start, listed_to=listed_to,
        end_reason=end_reason, reason=listing.reason, responsible=listing.responsible, irregularities=tuple(sorted(irregular)),
        evidence=(*listing.evidence, *(removal.evidence if removal else ())), legal_basis=listing.legal_basis or rule.legal_basis,
    )  # fmt: skip


def _term_end(listing: Listing, rule: ListRule) -> date | None:
    months = listing.term_months if listing.term_months is not None else rule.longest_term_months
    return None if months is None else add_months(listing.occurred_on, months)


def _first_end(ends: dict[str, date | None]) -> tuple[date | None, str | None]:
    given = [(day, _END_ORDER.index(reason), reason) for reason, day in ends.items() if day is not None]
    return (min(given)[0], min(given)[2]) if given else (None, None)


def _removal(listing: Listing, index: _Index, undisturbed: date | None) -> Removal | None:
    """The latest recorded removal that names the entry, or names its list while the entry is open but for removals."""
    naming = index.removals.get(listing.act_id, ())
    of_list = (
        one
        for one in index.removals.get(listing.list, ())
        if listing.occurred_on <= one.removed_on and (undisturbed is None or one.removed_on < undisturbed)
    )
    return max((*naming[:1], *islice(of_list, 1)), key=lambda one: one.order, default=None)


def _basis_irregularities(listing: Listing, rule: ListRule, void: Mapping[str, bool]) -> set[str]:
    known = [void[basis] for basis in listing.basis_act_ids if basis in void]
    if not known:
        return {"no_known_basis"} if rule.needs_basis else set()
    return {"basis_void"} if all(known) else set()


def _noticed(listing: Listing, rule: ListRule, index: _Index) -> bool:
    """Whether notice was given where it is due: dated before the decision day and after the previous decision."""
    if rule.notice_due_from is None or listing.occurred_on < rule.notice_due_from:
        return True
    decided, notices = index.decided[listing.list], index.notices.get(listing.list, [])
    earlier = bisect_left(decided, listing.occurred_on)
    after = bisect_right(notices, decided[earlier - 1], key=_day) if earlier else 0
    return any(
        one.revoked_on is None or (not one.void and listing.occurred_on < one.revoked_on)
        for one in notices[after : bisect_left(notices, listing.occurred_on, key=_day)]
    )


def _day(notice: Notice) -> date:
    return notice.occurred_on


def ceilings_of(entries: Iterable[Entry]) -> list[Ceiling]:
    """Entries that cap the grade while they are open; the version says which effects do."""
    return [Ceiling(one.effect, one.listed_from, one.listed_to) for one in entries if one.listed_from != one.listed_to]
