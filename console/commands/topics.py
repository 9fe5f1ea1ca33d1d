"""``xinji topics create``: the topics of a cluster. Workers never create topics."""

from __future__ import annotations

import click

from connectors.kafka import create_topics
from console.configuration import configured
from console.environment import resolved
from console.output import json_option, out, print_json, told
from streams.sources import load_sources
from streams.topics import configuration, partitions


@click.group(help="主题 / topics")
def command() -> None:
    """Topics."""


@command.command(help="创建主题（已存在的不变） / create the topics; one that exists is left as it is")
@json_option
@told
def create(as_json_: bool) -> None:
    """Creates acts, receipts, rejections and one submissions topic for each registered source."""
    settings = resolved(configured())
    source_ids = list(load_sources(settings.sources))
    wanted = partitions(source_ids)
    create_topics(
        settings.bootstrap, wanted, config=configuration(source_ids, settings.replication), replication=settings.replication
    )
    if as_json_:
        print_json(wanted)
    else:
        for topic, count in wanted.items():
            out.print(f"{topic}  {count}")
