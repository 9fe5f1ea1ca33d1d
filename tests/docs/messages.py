"""The catalogue of messages, read from the code: each ``Sentence`` that is written anywhere in the packages, with what it stands
for, and each class of errors."""

from __future__ import annotations

import ast
import pkgutil
import string
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

from console.output import exit_code_of
from projections.admission import REASONS
from schemas.sentence import Sentence, Told
from tests.docs.pages import ROOT

PACKAGES: Final = ("schemas", "projections", "connectors", "streams", "console")
_DATA: Final = ("console.demo",)
"""Words of a made-up sample, not messages."""


@dataclass(frozen=True)
class Message:
    """One sentence: where it is written, and what it stands for: a class of errors, the reason of a rejection, or the place.
    ``given`` are the places that are filled where it is written, None where that cannot be seen there."""

    code: str
    where: str
    sentence: Sentence
    exit_code: str
    given: frozenset[str] | None
    flaw: str = ""


def modules() -> list[str]:
    """Every module of the packages."""
    found = []
    for package in PACKAGES:
        root = import_module(package)
        found += [package, *(one.name for one in pkgutil.walk_packages(root.__path__, f"{package}."))]
    return [name for name in found if not name.startswith(_DATA)]


def error_classes() -> list[type[BaseException]]:
    """Every class of exceptions that the packages define."""
    found = []
    for name in modules():
        if not name.endswith("__main__"):
            module = import_module(name)
            found += [
                one
                for one in vars(module).values()
                if isinstance(one, type) and issubclass(one, BaseException) and one.__module__ == name
            ]
    return found


def places(text: str) -> frozenset[str]:
    """The names of a sentence's places."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def rows() -> list[Message]:
    """Every message of the packages, by package and module, each once."""
    return list({(one.code, one.sentence): one for name in modules() for one in _in_module(name)}.values())


def _in_module(name: str) -> Iterator[Message]:
    path = _path(name)
    if path.name != "sentence.py":
        yield from _Walk(name, path).messages


def _path(name: str) -> Path:
    base = ROOT / name.replace(".", "/")
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


class _Walk(ast.NodeVisitor):
    def __init__(self, module: str, path: Path) -> None:
        self.messages: list[Message] = []
        self._module, self._path = module, path
        self._loaded: ModuleType | None = None
        self._above: list[ast.AST] = []
        self._tree = ast.parse(path.read_text(encoding="utf-8"))
        self.visit(self._tree)

    def generic_visit(self, node: ast.AST) -> None:
        self._above.append(node)
        super().generic_visit(node)
        self._above.pop()

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "Sentence":
            self.messages.append(self._message(node))
        self.generic_visit(node)

    def _message(self, node: ast.Call) -> Message:
        where = f"{self._path.relative_to(ROOT)}:{node.lineno}"
        texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if len(texts) != 2 or len(node.args) != 2 or node.keywords:
            return Message("?", where, Sentence("", ""), "", None, "is not written as two plain texts, Chinese and English")
        code, exit_code = self._code(node)
        return Message(code, where, Sentence(*texts), exit_code, self._given(node))

    def _code(self, node: ast.Call) -> tuple[str, str]:
        """A class of errors with its exit code, the code of a reason, or the module."""
        for above in reversed(self._above):
            if isinstance(above, ast.Call) and (code := self._of_call(above)):
                return code, self._exit_code(code)
            if isinstance(above, ast.ClassDef) and self._error(above.name):
                return above.name, self._exit_code(above.name)
        code = next(filter(None, map(self._of_call, self._uses())), self._module)
        return code, self._exit_code(code)

    def _of_call(self, call: ast.Call) -> str:
        """What a call makes: a rejection, by its reason, or an error, by its class; empty for another one."""
        first = call.args[0] if call.args else None
        if isinstance(first, ast.Constant) and first.value in REASONS:
            return str(first.value)
        return call.func.id if isinstance(call.func, ast.Name) and self._error(call.func.id) else ""

    def _uses(self) -> Iterator[ast.Call]:
        """The calls to which the sentence is given by the name that it gets here."""
        named = next((one for one in reversed(self._above) if isinstance(one, ast.Assign)), None)
        targets = {one.id for one in named.targets if isinstance(one, ast.Name)} if named is not None else set[str]()
        within = next((one for one in reversed(self._above) if isinstance(one, ast.FunctionDef)), self._tree)
        for call in (one for one in ast.walk(within) if isinstance(one, ast.Call)):
            given = (name for argument in (*call.args, *call.keywords) for name in ast.walk(argument))
            if any(isinstance(name, ast.Name) and name.id in targets for name in given):
                yield call

    def _error(self, name: str) -> type[Told] | None:
        self._loaded = self._loaded or import_module(self._module)
        found = getattr(self._loaded, name, None)
        return found if isinstance(found, type) and issubclass(found, Told) else None

    def _exit_code(self, name: str) -> str:
        kind = self._error(name)
        return "" if kind is None else str(exit_code_of(kind))

    def _given(self, node: ast.Call) -> frozenset[str] | None:
        """What is filled in: by ``.of`` right behind the sentence, or by the class whose ``says`` it is."""
        above = self._above[-1]
        if isinstance(above, ast.Attribute) and above.attr == "of":
            return _keywords(self._above[-2])
        owner = self._above[-2] if len(self._above) > 1 else None
        if isinstance(owner, ast.ClassDef) and isinstance(above, ast.Assign | ast.AnnAssign):
            calls = [one for one in ast.walk(owner) if isinstance(one, ast.Call) and _is_init_above(one)]
            return _keywords(calls[0]) if calls else frozenset()
        return None if isinstance(above, ast.Assign | ast.AnnAssign | ast.IfExp | ast.Dict | ast.Tuple) else frozenset()


def _keywords(call: ast.AST) -> frozenset[str] | None:
    assert isinstance(call, ast.Call)
    names = [one.arg for one in call.keywords]
    return None if None in names else frozenset(name for name in names if name is not None)


def _is_init_above(call: ast.Call) -> bool:
    """``super().__init__(…)``."""
    return isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"
