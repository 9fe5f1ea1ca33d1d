"""``xinji profiles``: which forms are read, what stands in them, a blank one, and which a file fits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from connectors.files import Profile, load_profile
from connectors.files.fitting import best_of, fits_of
from connectors.files.profile_columns import columns_of, heads_of
from connectors.files.profile_loader import shipped
from connectors.files.template import write_template
from console.language import here
from console.output import DIFFERENT, USAGE, fail, json_option, out, print_json, say, told
from console.tables import Column, show_rows, wide_option
from schemas.sentence import Sentence, literal

_NAME = Column(Sentence("方案", "profile"), whole=True)
_FIELD = Column(Sentence("字段", "field"), whole=True)
_LISTED = (_NAME, Column(Sentence("名称", "title")), Column(Sentence("事件", "event"), whole=True))
_SHOWN = (
    Column(Sentence("列名", "column")),
    _FIELD,
    Column(Sentence("必填", "required")),
    Column(Sentence("含义", "meaning")),
    Column(Sentence("其他写法", "other names")),
)
_FITS = (
    _NAME,
    Column(Sentence("认得的列", "columns known")),
    Column(Sentence("缺少的必填字段", "required fields that are nowhere")),
)
_YES = Sentence("是", "yes")
_FOUND = Sentence("用 --profile {profile}", "push it with --profile {profile}")
_UNSURE = Sentence(
    "没有唯一合适的方案：请从上表选择并用 --set 补上缺少的字段，或按 `xinji profiles show` 写自己的方案",
    "no profile fits alone: choose one of these and give what is missing with --set, or write a profile of your own after "
    "`xinji profiles show`",
)
_EVENTS = Sentence("该方案按行读取事件（JSON Lines），没有表格", "this profile reads events, one a line; it has no form")
_WRITTEN = Sentence("空白表已写入 {file}", "the blank form is in {file}")
_UNWRITTEN = Sentence("无法写入 {file}（{kind}）：请换一个位置", "{file} cannot be written ({kind}): choose another place")


@click.group(help="映射方案：列出、查看、空白表、识别文件 / mapping profiles: list, show, blank forms, which one a file fits")
def command() -> None:
    """The shipped profiles; ``show`` and ``template`` take the path of one of your own, too."""


@command.command("list", help="列出自带的方案 / list the shipped profiles")
@wide_option
@json_option
@told
def listed(wide: bool, as_json_: bool) -> None:
    """Name, title and event of each."""
    found = [load_profile(name) for name in shipped()]
    if as_json_:
        print_json([{"profile": one.name, "title": one.title, "event": one.event} for one in found])
        return
    show_rows(out, _LISTED, [(one.name, _title(one), one.event or "*") for one in found], wide=wide)


def _title(profile: Profile) -> str:
    zh, _, en = profile.title.partition(" / ")
    return here(literal(zh, en or zh))


@command.command("show", help="查看方案的列 / show the columns of a profile")
@click.argument("name")
@wide_option
@json_option
@told
def shown(name: str, wide: bool, as_json_: bool) -> None:
    """Each column with its other names, the field that it fills, whether a file must have it, and what it means."""
    columns = columns_of(load_profile(name))
    if as_json_:
        plain = [
            {
                "column": one.names[0],
                "other_names": one.names[1:],
                "field": one.field,
                "required": one.needed,
                "what": one.what.en,
                "what_zh": one.what.zh,
                "takes": one.texts,
            }
            for one in columns
        ]
        print_json(plain)
        return
    rows: list[tuple[Any, ...]] = [
        (one.names[0], one.field, here(_YES) if one.needed else "", here(one.what), "、".join(one.names[1:])) for one in columns
    ]
    show_rows(out, _SHOWN, rows, wide=wide)


@command.command("template", help="写出空白表（.xlsx） / write a blank form (.xlsx)")
@click.argument("name")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE", help="文件 / file")
@json_option
@told
def template(name: str, output: Path, as_json_: bool) -> None:
    """The form has the columns' names; a second sheet explains them."""
    columns = columns_of(load_profile(name))
    if not columns:
        fail(_EVENTS, USAGE, as_json_)
    try:
        write_template(output, columns)
    except OSError as problem:
        fail(_UNWRITTEN.of(file=output, kind=type(problem).__name__), USAGE, as_json_)
    if as_json_:
        print_json({"file": output, "columns": list(heads_of(columns))})
        return
    say(_WRITTEN.of(file=output))


@command.command("guess", help="识别文件适用的方案 / which profile a file fits")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@told
def guess(file: Path, as_json_: bool) -> None:
    """Exit 0: one fits; 1: none, or more than one."""
    fits = fits_of(file)
    best = best_of(fits)
    if as_json_:
        plain = [{"profile": one.profile, "known": one.known, "columns": one.columns, "lacks": one.lacks} for one in fits]
        print_json({"profile": best.profile if best else None, "fits": plain})
    else:
        show_rows(out, _FITS, [(one.profile, f"{one.known}/{one.columns}", ", ".join(one.lacks)) for one in fits])
        say(_FOUND.of(profile=best.profile) if best else _UNSURE)
    if best is None:
        raise SystemExit(DIFFERENT)
