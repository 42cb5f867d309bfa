"""YAML read with the line of every value, so that a problem can be shown where it stands.

ruamel.yaml rather than PyYAML: it reads YAML 1.2, in which ``no`` and ``22:00`` are text, not false and 1320.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from qa_pipeline.types import Message, message

Path_ = tuple[str | int, ...]

_BOOL = "tag:yaml.org,2002:bool"
_INT = "tag:yaml.org,2002:int"
_FLOAT = "tag:yaml.org,2002:float"
_NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Location:
    """A line of a file of the pack; `file` is relative to the pack's folder."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with a pack, and where."""

    location: Location
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file: its value in JSON's types, and the line on which each part of it starts.

    Args:
        lines: by path of keys and indices; a key's own line, not that of its value.
    """

    file: str
    value: Any
    lines: Mapping[Path_, int]

    def locate(self, path: Sequence[str | int]) -> Location:
        """Where this part stands, or the nearest part around it that does."""
        known = tuple(path)
        while known and known not in self.lines:
            known = known[:-1]
        return Location(file=self.file, line=self.lines.get(known, 1))


def read_document(path: Path, *, file: str) -> tuple[Document | None, tuple[Problem, ...]]:
    """Read one YAML file.

    Returns:
        The document, None when it is not YAML at all, and the problems: bad syntax, duplicate keys, keys that
        are not text. Of a duplicate key the first value is kept.
    """
    try:
        root = _composed(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return None, (_problem(file, 1, message("not UTF-8 text")),)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or error
        text = message("not valid YAML: {reason}", reason=reason)
        return None, (_problem(file, 1 if mark is None else mark.line + 1, text),)
    if root is None:
        return None, (_problem(file, 1, message("the file is empty")),)
    lines: dict[Path_, int] = {}
    problems: list[Problem] = []
    value = _value(root, (), file, lines, problems)
    return Document(file=file, value=value, lines=lines), tuple(problems)


def _composed(text: str) -> Node | None:
    """The nodes of a YAML text, by libyaml where it understands it: six times as fast as the pure parser,
    which reads the rest of YAML 1.2 and tells what is wrong."""
    try:
        return cast("Node | None", YAML(typ="safe").compose(text))
    except YAMLError:
        return cast("Node | None", YAML(typ="safe", pure=True).compose(text))


def read_excerpt(path: Path, where: Path_) -> str:
    """A part of a YAML file as its author wrote it, moved to the left edge.

    Args:
        where: keys and indices that lead to the part; the file is sound and has it.
    """
    text = path.read_text(encoding="utf-8")
    node = YAML(typ="safe", pure=True).compose(text)
    for step in where:
        if isinstance(step, int):
            node = node.value[step]
        else:
            node = next(value for key, value in node.value if key.value == step)
    begin = node.start_mark
    first, *others = text[begin.index : node.end_mark.index].splitlines()
    margin = " " * begin.column
    lines = [first, *(line.removeprefix(margin) for line in others)]
    # A block ends where the next one begins; the blank lines and comments between belong to that one.
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return "\n".join(lines)


def _problem(file: str, line: int, text: Message) -> Problem:
    return Problem(location=Location(file=file, line=line), message=text)


def _value(node: Node, path: Path_, file: str, lines: dict[Path_, int], problems: list[Problem]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, ScalarNode):
        return _scalar(node)
    if isinstance(node, SequenceNode):
        return [_value(item, (*path, index), file, lines, problems) for index, item in enumerate(node.value)]
    if not isinstance(node, MappingNode):
        raise TypeError(f"unknown YAML node {type(node).__name__}")
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            problems.append(_problem(file, line, message("a key must be text")))
            continue
        key = str(key_node.value)
        if key in result:
            first = lines[(*path, key)]
            text = message("{key} stands here twice, first on line {first}; keep one", key=key, first=first)
            problems.append(_problem(file, line, text))
            continue
        lines[(*path, key)] = line
        result[key] = _value(value_node, (*path, key), file, lines, problems)
    return result


def _scalar(node: ScalarNode) -> str | int | float | bool | None:
    text = str(node.value)
    if node.tag == _NULL:
        return None
    if node.tag == _BOOL:
        return text.lower() == "true"
    if node.tag == _INT and text.isdecimal() and (text == "0" or not text.startswith("0")):
        return int(text)
    if node.tag == _FLOAT:
        try:
            return float(text)
        except ValueError:
            return text
    return text
