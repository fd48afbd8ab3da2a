"""Fits the acoustic verifier: `python -m scenarios.wakewords.train`. Corpus -> the engine's embeddings -> two layers.

The same options on the same machine, with as many threads, write the same bytes.
"""

import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from gateway.files import BadFile
from scenarios.wakewords.answers import Answers, ask_engine, keep, kept, together
from scenarios.wakewords.corpus import Kind, Source, Take, takes
from scenarios.wakewords.flite import find_flite
from scenarios.wakewords.opinion import folds_of, second_opinion, veto
from scenarios.wakewords.real import FOLDS, RealRows, hear_recordings, keep_rows, kept_rows
from scenarios.wakewords.recordings import fingerprints, recordings_folder

if TYPE_CHECKING:
    from sklearn.neural_network import MLPClassifier

# Chosen among some fifteen settings on held-out voices, over other takes than those that the benchmark draws.
_HIDDEN, _PENALTY, _COMPONENTS, _MEMBERS, _ROUNDS = 512, 1.0, 400, 4, 25
_PEAK_WEIGHT, _PEAK_AT = 0.5, 0.02  # of the engine's log score, and the score at which it adds nothing
_BATCH, _RATE = 512, 2e-3
_ENOUGH = 20_000  # windows that principal components are found in
_QUICK, _IDLE = 0.001, 1e-6
PLAIN, _PLAIN_QUICK = 4_800, 60  # requests drawn for a veto
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


def fit(answers: Answers, *, seed: int = 0, members: int = _MEMBERS) -> dict[str, np.ndarray]:
    """The verifier's arrays (see gateway/gate/verify.py): scaling, principal components and the mean of a few small
    networks folded into two layers, beside the engine's own opinion. Both classes weigh the same.

    Raises BadFile: weights that are not finite.
    """
    from sklearn.decomposition import PCA

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
    hidden, hidden_bias, out, out_bias = [], [], [], -_PEAK_WEIGHT * float(np.log(_PEAK_AT))
    inward = components.components_.T / np.sqrt(components.explained_variance_)
    for member in range(members):
        network = _network(reduced[even], wanted[even], seed + member)
        first = (inward @ network.coefs_[0]) / scale[:, None]
        hidden.append(first)
        hidden_bias.append(network.intercepts_[0] - components.mean_ @ inward @ network.coefs_[0] - mean @ first)
        out.append(network.coefs_[1][:, 0] / members)
        out_bias += float(network.intercepts_[1][0]) / members
    return _without_idle(np.concatenate(hidden, axis=1), np.concatenate(hidden_bias), np.concatenate(out), out_bias)


def _network(rows: np.ndarray, wanted: np.ndarray, seed: int) -> "MLPClassifier":
    from sklearn.neural_network import MLPClassifier

    network = MLPClassifier(
        (_HIDDEN,),
        alpha=_PENALTY,
        batch_size=min(_BATCH, len(rows)),
        learning_rate_init=_RATE,
        max_iter=_ROUNDS,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns that a fixed number of rounds is no convergence
        return network.fit(rows, wanted)


def _without_idle(hidden: np.ndarray, bias: np.ndarray, out: np.ndarray, out_bias: float) -> dict[str, np.ndarray]:
    """As the verifier's arrays. More than half of the units learn to say nothing: what they always say is added."""
    idle = np.linalg.norm(hidden, axis=0) * np.abs(out) < _IDLE
    with np.errstate(over="ignore"):
        made = {
            "hidden": hidden[:, ~idle].astype(np.float16),
            "hidden_bias": bias[~idle].astype(np.float32),
            "out": out[~idle].astype(np.float32),
            "out_bias": np.array(out_bias + np.maximum(bias[idle], 0.0) @ out[idle], np.float32),
            "peak_weight": np.array(_PEAK_WEIGHT, np.float32),
        }
    if not all(np.isfinite(array).all() for array in made.values()):
        raise BadFile("no finite verifier comes of this corpus: a weight is beyond what the file's 16 bits hold")
    return made


def corpus(share: float, sources: Sequence[Source], *, seed: int) -> Iterator[Take]:
    """What training hears: `share` of the usual takes of each source, without what is held out."""
    for source in sources:
        for kind, count in USUAL[source].items():
            drawn = takes(max(20, int(count * share)), kind=kind, seed=seed, source=source, varied=True)
            yield from (take for take in drawn if take.trainable)


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


def first_of(path: Path) -> dict[str, np.ndarray]:
    """The opinion of synthetic voices in a fitted file, as `fit` gives it.

    Raises BadFile: not such a file."""
    opinions = opinions_of(path, most=1)
    alone = opinions["out"][:, 0]
    used = alone != 0
    return {
        "hidden": opinions["hidden"][:, used],
        "hidden_bias": opinions["hidden_bias"][used],
        "out": alone[used],
        "out_bias": opinions["out_bias"][0],
        "peak_weight": opinions["peak_weight"][0],
    }


def opinions_of(path: Path, most: int | None = None) -> dict[str, np.ndarray]:
    """The opinions in a fitted file, a column each, without its vetoes; no more than `most` of them.

    Raises BadFile: not such a file."""
    try:
        with np.load(path, allow_pickle=False) as fitted:
            out = fitted["out"].reshape(len(fitted["hidden_bias"]), -1)
            vetoes = int(fitted["vetoes"]) if "vetoes" in fitted else 0
            kept = min(out.shape[1] - vetoes, most or out.shape[1])
            used = np.abs(out[:, :kept]).max(axis=1) > 0
            return {
                "hidden": fitted["hidden"][:, used],
                "hidden_bias": fitted["hidden_bias"][used],
                "out": out[used, :kept],
                "out_bias": fitted["out_bias"].reshape(-1)[:kept],
                "peak_weight": fitted["peak_weight"].reshape(-1)[:kept],
            }
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        raise BadFile(f"{path}: not a fitted verifier") from None


def sources_of(path: Path) -> list[str]:
    """The synthetic sources that a fitted file was fitted on.

    Raises BadFile: it does not say."""
    try:
        with np.load(path, allow_pickle=False) as fitted:
            return [str(each) for each in fitted["sources"]]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        raise BadFile(f"{path}: not a fitted verifier that says its sources") from None


def asked_of(share: float, sources: Sequence[Source], seed: int, most: int | None) -> list[Take]:
    """The corpus, or `most` takes drawn from it."""
    asked = list(corpus(share, sources, seed=seed))
    if most is None:
        return asked
    return [asked[at] for at in np.random.default_rng(0).permutation(len(asked))[:most]]


def plain_requests(count: int, sources: Sequence[Source], seed: int) -> list[Take]:
    """Requests close by, over pink noise: what a veto must leave alone."""
    kinds: tuple[Kind, ...] = ("wake", "wake", "lead_in")
    drawn = [
        take
        for source in sources
        for number, kind in enumerate(kinds)
        for take in takes(
            count // 3 if source == "espeak" else count // 20, kind=kind, seed=seed + number, source=source
        )
    ]
    return [take for take in drawn if take.trainable]


def answers_to(asked: list[Take], model: str, file: Path | None) -> Answers:
    if file is not None and file.exists():
        return kept(file, asked)
    answers = ask_engine(asked, model, lambda heard: typer.echo(f"heard {heard} of {len(asked)} takes", err=True))
    if file is not None:
        keep(answers, file)
    return answers


def rows_of(folders: Sequence[Path], rounds: int, model: str, file: Path | None) -> RealRows:
    if file is not None and file.exists():
        return kept_rows(file)
    rows = hear_recordings(folders, rounds, model, lambda line: typer.echo(line, err=True))
    if file is not None:
        keep_rows(rows, file)
    return rows


def main(
    out: Annotated[Path, typer.Option(help="where the fitted model goes (.npz)")],
    seed: Annotated[int, typer.Option(help="of the corpus and the fit")] = 1,
    share: Annotated[float, typer.Option(help="share of the usual corpus", min=0.001, max=10)] = 1.0,
    most: Annotated[int | None, typer.Option("--takes", help="no more takes of that corpus than these", min=1)] = None,
    quick: Annotated[bool, typer.Option("--quick", help="a small corpus and fit, to try the command")] = False,
    sources: Annotated[str, typer.Option(help="espeak, flite or both; auto: both where flite is installed")] = "auto",
    model: Annotated[str, typer.Option(help="the wake model it follows")] = "alexa",
    answers_file: Annotated[
        Path | None,
        typer.Option("--answers", help="what the engine says: kept here, and taken from here if it is there"),
    ] = None,
    recordings: Annotated[
        list[Path] | None,
        typer.Option(help="a folder with wake/ and other/: a second opinion, of real voices; may be given again"),
    ] = None,
    synthetic: Annotated[
        Path | None, typer.Option(help="with --recordings: the opinion of synthetic voices out of this fitted file")
    ] = None,
    opinions: Annotated[
        Path | None,
        typer.Option(help="with --recordings: every opinion out of this fitted file; only the veto is fitted"),
    ] = None,
    rounds: Annotated[int, typer.Option(help="in how many ways each recording of the wake word is heard", min=1)] = 31,
    plain_count: Annotated[
        int, typer.Option("--plain", help="with --recordings: so many synthetic requests close by are drawn", min=60)
    ] = PLAIN,
    leave_out: Annotated[
        int | None, typer.Option(help="one of five parts of the files that is not heard: to judge by it", min=0, max=4)
    ] = None,
    rows_file: Annotated[
        Path | None, typer.Option("--rows", help="what the engine says to recordings: kept as --answers is")
    ] = None,
) -> None:
    """Fit the acoustic verifier on synthetic voices and phrases not held out, and on recordings of people."""
    try:
        used = chosen_sources(sources)
        folders = [folder for each in recordings or () if (folder := recordings_folder(each)) is not None]
        asked = asked_of(_QUICK if quick else share, used, seed, most)
        answers = answers_to(asked, model, answers_file)
        usable = answers.usable
        typer.echo(
            f"sources {', '.join(used)}; fitting on {int(usable.sum())} of {len(usable)} takes that the engine heard "
            f"at all, {int(answers.wanted[usable].sum())} requests"
        )
        if opinions is not None and folders:
            fitted = opinions_of(opinions)
        else:
            fitted = first_of(synthetic) if synthetic else fit(answers, seed=seed, members=1 if quick else _MEMBERS)
        before = (opinions if folders else None) or synthetic
        sources_heard = sorted({*used, *(sources_of(before) if before is not None else ())})
        heard = np.zeros(0, np.uint64)
        if folders:
            rows = rows_of(folders, FOLDS if quick else rounds, model, rows_file)
            if leave_out is not None:
                rows = rows.where(folds_of(rows) != leave_out)
            typer.echo(f"recordings: {int(rows.wanted.sum())} wake words, {int((~rows.wanted).sum())} other candidates")
            if opinions is None:
                fitted = second_opinion(fitted, rows, answers)
            aside = None if answers_file is None else answers_file.with_suffix(".plain.npz")
            plain = answers_to(plain_requests(_PLAIN_QUICK if quick else plain_count, used, seed), model, aside)
            fitted = veto(fitted, rows, together([answers, plain]))
            heard = fingerprints(folders, leave_out)
    except BadFile as error:
        raise typer.BadParameter(str(error)) from None
    np.savez_compressed(out, **fitted, sources=np.array(sources_heard), heard=heard)  # type: ignore[arg-type]
    typer.echo(f"wrote {out}")


if __name__ == "__main__":
    typer.run(main)
