"""A message by an importance-weighted rubric of yes-or-no rules, every one computed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from evals.cases import AnswerGold, Check, Rule
from evals.scorers.base import Figure, Judgement, Scorer
from evals.scorers.summary import read_numbers
from evals.scorers.words import fold, holds
from evals.traces import AnswerTrace

_MARKUP = re.compile(r"</?[a-z][^>]*>|\]\(|\[\[|\*\*|^#+ |`", re.IGNORECASE | re.MULTILINE)
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_NOT_CARRIED = re.compile(
    r"\b(no|not|none|without|doesn't|does not|don't|carries|nothing|out of)\b", re.IGNORECASE
)


def _every_item_priced(rule: Rule, trace: AnswerTrace) -> bool:
    return bool(trace.items) and all(
        item.price is not None
        and any(item.price.amount in read_numbers(line) for line in _lines_of(item.title, trace))
        for item in trace.items
    )


def _every_item_reasoned(rule: Rule, trace: AnswerTrace) -> bool:
    return bool(trace.items) and all(
        any(fold(reason) in fold(trace.message) for reason in trace.reasons.get(item.id, ()))
        for item in trace.items
        if trace.reasons.get(item.id)
    )


def _lines_of(title: str, trace: AnswerTrace) -> list[str]:
    """What follows the title in the lines that name it."""
    name = title.casefold()
    lines = trace.message.casefold().split("\n")
    return [line.partition(name)[2] for line in lines if name in line]


def _limits_named(rule: Rule, trace: AnswerTrace) -> bool:
    return all(holds(trace.message, word) for word in rule.words)


def _sources_told(rule: Rule, trace: AnswerTrace) -> bool:
    """Which limits come from browsing and which from the shopper, where both or either stand."""
    if trace.limits is None:
        return False
    sources = {origin.source for origin in trace.limits.provenance.values()}
    message = fold(trace.message)
    told = {
        "seen": bool(re.search(r"looked at|browsed|saw|seen|brows", message)),
        "said": bool(re.search(r"you asked|you said|you named|you wanted|asked for", message)),
    }
    return all(told[source] for source in sources if source in told)


def _in_and_out_told(rule: Rule, trace: AnswerTrace) -> bool:
    if not trace.compared:
        return False
    changed = {*trace.compared[-1].items_in, *trace.compared[-1].items_out}
    titles = {r.get("id"): r.get("title") for c in trace.calls for r in _flat(c.result)}
    return all(fold(str(titles.get(i, i))) in fold(trace.message) for i in changed)


def _flat(value: object) -> list[Mapping[str, object]]:
    if isinstance(value, Mapping):
        return [value, *(m for part in value.values() for m in _flat(part))]
    if isinstance(value, list | tuple):
        return [m for part in value for m in _flat(part)]
    return []


def _not_carried_told(rule: Rule, trace: AnswerTrace) -> bool:
    sentences = re.split(r"(?<=[.!?])\s|\n", trace.message)
    return all(
        any(holds(s, word) and _NOT_CARRIED.search(s) for s in sentences) for word in rule.words
    )


def _conflict_told(rule: Rule, trace: AnswerTrace) -> bool:
    return trace.infeasible and bool(
        re.search(r"nothing|no product|cannot|can't|none", trace.message, re.IGNORECASE)
    )


def _short(rule: Rule, trace: AnswerTrace) -> bool:
    return rule.most is not None and 0 < len(trace.message.split()) <= rule.most


_LOOKS: Mapping[Check, Callable[[Rule, AnswerTrace], bool]] = {
    "every_item_priced": _every_item_priced,
    "every_item_reasoned": _every_item_reasoned,
    "limits_named": _limits_named,
    "sources_told": _sources_told,
    "in_and_out_told": _in_and_out_told,
    "not_carried_told": _not_carried_told,
    "conflict_told": _conflict_told,
    "one_question_at_most": lambda _, t: t.message.count("?") <= 1,
    "asks_a_question": lambda _, t: "?" in t.message,
    "no_markup": lambda _, t: not (_MARKUP.search(t.message) or _LINK.search(t.message)),
    "short": _short,
    "holds": lambda r, t: any(holds(t.message, word) for word in r.words),
    "holds_not": lambda r, t: not any(holds(t.message, word) for word in r.words),
}


def _judge_rubric(gold: AnswerGold, trace: AnswerTrace) -> Judgement:
    found = Judgement()
    if not gold.rubric:
        return found
    met = [bool(trace.message) and _LOOKS[rule.check](rule, trace) for rule in gold.rubric]
    weights = [rule.weight for rule in gold.rubric]
    total = sum(weights)
    # Every case counts the same, however many rules it has.
    found.add("rubric", sum(w for w, ok in zip(weights, met, strict=True) if ok) / total, 1)
    found.misses += [
        f"rule {rule.check}{' ' + ', '.join(rule.words) if rule.words else ''} is not met"
        for rule, ok in zip(gold.rubric, met, strict=True)
        if not ok
    ]
    return found


rubric = Scorer(
    "rubric",
    AnswerGold,
    AnswerTrace,
    _judge_rubric,
    {"rubric": Figure("message, weighted rubric", 0.95)},
)
