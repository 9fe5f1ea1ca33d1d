"""``xinji rebuild``: a new generation of all projections beside the live one, then switched to."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from console.commands.migrate import show_views
from console.configuration import configured
from console.environment import address_of, resolved
from console.language import here
from console.output import err, json_option, print_json, say, told, workers_option
from schemas.sentence import Sentence
from streams.generations import begin
from streams.policies import load_made
from streams.rebuild import build, switch


@click.command(help="另建一代投影并切换；政策或程序变化后用它 / build a new generation of the projections and switch to it")
@workers_option
@click.option("--keep-live", is_flag=True, help="只建不切换 / build it, and leave the live one live")
@json_option
@told
def command(workers: int, keep_live: bool, as_json_: bool) -> None:
    """The live projections answer all the while. With the policy of XINJI_POLICY and the code of this version; projectors
    and gates of the generation before start themselves anew."""
    settings = resolved(configured())
    address, made = address_of(settings), load_made(settings.policy)
    store = address.open()
    new = begin(store, made, datetime.now(UTC), settings.cluster)
    going = Sentence("重建中：{events} 个事件", "rebuilding: {events} events")
    with err.status(here(going.of(events=0))) as shown:
        done = build(address, new.number, workers, lambda built: shown.update(here(going.of(events=built.events))))
        if not keep_live:
            switch(store, new.number, show_views(settings), lambda: datetime.now(UTC), settings.projector_acts)
    strays = len(store.strays())
    if as_json_:
        print_json(
            {"generation": new.number, "subjects": done.subjects, "events": done.events, "live": not keep_live, "strays": strays}
        )
        return
    state = Sentence("未切换", "not switched to") if keep_live else Sentence("已切换", "live")
    built = Sentence(
        "第 {number} 代：{subjects} 个主体、{events} 个事件；{state}",
        "generation {number}: {subjects} subjects, {events} events; {state}",
    )
    say(built.of(number=new.number, subjects=done.subjects, events=done.events, state=state))
    if strays:
        say(Sentence("日志中 {n} 条外来记录未计入", "{n} strays of the log were passed over").of(n=strays))
