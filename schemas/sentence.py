"""What people read, in Chinese and in English, written once and side by side where it belongs (CONTRIBUTING: messages).

Programs, logs and the contract's column ``message`` have the English text; who sits at a keyboard has that of his language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

Lang = Literal["zh", "en"]
LANGUAGES: Final[tuple[Lang, Lang]] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing said in both languages. As written it may have places to fill, the same in both: ``{data}``."""

    zh: str
    en: str

    def of(self, **data: object) -> Sentence:
        """The sentence with its places filled; what is itself a Sentence gives each language its own text."""
        zh = self.zh.format(**{name: _in(value, "zh") for name, value in data.items()})
        return Sentence(zh, self.en.format(**{name: _in(value, "en") for name, value in data.items()}))

    def changed(self, change: Callable[[str], str]) -> Sentence:
        """Both texts with something done to each."""
        return Sentence(change(self.zh), change(self.en))

    def said(self, lang: Lang) -> str:
        """The text in one language."""
        return self.zh if lang == "zh" else self.en

    @property
    def both(self) -> str:
        """The text in both languages, for what cannot ask whose it is: "中文 / English"."""
        return f"{self.zh} / {self.en}"

    def __str__(self) -> str:
        return self.en


def listed(items: Iterable[Sentence]) -> Sentence:
    """Several sentences in one, one after the other."""
    found = list(items)
    return Sentence("；".join(one.zh for one in found), "; ".join(one.en for one in found))


EMPTY: Final = Sentence("", "")


def _in(value: object, lang: Lang) -> object:
    return value.said(lang) if isinstance(value, Sentence) else value


def plain(text: object) -> Sentence:
    """What is the same in both languages: a path, a code, what another program said."""
    return Sentence(str(text), str(text))


def literal(zh: str, en: str) -> Sentence:
    """What was said elsewhere in both languages, with nothing left to fill."""
    return Sentence(zh, en)


def names(items: Iterable[object]) -> Sentence:
    """Several names or codes, as each language lists them."""
    texts = [str(one) for one in items]
    return Sentence("、".join(texts), ", ".join(texts))


class Told(Exception):
    """An error that people read. A class says it once, ``says``, and fills its places from the error's data; where each case
    has its own sentence, it is given. ``str()`` is the English text.

    ``exit_code``: with which code a command ends; None: that of a wrong command for a ValueError, else that of a part that
    is not available (console.output).
    """

    says: ClassVar[Sentence] = Sentence("{said}", "{said}")
    exit_code: ClassVar[int | None] = None

    def __init__(self, **data: object) -> None:
        self.sentence = self.says.of(**data)
        super().__init__(self.sentence.en)

    def said(self, lang: Lang) -> str:
        """What went wrong and what to do, in one language."""
        return self.sentence.said(lang)

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors come back from processes that share the work out; their classes take other arguments than Exception keeps."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[Told], args: tuple[Any, ...], data: dict[str, Any]) -> Told:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(data)
    return error


class Signal(Exception):
    """Leaves a piece of work, and is caught by whoever began it: it tells people nothing."""


def sentence_of(problem: BaseException) -> Sentence:
    """What an error says: both languages where it is one of ours, else its text as it is."""
    return problem.sentence if isinstance(problem, Told) else plain(problem)
