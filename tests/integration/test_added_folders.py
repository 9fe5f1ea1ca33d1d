"""A made-up event, policy table and capability, each a folder put beside the others: pushed, admitted, projected, queried and
verified by the whole embedded stack, with nothing else told.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.house import ROOT, House
from tests.integration.checks import clean, settled
from tests.integration.made_up import organisation, write_lines
from tests.integration.stacks import EmbeddedStack

pytestmark = pytest.mark.stack
AUTHORITY = "示例市市场监督管理局"


def statement(event: str, number: int, **fields: object) -> dict[str, object]:
    header = {
        "subject_id": organisation(7),
        "subject_name": "示例七号有限公司",
        "subject_kind": "enterprise",
        "authority_id": f"name:{AUTHORITY}",
        "authority_name": AUTHORITY,
        "occurred_on": f"2022-03-{number:02d}",
    }
    return {"event": event, "header": header, "document_number": f"示例〔2022〕{number}号", **fields}


@pytest.mark.long
def test_folders_that_were_added_work_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path / "house")
    house.add(ROOT / "tests/schemas/made_up/GuaranteeGiven", "schemas/events")
    house.add(ROOT / "tests/projections/made_up/fines", "projections")
    house.run("-m", "schemas.release")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(house.folder), str(ROOT)]))
    said = [
        statement("GuaranteeGiven", 1, form="surety", due_on="2022-09-01"),
        statement("PenaltyImposed", 2, fine_amount="350.50", penalty_categories=["fine"]),
        statement("GuaranteeGiven", 3, form="promise"),
    ]
    stack = EmbeddedStack(tmp_path).start()
    try:
        told = stack.push(write_lines(tmp_path / "said.jsonl", said), "events", code=3)
        assert (told["admitted"], [one["field"] for one in told["rejected"]]) == (2, ["form"])
        settled(stack)
        assert stack.rows("SELECT kind, count() FROM xinji.act_states GROUP BY kind ORDER BY kind") == [
            ("guarantee", 1),
            ("penalty", 1),
        ]
        assert stack.rows("SELECT * FROM xinji.fines") == [(organisation(7), 1, 350.5)]
        assert "fine_rows" in clean(stack)["projections"]
    finally:
        stack.close()
        stack.stop()
