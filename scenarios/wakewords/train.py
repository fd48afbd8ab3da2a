"""Fits the acoustic verifier: `python -m scenarios.wakewords.train`. Corpus -> the engine's embeddings -> two layers.

The engine is asked through its own door (`python -m gateway embeddings`), as a process. The same options on the same
machine write the same bytes.
"""

import hashlib
import io
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import typer

from gateway.files import BadFile
from scenarios.wakewords.corpus import Kind, Source, Take, takes
from scenarios.wakewords.flite import find_flite
from scenarios.wakewords.sounds import pcm_of

_ASK_CLIPS = 1_000
_CANDIDATE = 0.02  # quieter peaks never reach a second stage
_HIDDEN, _PENALTY, _COMPONENTS, _MEMBERS, _ROUNDS = 128, 1.0, 120, 4, 40  # chosen over folds of training's voices
_QUICK = 0.004
# Drawn of each kind; what is held out of training is not rendered.
USUAL: Mapping[Source, Mapping[Kind, int]] = {
    "espeak": {"wake": 6_000, "lead_in": 5_000, "confusable": 21_000, "ordinary": 6_000},
    "flite": {"wake": 1_200, "lead_in": 800, "confusable": 3_000, "ordinary": 200},
}
Told = Callable[[int], None]


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
        return self.which(lambda take: take.request)

    def which(self, chosen: Callable[[Take], bool]) -> np.ndarray:
        """A mask of the takes of which that holds."""
        return np.array([chosen(take) for take in self.takes], bool)


def ask_engine(asked: Iterable[Take], model: str = "alexa", told: Told | None = None) -> Answers:
    """Render takes and have them heard; `told` hears how many there are so far."""
    rest = iter(asked)
    parts: list[Answers] = []
    while chunk := tuple(islice(rest, _ASK_CLIPS)):
        clips = [pcm_of(take) for take in chunk]
        question = io.BytesIO()
        np.savez(question, pcm=np.concatenate(clips), lengths=np.array([len(clip) for clip in clips]))
        command = [sys.executable, "-m", "gateway", "embeddings", "--model", model]
        said = subprocess.run(command, input=question.getvalue(), stdout=subprocess.PIPE, check=True)
        with np.load(io.BytesIO(said.stdout), allow_pickle=False) as answer:
            parts.append(Answers(takes=chunk, peaks=answer["peaks"], at=answer["at"], windows=answer["windows"]))
        if told is not None:
            told(sum(len(part.takes) for part in parts))
    return together(parts)


def together(parts: Sequence[Answers]) -> Answers:
    return Answers(
        takes=tuple(take for part in parts for take in part.takes),
        peaks=np.concatenate([part.peaks for part in parts]),
        at=np.concatenate([part.at for part in parts]),
        windows=np.concatenate([part.windows for part in parts]),
    )


def fit(answers: Answers, *, seed: int = 0, members: int = _MEMBERS) -> dict[str, np.ndarray]:
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
    for member in range(members):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scikit-learn warns that a fixed number of rounds is no convergence
            network = MLPClassifier((_HIDDEN,), alpha=_PENALTY, max_iter=_ROUNDS, random_state=seed + member)
            network.fit(reduced[even], wanted[even])
        first = (inward @ network.coefs_[0]) / scale[:, None]
        hidden.append(first)
        hidden_bias.append(network.intercepts_[0] - components.mean_ @ inward @ network.coefs_[0] - mean @ first)
        out.append(network.coefs_[1][:, 0] / members)
        out_bias += float(network.intercepts_[1][0]) / members
    return {
        "hidden": np.concatenate(hidden, axis=1).astype(np.float16),
        "hidden_bias": np.concatenate(hidden_bias).astype(np.float32),
        "out": np.concatenate(out).astype(np.float32),
        "out_bias": np.array(out_bias, np.float32),
    }


def corpus(share: float, sources: Sequence[Source], *, seed: int) -> Iterator[Take]:
    """What training hears: `share` of the usual takes of each source, without what is held out."""
    for source in sources:
        for kind, count in USUAL[source].items():
            drawn = takes(max(20, int(count * share)), kind=kind, seed=seed, source=source, varied=True)
            yield from (take for take in drawn if take.trainable)


def keep(answers: Answers, path: Path) -> None:
    """What the engine said, to fit from again: rendering and hearing take most of the time."""
    np.savez(path, asked=_asked(answers.takes), peaks=answers.peaks, at=answers.at, windows=answers.windows)


def kept(path: Path, asked: Sequence[Take]) -> Answers:
    """Raises BadFile: not such a file, or of other takes than these."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as said:
            of, peaks, at, windows = (said[name] for name in ("asked", "peaks", "at", "windows"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise BadFile(f"{path}: not what the engine said to takes") from None
    if str(of) != _asked(asked):
        raise BadFile(f"{path}: of another corpus; take other options or another file")
    return Answers(takes=tuple(asked), peaks=peaks, at=at, windows=windows)


def _asked(asked: Iterable[Take]) -> str:
    return hashlib.sha256("\n".join(map(repr, asked)).encode()).hexdigest()


def _drawn(rows: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    return np.concatenate([rows, rng.choice(rows, size - len(rows))])


def chosen_sources(named: str) -> tuple[Source, ...]:
    """`auto`, or names apart by commas. Raises BadFile: an unknown one, or one that is not installed."""
    if named == "auto":
        return ("espeak", "flite") if find_flite() else ("espeak",)
    found: list[Source] = []
    for source in USUAL:
        if source in named.split(","):
            found.append(source)
    if not found or len(found) != len(named.split(",")):
        raise BadFile(f"--sources: {named}: allowed: auto, {', '.join(USUAL)}, or several apart by commas")
    if "flite" in found and find_flite() is None:
        raise BadFile("--sources: flite is not installed here")
    return tuple(found)


def main(
    out: Annotated[Path, typer.Option(help="where the fitted model goes (.npz)")],
    seed: Annotated[int, typer.Option(help="of the corpus and the fit")] = 1,
    share: Annotated[float, typer.Option(help="share of the usual corpus", min=0.001, max=10)] = 1.0,
    quick: Annotated[bool, typer.Option("--quick", help="a small corpus and fit, to try the command")] = False,
    sources: Annotated[str, typer.Option(help="espeak, flite or both; auto: both where flite is installed")] = "auto",
    model: Annotated[str, typer.Option(help="the wake model it follows")] = "alexa",
    answers_file: Annotated[
        Path | None,
        typer.Option("--answers", help="what the engine says: kept here, and taken from here if it is there"),
    ] = None,
) -> None:
    """Fit the acoustic verifier on synthetic voices; held-out voices and phrases stay unheard."""
    try:
        used = chosen_sources(sources)
    except BadFile as error:
        raise typer.BadParameter(str(error)) from None
    asked = list(corpus(_QUICK if quick else share, used, seed=seed))
    if answers_file is not None and answers_file.exists():
        answers = kept(answers_file, asked)
    else:
        answers = ask_engine(asked, model, lambda heard: typer.echo(f"heard {heard} of {len(asked)} takes", err=True))
        if answers_file is not None:
            keep(answers, answers_file)
    loud = answers.peaks >= _CANDIDATE
    typer.echo(
        f"sources {', '.join(used)}; fitting on {int(loud.sum())} of {len(loud)} takes that the engine heard at all, "
        f"{int(answers.wanted[loud].sum())} requests"
    )
    fitted = fit(answers, seed=seed, members=1 if quick else _MEMBERS)
    np.savez_compressed(out, **fitted, sources=np.array(used))  # type: ignore[arg-type]
    typer.echo(f"wrote {out}")


if __name__ == "__main__":
    typer.run(main)
