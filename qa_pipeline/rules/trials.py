"""Sentences and examples as small calls: what a rule pack makes of them.

They are read by the same `Reader` and judged by the same `RuleEngine` as real calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.intake.metadata import metadata_from
from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import RulePack, make_pack
from qa_pipeline.rules.schema import Example, HeardOtherwise, Line, Scope
from qa_pipeline.rules.trace import ConsideredMatch
from qa_pipeline.types import (
    ArtifactRef,
    CallType,
    Conversation,
    ConversationCharacteristics,
    CriterionOutcome,
    ElementResult,
    Finding,
    Prediction,
    Role,
    TalkMoment,
    TimeSpan,
    Transcript,
    Utterance,
    message,
)

_NO_MODEL = ArtifactRef(name="example", revision="1", sha256="0" * 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a pack makes of a sentence.

    Args:
        considered: every match of a rule, the acquitted ones too.
        elements: only those of which something was found.
        unplaced: violations that a classifier hears and no match rests on: what the pack asks of the call
            around them is not in a sentence alone.
    """

    text: str
    findings: tuple[Finding, ...]
    considered: tuple[ConsideredMatch, ...]
    elements: tuple[ElementResult, ...]
    unplaced: tuple[Prediction, ...] = ()


def try_texts(
    pack: RulePack,
    texts: Sequence[str],
    role: Role = Role.AGENT,
    *,
    call_type: CallType = CallType.RIGHT_PARTY,
    reader: Reader | None = None,
) -> Iterator[Trial]:
    """What a pack makes of each of these texts, said by itself.

    Raises:
        ConfigurationError: there is none, or one is blank (`text_empty`).
    """
    if not all(text.strip() for text in texts) or not texts:
        told = message("There is nothing to try: write the sentence that somebody says.")
        raise ConfigurationError("text_empty", told)
    engine, reading = RuleEngine(pack), reader or Reader(Tokenizer())
    return (_trial(engine, text, role, call_type, reading) for text in texts)


def _trial(engine: RuleEngine, text: str, role: Role, call_type: CallType, reader: Reader) -> Trial:
    example = Example(text=text, role=role, call_type=call_type)
    conversation = conversation_of(example, call_type, reader)
    judgement = engine.judge(conversation)
    absent = {CriterionOutcome.MISSED, CriterionOutcome.NOT_APPLICABLE}
    considered = engine.trace(conversation)
    return Trial(
        text=text,
        findings=judgement.findings,
        considered=considered,
        elements=tuple(result for result in judgement.elements if result.outcome not in absent),
        unplaced=tuple(_unplaced(engine.pack, conversation, considered)),
    )


def _unplaced(
    pack: RulePack, conversation: Conversation, considered: Sequence[ConsideredMatch]
) -> Iterator[Prediction]:
    """What a classifier takes for a violation without a rule that counts it here."""
    tried = {match.rule_id for match in considered}
    placed = {charge.category for charge in (*pack.rules, *pack.heard_otherwise) if charge.id in tried}
    free = {charge.category for charge in pack.heard_otherwise if charge.meaning is None} - placed
    for prediction in conversation.predictions:
        if prediction.label in free and prediction.probability >= prediction.threshold:
            yield prediction


def conversation_of(example: Example, call_type: CallType, reader: Reader) -> Conversation:
    """An example as a conversation of given text without times.

    Args:
        call_type: where the example names none.
    """
    lines = example.dialogue or (Line(role=example.role, text=example.text or ""),)
    transcript = Transcript(
        recording_id="example",
        language="zh",
        utterances=tuple(_utterance(number, line) for number, line in enumerate(lines)),
        asr=None,
        options_digest="",
    )
    call = metadata_from(example.metadata, call_id="example", where="example")
    moments = tuple(moment for number, line in enumerate(lines) for moment in _moments(number, line))
    conversation = reader.read(call, None, transcript, ConversationCharacteristics(moments=moments))
    return replace(conversation, call_type=example.call_type or call_type, call_type_confidence=1.0)


def _moments(number: int, line: Line) -> Iterator[TalkMoment]:
    for kind, value in line.acoustic.items():
        yield TalkMoment(
            kind=kind,
            utterance_id=_utterance(number, line).id,
            role=line.role,
            span=TimeSpan(start_ms=number * 1000, end_ms=(number + 1) * 1000),
            value=value,
        )


def _utterance(number: int, line: Line) -> Utterance:
    return Utterance(
        id=f"u{number + 1:04d}",
        role=line.role,
        role_confidence=0.0 if line.role is Role.UNKNOWN else 1.0,
        channel=None,
        span=None,
        text=line.text,
    )


class Certainty:
    """What a charge that rests on the classifier makes of sentences, were the classifier certain of each.

    No model is asked: a sentence is taken for what the charge rests on, wherever in a call it may stand.
    """

    def __init__(self, pack: RulePack, charge: HeardOtherwise, reader: Reader) -> None:
        anywhere = charge.model_copy(update={"scope": Scope(call_types=charge.scope.call_types)})
        self._label = charge.heard_as
        self._reader = reader
        self._alone = RuleEngine(
            make_pack(header=pack.header, rules=[], elements=[], locations={}, heard_otherwise=[anywhere])
        )

    def judge(self, example: Example, call_type: CallType) -> tuple[Finding, ...]:
        """The findings in an example; none where the charge's exemptions or its call types acquit it."""
        conversation = conversation_of(example, call_type, self._reader)
        return self._alone.judge(_taken_for(self._label, conversation)).findings


def _taken_for(label: str, conversation: Conversation) -> Conversation:
    """The conversation as if the classifier were certain that all of it is one thing."""
    predictions = tuple(
        Prediction(
            label=label,
            probability=1.0,
            threshold=0.5,
            certain=0.5,
            utterance_id=utterance.id,
            model=_NO_MODEL,
        )
        for utterance in conversation.transcript.utterances
    )
    return replace(conversation, predictions=predictions)
