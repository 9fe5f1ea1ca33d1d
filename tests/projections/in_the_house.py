"""What the product says of the made-up room of fines, told as JSON. Run in a house that has it."""

from __future__ import annotations

import json
from decimal import Decimal

import clickhouse_connect

from projections.evaluation import SubjectState, evaluate_act
from projections.facts import ActFacts
from projections.policy import PolicyError, load, packaged
from projections.tables import create_table, registered, table
from projections.views import catalogue_of_views, views
from tests.core import builders as make

SAID = [make.penalty("2020-03-02", number, fine_amount=Decimal(amount)) for number, amount in enumerate(("50", "100", "250.50"))]


def main() -> None:
    policy = packaged()
    acts = [evaluate_act(make.SUBJECT, one.act_id, make.log_of(one).events, policy) for one in SAID]
    read_back = [ActFacts.from_text(one.facts.act_id, one.facts.events, one.facts.to_text()) for one in acts]
    state = SubjectState(make.SUBJECT, policy, read_back[:2], written=True)
    unchanged = state.changed_rows()
    state.put(read_back[2])
    changed = state.changed_rows()
    told = {
        "tables": [one.name for one in registered()],
        "last column": table("act_rows").column_names[-1],
        "counted": [one.row[-1] for one in acts],
        "unchanged": sorted(unchanged),
        "changed": changed["fine_rows"],
        "view": next(one.columns[-1].comment for one in catalogue_of_views() if one.name == "fines"),
        "policy": policy.texts["fines"].splitlines()[1],
        "refused": _refused(),
        "asked": _asked([one.row for one in acts], changed["fine_rows"]),
    }
    print(json.dumps(told, ensure_ascii=False))


def _refused() -> str:
    try:
        load({"fines": 'title = "x"\n[[rule]]\nid = "a"\nleast = 1\nmost = 2\n'})
    except PolicyError as problem:
        return problem.advice
    return "not refused"


def _asked(acts: list[tuple[object, ...]], fines: list[tuple[object, ...]]) -> list[list[object]]:
    client = clickhouse_connect.get_client(interface="chdb", path=":memory:", tz_mode="aware")
    for database in ("log_here", "rows_here"):
        client.command(f"CREATE DATABASE {database}")
    for one in registered():
        client.command(create_table(one, "rows_here"))
    for name, rows in (("act_rows", acts), ("fine_rows", fines)):
        client.insert(name, rows, column_names=table(name).column_names, database="rows_here")
    client.command(next(one for one in views("rows_here", "log_here") if ".fines\n" in one))
    found = [list(row) for row in client.query("SELECT fines, yuan FROM log_here.fines").result_rows]
    found += [list(row) for row in client.query("SELECT count() FROM rows_here.act_rows WHERE counted").result_rows]
    client.close()
    return found


main()
