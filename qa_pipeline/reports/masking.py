"""What leaves the house is masked with text of the same length, so that offsets and quotes stay true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from qa_pipeline.intake.metadata import metadata_document
from qa_pipeline.intake.metadata_fields import FIELDS, FieldKind
from qa_pipeline.language.redaction import MASK, heard_names, mask
from qa_pipeline.reports.quotation import Quotation, quotation
from qa_pipeline.types import CallMetadata, Evidence, Inspection, NearestMiss, Place

_NAME_KEYS = frozenset(
    {
        *("customer_name", "debtor_name", "contact_name", "guarantor_name", "name", "cust_name"),
        *("姓名", "客户姓名", "债务人姓名", "联系人姓名", "担保人姓名"),
    }
)
_IDENTITIES = frozenset({"call_id", "agent_id"})
"""Keys by which results are joined; masking them would lose the call."""
_FREE_TEXT = frozenset(field.name for field in FIELDS if field.kind in (FieldKind.TEXT, FieldKind.LIST))


@dataclass(frozen=True)
class Masking:
    """How the texts of one call are shown.

    Args:
        inspection: the call.
        unmasked: show everything as it was heard.
    """

    inspection: Inspection
    unmasked: bool = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names from the metadata, then those somebody was addressed by; a single character is none."""
        call = self.inspection.call
        known = [call.agent_name, *(value for key, value in call.extra if key.casefold() in _NAME_KEYS)]
        heard = heard_names(self._heard.values())
        return tuple(dict.fromkeys(name for name in (*known, *heard) if name and len(name) > 1))

    @cached_property
    def utterances(self) -> Mapping[str, str]:
        """The text to show for each utterance id."""
        transcript = self.inspection.transcript
        return {} if transcript is None else {said.id: self.text(said.text) for said in transcript.utterances}

    @cached_property
    def likely(self) -> Mapping[str, str]:
        """What was most likely said, by utterance id, where that is not what was heard."""
        transcript = self.inspection.transcript
        return {
            said.id: self._alike(said.likely, said.text, self.utterances[said.id])
            for said in (transcript.utterances if transcript else ())
            if said.likely is not None
        }

    @cached_property
    def _heard(self) -> Mapping[str, str]:
        transcript = self.inspection.transcript
        return {} if transcript is None else {said.id: said.text for said in transcript.utterances}

    def text(self, text: str) -> str:
        """A text as it may be shown."""
        return text if self.unmasked else mask(text, names=self.names)

    def quote(self, source: Evidence | NearestMiss | Place) -> str:
        """The quoted words, masked as they are in their utterance."""
        return self.quotation(source).words

    def quotation(self, source: Evidence | NearestMiss | Place) -> Quotation:
        """The quoted words in their clauses, masked as they are in their utterance.

        A quote may begin inside a number that is only recognised as one from its whole utterance.
        """
        utterance_id = source.utterance_id or ""
        start = self._heard.get(utterance_id, "").find(source.quote)
        if start < 0 or not source.quote:
            return Quotation(words=self.text(source.quote))
        return quotation(self.utterances[utterance_id], start, start + len(source.quote))

    def heard_as(self, evidence: Evidence) -> str | None:
        """What the quoted words were taken for; what is masked in them is masked here too."""
        if evidence.heard_as is None:
            return None
        return self._alike(evidence.heard_as, evidence.quote, self.quote(evidence))

    def metadata(self) -> dict[str, object]:
        """The call's metadata, free text masked, identities kept."""
        document = metadata_document(self.inspection.call)
        return {
            key: value if key in _IDENTITIES or key not in _FREE_TEXT else self._value(value)
            for key, value in document.items()
        } | {"extra": {key: self.text(value) for key, value in self.inspection.call.extra}}

    def agent_name(self) -> str | None:
        """The agent's name as it may be shown."""
        call: CallMetadata = self.inspection.call
        return None if call.agent_name is None else self.text(call.agent_name)

    def _alike(self, text: str, heard: str, shown: str) -> str:
        """A text as it may be shown, and masked where what was heard in its place is."""
        if len(text) != len(heard):
            return self.text(text)
        pairs = zip(self.text(text), heard, shown, strict=True)
        return "".join(MASK if masked != plain else character for character, plain, masked in pairs)

    def _value(self, value: object) -> object:
        if isinstance(value, str):
            return self.text(value)
        return [self._value(part) for part in value] if isinstance(value, list) else value
