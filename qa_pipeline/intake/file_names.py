"""Names of files as text that can be stored, shown and sent, whatever bytes they are made of."""

from __future__ import annotations

import re

_UNDECODED = re.compile("[\udc80-\udcff]")
"""Bytes that are no UTF-8, as Python carries them in names of files (PEP 383)."""
_CHINESE = re.compile("[\u3400-\u9fff]")


def readable(path: str) -> str:
    """A path with each name in it as a person reads it.

    Recorders on Chinese Windows write names in GBK, which GB 18030 contains; what is neither UTF-8 nor that
    keeps its bytes as escapes. Different names stay different, but for a name that stands beside itself in
    both encodings.
    """
    return "/".join(map(_readable, path.split("/"))) if _UNDECODED.search(path) else path


def _readable(name: str) -> str:
    if not _UNDECODED.search(name):
        return name
    written = name.encode("utf-8", "surrogateescape")
    # Chinese that UTF-8 does tell is not there by chance: such a name has stray bytes, not another encoding.
    if not _CHINESE.search(name):
        try:
            text = written.decode("gb18030")
        except UnicodeDecodeError:
            pass
        else:
            if text.isprintable() and text.encode("gb18030") == written:
                return text
    return name.encode("utf-8", "backslashreplace").decode()
