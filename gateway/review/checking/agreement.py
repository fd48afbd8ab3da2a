"""Measures how far people agree who judged the same clips, and how often they agree with known answers.

Krippendorff's alpha takes any number of people and missing answers (Krippendorff 2011, "Computing Krippendorff's
Alpha-Reliability"); Cohen's kappa (1960) is for two people. Both are 1 for full agreement and 0 for chance
agreement. Words are compared by edit distance, as word error rates are.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

import msgspec
from rapidfuzz.distance import Levenshtein

FIELDS = ("intent", "effective", "false_activation")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One person's last answer about one clip. `words` are lower-case and without punctuation."""

    ref: str
    reviewer: str
    intent: str
    effective: str
    false_activation: bool
    heard: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two people and the clips that both judged. `kappa` is None if both always gave one and the same answer."""

    first: str
    second: str
    clips: int
    kappa: float | None


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One person against known answers: how many of them, and how many intents, effects and activations were right."""

    reviewer: str
    known: int
    right: Mapping[str, int]


def words_in(text: str) -> tuple[str, ...]:
    """The words of a transcription, as they are compared."""
    kept = "".join(sign if sign.isalnum() or sign in "'[]" else " " for sign in text.lower())
    return tuple(kept.split())


def differing(answers: Sequence[Answer], words_from: float = 0.8) -> tuple[str, ...]:
    """The fields in which these answers to one clip differ. `words` differ below a likeness of `words_from`."""
    fields = [name for name in (*FIELDS, "heard") if len({getattr(each, name) for each in answers}) > 1]
    pairs = itertools.combinations([each.words for each in answers], 2)
    return (*fields, "words") if any(alike(*pair) < words_from for pair in pairs) else tuple(fields)


def alike(one: Sequence[str], other: Sequence[str]) -> float:
    """Likeness 0..1: 1 minus the edits per word of the longer one."""
    return float(Levenshtein.normalized_similarity(one, other))


def alpha(answers: Iterable[Answer], of: Callable[[Answer], Hashable]) -> float | None:
    """Krippendorff's alpha of a nominal answer. None if no two people judged one clip, or if all gave one answer."""
    by_ref: dict[str, dict[str, Hashable]] = defaultdict(dict)
    for each in answers:
        by_ref[each.ref][each.reviewer] = of(each)
    shared = [said for said in by_ref.values() if len(said) > 1]
    coincidences: dict[tuple[Hashable, Hashable], float] = defaultdict(float)
    for said in shared:
        for one, other in itertools.permutations(said.values(), 2):
            coincidences[one, other] += 1 / (len(said) - 1)
    total: dict[Hashable, float] = defaultdict(float)
    for (one, _), times in coincidences.items():
        total[one] += times
    n = sum(total.values())
    expected = sum(total[one] * total[other] for one, other in itertools.permutations(total, 2))
    observed = sum(times for (one, other), times in coincidences.items() if one != other)
    return 1 - (n - 1) * observed / expected if expected else None


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa of two people's answers to the same clips. None if chance alone would agree fully."""
    if not pairs:
        return None
    observed = sum(one == other for one, other in pairs) / len(pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    by_chance = sum(first[value] * second[value] for value in first) / len(pairs) ** 2
    return None if by_chance == 1 else (observed - by_chance) / (1 - by_chance)


def pairs_of(answers: Iterable[Answer], of: Callable[[Answer], Hashable]) -> Sequence[Pair]:
    """Every pair of people who judged a common clip, by name."""
    by_person: dict[str, dict[str, Hashable]] = defaultdict(dict)
    for each in answers:
        by_person[each.reviewer][each.ref] = of(each)
    found = []
    for one, other in itertools.combinations(sorted(by_person), 2):
        both = sorted(by_person[one].keys() & by_person[other].keys())
        if both:
            value = kappa([(by_person[one][ref], by_person[other][ref]) for ref in both])
            found.append(Pair(first=one, second=other, clips=len(both), kappa=value))
    return found


def word_likeness(answers: Iterable[Answer]) -> float | None:
    """The mean likeness over all pairs of transcriptions of one clip. None without any pair."""
    by_ref: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for each in answers:
        by_ref[each.ref].append(each.words)
    found = [alike(*pair) for some in by_ref.values() for pair in itertools.combinations(some, 2)]
    return sum(found) / len(found) if found else None


def against(answers: Iterable[Answer], known: Mapping[str, Answer]) -> Sequence[Person]:
    """Every person who judged clips with a known answer, by name. The person who settled a clip does not count."""
    count: Counter[str] = Counter()
    right: dict[str, Counter[str]] = defaultdict(Counter)
    for each in answers:
        answer = known.get(each.ref)
        if answer is None or answer.reviewer == each.reviewer:
            continue
        count[each.reviewer] += 1
        right[each.reviewer].update(name for name in FIELDS if getattr(each, name) == getattr(answer, name))
    return [
        Person(reviewer=who, known=count[who], right={name: right[who][name] for name in FIELDS})
        for who in sorted(count)
    ]


def by_intent(answers: Iterable[Answer], known: Mapping[str, Answer]) -> Mapping[str, tuple[int, int]]:
    """For each known intent: how often it was judged, and how often correctly."""
    count: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for each in answers:
        answer = known.get(each.ref)
        if answer is not None and answer.reviewer != each.reviewer:
            count[answer.intent] += 1
            right[answer.intent] += each.intent == answer.intent
    return {intent: (count[intent], right[intent]) for intent in sorted(count)}
