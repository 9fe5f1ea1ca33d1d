"""Natural persons: what is put into declared columns stands nowhere but, sealed, in the vault."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connectors.sealing import Sealer
from tests.integration import topics
from tests.integration.checks import settled
from tests.integration.made_up import AUTHORITY, identity, listing, penalty, registration, write_csv
from tests.integration.stacks import Ran, Stack

NAMES = ("张测壹", "李测贰", "王测叁", "赵测肆", "钱测伍", "孙测陆", "周测柒", "吴测捌", "欧阳测玖")
NUMBERS = (*(identity(number) for number in range(101, 109)), "E87654321")
FREE_NUMBER, FREE_MOBILE = identity(199), "13812345678"
PERSON = {"行政相对人类别": "自然人", "行政相对人代码_1(统一社会信用代码)": ""}


def person(at: int, number: str = "", **changed: str) -> dict[str, str]:
    """A penalty of the natural person NAMES[at]."""
    return person_columns(
        penalty(5_000 + at, 1), 行政相对人名称=NAMES[at], 证件类型="身份证", 证件号码=number or NUMBERS[at], **PERSON, **changed
    )


def person_columns(row: dict[str, str], **changed: str) -> dict[str, str]:
    empty = dict.fromkeys(("证件类型", "证件号码", "法定代表人", "法定代表人证件类型", "法定代表人证件号码"), "")
    return empty | row | changed


def representative(subject: int, at: int, **changed: str) -> dict[str, str]:
    given = {"法定代表人": NAMES[at], "法定代表人证件类型": "身份证", "法定代表人证件号码": NUMBERS[at]} | changed
    return person_columns(penalty(subject, 1), **given)


PENALTIES = [
    person(0),
    person(0, 行政处罚决定书文号="示例罚〔2021〕另一号", 违法事实=f"当事人{NAMES[0]}未按规定公示", 备注=f"{NAMES[0]}已签收"),
    person(1, number=NUMBERS[1].lower()),
    person(2, 处罚决定日期="2021-13-45"),
    person(3, number=NUMBERS[3][:-1] + ("0" if NUMBERS[3][-1] != "0" else "1")),
    person(4, 备注=f"证件 {NUMBERS[4]}"),
    representative(5_010, 5),
    representative(5_011, 5, **{"行政相对人代码_1(统一社会信用代码)": "91370900MA0000000X"}),
    representative(5_012, 6, 处罚内容=f"告知{NAMES[6]}", **{"罚款金额（万元）": "-3"}),
    person_columns(penalty(5_013, 1), 备注=f"联系人 {FREE_NUMBER}"),
    person_columns(penalty(5_014, 1), 违法事实=f"致电{FREE_MOBILE}核实"),
    person_columns(penalty(5_015, 1)),
]
OUTCOMES = [
    "admitted",
    "admitted",
    "admitted",
    "bad_date",
    "bad_identifier",
    "personal_data",
    "admitted",
    "bad_identifier",
    "bad_amount",
    "personal_data",
    "personal_data",
    "admitted",
]
LICENCE = {
    "行政相对人名称": NAMES[8],
    "行政相对人类别": "自然人",
    "行政许可决定文书号": "示例许〔2021〕1号",
    "行政许可决定文书名称": "准予许可",
    "许可类别": "普通",
    "许可内容": "示例",
    "许可决定日期": "2021-03-05",
    "有效期自": "2021-03-05",
    "有效期至": "2099-12-31",
    "许可机关": AUTHORITY,
    "当前状态": "1",
    "证件类型": "护照",
    "证件号码": NUMBERS[8],
}
LISTING = listing(
    5_020, 责任人员=f"{NAMES[6]}、{NAMES[7]}", 责任人员证件类型="身份证", 责任人员证件号码=f"{NUMBERS[6]}、{NUMBERS[7]}"
)
REGISTRATION = registration(5_021, 法定代表人=NAMES[7], 法定代表人证件类型="身份证", 法定代表人证件号码=NUMBERS[7])
MISTYPED = PENALTIES[4]["证件号码"]


@dataclass
class Pushed:
    """What the pushes printed, and which rows of the penalties' file were refused."""

    ran: list[Ran] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def pushed(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Pushed:
    folder = tmp_path_factory.mktemp("files")
    done = Pushed()
    for profile, rows, code in (
        ("penalty-2018", PENALTIES, 3),
        ("licence-2018", [LICENCE], 0),
        ("listing", [LISTING], 0),
        ("registry", [REGISTRATION], 0),
    ):
        path = write_csv(folder / f"{profile}.csv", rows)
        for form in ((), ("--json",)):
            done.ran.append(stack.run("push", str(path), "--profile", profile, *form, code=code))
        if profile == "penalty-2018":
            done.refused = {one["row"]: one["reason"] for one in done.ran[-1].json["rejected"]}
    settled(stack)
    return done


def forms(secret: str) -> list[bytes]:
    """A secret as bytes may hold it: as it is, and as JSON and Python escape it."""
    return list(
        {
            secret.encode(),
            secret.lower().encode(),
            json.dumps(secret)[1:-1].encode(),
            secret.encode("utf-16-le"),
            secret.encode("gb18030"),
        }
    )


DECLARED = [form for secret in (*NAMES, *NUMBERS, MISTYPED) for form in forms(secret)]
FREE = [form for secret in (FREE_NUMBER, FREE_MOBILE) for form in forms(secret)]


def seen(text: bytes, secrets: list[bytes]) -> list[bytes]:
    return [one for one in secrets if one in text]


def test_rows_are_admitted_or_refused(pushed: Pushed) -> None:
    assert pushed.refused == {row: outcome for row, outcome in enumerate(OUTCOMES, start=2) if outcome != "admitted"}


def test_no_topic_holds_them(stack: Stack, pushed: Pushed) -> None:
    found = {}
    for topic in topics.names(stack.bootstrap):
        records = topics.read_topic(stack.bootstrap, topic)
        found[topic] = len(records)
        for record in records:
            assert seen(record.everything, DECLARED + FREE) == [], topic
    assert all(found[topic] for topic in ("acts", "receipts", "rejections", "submissions.local"))


def test_no_table_holds_them(stack: Stack, pushed: Pushed) -> None:
    tables = stack.rows("SELECT database, name FROM system.tables WHERE startsWith(database, 'xinji') AND engine NOT LIKE '%View'")
    filled = set()
    for database, table in tables:
        for form in ("RowBinary", "JSONEachRow", "TSV"):
            content = stack.client.raw_query(f"SELECT * FROM {database}.{table}", fmt=form)
            assert seen(content, DECLARED + FREE) == [], table
            if content:
                filled.add(table)
    assert filled >= {"act_log", "receipts", "rejection_log", "subject_rows", "act_rows", "list_rows", "grade_rows"}


def test_no_file_and_no_output_holds_them(stack: Stack, pushed: Pushed) -> None:
    for ran in pushed.ran:
        assert seen((ran.out + ran.err).encode(), DECLARED + FREE) == []
    files = [path for path in stack.directory.rglob("*") if path.is_file() and not path.is_symlink()]
    assert {path.name for path in files} >= {"vault.db", "vault.key", "gate.log", "projector.log", "engine.log"}
    for path in files:
        assert seen(path.read_bytes(), DECLARED + FREE) == [], path


def test_what_is_kept_of_refused_rows_has_no_declared_person(stack: Stack, pushed: Pushed) -> None:
    sealer = Sealer.from_file(stack.rejections_key)
    kept = [sealer.unseal(one.bytes) for one in stack.store.list_rejections(limit=1000)]
    assert len(kept) == 2 * len(pushed.refused)
    for content in kept:
        assert seen(content, DECLARED + FREE) == []


def test_persons_are_pseudonyms_and_masks(stack: Stack, pushed: Pushed) -> None:
    people = dict(stack.rows("SELECT DISTINCT subject_id, subject_name FROM xinji.acts WHERE subject_kind = 'natural_person'"))
    assert sorted(people.values()) == ["张*", "李*", "欧*"]
    assert all(one.startswith("person:") for one in people)
    ((first,),) = stack.rows("SELECT subject_id FROM xinji.acts WHERE subject_name = '张*' GROUP BY subject_id HAVING count() = 2")
    facts = [
        json.loads(content) for (content,) in stack.rows("SELECT content FROM xinji.acts WHERE subject_id = {id:String}", id=first)
    ]
    assert {one["remark"] for one in facts} == {None, "张*已签收"}
    ((masks, persons),) = stack.rows(
        "SELECT JSONExtract(content, 'responsible_person_masks', 'Array(String)'), "
        "JSONExtract(content, 'responsible_persons', 'Array(String)') FROM xinji.acts WHERE event = 'ListingDecided'"
    )
    assert list(masks) == ["周*", "吴*"]
    ((named, id_),) = stack.rows(
        "SELECT JSONExtractString(content, 'legal_representative'), "
        "JSONExtractString(content, 'legal_representative_id') FROM xinji.acts WHERE event = 'SubjectRegistered'"
    )
    assert (named, id_) == ("吴*", persons[1]), "one number has one pseudonym, whatever column it stands in"
    record = stack.run("record", persons[0], "--as-of", "2021-06-01", "--json").json
    assert [(one["role"], one["list"]) for one in record["listings"]] == [("responsible", "ecommerce-serious")]
    assert stack.value("SELECT count() FROM xinji.blacklist_as_of(d = '2021-06-01') WHERE subject_id LIKE 'person:%'") == 0


def test_without_a_vault_a_person_is_refused_with_advice(stack: Stack, pushed: Pushed, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "person.csv", [PENALTIES[0]])
    bare = {name: value for name, value in stack.env.items() if not name.startswith("XINJI_VAULT")}
    bare |= {"XINJI_BOOTSTRAP": stack.bootstrap, "XINJI_CLICKHOUSE": stack.clickhouse}
    with_vault, stack.env = stack.env, bare
    try:
        ran = stack.run("push", str(path), "--profile", "penalty-2018", "--json", code=3)
    finally:
        stack.env = with_vault
    (refused,) = ran.json["rejected"]
    assert "XINJI_VAULT" in refused["message"]
    assert seen((ran.out + ran.err).encode(), DECLARED) == []
    assert stack.value("SELECT count() FROM xinji.acts WHERE subject_name = '张*'") == 2
