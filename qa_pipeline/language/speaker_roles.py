"""Who is the agent, by what each voice says: a trained classifier of turns, and self-identification.

An agent introduces herself, verifies, states debts and asks when; whoever answers asks who calls, explains
and promises. Each turn is scored by TF-IDF over characters and toneless syllables with one logistic
regression (scikit-learn); a voice is scored by its first turns. Training: ``models/train_roles.py``; figures:
``models/cards/roles.md``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_pipeline.language.announcements import ANNOUNCEMENTS, all_announced, before_anybody_speaks
from qa_pipeline.language.classification import StoredModel
from qa_pipeline.language.entities import find_staff_numbers
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.voice_grouping import GROUPING, regrouped
from qa_pipeline.resources import models_folder
from qa_pipeline.types import CallMetadata, Role, RoleBasis, Transcript, VoiceRole

FEATURES = "role-features/1"

FIRST_TURNS = 20
"""So many turns of each voice are read; who speaks is settled long before."""

MOST_OF_A_TURN = 2.0
"""No single turn speaks louder than this (log odds): a customer may quote an agent, and recognition errs."""

SELF_IDENTIFICATION = 1.0
"""What an introduction adds (log odds), once a voice."""

CERTAINTY_OF_A_STEP = 0.75
"""Turns of one voice are not independent, so their log odds count less than their sum. Chosen on `dev`."""

SURE_ENOUGH = 0.9
"""A role less certain than this is no role: the call goes to a person. See the card for what that costs."""

OTHER_ROLE = 2.0
"""What sound gave to a voice, and is worded with these log odds like the other role, is nobody's."""

CONTRADICTION = 0.99
"""From here on the words outweigh metadata that name the other channel: nobody can say who is who."""

_INTRODUCTION = re.compile(
    "(我是|我们是|我这边是|我这里是|这里是|这边是|受|代表).{0,12}"
    "(银行|金融|消金|信用卡|贷款|小贷|资产|信用管理|法务|贷后|客服|委托|中心)"
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model reads of one turn."""

    characters: str
    syllables: str


def turn_of(text: str) -> Turn:
    """The features of a turn."""
    normalized = normalize(text)
    return Turn(characters=normalized.text, syllables=" ".join(normalized.syllables))


class RoleClassifier:
    """Tells the agent's voice from the others by their words.

    Args:
        model: what `models/train_roles.py` stored: two vectorisers, weights and an intercept.
    """

    def __init__(self, model: StoredModel) -> None:
        self._model = model

    @classmethod
    def load(cls, folder: Path | None = None) -> RoleClassifier:
        """Check the artefact of a folder, the packaged one when None; it is built at the first use."""
        return cls(StoredModel.open(folder or models_folder() / "roles"))

    @property
    def digest(self) -> str:
        """Of the artefact, how turns are presented to it, and what is made of its scores."""
        figures = (
            FIRST_TURNS,
            MOST_OF_A_TURN,
            SELF_IDENTIFICATION,
            CERTAINTY_OF_A_STEP,
            SURE_ENOUGH,
            OTHER_ROLE,
        )
        return (
            f"{FEATURES} {GROUPING} {ANNOUNCEMENTS} {self._model.reference.sha256} {figures} {CONTRADICTION}"
        )

    def roles(self, transcript: Transcript, call: CallMetadata) -> tuple[VoiceRole, ...]:
        """The role of each voice, UNKNOWN where the words do not tell it well enough.

        Whatever roles the transcript states already are not looked at.
        """
        said = _turns_by_voice(transcript)
        machines = {voice for voice, texts in said.items() if all_announced([*map(normalize, texts)])}
        people = {voice: texts for voice, texts in said.items() if voice not in machines}
        voices = (*decided(self.scores(people, call)), *map(_nobody, machines))
        return tuple(sorted(voices, key=lambda one: one.voice))

    def one_side(
        self, stated: Sequence[VoiceRole], transcript: Transcript, call: CallMetadata
    ) -> tuple[VoiceRole, ...]:
        """The roles on the only channel that talks, where the metadata say whose channel it is.

        Recorders that mix both sides down onto one channel leave such a file too, and customer words must
        not pass for the agent's. So each voice is asked by its own words: where both sides are heard, the
        words alone decide; a voice that is not worded like an agent is not taken for one. Measured on the
        sample and `dev` dialogues: 180 of 185 customers' voices are kept apart, and 65 of 744 parts of an
        agent's talk have no role for it.

        Args:
            stated: every voice with the role of the channel.
        """
        odds = self.scores(_turns_by_voice(transcript), call)
        agent = any(certainty(each) >= SURE_ENOUGH for each in odds.values())
        customer = any(each < -OTHER_ROLE for each in odds.values())
        if agent and customer:
            return self.roles(transcript, call)
        if all(voice.role is Role.CUSTOMER for voice in stated):
            return nobody_knows(stated) if agent else tuple(stated)
        if customer:
            return nobody_knows(stated)
        return tuple(voice if odds[voice.voice] >= OTHER_ROLE else _nobody(voice.voice) for voice in stated)

    def regrouped(self, transcript: Transcript, *, perhaps_one: bool = False) -> Transcript:
        """The voices that sound told apart, grouped again by sound and words together.

        Args:
            perhaps_one: only one side may be heard.
        """
        told = [one for one in transcript.utterances if one.speaker is not None]
        if not told:
            return transcript
        odds = turn_odds(self._model.artefact, [turn_of(one.text) for one in told])
        announced = before_anybody_speaks([normalize(one.text) for one in transcript.utterances])
        return regrouped(
            transcript,
            dict(zip((one.id for one in told), odds, strict=True)),
            {one.id for one in transcript.utterances[:announced]},
            perhaps_one=perhaps_one,
        )

    def doubted(self, transcript: Transcript, voices: Sequence[VoiceRole]) -> frozenset[str]:
        """Utterances told apart by sound alone that are worded like the other role: ids."""
        roles = {voice.voice: voice.role for voice in voices}
        told = [one for one in transcript.utterances if one.speaker is not None]
        odds = turn_odds(self._model.artefact, [turn_of(one.text) for one in told]) if told else []
        return frozenset(
            utterance.id
            for utterance, odd in zip(told, odds, strict=True)
            if (odd > OTHER_ROLE and roles.get(utterance.speaker or 0) is Role.CUSTOMER)
            or (odd < -OTHER_ROLE and roles.get(utterance.speaker or 0) is Role.AGENT)
        )

    def scores(self, said: Mapping[int, Sequence[str]], call: CallMetadata) -> dict[int, float]:
        """Log odds of each voice being the agent's.

        Args:
            said: the turns of each voice, in order.
        """
        heard = {voice: texts[:FIRST_TURNS] for voice, texts in said.items()}
        turns = [turn_of(text) for texts in heard.values() for text in texts]
        odds = iter(turn_odds(self._model.artefact, turns)) if turns else iter(())
        return {
            voice: sum(max(-MOST_OF_A_TURN, min(MOST_OF_A_TURN, next(odds))) for _ in texts)
            + (SELF_IDENTIFICATION if introduces_itself(texts, call) else 0.0)
            for voice, texts in heard.items()
        }


def _turns_by_voice(transcript: Transcript) -> dict[int, list[str]]:
    said: dict[int, list[str]] = {}
    for utterance in transcript.utterances:
        if utterance.voice is not None:
            said.setdefault(utterance.voice, []).append(utterance.text)
    return said


def introduces_itself(texts: Iterable[str], call: CallMetadata) -> bool:
    """Whether somebody names an institution as his own, or gives a staff number."""
    for text in texts:
        words = normalize(text).text
        if _INTRODUCTION.search(words) or find_staff_numbers(words):
            return True
        if call.institution and re.search(
            f"(我是|这里是|这边是).{{0,4}}{re.escape(call.institution)}", words
        ):
            return True
    return False


def decided(scores: Mapping[int, float]) -> tuple[VoiceRole, ...]:
    """Roles from the scores of voices: the best is the agent's, as far as the others stand clearly below.

    A voice that might be a second agent's (a transfer) or nobody's (an announcement) has no role.
    """
    if len(scores) < 2:
        return tuple(_nobody(voice) for voice in sorted(scores))
    best = max(scores, key=lambda voice: (scores[voice], -voice))
    confidence = {voice: certainty(scores[best] - score) for voice, score in scores.items() if voice != best}
    roles = {voice: _role(voice, Role.CUSTOMER, sure) for voice, sure in confidence.items()}
    roles[best] = _role(best, Role.AGENT, max(confidence.values()))
    return tuple(roles[voice] for voice in sorted(roles))


def certainty(difference: float) -> float:
    """Probability that the voice which scores higher by this is the agent's and the other is not."""
    return 1 / (1 + math.exp(-CERTAINTY_OF_A_STEP * difference))


def contradicted(stated: Sequence[VoiceRole], by_words: Sequence[VoiceRole]) -> bool:
    """Whether the words make another voice the agent's than the metadata do, beyond reasonable doubt."""
    agents = {voice.voice for voice in stated if voice.role is Role.AGENT}
    return any(
        voice.role is Role.AGENT and voice.voice not in agents and voice.confidence >= CONTRADICTION
        for voice in by_words
    )


def nobody_knows(voices: Iterable[VoiceRole]) -> tuple[VoiceRole, ...]:
    """The voices without roles, since metadata and words contradict each other."""
    return tuple(_nobody(voice.voice, RoleBasis.CONTRADICTED) for voice in voices)


def _role(voice: int, role: Role, confidence: float) -> VoiceRole:
    if confidence < SURE_ENOUGH:
        return _nobody(voice)
    return VoiceRole(voice=voice, role=role, confidence=round(confidence, 4), basis=RoleBasis.WORDS)


def _nobody(voice: int, basis: RoleBasis = RoleBasis.NOTHING) -> VoiceRole:
    return VoiceRole(voice=voice, role=Role.UNKNOWN, confidence=0.0, basis=basis)


def turn_odds(artefact: dict[str, Any], turns: Sequence[Turn]) -> list[float]:
    """Log odds of each turn being the agent's."""
    scores = turn_matrix(artefact, turns) @ artefact["weights"] + artefact["intercept"]
    return [float(score) for score in scores]


def turn_matrix(artefact: dict[str, Any], turns: Sequence[Turn]) -> Any:
    """What the vectorisers make of turns: a sparse array of turns by features."""
    from scipy.sparse import hstack  # noqa: PLC0415

    return hstack(
        [
            artefact["characters"].transform([turn.characters for turn in turns]),
            artefact["syllables"].transform([turn.syllables for turn in turns]),
        ]
    ).tocsr()
