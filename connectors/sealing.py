"""Rejected bytes at rest: encrypted with the operator's key, since what strangers send may hold personal data.

Fernet (AES-128-CBC with HMAC-SHA256, https://github.com/fernet/spec); the key file holds one key in URL-safe base64.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from connectors.private import new_private
from schemas.sentence import Sentence, Told


class KeyProblem(Told, RuntimeError):
    """The key of the rejections cannot be used. ``path`` is the key file."""

    says = Sentence(
        "密钥文件 {path}：{problem}",
        "key file {path}: {problem}",
    )

    def __init__(self, path: Path, problem: Sentence) -> None:
        self.path, self.problem = path, problem
        super().__init__(path=path, problem=problem)


class Sealer:
    """Encrypts and decrypts rejected bytes."""

    def __init__(self, key: bytes) -> None:
        """Raises ValueError for bytes that are no key."""
        self._fernet = Fernet(key)

    @classmethod
    def from_file(cls, path: Path) -> Sealer:
        """The sealer of an existing key file; raises KeyProblem."""
        try:
            return cls(path.read_bytes().strip())
        except OSError as problem:
            unread = Sentence(
                "无法读取（{kind}）；请将 XINJI_REJECTIONS_KEY 设为密钥文件",
                "it cannot be read ({kind}); set XINJI_REJECTIONS_KEY to the key file",
            )
            raise KeyProblem(path, unread.of(kind=type(problem).__name__)) from problem
        except ValueError as problem:
            no_key = Sentence(
                "其中没有密钥：应为 URL-safe base64 的 32 字节",
                "it holds no key: 32 bytes in URL-safe base64 are expected",
            )
            raise KeyProblem(path, no_key) from problem

    @classmethod
    def create_or_open(cls, path: Path) -> Sealer:
        """The sealer of a key file, which is made (readable by its owner only) where there is none; raises KeyProblem."""
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            file = new_private(path)
        except FileExistsError:
            return cls.from_file(path)
        with file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
        return cls.from_file(path)

    def seal(self, value: bytes) -> bytes:
        """The bytes, encrypted."""
        return self._fernet.encrypt(value)

    def unseal(self, sealed: bytes) -> bytes:
        """The bytes as they were sent; raises ValueError when another key sealed them, or they were altered."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise ValueError("these bytes were sealed with another key, or altered; use the key of that time") from None
