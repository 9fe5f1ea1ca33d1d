"""The gate without its surroundings: outcomes, repeats, crashes, time."""

from __future__ import annotations

import timeit
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Event

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sealing import Sealer
from projections.admission import Source
from projections.admission.rules import rules_of
from projections.policy import load
from schemas import wire
from schemas.partition import partition_of
from schemas.records import Statement
from streams.gate.ownership import Ownership
from streams.gate.submissions import Submission
from streams.gate.window import Window
from streams.gate.work import Gate
from streams.patience import Stopped
from streams.space import Room
from streams.topics import RECEIPTS, REJECTIONS, UNREGISTERED
from tests.gate.fakes import NOW, OTHER, SUBJECT, Crash, FakeBus, batch, event, message, penalty

RULES = rules_of(load({}))
SOURCES = {"local": Source("local", "本机", on_behalf=True), "a": Source("a", "甲")}
SEALER = Sealer(b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")


def gate_of(
    bus: FakeBus,
    clock: Callable[[], datetime] = lambda: NOW,
    after_landing: bool = True,
    stop: Event | None = None,
    window: int = 1000,
    owned: Ownership | None = None,
    least_free: int = 0,
) -> Gate:
    gate = Gate(
        bus, bus, SOURCES, RULES, SEALER, after_landing=after_landing, stop=stop or Event(), clock=clock, window=window,
        owned=owned, least_free=least_free,
    )  # fmt: skip
    gate.recover(bus.ends)
    return gate


def outcomes(bus: FakeBus, batch_id: str, sender: str = "local") -> list[str]:
    return [row.reason or row.outcome for row in bus.read_receipts(batch_id, sender)]


def test_admits_and_answers() -> None:
    bus = FakeBus()
    value = penalty()
    counts = gate_of(bus).take([message(batch([value, value], "b1"))])
    assert counts == {"admitted": 1, "duplicate": 1}
    (record,) = bus.acts
    first, second = bus.read_receipts("b1")
    assert record.value == value
    assert record.key == SUBJECT.encode()
    assert record.partition == partition_of(SUBJECT, 12)
    assert [name for name, _ in record.headers] == [
        "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "content-type", "xinji_schema",
    ]  # fmt: skip
    assert dict(record.headers)["ce_time"] == b"2024-05-06T07:08:09.123Z"
    assert dict(record.headers)["ce_type"] == b"xinji.acts.PenaltyImposed"
    assert (first.event_id, first.topic_partition, first.topic_offset) == (
        dict(record.headers)["ce_id"].decode(), record.partition, 0,
    )  # fmt: skip
    assert first.value_sha256 == wire.value_digest(value)
    assert first.recorded_at == NOW.replace(microsecond=123000)
    assert (second.outcome, second.event_id, second.topic_offset) == ("duplicate", first.event_id, 0)


def test_receipts_topic_and_sealed_rejections() -> None:
    bus = FakeBus()
    secret = "电话13812345678"
    gate_of(bus).take([message(batch([penalty(), penalty("2", remark=secret)], "b1"))])
    (told,) = [one for one in bus.others if one.topic == RECEIPTS]
    assert [row["outcome"] for row in orjson.loads(told.value)["receipts"]] == ["admitted", "rejected"]
    (letter,) = [one for one in bus.others if one.topic == REJECTIONS]
    assert dict(letter.headers)["reason"] == b"personal_data"
    assert dict(letter.headers)["topic"] == b"submissions.local"
    row = bus.rejections["b1", 1]
    assert (row.field, row.event, row.subject_id, row.origin) == ("remark", "PenaltyImposed", SUBJECT, "f.csv:3")
    assert SEALER.unseal(row.bytes) == penalty("2", remark=secret)
    for clear in (told.value, letter.value, str(letter.headers).encode(), row.message.encode()):
        assert b"13812345678" not in clear


def test_a_place_in_another_life_of_the_bus_is_another_message() -> None:
    bus, value = FakeBus(), penalty()
    first = replace(message(value), bus="life-1")
    assert gate_of(bus).take([first]) == {"admitted": 1}
    gate_of(bus).take([first])  # read twice in one life: answered once, with the same receipt
    assert outcomes(bus, first.own_id) == ["admitted"]
    second, third = replace(first, bus="life-2"), replace(first, value=b"garbage", bus="life-3")
    assert gate_of(bus).take([second]) == {"duplicate": 1}
    assert gate_of(bus).take([third]) == {"undecodable": 1}
    assert outcomes(bus, first.own_id) == ["admitted", "duplicate", "undecodable"]
    assert [row.bus for row in bus.read_receipts(first.own_id)] == ["life-1", "life-2", "life-3"]


def test_a_batch_of_a_sender_is_the_same_in_every_life() -> None:
    bus, sent = FakeBus(), message(batch([penalty()], "b1"))
    gate_of(bus).take([replace(sent, bus="life-1")])
    gate_of(bus).take([replace(sent, bus="life-2")])
    assert outcomes(bus, "b1") == ["admitted"]


def test_a_b_a_ends_with_a_and_repeats_nothing() -> None:
    bus = FakeBus()
    gate = gate_of(bus)
    a, b = penalty(), penalty(remark="b")
    gate.take([message(batch([a, b, a], "b1"))])
    assert outcomes(bus, "b1") == ["admitted"] * 3
    assert len({row.event_id for row in bus.read_receipts("b1")}) == 3
    gate.take([message(batch([a], "b2"), 1)])
    assert bus.receipts["local", "b2", 0].event_id == bus.receipts["local", "b1", 2].event_id
    assert outcomes(bus, "b2") == ["duplicate"]


def test_same_content_under_other_transport_fields_is_a_duplicate() -> None:
    bus = FakeBus()
    again = penalty(
        header_fields={"sequence": 9, "submitted_at": NOW, "act_id": "penalty/name:某市市场监督管理局/某市监罚〔2024〕1号"}
    )
    gate_of(bus).take([message(batch([penalty(), again], "b1"))])
    assert outcomes(bus, "b1") == ["admitted", "duplicate"]


def test_source_event_ids() -> None:
    bus = FakeBus()
    gate = gate_of(bus)
    mine = {"source_event_id": "x1"}
    a, b = penalty(header_fields=mine), penalty(remark="b")
    gate.take([message(batch([a, b], "b1"))])
    gate.take([message(batch([a, penalty("9", header_fields=mine)], "b2"), 1)])
    assert outcomes(bus, "b2") == ["duplicate", "conflicting_duplicate"]
    assert bus.receipts["local", "b2", 0].event_id == bus.receipts["local", "b1", 0].event_id


def test_sources_do_not_repeat_each_other() -> None:
    bus = FakeBus()
    theirs = penalty(header_fields={"source_id": "name:别家", "act_id": "penalty/name:某市市场监督管理局/某市监罚〔2024〕1号"})
    gate_of(bus).take([message(batch([penalty(), theirs], "b1"))])
    assert outcomes(bus, "b1") == ["admitted", "admitted"]


def test_garbage_is_kept_and_stops_nothing() -> None:
    bus = FakeBus()
    good = batch([penalty("7"), b"\0\0\0\0\3junk", b""], "b1")
    messages = [b"", b"\xff" * 40, b"\0\0\0\x27\x0f" + b"z" * 9, good[:-7], penalty("8")[:-3], good, penalty("9")]
    counts = gate_of(bus).take([message(value, place) for place, value in enumerate(messages)])
    assert counts == {"undecodable": 7, "admitted": 2}
    assert SEALER.unseal(bus.rejections["submissions.local/0/1", 0].bytes) == b"\xff" * 40
    assert outcomes(bus, "submissions.local/0/6") == ["admitted"]
    assert outcomes(bus, "b1") == ["admitted", "undecodable", "undecodable"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_bytes_are_answered(data: st.DataObject) -> None:
    value = bytearray(batch([penalty("7"), penalty("8")], "b1"))
    for _ in range(data.draw(st.integers(1, 6))):
        value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.integers(0, 255))
    bus = FakeBus()
    gate = gate_of(bus)
    gate.take([message(bytes(value)), message(data.draw(st.binary(max_size=60)), 1), message(penalty("9"), 2)])
    assert outcomes(bus, "submissions.local/0/2") in (["admitted"], ["duplicate"])


def test_connectors_refusals_are_kept_within_the_closed_list() -> None:
    bus = FakeBus()
    refused = [
        {"reason": "bad_date", "field": "occurred_on", "message": "2022-09-31 is no date"},
        {"reason": "whatever", "field": "f", "message": "call 13812345678"},
    ]
    items = [{"value": b"row", "fingerprint": None, "origin": None, "refused": one} for one in refused]
    gate_of(bus).take([message(wire.encode_batch({"batch_id": "b1", "source_id": "local", "items": items}))])
    assert outcomes(bus, "b1") == ["bad_date", "undecodable"]
    assert "13812345678" not in bus.receipts["local", "b1", 1].message


def test_unregistered_topic() -> None:
    bus = FakeBus()
    gate_of(bus).take([message(batch([penalty()], "b1"), source="stranger")])
    assert outcomes(bus, "b1", "stranger") == ["unknown_source"]


def test_recorded_at_never_goes_back() -> None:
    bus = FakeBus()
    times = iter([NOW, NOW - timedelta(hours=1), NOW - timedelta(hours=2), NOW + timedelta(seconds=1)])
    gate = gate_of(bus, lambda: next(times))
    gate.take([message(batch([penalty("1")], "b1"), 0)])
    gate.take([message(batch([penalty("2")], "b2"), 1)])
    gate = gate_of(bus, lambda: next(times))  # a restart keeps it too
    for number in (3, 4):
        gate.take([message(batch([penalty(str(number))], f"b{number}"), number)])
    stamps = [one.timestamp_ms for one in bus.acts]
    assert stamps == sorted(stamps)  # type: ignore[type-var]
    assert len(set(stamps)) == 2


def test_window_holds_what_has_not_landed() -> None:
    bus = FakeBus(lands=False)
    gate = gate_of(bus, after_landing=False)
    value = penalty()
    gate.take([message(batch([value], "b1"))])
    gate.take([message(batch([value], "b2"), 1)])
    assert outcomes(bus, "b2") == ["duplicate"]
    assert len(gate._window) == 1
    bus.land()
    gate.take([message(batch([value], "b3"), 2)])
    assert len(gate._window) == 1  # this look-up may have missed what landed while it went on
    gate.take([message(batch([value], "b4"), 3)])
    assert outcomes(bus, "b3") == outcomes(bus, "b4") == ["duplicate"]
    assert len(gate._window) == 0


def test_admission_waits_when_too_much_has_not_landed() -> None:
    bus = FakeBus(lands=False)
    stop = Event()
    gate = gate_of(bus, after_landing=False, stop=stop, window=10)
    for number in range(10):
        gate.take([message(batch([penalty(str(number))], f"b{number}"), number)])
    stop.set()  # it would wait until the projector has landed some
    with pytest.raises(Stopped):
        gate.take([message(batch([penalty("10")], "b10"), 10)])
    assert len(bus.acts) == 10
    stop.clear()
    bus.land()
    gate.take([message(batch([penalty("10")], "b10"), 10)])
    assert outcomes(bus, "b10") == ["admitted"]
    assert len(gate._window) == 1


def test_admission_waits_while_the_disk_is_nearly_full() -> None:
    bus, stop = FakeBus(), Event()
    bus.free = 99
    gate = gate_of(bus, stop=stop, least_free=100)
    stop.set()  # it would wait until there is room
    with pytest.raises(Stopped):
        gate.take([message(batch([penalty()], "b1"))])
    assert not bus.acts
    stop.clear()
    bus.free = 100
    gate_of(bus, stop=stop, least_free=100).take([message(batch([penalty()], "b1"))])
    assert outcomes(bus, "b1") == ["admitted"]


def test_room_is_asked_for_now_and_then() -> None:
    free, moments = iter((10, 10, 11)), iter((0.0, 1.0, 1.9, 2.0, 5.0))
    room = Room(lambda: next(free), 11, lambda: next(moments))
    assert [room.is_short() for _ in range(5)] == [True, True, True, True, False]
    assert not Room(lambda: next(free), 0).is_short()  # nobody is asked


def test_the_window_costs_what_comes_and_goes_not_what_it_holds() -> None:
    window = Window()
    said = [
        Statement("s", f"act{at}", "x", "N", "d", f"id{at}" if at % 2 else "", f"e{at}", at % 12, at // 12, NOW, "v")
        for at in range(60_000)
    ]
    window.add(said)
    best = min(timeit.repeat(lambda: window.evict(dict.fromkeys(range(12), 1)), number=20, repeat=3)) / 20
    assert best < 0.001  # a scan takes ten times that
    assert window.about(("s", "x", "act12")) == [said[12]]
    assert window.about(("s", "x", "act11")) == window.with_id(("s", "id11")) == []
    window.evict(dict.fromkeys(range(12), 10**9))
    assert len(window) == 0
    assert not window._by_act
    assert not window._by_id


def test_an_id_that_came_only_in_a_duplicate_is_used() -> None:
    bus = FakeBus()
    gate = gate_of(bus)
    a1, a2, other = (
        penalty("1", {"source_event_id": own}, remark=remark) for own, remark in (("x1", None), ("x2", None), ("x2", "b"))
    )
    gate.take([message(batch([a1, a2], "b1"))])
    gate.take([message(batch([other], "b2"), 1)])
    gate_of(bus).take([message(batch([other, a2], "b3"), 2)])
    assert outcomes(bus, "b1") == ["admitted", "duplicate"]
    assert outcomes(bus, "b2") == ["conflicting_duplicate"]
    assert outcomes(bus, "b3") == ["conflicting_duplicate", "duplicate"]


def test_an_id_that_came_only_in_a_duplicate_is_used_within_a_take() -> None:
    bus = FakeBus()
    values = [penalty("1", {"source_event_id": own}, remark=remark) for own, remark in (("x1", None), ("x2", None), ("x2", "b"))]
    gate_of(bus).take([message(batch(values, "b1"))])
    assert outcomes(bus, "b1") == ["admitted", "duplicate", "conflicting_duplicate"]
    assert [(one.source_event_id, one.offset) for one in bus.remembered] == [("x2", 0)]


@pytest.mark.parametrize("crash", ["", "before remembering", "before receipts", "after producing"])
def test_a_file_with_ids_adds_nothing_when_pushed_again(crash: str) -> None:
    bus = FakeBus()
    file = [
        penalty("1", {"source_event_id": f"id{at}"}, severity=severity) for at, severity in enumerate(("minor", "minor", "serious"))
    ]
    if crash:
        bus.crash_at = crash
        with pytest.raises(Crash):
            gate_of(bus).take([message(batch(file, "b1"))])
    gate_of(bus).take([message(batch(file, "b1"))])
    gate_of(bus).take([message(batch(file, "b2"), 1)])
    assert outcomes(bus, "b1") == ["admitted", "duplicate", "admitted"]
    assert outcomes(bus, "b2") == ["duplicate"] * 3
    assert len(bus.acts) == 2


def test_one_source_neither_gets_nor_overwrites_receipts_of_another() -> None:
    bus = FakeBus()
    value = penalty()
    theirs = penalty(header_fields={"source_id": "a", "source_name": "甲"})
    gate = gate_of(bus)
    gate.take([message(batch([value], "same"))])
    gate.take([message(batch([theirs], "same"), source="a")])
    gate.take([message(batch([value], "same"), source=UNREGISTERED)])  # and it claims to be "local"
    assert outcomes(bus, "same") == outcomes(bus, "same", "a") == ["admitted"]
    assert bus.receipts["local", "same", 0].event_id != bus.receipts["a", "same", 0].event_id
    assert outcomes(bus, "same", f"{UNREGISTERED}:local") == ["unknown_source"]


def test_no_outcome_before_landing() -> None:
    stop = Event()
    bus = FakeBus(lands=False)
    gate = gate_of(bus, stop=stop)
    stop.set()
    with pytest.raises(Stopped):
        gate.take([message(batch([penalty()], "b1"))])
    assert not bus.receipts
    assert not bus.others


def test_waits_while_clickhouse_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.patience._FIRST_WAIT", 0.001)
    bus = FakeBus()
    gate = gate_of(bus)
    bus.away = 3  # it waits for landing too
    gate.take([message(batch([penalty()], "b1"))])
    assert outcomes(bus, "b1") == ["admitted"]


MOMENTS = ("before producing", "while producing", "after producing", "before receipts", "after receipts")


def sequence() -> list[Submission]:
    a, b = penalty(), penalty(remark="b")
    own = penalty("5", header_fields={"source_event_id": "x1"})
    other = penalty("5", header_fields={"source_event_id": "x1"}, remark="other")
    elsewhere = penalty(header_fields={"subject_id": OTHER})
    return [
        message(batch([a, b, a, a, own, other, elsewhere, b"junk"], "b1"), 0),
        message(a, 1),
        message(batch([b, a], "b2"), 2),
        message(own, 3),
    ]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("sizes", [(4,), (1, 1, 1, 1), (2, 2)])
def test_a_crash_changes_neither_outcomes_nor_events(moment: str, sizes: tuple[int, ...]) -> None:
    """The same messages again after a crash: the same receipts, and each event once, as if nothing had happened."""
    calm = FakeBus()
    gate_of(calm).take(sequence())
    bus = FakeBus()
    for size_at in range(len(sizes)):
        bus.crash_at = moment
        gate = gate_of(bus)
        done = sum(sizes[:size_at])
        with pytest.raises(Crash):
            gate.take(sequence()[done : done + sizes[size_at]])
            raise Crash  # a take that produces nothing does not reach the moment
        bus.crash_at = ""
        bus.land()
        gate_of(bus).take(sequence()[done : done + sizes[size_at]])
    assert _plain(bus) == _plain(calm)
    assert [dict(one.headers)["ce_id"] for one in bus.acts] == [dict(one.headers)["ce_id"] for one in calm.acts]


def test_everything_again_from_the_start_is_answered_as_before() -> None:
    bus = FakeBus()
    gate_of(bus).take(sequence())
    before, acts = _plain(bus), len(bus.acts)
    gate_of(bus).take(sequence())
    assert (_plain(bus), len(bus.acts)) == (before, acts)


def test_a_reused_batch_id_swallows_nothing() -> None:
    bus = FakeBus()
    gate = gate_of(bus)
    gate.take([message(batch([penalty("1")], "same"))])
    counts = gate.take([message(batch([penalty("2")], "same"), 1)])
    assert counts == {"admitted": 1}


def test_same_message_twice_in_one_take() -> None:
    bus = FakeBus()
    twice = batch([penalty("1"), penalty("2")], "b1")
    gate_of(bus).take([message(twice), message(twice, 1)])
    assert outcomes(bus, "b1") == ["admitted", "admitted"]
    assert len(bus.acts) == 2


def test_orphans_that_never_come_again_do_not_block(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = FakeBus()
    bus.crash_at = "after producing"
    with pytest.raises(Crash):
        gate_of(bus).take([message(batch([penalty(header_fields={"source_event_id": "x"})], "b1"))])
    gate_of(bus).take([message(batch([penalty("2", header_fields={"source_event_id": "x"})], "b2"))])
    assert outcomes(bus, "b2") == ["conflicting_duplicate"]


def test_throughput(record_property: Callable[[str, object], None]) -> None:
    """Not a measurement, only that nothing is quadratic: 2,000 statements in one take."""
    bus = FakeBus()
    gate_of(bus, window=5000).take([message(batch([penalty(str(n)) for n in range(2000)], "b1"))])
    assert len(bus.acts) == 2000


def test_occurred_on_is_compared_with_the_shanghai_date() -> None:
    bus = FakeBus()
    late = datetime.fromisoformat("2024-05-06T17:00:00+00:00")  # already 7 May in Shanghai
    values = [penalty(str(day), {"occurred_on": date(2024, 5, day)}) for day in (7, 8)]
    gate_of(bus, lambda: late).take([message(batch(values, "b1"))])
    assert outcomes(bus, "b1") == ["admitted", "bad_date"]


def _plain(bus: FakeBus) -> list[tuple[object, ...]]:
    return [
        (key, row.outcome, row.event_id, row.topic_partition, row.topic_offset, row.reason)
        for key, row in sorted(bus.receipts.items())
    ]


def test_fixture_event_is_complete() -> None:
    assert wire.decode(penalty())[1] == event("PenaltyImposed", document_number="某市监罚〔2024〕1号")


def test_what_a_row_says_beside_a_refused_act_is_refused_with_it() -> None:
    bus = FakeBus()
    day = date(2024, 5, 1)
    disclosed = wire.encode("ActDisclosed", event("ActDisclosed", {"occurred_on": day}, disclosed_on=day))
    bad = penalty(remark="电话13812345678")
    gate_of(bus).take([message(batch([bad, disclosed], "one-row", one_row=True))])
    gate_of(bus).take([message(batch([bad, disclosed], "two-rows"), 1)])
    assert outcomes(bus, "one-row") == ["personal_data", "personal_data"]
    assert outcomes(bus, "two-rows") == ["personal_data", "admitted"]


def _refused_by_connector(message_zh: str) -> bytes:
    refused = {"reason": "bad_date", "field": "f", "message": "no date", "message_zh": message_zh}
    item = {"value": b"{}", "fingerprint": None, "origin": "a.csv:2", "refused": refused}
    return wire.encode_batch({"batch_id": "b1", "source_id": "local", "items": [item]})


def test_rejections_are_told_in_chinese_too() -> None:
    bus = FakeBus()
    nobody = batch([penalty(header_fields={"subject_id": ""})], "b2")
    gate_of(bus).take([message(_refused_by_connector("不是日期")), message(nobody, 1)])
    edge, gate = bus.receipts["local", "b1", 0], bus.receipts["local", "b2", 0]
    assert (edge.message, edge.message_zh) == ("no date", "不是日期")
    assert gate.message.startswith("names identify nobody") and gate.message_zh.startswith("名称不能识别主体")
    assert [one.message_zh for one in bus.rejections.values()] == [edge.message_zh, gate.message_zh]
    letters = [dict(one.headers)["message_zh"].decode() for one in bus.others if one.topic == REJECTIONS]
    assert letters == [edge.message_zh, gate.message_zh]
    told = [row["message_zh"] for one in bus.others if one.topic == RECEIPTS for row in orjson.loads(one.value)["receipts"]]
    assert told == letters


def test_a_number_in_the_chinese_text_alone_does_not_pass() -> None:
    bus = FakeBus()
    gate_of(bus).take([message(_refused_by_connector("请拨 13812345678"))])
    assert "13812345678" not in bus.receipts["local", "b1", 0].message_zh
