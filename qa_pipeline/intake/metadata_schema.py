"""The JSON Schema of a sidecar, made from the table of fields."""

from __future__ import annotations

from collections.abc import Mapping

from qa_pipeline.intake.metadata_fields import FIELDS, FieldKind, MetadataField

_TYPES: Mapping[FieldKind, tuple[str, ...]] = {
    FieldKind.TEXT: ("string", "integer", "null"),
    FieldKind.BOOLEAN: ("boolean", "string", "integer", "null"),
    FieldKind.WHOLE: ("integer", "string", "null"),
    FieldKind.SECONDS: ("number", "string", "null"),
    FieldKind.AMOUNT: ("string", "number", "null"),
    FieldKind.TIME: ("string", "null"),
    FieldKind.DAY: ("string", "null"),
    FieldKind.LIST: ("array", "string", "null"),
}
_UNITS: Mapping[FieldKind, str] = {
    FieldKind.AMOUNT: "yuan, decimal",
    FieldKind.TIME: "RFC 3339",
    FieldKind.DAY: "year-month-day",
    FieldKind.SECONDS: "seconds",
}


def metadata_schema() -> dict[str, object]:
    """JSON Schema (2020-12) of a sidecar, `{"metadata": {...}}`; docs/metadata.schema.json is this."""
    properties: dict[str, object] = {}
    for field in FIELDS:
        properties[field.name] = _value_schema(field)
        for alias in field.aliases:
            properties[alias] = {"$ref": f"#/$defs/metadata/properties/{field.name}"}
    properties["extra"] = {"description": "Keys of your own", "type": "object"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "qa.metadata/1",
        "title": "Metadata beside a recording: <same name>.json",
        "type": "object",
        "required": ["metadata"],
        "properties": {"metadata": {"$ref": "#/$defs/metadata"}},
        "$defs": {"metadata": {"type": "object", "properties": properties, "additionalProperties": True}},
    }


def _value_schema(field: MetadataField) -> dict[str, object]:
    unit = _UNITS.get(field.kind)
    schema: dict[str, object] = {"description": f"{field.meaning} ({unit})" if unit else field.meaning}
    if field.choices is not None:
        schema["enum"] = [*dict.fromkeys([*field.choices.values(), *field.choices]), None]
        return schema
    schema["type"] = list(_TYPES[field.kind])
    if field.kind is FieldKind.LIST:
        schema["items"] = {"type": "string"}
    schema["examples"] = [field.example]
    return schema
