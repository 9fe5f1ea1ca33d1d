"""What a sender says of its statements beside their bytes, and how a rejection is answered: by the gate, never by altering it."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import Counter
from datetime import timedelta
from itertools import count
from pathlib import Path

import openpyxl
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files import Why, load_profile, submissions, write_form
from console.pushing import Pusher, _by_partition
from console.tally import Item, Outcome
from schemas import wire
from schemas.about import ABOUT_HEADER, NOTHING, About, Place, decode_about, encode_about
from schemas.records import ReceiptRow
from streams.gate.submissions import INDEX_HEADER, Submission
from tests.connectors.files.builders import context
from tests.gate.fakes import NOW, OTHER, SUBJECT, FakeBus, penalty
from tests.gate.test_gate import gate_of
from tests.gate.test_ownership import MINE, THEIRS, Host
from tests.integration.made_up import COLUMNS, identity
from tests.integration.made_up import penalty as row_of

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=20)
PLACES = st.builds(Place, st.from_regex(r"[!-~]{1,40}\Z"), st.integers(0, 2**32 - 1))
ABOUTS = st.one_of(st.just(NOTHING), st.builds(About, st.lists(PLACES, max_size=3).map(tuple), TEXTS, TEXTS, TEXTS))


@given(st.lists(ABOUTS, max_size=6))
def test_a_header_says_what_was_written_into_it(abouts: list[About]) -> None:
    header = encode_about(abouts)
    assert (header is None) == all(one == NOTHING for one in abouts)
    assert decode_about(header) == {at: one for at, one in enumerate(abouts) if one != NOTHING}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["0", "answers", "act_id", "x"]), inner, max_size=3)
    ),
    max_leaves=9,
)


@given(st.binary(max_size=30) | JSON.map(orjson.dumps))
def test_anybody_can_write_a_header(header: bytes) -> None:
    for about in decode_about(header).values():
        assert isinstance(about, About)


def message(values: list[bytes], abouts: list[About], refused: dict[int, str] | None = None, partition: int = 0) -> Submission:
    items = [
        {
            "value": value,
            "fingerprint": None,
            "origin": f"f.csv:{at}",
            "refused": {"reason": reason, "field": "", "message": "m"} if (reason := (refused or {}).get(at)) else None,
        }
        for at, value in enumerate(values)
    ]
    value = wire.encode_batch({"batch_id": "new", "source_id": "local", "items": items})
    return Submission("local", "submissions.local", partition, 0, value, None, None, encode_about(abouts))


def test_what_stands_on_the_log_answers_and_nothing_else_does() -> None:
    bus = FakeBus()
    values = [
        penalty("1号"),
        penalty("1号"),
        penalty("2号", penalty_content="身份证 " + identity(1)),
        penalty("3号"),
        penalty("4号"),
    ]
    told = [About((Place("old", at), Place("older", at))) for at in range(4)]
    gate = gate_of(bus)
    gate.take([message(values, told, {3: "bad_date"})])
    assert [row.outcome for row in bus.read_receipts("new")] == ["admitted", "duplicate", "rejected", "rejected", "admitted"]
    event_id = bus.read_receipts("new")[0].event_id
    answered = {(one.batch_id, one.index): one for one in bus.closings}
    assert answered.keys() == {("old", 0), ("older", 0), ("old", 1), ("older", 1)}
    assert {(one.source_id, one.event_id, one.closed_at) for one in bus.closings} == {("local", event_id, NOW)}
    assert [row.origin for row in bus.read_receipts("new")] == [f"f.csv:{at}" for at in range(5)]


def test_a_refused_row_keeps_the_act_that_it_was_about() -> None:
    bus = FakeBus()
    told = [
        About((), "PenaltyImposed", "penalty/a/1号", SUBJECT),
        About((), "PenaltyImposed", f"penalty/a/{identity(1)}", SUBJECT),
        About((), "NoEvent", "penalty/a/2号", "nobody"),
    ]
    gate_of(bus).take([message([b"{}"] * 3, told, dict.fromkeys(range(3), "bad_date"))])
    assert [(one.event, one.act_id, one.subject_id) for one in bus.rejections.values()] == [
        ("PenaltyImposed", "penalty/a/1号", SUBJECT),
        ("PenaltyImposed", "", SUBJECT),
        ("", "penalty/a/2号", ""),
    ]
    assert {one.value_sha256 for one in bus.rejections.values()} == {wire.value_digest(b"{}")}


def test_it_goes_with_a_statement_that_is_passed_on() -> None:
    bus = FakeBus()
    values = [penalty("1号"), penalty("2号"), penalty("3号", {"subject_id": OTHER})]
    told = [About((Place("mine", 0),)), NOTHING, About((Place("theirs", 4),))]
    Host(bus, {MINE}).take(message(values, told, partition=MINE))
    (passed,) = [one for one in bus.others if one.topic == "submissions.local"]
    headers = dict(passed.headers)
    assert [one.batch_id for one in bus.closings] == ["mine"]
    arrived = Submission("local", passed.topic, THEIRS, 0, passed.value, None, headers[INDEX_HEADER], headers[ABOUT_HEADER])
    Host(bus, {THEIRS}).take(arrived)
    assert [(one.batch_id, one.index) for one in bus.closings] == [("mine", 0), ("theirs", 4)]


class Pushed:
    """Files pushed through connector, gate and the counting of a push, without a broker."""

    def __init__(self) -> None:
        self.bus = FakeBus()
        self._gate = gate_of(self.bus)
        self._batches = count()
        self.profile = load_profile("penalty-2018")

    def push(self, path: Path) -> Outcome:
        pusher = Pusher("", None, "local", "", 7, 1.0)  # type: ignore[arg-type]
        found = submissions(path, self.profile, context(self.profile))
        items = [Item(str(path), one.row, one.sheet, one.item, one.key, one.about) for one in found]
        for partition, some in _by_partition(map(pusher._tally.note, items), 7):
            batch = pusher._batch(partition, some)
            offset = next(self._batches)
            self._gate.take([Submission("local", "submissions.local", partition, offset, batch.message, None, None, batch.about)])
            pusher._count(batch, self.bus.read_receipts(batch.batch_id))
        return pusher._tally.total()

    def open(self) -> int:
        closed = {(one.batch_id, one.index) for one in self.bus.closings}
        return len(self.bus.rejections.keys() - closed)

    def receipts(self) -> list[ReceiptRow]:
        return list(self.bus.receipts.values())


FLAWS: dict[str, tuple[str, str]] = {
    "bad_identifier": ("行政相对人代码_1(统一社会信用代码)", "91370900MA0000000X"),
    "bad_amount": ("罚款金额（万元）", "-1"),
    "bad_date": ("处罚决定日期", "2022-09-31"),
    "future": ("处罚决定日期", "2098-01-01"),
    "missing_field": ("处罚决定日期", ""),
    "personal_data": ("违法事实", identity(7)),
    "out_of_catalogue": ("公示日期", "someday"),
}
ROWS = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 4), st.sampled_from([None, None, *FLAWS])), min_size=1, max_size=25)


@settings(max_examples=15, deadline=timedelta(seconds=5))
@given(ROWS, st.integers(0, 2))
def test_every_row_becomes_something_and_the_form_of_refused_rows_settles_them(
    rows: list[tuple[int, int, str | None]], half: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, form = Path(folder) / "甲.csv", Path(folder) / "甲.refused.xlsx"
        cells = [row_of(subject, number, **dict([FLAWS[flaw]] if flaw else [])) for subject, number, flaw in rows]
        path.write_text(written(cells), "utf-8")
        stack = Pushed()
        told = stack.push(path)
        assert told.rows == len(rows) == told.admitted + told.duplicates + len(told.rejected)
        assert [one.row for one in told.rejected] == [at for at, (_, _, flaw) in enumerate(rows, 2) if flaw]
        assert Counter(one.outcome for one in stack.receipts())["rejected"] == sum(len(one.places) for one in told.rejected)
        for last in (False, True):  # first some of them are corrected, then all
            if not told.rejected:
                break
            whys = {(one.sheet, one.row): Why("", one.field, one.message, one.places) for one in told.rejected}
            write_form(form, [path], stack.profile, False, {str(path): whys})
            path = correct(form, last, half)
            told = stack.push(path)
            assert told.rows == len(whys) == told.admitted + told.duplicates + len(told.rejected)
        assert told.rejected == []
        assert stack.open() == 0


def written(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def correct(form: Path, everything: bool, half: int) -> Path:
    """What an office does with the form: it mends the cells, in a spreadsheet, and saves it under another name."""
    book = openpyxl.load_workbook(form)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    for at, row in enumerate(sheet.iter_rows(min_row=2)):
        if everything or at % 3 == half:
            cells = {str(name): cell for name, cell in zip(header, row, strict=True)}
            subject, number = str(cells["行政处罚决定书文号"].value).removeprefix("示例罚〔2021〕").removesuffix("号").split("-")
            for name, value in row_of(int(subject), int(number)).items():
                cells[name].value = value
    target = form.with_name(f"改{everything}.xlsx")
    book.save(target)
    return target
