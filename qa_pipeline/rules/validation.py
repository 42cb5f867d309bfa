"""What pydantic finds wrong with a document, as problems a rule author can act on."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from qa_pipeline.rules.document import Document, Path_, Problem
from qa_pipeline.rules.grammar import CONDITION_KINDS
from qa_pipeline.types import Message, message

Model = TypeVar("Model", bound=BaseModel)


def validate(document: Document, model: type[Model]) -> tuple[Model | None, tuple[Problem, ...]]:
    """The document as a model, or None and what is wrong with it."""
    try:
        # Strict JSON mode: lists become tuples and names become enumerations, and nothing else is converted.
        return model.model_validate_json(json.dumps(document.value)), ()
    except ValidationError as error:
        return None, tuple(_problems(document, model, error.errors(include_url=False)))


def nearest(name: str, known: Sequence[str]) -> str | None:
    """The known name a misspelt one was probably meant to be."""
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.6)), None)


def unknown_name(what: str, name: str, known: Sequence[str]) -> Message:
    """That a name is not known, with the one that is nearest."""
    close = nearest(name, known)
    if close is None:
        return message("unknown {what} {name}", what=what, name=name)
    return message("unknown {what} {name}; did you mean {close}?", what=what, name=name, close=close)


def _problems(
    document: Document, model: type[BaseModel], errors: Sequence[ErrorDetails]
) -> Iterator[Problem]:
    places = [error["loc"] for error in errors]
    for error in errors:
        place = error["loc"]
        # When a part of a list is wrong pydantic also calls the list too short.
        if error["type"] == "too_short" and any(
            len(p) > len(place) and p[: len(place)] == place for p in places
        ):
            continue
        path, owner = _walk(model, place)
        yield Problem(location=document.locate(path), message=_message(error, path, owner))


def _message(error: ErrorDetails, path: Path_, owner: type[BaseModel] | None) -> Message:
    name = ".".join(map(str, path))
    if error["type"] == "extra_forbidden" and owner is not None:
        return unknown_name("key", str(path[-1]), _keys(owner))
    if error["type"] == "missing":
        return message("{name} is missing", name=name)
    if error["type"] == "condition_kind":
        return _condition_message(error["input"], name, error["msg"])
    return message("{name}: {reason}", name=name, reason=error["msg"].removeprefix("Value error, "))


def _condition_message(value: Any, name: str, reason: str) -> Message:
    if isinstance(value, dict):
        for key in value:
            close = None if key in CONDITION_KINDS else nearest(key, list(CONDITION_KINDS))
            if close is not None:
                return unknown_name("kind of condition", key, list(CONDITION_KINDS))
    return message("{name}: {reason}", name=name, reason=reason)


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _walk(model: type[BaseModel], place: Sequence[str | int]) -> tuple[Path_, type[BaseModel] | None]:
    """The path in the document of a pydantic location, and the model that owns its last key.

    Pydantic puts the tag of a tagged union into the location; the document has no such key.
    """
    path: list[str | int] = []
    owners: list[type[BaseModel]] = [model]
    for index, part in enumerate(place):
        if isinstance(part, int):
            path.append(part)
            continue
        tagged = CONDITION_KINDS.get(part)
        if len(owners) > 1 and tagged in owners:
            owners = [tagged]
            continue
        path.append(part)
        if index == len(place) - 1:
            break
        owners = [
            inner
            for owner in owners
            for name, field in owner.model_fields.items()
            if part == (field.alias or name)
            for inner in _models_in(field.annotation)
        ]
    return tuple(path), owners[0] if len(owners) == 1 else None


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
