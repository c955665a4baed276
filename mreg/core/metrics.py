"""Metrics as people and tools write them: flat names, which way is better, a weighted score, `key=value`."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from mreg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mreg.core.annotations import Scalar
    from mreg.core.policy import Direction

T = TypeVar("T")

_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LOWER_IS_BETTER = _words("""
    loss losses error errors err false rmse mse mae mape smape wmape mase msle rmsle mdae medae rmsd nrmse
    logloss nll xent entropy crossentropy perplexity ppl bpb bpc deviance divergence kl brier ece mce fid kid lpips
    fpr fnr fdr far frr eer wer cer mer ter der hamming distance bias regret residual residuals std stddev sigma
    latency delay time duration elapsed runtime seconds secs sec ms millis milliseconds
    memory mem ram vram size bytes cost energy kwh co2 emissions flops violations failures timeouts
""")
_HIGHER_IS_BETTER = _words("""
    accuracy acc precision recall sensitivity specificity f1 fbeta fscore auc auroc auprc ap map ndcg mrr hit hits
    tpr tnr ppv npv kappa mcc iou miou dice jaccard bleu rouge meteor chrf psnr ssim r2 correlation corr score
    reward likelihood elbo throughput qps rps fps gain lift coverage pass
""")
_NEGATED = _words("neg negated")  # scikit-learn's scorers: neg_log_loss


class BadAssignment(UsageError):
    """An option's `key=value` that is none, or whose value is not of the kind that the option takes."""

    def __init__(self, *, text: str, problem: str, hint: str) -> None:
        super().__init__(f"{text!r} {problem}")
        self.text, self.problem = text, problem
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Term:
    """One metric's part of a score: `product` is weight · value."""

    metric: str
    weight: float
    value: float

    @property
    def product(self) -> float:
        return self.weight * self.value


@dataclass(frozen=True, slots=True)
class Score:
    """Σ weight · value. `value` is None where a weighed metric is missing, nothing is weighed, or a float overflows."""

    value: float | None
    terms: tuple[Term, ...]
    missing: tuple[str, ...]


def flatten(tree: Mapping[str, Any], *, lists: bool = False) -> dict[str, Scalar]:
    """The leaves of nested mappings under dotted names, in the order of the tree: `{"test": {"f1": 1}}` → `test.f1`.

    Args:
        tree: What a JSON, YAML or TOML file holds.
        lists: Keep a list as one leaf, its JSON text. Without it lists are left out, as `dvc metrics show` does: they
            are curves and matrices, not measurements.

    Raises:
        ValueError: Two leaves have the same name, or one has an empty key; the text says which.
    """
    flat: dict[str, Scalar] = {}
    for name, leaf in _leaves(tree, ""):
        if isinstance(leaf, list) and not lists:
            continue
        if name in flat:
            raise ValueError(f"{name} is there twice, once with a dot in its key and once nested")
        flat[name] = _scalar(leaf)
    return flat


def _leaves(tree: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if not key:
            raise ValueError(f"an empty key{f' in {prefix[:-1]}' if prefix else ''}")
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _scalar(leaf: Any) -> Scalar:
    if leaf is None or isinstance(leaf, str | int | float):
        return leaf
    # TOML has dates and times, which have no other spelling in JSON.
    return json.dumps(leaf, ensure_ascii=False, default=str) if isinstance(leaf, list) else str(leaf)


def infer_direction(name: str) -> Direction:
    """Which way a metric is better, by the words of its name; `max` where they say nothing.

    The last segment with a word that is known decides: `latency.p95` and `val_loss` are min, `loss/test.accuracy` is
    max. What follows "per" is a unit (`samples_per_second`), and `neg` turns the rest around.
    """
    for segment in reversed(re.split(r"[./:]", name)):
        words = [word.lower() for word in _WORD.findall(segment)]
        known = words[: words.index("per")] if "per" in words else words
        known += [word.rstrip("0123456789") for word in known]  # loss1, rmse2
        if _LOWER_IS_BETTER.intersection(known):
            return "max" if _NEGATED.intersection(known) else "min"
        if _HIGHER_IS_BETTER.intersection(known):
            return "max"
    return "max"


def score(values: Mapping[str, float], weights: Mapping[str, float]) -> Score:
    """Σ weight · value over the weighed metrics, exactly rounded, so that their order changes nothing.

    Args:
        values: A version's metrics by name; those without a weight count nothing.
        weights: Metric → weight, finite.
    """
    missing = tuple(name for name in weights if name not in values)
    terms = tuple(Term(name, weight, values[name]) for name, weight in weights.items() if name in values)
    return Score(None if missing or not terms else _sum(terms), terms, missing)


def _sum(terms: tuple[Term, ...]) -> float | None:
    try:
        total = math.fsum(term.product for term in terms)
    except (OverflowError, ValueError):  # beyond a float, or both infinities
        return None
    return total if math.isfinite(total) else None


def combine(files: Mapping[str, Mapping[str, T]]) -> dict[str, T]:
    """The leaves of several files as one mapping; a name that more than one file has gets the file's as a prefix.

    Args:
        files: The file's name without its extension → its leaves.

    Raises:
        ValueError: A name with its prefix is another file's name already.
    """
    times = Counter(name for leaves in files.values() for name in leaves)
    combined: dict[str, T] = {}
    for file, leaves in files.items():
        for name, value in leaves.items():
            unique = f"{file}.{name}" if times[name] > 1 else name
            if unique in combined:
                raise ValueError(f"{unique} is there twice")
            combined[unique] = value
    return combined


def parse_assignment(text: str) -> tuple[str, str]:
    """Key and value of `key=value`; the value may hold further equals signs, or be empty.

    Raises:
        BadAssignment: There is no equals sign, or nothing before it.
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise BadAssignment(text=text, problem="is not key=value", hint="write it as in f1=0.93")
    return key.strip(), value.strip()


def parse_metric(text: str) -> tuple[str, float]:
    """Name and number of a `--metric`; a whole number stays an int.

    Raises:
        BadAssignment: It is not `name=number` with a finite decimal number.
    """
    name, value = parse_assignment(text)
    if not _NUMBER.fullmatch(value) or not math.isfinite(number := float(value)):
        raise BadAssignment(
            text=text, problem="does not give a finite number", hint="a metric is a number, as in --metric f1=0.93"
        )
    return name, int(value) if value.lstrip("+-").isdigit() else number


class Measurement(Protocol):
    """What an evaluation of a card says, as far as names go."""

    @property
    def metric(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def dataset(self) -> str | None: ...
    @property
    def split(self) -> str | None: ...
    @property
    def slice(self) -> Mapping[str, Any]: ...


def named_metrics(evaluations: Iterable[Measurement]) -> dict[str, float]:
    """Evaluations as columns of a table: by metric, and by `metric (dataset, split)` from a metric's second on.

    What was measured on a slice is left out: it is not about the model as a whole.
    """
    named: dict[str, float] = {}
    for evaluation in evaluations:
        if evaluation.slice:
            continue
        where = ", ".join(filter(None, (evaluation.dataset, evaluation.split)))
        name = evaluation.metric if evaluation.metric not in named else f"{evaluation.metric} ({where})"
        named.setdefault(name, evaluation.value)
    return named
