"""Fits the acoustic verifier: `python -m scenarios.wakewords.train`. Corpus -> the engine's embeddings -> two layers.

The engine is asked through its own door (`python -m gateway embeddings`), as a process.
"""

import io
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import typer

from scenarios.wakewords.corpus import Kind, Take, sound_of, takes

_ASK_CLIPS = 400
_CANDIDATE = 0.02  # quieter peaks never reach a second stage
_HIDDEN, _PENALTY, _COMPONENTS, _MEMBERS = 48, 1e-2, 120, 4
USUAL: dict[Kind, int] = {"wake": 7_000, "lead_in": 7_000, "confusable": 24_000, "ordinary": 1_000}


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine made of takes, row by row: peak score, its hop, the (16, 96) window a verifier sees."""

    takes: tuple[Take, ...]
    peaks: np.ndarray
    at: np.ndarray
    windows: np.ndarray

    def where(self, mask: np.ndarray) -> "Answers":
        chosen = tuple(take for take, yes in zip(self.takes, mask, strict=True) if yes)
        return Answers(takes=chosen, peaks=self.peaks[mask], at=self.at[mask], windows=self.windows[mask])

    @property
    def wanted(self) -> np.ndarray:
        """Whether each take is a request."""
        return np.array([take.kind in ("wake", "lead_in") for take in self.takes], bool)


def ask_engine(asked: Iterable[Take], model: str = "alexa") -> Answers:
    """Render takes and have them heard."""
    rest = iter(asked)
    parts: list[Answers] = []
    while chunk := tuple(islice(rest, _ASK_CLIPS)):
        clips = [sound_of(take).pcm for take in chunk]
        question = io.BytesIO()
        np.savez(question, pcm=np.concatenate(clips), lengths=np.array([len(clip) for clip in clips]))
        command = [sys.executable, "-m", "gateway", "embeddings", "--model", model]
        said = subprocess.run(command, input=question.getvalue(), stdout=subprocess.PIPE, check=True)
        with np.load(io.BytesIO(said.stdout), allow_pickle=False) as answer:
            parts.append(Answers(takes=chunk, peaks=answer["peaks"], at=answer["at"], windows=answer["windows"]))
    return together(parts)


def together(parts: Sequence[Answers]) -> Answers:
    return Answers(
        takes=tuple(take for part in parts for take in part.takes),
        peaks=np.concatenate([part.peaks for part in parts]),
        at=np.concatenate([part.at for part in parts]),
        windows=np.concatenate([part.windows for part in parts]),
    )


def fit(answers: Answers, *, seed: int = 0) -> dict[str, np.ndarray]:
    """The verifier's arrays (see gateway/gate/verify.py): scaling, principal components and the mean of a few small
    networks folded into two layers. Both classes weigh the same."""
    from sklearn.decomposition import PCA
    from sklearn.neural_network import MLPClassifier

    heard = answers.where(answers.peaks >= _CANDIDATE)
    rows, wanted = heard.windows.reshape(len(heard.takes), -1).astype(np.float64), heard.wanted
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    components = PCA(min(_COMPONENTS, len(rows) - 1), random_state=seed, whiten=True).fit((rows - mean) / scale)
    reduced = components.transform((rows - mean) / scale)
    rng = np.random.default_rng(seed)
    size = max(int(wanted.sum()), int((~wanted).sum()))
    even = np.concatenate([_drawn(np.flatnonzero(kind), size, rng) for kind in (wanted, ~wanted)])
    hidden, hidden_bias, out, out_bias = [], [], [], 0.0
    inward = components.components_.T / np.sqrt(components.explained_variance_)
    for member in range(_MEMBERS):
        network = MLPClassifier(
            (_HIDDEN,), alpha=_PENALTY, early_stopping=True, n_iter_no_change=8, max_iter=80, random_state=seed + member
        ).fit(reduced[even], wanted[even])
        first = (inward @ network.coefs_[0]) / scale[:, None]
        hidden.append(first)
        hidden_bias.append(network.intercepts_[0] - components.mean_ @ inward @ network.coefs_[0] - mean @ first)
        out.append(network.coefs_[1][:, 0] / _MEMBERS)
        out_bias += float(network.intercepts_[1][0]) / _MEMBERS
    return {
        "hidden": np.concatenate(hidden, axis=1).astype(np.float16),
        "hidden_bias": np.concatenate(hidden_bias).astype(np.float32),
        "out": np.concatenate(out).astype(np.float32),
        "out_bias": np.array(out_bias, np.float32),
    }


def corpus(counts: dict[Kind, int], *, seed: int) -> Iterator[Take]:
    for kind, count in counts.items():
        yield from takes(count, kind=kind, seed=seed)


def _drawn(rows: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    return np.concatenate([rows, rng.choice(rows, size - len(rows))])


def trained_on(answers: Answers) -> np.ndarray:
    """Which takes training may hear: neither voice nor phrase held out."""
    return np.array([take.voice_split == take.phrase_split == "train" for take in answers.takes], bool)


def main(
    out: Annotated[Path, typer.Option(help="where the fitted model goes (.npz)")],
    seed: Annotated[int, typer.Option(help="of the corpus and the fit")] = 1,
    share: Annotated[float, typer.Option(help="share of the usual corpus", min=0.001, max=10)] = 1.0,
    model: Annotated[str, typer.Option(help="the wake model it follows")] = "alexa",
) -> None:
    """Fit the acoustic verifier on the simulator's voices; held-out voices and phrases stay unheard."""
    counts: dict[Kind, int] = {kind: max(20, int(count * share)) for kind, count in USUAL.items()}
    permitted = (t for t in corpus(counts, seed=seed) if t.voice_split == t.phrase_split == "train")
    answers = ask_engine(permitted, model)
    np.savez_compressed(out, **fit(answers, seed=seed))  # type: ignore[arg-type]
    heard = answers.peaks >= _CANDIDATE
    sys.stdout.write(
        f"fitted on {int(heard.sum())} of {len(heard)} takes, {int(answers.wanted[heard].sum())} requests\n"
    )


if __name__ == "__main__":
    typer.run(main)
