"""What a call is and what was heard in it: from the recording to the conversation."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from qa_pipeline.types.vocabulary import CallType, Layout, LineSoundKind, Role, TalkMomentKind, TimeSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMetadata:
    """What the call log and the case record say; None means not stated.

    Args:
        call_id: identity of the call; the path under the given root without extension when not stated.
        contact_role: debtor, guarantor, spouse_liable, contact, unknown or wrong.
        direction: out or in.
        started_at: with zone.
        agent_channel: 0, 1 or None when not known.
        amount_due, min_due: yuan.
        extra: unknown keys with their values as text, kept and listed once, never an error.
    """

    call_id: str
    agent_id: str | None = None
    agent_name: str | None = None
    team: str | None = None
    agency: str | None = None
    institution: str | None = None
    product: str | None = None
    stage: str | None = None
    customer_id: str | None = None
    contact_role: str | None = None
    direction: str | None = None
    started_at: datetime | None = None
    agent_channel: int | None = None
    connected: bool | None = None
    effective: bool | None = None
    talk_seconds: int | None = None
    amount_due: Decimal | None = None
    min_due: Decimal | None = None
    overdue_days: int | None = None
    due_date: date | None = None
    legal_stage: str | None = None
    approved_plans: tuple[str, ...] | None = None
    guarantor: bool | None = None
    complaint_open: bool | None = None
    no_contact: bool | None = None
    agreed_window: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRef:
    """A machine-learning artefact, named so that a result can be computed again."""

    name: str
    revision: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file becomes sound where it does not say so itself, or says it wrong; the default: as it says.

    Args:
        raw: coding of a file without header, such as mulaw or s16le.
        raw_channels: of such a file.
        sampling_rate_hz: of a file without header, or in place of what the header says.
        channels: those of the file that are heard, in this order; all when empty.
    """

    raw: str | None = None
    raw_channels: int = 1
    sampling_rate_hz: int | None = None
    channels: tuple[int, ...] = ()


PLAIN = Reading()
"""Of a file that says itself what it is, all of its channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Facts about one recording; no samples.

    Args:
        id: the call id.
        sha256: of the file's bytes, lower-case hex.
        uri: where it was read, an absolute path.
        codec: as the decoder names it, for example pcm_mulaw.
        num_channels: of those that are heard, numbered from 0.
        layout: as far as the channels tell; roles come later.
        reading: how the file becomes sound; names the channels where not all are heard.
        channel_numbers: the channels that are heard as `agent_channel` counts them, where some are left out:
            as the file numbers them, or as `--channels` lists them.
        silent_channels: channels of the file that stay silent throughout and are not heard for that.
        promised_ms: length its header states, where the file was cut; None where it is whole.
    """

    id: str
    sha256: str
    uri: str
    codec: str
    sampling_rate_hz: int
    num_channels: int
    layout: Layout
    duration_ms: int
    call: CallMetadata
    reading: Reading = PLAIN
    channel_numbers: tuple[int, ...] = ()
    silent_channels: tuple[int, ...] = ()
    promised_ms: int | None = None

    @property
    def sound_id(self) -> str:
        """Identity of what is heard: of the bytes, and of how they are read where that is not plain."""
        if self.reading == PLAIN:
            return self.sha256
        return hashlib.sha256(f"{self.sha256}\n{self.reading}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRegion:
    """Where one channel has speech; probability is the mean of the detector's frames, 0..1.

    Args:
        speaker: whose it is, on a channel that carries several, and how sure that is.
        stretch: of `SpeakerTurn.stretch`; an utterance does not go from one into another.
    """

    channel: int
    span: TimeSpan
    probability: float
    speaker: int | None = None
    speaker_confidence: float = 1.0
    stretch: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerTurn:
    """One voice speaking, on a channel that carries several; turns of two voices may overlap.

    Args:
        confidence: that it is this voice and no other, 0..1.
        stretch: the same for turns in a row that sound alike; where it changes somebody else may speak, even
            if both were taken for one voice.
        timbre: how it sounds among the turns of this recording; means nothing beside another recording.
    """

    speaker: int
    span: TimeSpan
    confidence: float
    stretch: int = 0
    timbre: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSound:
    """Where the line of a channel sent a tone or music."""

    kind: LineSoundKind
    channel: int
    span: TimeSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingQuality:
    """Whisper's own evidence on a segment; never dropped, since it decides what a finding may claim."""

    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    temperature: float


Alternative = tuple[str, float]
"""Another character than the one that was written, and its odds beside that: 1 where it is as probable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A recognised word with its time and probability.

    Args:
        probability: the recogniser's; in a conversation how sure the word is by both hearings, 0..1.
        again: what a second hearing, which writes no digits, has in its place; None where that is the same.
        alternatives: for each character of the text what else it may have been; empty where it is sure, or
            nobody asked.
    """

    text: str
    span: TimeSpan
    probability: float
    again: str | None = None
    alternatives: tuple[tuple[Alternative, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What one speaker said in one go.

    Args:
        id: unique in its transcript and stable over re-scores, for example u0007.
        channel: None when the text was given without audio.
        span: None when the text was given without times.
        quality: None when the text was given, not recognised.
        speaker: who speaks on a channel that carries several, told by sound; None where a channel is one
            speaker's or nobody listened for it.
        speaker_confidence: that it is this speaker and no other, 0..1.
        level_db: how loud it is, in decibels below full scale; None where nobody measured.
        likely: what was most likely said, as long as the text; None where that is what was heard.
    """

    id: str
    role: Role
    role_confidence: float
    channel: int | None
    span: TimeSpan | None
    text: str
    words: tuple[Word, ...] = ()
    quality: DecodingQuality | None = None
    speaker: int | None = None
    speaker_confidence: float = 1.0
    level_db: float | None = None
    likely: str | None = None

    @property
    def voice(self) -> int | None:
        """Whose voice it is, as `VoiceRole` counts voices; None when the text was given."""
        return self.channel if self.speaker is None else self.speaker

    @property
    def confidence(self) -> float:
        """Mean probability of the recognised tokens, 0..1; 1 for given text."""
        return 1.0 if self.quality is None else min(1.0, math.exp(self.quality.avg_logprob))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """All that was heard in one recording, in order of time.

    Args:
        asr: None when the text was given.
        options_digest: of every option that could change the text.
        regions: where speech was detected, whether or not text came of it.
        turns: who speaks when on a channel that carries several, overlaps kept.
        inaudible: where something was said and nothing understood: regions with a second of speech or more
            and no text after a second try, stretches of a region that no word stands for after a second try,
            and the missing tail of a recording that was cut off.
        sounds: tones and music on the line.
    """

    recording_id: str
    language: str
    utterances: tuple[Utterance, ...]
    asr: ArtifactRef | None
    options_digest: str
    regions: tuple[SpeechRegion, ...] = ()
    inaudible: tuple[SpeechRegion, ...] = ()
    sounds: tuple[LineSound, ...] = ()
    turns: tuple[SpeakerTurn, ...] = ()

    def is_wordless(self, region: SpeechRegion) -> bool:
        """Whether no word was recognised of a region, however short it is."""
        return not any(
            said.channel == region.channel and said.span is not None and said.span.overlap_ms(region.span)
            for said in self.utterances
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherFigures:
    """A normalised text with its figures as a second hearing has them.

    Args:
        places: for each character of `text` the start and end of what it stands for in the first text: of
            itself, or of a whole figure.
    """

    text: str
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalizedText:
    """The text that rules read, with the way back to what was transcribed.

    Args:
        text: normalised characters.
        syllables: one folded toneless syllable for each character; the character itself where it has none.
        offsets: for each normalised character the index of its source in the raw text.
        heard: the characters as they were recognised, where `text` has others that were more likely said;
            None where it has none.
        other_figures: None where a second hearing has the same ones, or nobody heard twice.
    """

    text: str
    syllables: tuple[str, ...]
    offsets: tuple[int, ...]
    heard: str | None = None
    other_figures: OtherFigures | None = None

    def respelled(self, start: int, end: int) -> bool:
        """Whether any of the characters [start, end) was heard as another one."""
        return self.heard is not None and self.heard[start:end] != self.text[start:end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word of the normalised text; `tag` is the lexicon's category or an empty string."""

    text: str
    start_char: int
    end_char: int
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkMoment:
    """Where how somebody talks strikes.

    Args:
        utterance_id: with which it is tied to the words.
        value: milliseconds talked on over the other, of silence or of monologue; characters a minute;
            decibels above the speaker's usual level; fillers in a hundred characters.
    """

    kind: TalkMomentKind
    utterance_id: str
    role: Role
    span: TimeSpan
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationCharacteristics:
    """Figures about the talk itself; None where a role or times are not known.

    Args:
        longest_silence: of those that nobody explained: not after a word to wait, not with music or a tone.
        agent_interruptions: how often the agent cut the customer off; and the other way round.
        agent_loudness_jumps: utterances far louder than the agent's usual level.
        agent_fillers_per_100: fillers in a hundred of the agent's characters.
        moments: the single cases, in order of time, for rules and for who listens.
    """

    duration_ms: int | None = None
    agent_talk_ms: int | None = None
    customer_talk_ms: int | None = None
    non_talk_ms: int | None = None
    longest_silence: TimeSpan | None = None
    overlap_ms: int | None = None
    agent_chars_per_minute: float | None = None
    customer_chars_per_minute: float | None = None
    longest_agent_monologue_ms: int | None = None
    agent_interruptions: int | None = None
    customer_interruptions: int | None = None
    agent_loudness_jumps: int | None = None
    agent_fillers_per_100: float | None = None
    moments: tuple[TalkMoment, ...] = ()


ORDINARY = "ordinary"
"""The label of ordinary talk. A classifier gives it for all that it read, below the threshold too: that it
does not take words for ordinary is also worth knowing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A classifier's word on one utterance; at or above `threshold` it counts.

    Args:
        label: what it takes the words for; `ORDINARY` for talk that is nothing of what it looks for.
        certain: from this probability on it is right as good as always; above 1 where it never is.
        start_char, end_char: the part of the normalised text it rests on; all of it when None.
        unheard: the labels of which it hears nothing in these words.
    """

    label: str
    probability: float
    threshold: float
    utterance_id: str
    model: ArtifactRef
    certain: float = 2.0
    start_char: int | None = None
    end_char: int | None = None
    unheard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Everything the rule engine may look at; built once, complete.

    `normalized` and `tokens` run parallel to `transcript.utterances`. `recording` is None when only a
    transcript was given; `call` is always there.
    """

    call: CallMetadata
    recording: Recording | None
    transcript: Transcript
    normalized: tuple[NormalizedText, ...]
    tokens: tuple[tuple[Token, ...], ...]
    characteristics: ConversationCharacteristics
    predictions: tuple[Prediction, ...]
    call_type: CallType
    call_type_confidence: float
