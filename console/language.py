"""Which language people read: the setting ``lang``, else that of the locale, else Chinese."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

import click

from console.configuration import chosen
from schemas.sentence import Lang, Sentence, Told

_CHOSEN: Final = "xinji.lang"
_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
VARIABLE: Final = "XINJI_LANG"


def language() -> Lang:
    """The language of this command."""
    context = click.get_current_context(silent=True)
    if context is None:
        return language_of(os.environ)
    if _CHOSEN not in context.meta:
        context.meta[_CHOSEN] = _asked_for() or language_of(os.environ)
    lang: Lang = context.meta[_CHOSEN]
    return lang


def _asked_for() -> Lang | None:
    try:
        return chosen().settings.lang or None
    except Told:  # what is wrong with the settings is to be said, too
        return None


def language_of(environment: Mapping[str, str]) -> Lang:
    """The language that an environment asks for; a locale of neither language, such as C, is read in Chinese."""
    wanted = environment.get(VARIABLE) or next(filter(None, map(environment.get, _LOCALE)), "")
    return "en" if wanted.lower().startswith("en") else "zh"


def here(sentence: Sentence) -> str:
    """The sentence in the language of this command."""
    return sentence.said(language())
