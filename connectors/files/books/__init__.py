"""Workbooks to sheets of rows: Excel .xlsx and .xlsm, the older .xls, and OpenDocument .ods.

The kind is told by what stands in the file, not by its name: offices rename. Every sheet is read, hidden ones too, and says
what of it is hidden; an error of a formula comes as its text (#REF!) and a formula that nobody computed as UNCOMPUTED, so that a
row which lacks a value for that reason is never taken for an empty one. What is merged over rows stands in each of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Final
from zipfile import BadZipFile, ZipFile

from connectors.files.books.ods import ods_sheets
from connectors.files.books.sheets import Sheets
from connectors.files.books.xls import xls_sheets
from connectors.files.books.xlsx import xlsx_sheets
from connectors.files.errors import NOT_OPENED, UnreadableFile
from schemas.sentence import Sentence

__all__ = ["SUFFIXES", "open_book"]

SUFFIXES: Final = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKAGE: Final = "EncryptedPackage".encode("utf-16-le")
_DIRECTORY_BYTES: Final = 1 << 20
_ODS: Final = b"application/vnd.oasis.opendocument.spreadsheet"


def open_book(path: Path) -> Sheets:
    """The sheets of a workbook in their order; closing it closes the file. Raises UnreadableFile, also while rows are read."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as problem:
        raise UnreadableFile(path, NOT_OPENED.of(why=problem.strerror)) from problem
    if start == _OLE:
        if _is_encrypted(path):
            locked = Sentence(
                "有密码保护；请用密码打开后去掉密码再保存",
                "is protected by a password; open it with the password and save it without one",
            )
            raise UnreadableFile(path, locked)
        return xls_sheets(path)
    if start.startswith(_ZIP):
        return ods_sheets(path) if _is_open_document(path) else xlsx_sheets(path)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        page = Sentence(
            "名为工作簿，实为网页或 XML；请用表格软件打开后另存为 .xlsx",
            "is a web page or XML under a workbook's name; open it in a spreadsheet and save it as .xlsx",
        )
        raise UnreadableFile(path, page)
    other = Sentence(
        "不是 {suffix} 工作簿；请打开后另存为 .xlsx，不设密码",
        "is not an {suffix} workbook; open it and save it as .xlsx, without a password",
    )
    raise UnreadableFile(path, other.of(suffix=path.suffix.lower()))


def _is_encrypted(path: Path) -> bool:
    """Whether it is the envelope in which Office keeps an .xlsx under a password: its directory names the package."""
    with path.open("rb") as file:
        return _PACKAGE in file.read(_DIRECTORY_BYTES) or _at_end(file)


def _at_end(file: BinaryIO) -> bool:
    file.seek(0, 2)
    file.seek(max(0, file.tell() - _DIRECTORY_BYTES))
    return _PACKAGE in file.read()


def _is_open_document(path: Path) -> bool:
    try:
        with ZipFile(path) as archive:
            return "mimetype" in archive.namelist() and archive.read("mimetype").startswith(_ODS)
    except (BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as problem:
        broken = Sentence("工作簿已损坏（{kind}）；请打开后重新保存", "is a damaged workbook ({kind}); open it and save it again")
        raise UnreadableFile(path, broken.of(kind=type(problem).__name__)) from None
