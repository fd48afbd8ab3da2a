"""Fits the acoustic verifier: `python -m scenarios.wakewords.train`. Corpus -> the engine's embeddings -> two layers.

The engine is asked through its own door (`python -m gateway embeddings`), as a process. The same options on the same
machine write the same bytes.
"""

import hashlib
import io
import multiprocessing
import signal
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice, repeat
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import typer

from gateway.files import BadFile
from scenarios.wakewords.corpus import Kind, Source, Take, takes
from scenarios.wakewords.flite import find_flite
from scenarios.wakewords.sounds import pcm_of

_ASK_CLIPS = 400
_CANDIDATE = 0.003  # quieter peaks never reach a second stage
_SURE, _WORD_AT = 0.1, (8, 32)  # a request's quieter peak is its wake word only where that can end, in hops
_HIDDEN, _PENALTY, _COMPONENTS, _MEMBERS, _ROUNDS = 512, 1.0, 400, 4, 25
_BATCH, _RATE = 512, 2e-3
_ENOUGH = 20_000  # windows that principal components are found in
_QUICK, _IDLE = 0.001, 1e-6
# Drawn of each kind; what is held out of training is not rendered.
USUAL: Mapping[Source, Mapping[Kind, int]] = {
    "espeak": {
        "wake": 30_000,
        "lead_in": 25_000,
        "confusable": 84_000,
        "near": 50_000,
        "ordinary": 24_000,
        "words": 80_000,
    },
    "flite": {"wake": 3_000, "lead_in": 2_000, "confusable": 9_000, "near": 6_000, "ordinary": 1_000, "words": 3_000},
}
Told = Callable[[int], None]


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine made of takes, row by row: peak score, its hop, the (20, 96) window a verifier sees, as
    float16: a whole corpus has to fit in memory."""

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

    @property
    def usable(self) -> np.ndarray:
        """A mask of what a fit may learn from: candidates, of requests only where the peak can be the wake word."""
        first, last = _WORD_AT
        word = (self.peaks >= _SURE) | ((self.at >= first) & (self.at <= last))
        return np.asarray((self.peaks >= _CANDIDATE) & (word | ~self.wanted), bool)

    def which(self, chosen: Callable[[Take], bool]) -> np.ndarray:
        """A mask of the takes of which that holds."""
        return np.array([chosen(take) for take in self.takes], bool)


def ask_engine(asked: Iterable[Take], model: str = "alexa", told: Told | None = None) -> Answers:
    """Render takes and have them heard, on every core; `told` hears how many there are so far. In the takes' order."""
    parts: list[Answers] = []
    spawn = multiprocessing.get_context("spawn")  # espeak-ng's state is a process' own
    pool = ProcessPoolExecutor(mp_context=spawn, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))
    try:
        for part in pool.map(_ask, _chunks(asked), repeat(model)):
            parts.append(part)
            if told is not None:
                told(sum(len(each.takes) for each in parts))
    finally:
        pool.shutdown(cancel_futures=True)
    return together(parts)


def _ask(chunk: tuple[Take, ...], model: str) -> Answers:
    clips = [pcm_of(take) for take in chunk]
    question = io.BytesIO()
    np.savez(question, pcm=np.concatenate(clips), lengths=np.array([len(clip) for clip in clips]))
    command = [sys.executable, "-m", "gateway", "embeddings", "--model", model]
    said = subprocess.run(command, input=question.getvalue(), stdout=subprocess.PIPE, check=True)
    with np.load(io.BytesIO(said.stdout), allow_pickle=False) as answer:
        windows = answer["windows"].astype(np.float16)
        return Answers(takes=chunk, peaks=answer["peaks"], at=answer["at"], windows=windows)


def _chunks(asked: Iterable[Take]) -> Iterator[tuple[Take, ...]]:
    rest = iter(asked)
    while chunk := tuple(islice(rest, _ASK_CLIPS)):
        yield chunk


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

    heard = answers.where(answers.usable)
    rows, wanted = heard.windows.reshape(len(heard.takes), -1).astype(np.float32), heard.wanted
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + np.float32(1e-6)
    rows = (rows - mean) / scale
    rng = np.random.default_rng(seed)
    some = rng.permutation(len(rows))[:_ENOUGH]
    components = PCA(min(_COMPONENTS, len(some) - 1), random_state=seed, whiten=True, svd_solver="randomized")
    reduced = components.fit(rows[some]).transform(rows).astype(np.float32)
    size = max(int(wanted.sum()), int((~wanted).sum()))
    even = np.concatenate([_drawn(np.flatnonzero(kind), size, rng) for kind in (wanted, ~wanted)])
    hidden, hidden_bias, out, out_bias = [], [], [], 0.0
    inward = components.components_.T / np.sqrt(components.explained_variance_)
    for member in range(members):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scikit-learn warns that a fixed number of rounds is no convergence
            network = MLPClassifier(
                (_HIDDEN,),
                alpha=_PENALTY,
                batch_size=min(_BATCH, len(even)),
                learning_rate_init=_RATE,
                max_iter=_ROUNDS,
                random_state=seed + member,
            )
            network.fit(reduced[even], wanted[even])
        first = (inward @ network.coefs_[0]) / scale[:, None]
        hidden.append(first)
        hidden_bias.append(network.intercepts_[0] - components.mean_ @ inward @ network.coefs_[0] - mean @ first)
        out.append(network.coefs_[1][:, 0] / members)
        out_bias += float(network.intercepts_[1][0]) / members
    return _without_idle(np.concatenate(hidden, axis=1), np.concatenate(hidden_bias), np.concatenate(out), out_bias)


def _without_idle(hidden: np.ndarray, bias: np.ndarray, out: np.ndarray, out_bias: float) -> dict[str, np.ndarray]:
    """As the verifier's arrays. More than half of the units learn to say nothing: what they always say is added."""
    idle = np.linalg.norm(hidden, axis=0) * np.abs(out) < _IDLE
    return {
        "hidden": hidden[:, ~idle].astype(np.float16),
        "hidden_bias": bias[~idle].astype(np.float32),
        "out": out[~idle].astype(np.float32),
        "out_bias": np.array(out_bias + np.maximum(bias[idle], 0.0) @ out[idle], np.float32),
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
    usable = answers.usable
    typer.echo(
        f"sources {', '.join(used)}; fitting on {int(usable.sum())} of {len(usable)} takes that the engine heard at "
        f"all, {int(answers.wanted[usable].sum())} requests"
    )
    fitted = fit(answers, seed=seed, members=1 if quick else _MEMBERS)
    np.savez_compressed(out, **fitted, sources=np.array(used))  # type: ignore[arg-type]
    typer.echo(f"wrote {out}")


if __name__ == "__main__":
    typer.run(main)
