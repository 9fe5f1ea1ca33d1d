"""Which language people read: ``--lang``, else XINJI_LANG, else that of the locale, else Chinese."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

import click

from schemas.sentence import LANGUAGES, Lang, Sentence

_CHOSEN: Final = "xinji.lang"
_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
VARIABLE: Final = "XINJI_LANG"


def language(environment: Mapping[str, str] | None = None) -> Lang:
    """The language of this command."""
    context = click.get_current_context(silent=True)
    chosen: Lang | None = context.meta.get(_CHOSEN) if context is not None else None
    return chosen or language_of(os.environ if environment is None else environment)


def language_of(environment: Mapping[str, str]) -> Lang:
    """The language that an environment asks for; a locale of neither language, such as C, is read in Chinese."""
    wanted = environment.get(VARIABLE) or next(filter(None, map(environment.get, _LOCALE)), "")
    return "en" if wanted.lower().startswith("en") else "zh"


def here(sentence: Sentence) -> str:
    """The sentence in the language of this command."""
    return sentence.said(language())


def _choose(context: click.Context, _: click.Parameter, value: Lang | None) -> None:
    if value is not None:
        context.meta[_CHOSEN] = value


class LangOption(click.Option):
    """``--lang``, the same option on the command and on each subcommand."""

    def __init__(self) -> None:
        super().__init__(
            ["--lang"],
            type=click.Choice(LANGUAGES),
            is_eager=True,
            expose_value=False,
            callback=_choose,
            help="语言：中文或英文，默认随系统，否则中文 / language; default: XINJI_LANG, the locale, else Chinese",
        )


def with_lang(command: click.Command) -> click.Command:
    """A command, and what stands below it, that takes ``--lang``."""
    if not any(isinstance(one, LangOption) for one in command.params):
        command.params.append(LangOption())
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        with_lang(below)
    return command
