"""Finds a secret in every form in which a server or a library writes it, to keep it out of texts."""

from __future__ import annotations

import base64
import re
from typing import Final
from urllib.parse import quote, quote_plus

_WINDOW: Final = 8
"""People and servers quote a key by its last letters; eight in a row are no coincidence."""
_LONG_ENOUGH: Final = 16
"""A shorter secret has no part that would not also be an ordinary word."""
_ESCAPED: Final = re.compile(r"\\u00([0-9a-fA-F]{2})|\\([/\"\\])")


def secret_forms(secret: str) -> tuple[str, ...]:
    """Return how a whole secret may be written, and its last letters: what a redactor takes out."""
    written = [secret, *(write(secret) for write in (_in_address, quote, quote_plus, ascii))]
    written[-1] = written[-1][1:-1]
    written += [secret.encode().hex(), secret[::-1], *_in_base64(secret)]
    if len(secret) >= _LONG_ENOUGH:
        written.append(secret[-_WINDOW:])
    return tuple(dict.fromkeys(form for form in written if form))


def leaks(text: str, secret: str) -> bool:
    """Return whether a text holds the secret, or eight letters of it in a row, in any of these forms."""
    plain = _ESCAPED.sub(lambda mark: mark[2] or chr(int(mark[1], 16)), text)
    if any(form in each for form in secret_forms(secret) for each in (text, plain)):
        return True
    if len(secret) < _LONG_ENOUGH:
        return False
    words = (secret, _in_address(secret))
    windows = {word[at : at + _WINDOW] for word in words for at in range(len(word) - _WINDOW + 1)}
    return any(window in plain for window in windows)


def _in_address(secret: str) -> str:
    return quote(secret, safe="")


def _in_base64(secret: str) -> list[str]:
    """Return what base64 makes of a secret wherever it begins in the encoded text."""
    found = []
    for before in range(3):
        code = base64.b64encode(b"\0" * before + secret.encode()).decode()
        middle = code[4 if before else 0 :].rstrip("=")[:-1]
        found += [middle, middle.replace("+", "-").replace("/", "_")]
    return [code for code in found if len(code) >= _WINDOW]
