"""``python -m benchmarks.peers``, which ``make bench-peers`` runs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from benchmarks.data import ACTS_OF_A_SUBJECT
from benchmarks.peers.contest import PeerFailed, Result, run
from benchmarks.peers.entrants import ALL_LACK, PEERS, Peer
from benchmarks.peers.topic import fill, write_schemas
from connectors.kafka import create_topics
from streams.topics import ACTS, ACTS_PARTITIONS
from tests.kafka.broker import Broker

_QUICK: Final = 30_000
_err = Console(stderr=True)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--acts", default=80_000, show_default=True, type=click.IntRange(100), help="行为数 / acts on the topic")
@click.option("--only", default="", metavar="NAME", help="只测名称含此字的 / only the peers whose names contain this")
@click.option("--patience", default=200.0, show_default=True, type=click.FloatRange(1), help="每个最多几秒 / seconds for each")
@click.option("--quick", is_flag=True, help=f"只用 {_QUICK} 条行为 / {_QUICK} acts only")
def main(acts: int, only: str, patience: float, quick: bool) -> None:
    """The reduced job (decode, count and sum by subject, emit) by stream processors of others, on Apache Kafka's broker."""
    peers = [peer for peer in PEERS if only.lower() in peer.name.lower()]
    if not peers:
        raise click.UsageError(f"no peer is called {only}; there are {', '.join(peer.name for peer in PEERS)}")
    acts = (_QUICK if quick else acts) // ACTS_OF_A_SUBJECT * ACTS_OF_A_SUBJECT
    directory = Path(tempfile.mkdtemp(prefix="xinji-peers-"))
    try:
        results, failures = _contest(peers, directory, acts, patience)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    show(results, acts, Console(width=max(Console().width, 140)))
    if failures:
        raise click.ClickException("\n".join(str(failure) for failure in failures))


def _contest(peers: Sequence[Peer], directory: Path, acts: int, patience: float) -> tuple[list[Result], list[PeerFailed]]:
    for peer in peers:
        peer.argv()  # built before anything is measured
    results: list[Result] = []
    failures: list[PeerFailed] = []
    # the acts are dated in the past, and so is what some peers emit: with the broker's default it would be deleted at once
    with Broker(directory / "kafka", {"log.retention.ms": -1}) as broker:
        create_topics(broker.bootstrap, {ACTS: ACTS_PARTITIONS})
        _err.print(f"{acts:,} acts: loading", highlight=False)
        wanted = fill(broker.bootstrap, acts)
        write_schemas(directory / "schemas.json")
        for peer in peers:
            _err.print(peer.name, highlight=False)
            try:
                results.append(run(peer, broker.bootstrap, directory, acts, wanted, patience))
            except PeerFailed as failed:  # the others are shown all the same
                failures.append(failed)
    return results, failures


def show(results: Sequence[Result], acts: int, console: Console) -> None:
    """The peers side by side."""
    table = Table(title=f"同一主题上的简化作业 / the reduced job on the same topic, {acts:,} acts", show_lines=True)
    table.add_column("程序\npeer")
    for column in ("CPU 微秒/行为\nCPU us/act", "用户\nuser", "系统\nsystem", "行为/秒\nacts/s", "固定工作 毫秒\nfixed work, ms"):
        table.add_column(column, justify="right")
    table.add_column("状态存于\nstate kept in")
    table.add_column("此外不做\nbesides, it lacks")
    for one in sorted(results, key=lambda result: result.cpu.total / result.acts):
        each = one.cpu.per(one.acts)
        figures = f"{each.total:.1f}", f"{each.user:.1f}", f"{each.system:.1f}", f"{one.rate:,.0f}", f"{one.pace:.0f}"
        table.add_row(one.peer.name, *figures, one.peer.state, one.peer.lacks)
    console.print(table)
    if results:
        console.print(
            f"states of {results[0].subjects:,} subjects, equal for every peer in this table", style="dim", highlight=False
        )
    console.print(ALL_LACK, style="dim", highlight=False, soft_wrap=True)
    console.print(
        "one process each, its children with it; start and the first half of the acts left out, and the broker (Apache Kafka, "
        "one node, on this machine); Java still compiles itself meanwhile: "
        'for its steady state, --acts 600000 --only "kafka streams"',
        style="dim",
        highlight=False,
        soft_wrap=True,
    )


if __name__ == "__main__":
    main()
