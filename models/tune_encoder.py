"""Make encoder.onnx and pieces.json of the second ear: the pretrained encoder, its upper layers tuned.

    pip install -e . -r models/requirements.txt
    python models/tune_encoder.py

Keeps the pieces that Chinese needs of multilingual-e5-small. Two heads learn at once, which violation a
sentence is and which script elements it fulfils: first alone on the encoder as it is, then together with its
upper layers. The head for violations is kept (tuned_head.npz): `train_violations.py` asks it beside its own.
That one, `train_elements.py` and `train_customers.py` fit their heads to what was stored, with weights of
eight bits. Needs torch, which stays out of the product; three
quarters of an hour on two cores (docs/decisions/0010).

What `UNREAD` hands wrote is not read, so that thresholds can rest on words that nothing has read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnx_graph import export
from pretrained import for_chinese, read_pretrained
from sentences import NONE, UNREAD, Sentence, read_sentences, read_spoken
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence
from train_elements import MEANT, read_examples, weight_of
from transformer import MIDDLE, Encoder, mean, piece_tokenizer

FOLDER = Path(__file__).parent / "violations"
HEAD = FOLDER / "tuned_head.npz"
TUNED_FROM = 7
"""The first layer that learns. The lower ones read Chinese well enough and would cost as much again."""
EPOCHS, BATCH = 3, 48
LEARNING_RATE, HEAD_LEARNING_RATE = 5e-5, 5e-4
LAYER_DECAY = 0.9
"""What a layer learns beside the one above it."""
LOST = 0.1
"""Share of what goes into a layer that each step does without."""
HEAD_EPOCHS, HEAD_BATCH = 6, 128
HIDDEN = 1_024
SMOOTHING = 0.1
NEAR_WEIGHT = 1.5
SPOKEN_WEIGHT = 3.0
"""What is said in whole dialogues counts more than a sentence by itself."""
READ = 0.4
"""Share of the single sentences that an epoch reads: there are many, and much of it is alike."""
VIOLATION_WEIGHT = 0.06
"""What a violation counts as a sentence that fulfils no element: there are seven times as many."""
ELEMENTS_WEIGHT = 0.5
SEED = 1


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is learned from, row by row.

    Args:
        begun: of each sentence what the layers give that do not learn, half precision.
        kinds: which class of violation, lookalike or ordinary talk; -1 where nobody said.
        kind_weights: what that counts.
        elements: by element, whether the sentence fulfils it.
        element_weights: what that counts; 0 where nobody said.
        spoken: whether it was said in a whole dialogue.
    """

    begun: Sequence[Tensor]
    kinds: Tensor
    kind_weights: Tensor
    elements: Tensor
    element_weights: Tensor
    spoken: Tensor

    def of_an_epoch(self) -> Tensor:
        """The rows that an epoch reads, in no order."""
        rows = torch.randperm(len(self.begun))
        return rows[self.spoken[rows] | (torch.rand(len(rows)) < READ)]


class Pupil(nn.Module):
    """The encoder with its two heads."""

    def __init__(self, encoder: Encoder, kinds: int) -> None:
        super().__init__()
        self.encoder = encoder
        width = 2 * encoder.words.embedding_dim
        self.hidden, self.output = nn.Linear(width, HIDDEN), nn.Linear(HIDDEN, kinds)
        self.elements = nn.Linear(width, len(MEANT))
        self.register_buffer("usual", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))

    @property
    def heads(self) -> list[nn.Parameter]:
        """The parameters of the heads."""
        return [p for head in (self.hidden, self.output, self.elements) for p in head.parameters()]

    @property
    def violations(self) -> dict[str, Any]:
        """The head for violations, as `perceptrons.joined` takes it; weights in half precision."""
        layers = {
            "hidden": self.hidden.weight.T.to(torch.float16),
            "hidden_bias": self.hidden.bias,
            "output": self.output.weight.T.to(torch.float16),
            "output_bias": self.output.bias,
            "mean": self.usual,
            "scale": self.scale,
        }
        return {name: layer.detach().numpy() for name, layer in layers.items()}

    def finish(self, hidden: Tensor, attention: Tensor) -> Tensor:
        """What `Encoder.forward` gives of what `begin` gave, in learning with losses."""
        blind, means = _blind(attention), []
        for number, layer in enumerate(self.encoder.layers[TUNED_FROM - 1 :], start=TUNED_FROM):
            hidden = layer(functional.dropout(hidden, LOST, self.training), blind)
            if number in {MIDDLE, len(self.encoder.layers)}:
                means.append(mean(hidden, attention))
        return torch.cat(means, 1)

    def judge(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of the kinds and of the elements."""
        scaled = (vectors - self.usual) / self.scale
        inputs = functional.dropout(scaled, 0.1, self.training)
        hidden = functional.gelu(self.hidden(inputs), approximate="tanh")
        return self.output(functional.dropout(hidden, 0.5, self.training)), self.elements(inputs)


def _blind(attention: Tensor) -> Tensor:
    return ((attention - 1) * 1e4)[:, None, None, :]


def read_lessons(
    begun_of: Callable[[Sequence[str]], Sequence[Tensor]],
) -> tuple[Lessons, list[tuple[str, str]]]:
    """All sentences but those of `UNREAD` hands, what is said in dialogues, and the kinds there are."""
    sentences = [one for one in read_sentences() if one.hand not in UNREAD]
    labels = {one.label for one in sentences} - {NONE}
    heard = {one.text: one for one in (*sentences, *read_spoken(labels))}
    kinds = {
        one.text: (one.label, (one.near or NONE) if one.label == NONE else one.label)
        for one in heard.values()
    }
    examples = {one.text: one for one in read_examples() if not one.violation and one.hand not in UNREAD}
    texts = list(dict.fromkeys([*kinds, *examples]))
    classes = sorted(set(kinds.values()))
    elements = np.zeros((len(texts), len(MEANT)), np.float32)
    weights = np.zeros_like(elements)
    for row, text in enumerate(texts):
        if text in examples:
            elements[row] = [element in examples[text].labels for element in MEANT]
            weights[row] = [weight_of(examples[text], element) for element in MEANT]
        elif kinds[text][0] != NONE:
            weights[row] = VIOLATION_WEIGHT
    lessons = Lessons(
        begun=begun_of(texts),
        kinds=torch.tensor([classes.index(kinds[text]) if text in kinds else -1 for text in texts]),
        kind_weights=torch.tensor([_weight(heard[text]) if text in heard else 0.0 for text in texts]),
        elements=torch.tensor(elements),
        element_weights=torch.tensor(weights),
        spoken=torch.tensor([text in heard and heard[text].spoken for text in texts]),
    )
    return lessons, classes


def _weight(sentence: Sentence) -> float:
    if sentence.spoken:
        return SPOKEN_WEIGHT
    return NEAR_WEIGHT if sentence.near else 1.0


def loss_of(judged: tuple[Tensor, Tensor], lessons: Lessons, rows: Tensor) -> Tensor:
    """How wrong both heads are about these rows."""
    kinds, elements = judged
    known = lessons.kinds[rows] >= 0
    told = functional.cross_entropy(
        kinds[known], lessons.kinds[rows][known], reduction="none", label_smoothing=SMOOTHING
    )
    fulfilled = functional.binary_cross_entropy_with_logits(
        elements, lessons.elements[rows], reduction="none"
    )
    wrong = (told * lessons.kind_weights[rows][known]).sum()
    return (wrong + ELEMENTS_WEIGHT * (fulfilled * lessons.element_weights[rows]).sum()) / len(rows)


@torch.no_grad()
def begin(encoder: Encoder, pieces: Tensor, attention: Tensor) -> Tensor:
    """What comes out of the layers below `TUNED_FROM`."""
    hidden = encoder.normalise(encoder.words(pieces) + encoder.positions.weight[: pieces.shape[1]])
    for layer in encoder.layers[: TUNED_FROM - 1]:
        hidden = layer(hidden, _blind(attention))
    return hidden


def begin_with(encoder: Encoder, tokenizer: Tokenizer, texts: Sequence[str]) -> list[Tensor]:
    """What the layers that do not learn give of texts: once, not in each epoch."""
    rows = [one.ids for one in tokenizer.encode_batch(list(texts))]
    begun = [torch.empty(0)] * len(rows)
    order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
    for first in range(0, len(order), 64):
        alike = order[first : first + 64]
        pieces = pad_sequence([torch.tensor(rows[row]) for row in alike], batch_first=True)
        hidden = begin(encoder, pieces, _attention([len(rows[row]) for row in alike]))
        for row, states in zip(alike, hidden.to(torch.float16), strict=True):
            begun[row] = states[: len(rows[row])].clone()
    return begun


def padded(rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """What was begun, of one length, and 1 where a piece stands."""
    hidden = pad_sequence(list(rows), batch_first=True).to(torch.float32)
    return hidden, _attention([len(row) for row in rows])


def _attention(lengths: Sequence[int]) -> Tensor:
    return (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).to(torch.float32)


def batches(lessons: Lessons) -> Iterator[Tensor]:
    """Rows of about one length together, in no order: little of a batch is padding."""
    order = lessons.of_an_epoch().tolist()
    for first in range(0, len(order), 40 * BATCH):
        alike = sorted(order[first : first + 40 * BATCH], key=lambda row: len(lessons.begun[row]))
        runs = [alike[start : start + BATCH] for start in range(0, len(alike), BATCH)]
        yield from (torch.tensor(runs[index]) for index in torch.randperm(len(runs)).tolist())


def fit_heads(pupil: Pupil, lessons: Lessons) -> None:
    """Fit the heads to the encoder as it is, lest it learn from heads that know nothing yet."""
    with torch.no_grad():
        pupil.eval()
        order = sorted(range(len(lessons.begun)), key=lambda row: len(lessons.begun[row]))
        vectors = torch.zeros(len(order), len(pupil.usual))
        for first in range(0, len(order), 64):
            rows = order[first : first + 64]
            vectors[rows] = pupil.finish(*padded([lessons.begun[row] for row in rows]))
        pupil.usual.copy_(vectors.mean(0))
        pupil.scale.copy_(vectors.std(0) + 1e-6)
    pupil.train()
    optimiser = torch.optim.AdamW(pupil.heads, weight_decay=0.1)
    steps = HEAD_EPOCHS * (-(-len(vectors) // HEAD_BATCH))
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-3, total_steps=steps)
    for _ in range(HEAD_EPOCHS):
        for rows in torch.randperm(len(vectors)).split(HEAD_BATCH):
            optimiser.zero_grad()
            loss_of(pupil.judge(vectors[rows]), lessons, rows).backward()
            optimiser.step()
            pace.step()


def tune(pupil: Pupil, lessons: Lessons) -> None:
    """Let the heads and the upper layers learn together, the upper ones more."""
    groups: list[dict[str, Any]] = [{"params": pupil.heads, "lr": HEAD_LEARNING_RATE, "weight_decay": 0.1}]
    pupil.encoder.requires_grad_(requires_grad=False)
    layers = list(enumerate(pupil.encoder.layers, start=1))
    for number, layer in layers[TUNED_FROM - 1 :]:
        layer.requires_grad_()
        rate = LEARNING_RATE * LAYER_DECAY ** (len(layers) - number)
        for decay, matrices in ((0.01, True), (0.0, False)):
            parameters = [p for p in layer.parameters() if (p.ndim > 1) is matrices]
            groups.append({"params": parameters, "lr": rate, "weight_decay": decay})
    optimiser = torch.optim.AdamW(groups)
    read = int(lessons.spoken.sum() + READ * (~lessons.spoken).sum())
    steps = EPOCHS * (-(-read // BATCH) + 60)
    pace = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        [group["lr"] for group in groups],
        total_steps=steps,
        pct_start=0.08,
        anneal_strategy="linear",
    )
    pupil.train()
    for epoch in range(EPOCHS):
        losses = []
        for rows in batches(lessons):
            vectors = pupil.finish(*padded([lessons.begun[row] for row in rows.tolist()]))
            loss = loss_of(pupil.judge(vectors), lessons, rows)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(pupil.parameters(), 1.0)
            optimiser.step()
            pace.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}")


def main() -> None:
    """Read, cut, tune, store."""
    torch.manual_seed(SEED)
    pretrained = for_chinese(read_pretrained())
    tokenizer = piece_tokenizer(pretrained)
    encoder = Encoder(pretrained)
    lessons, kinds = read_lessons(lambda texts: begin_with(encoder, tokenizer, texts))
    pupil = Pupil(encoder, len(kinds))
    fit_heads(pupil, lessons)
    tune(pupil, lessons)
    export(pupil.encoder.eval(), FOLDER / "encoder.onnx")
    (FOLDER / "pieces.json").write_text(tokenizer.to_str(), encoding="utf-8")
    np.savez_compressed(HEAD, kinds=np.array(kinds), **pupil.violations)


if __name__ == "__main__":
    main()
