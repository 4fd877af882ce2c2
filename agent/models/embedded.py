"""The embedded chat model: deterministic rules behind the same interface as a hosted model.

It walks the same graph: it sees only the messages and the tools that it is given, and answers with
tool calls or text. Which of its three jobs is meant shows in what is bound: one schema to fill
(limits from what was seen), tools to choose from (a turn of the conversation), or nothing (the
message to write).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.messages.ai import UsageMetadata

from agent.models.answers import DONE
from agent.models.in_process import InProcessChatModel
from agent.nodes.intake import NO_WORDS
from agent.seen import SeenLimits, propose
from agent.wording import Facts, write
from tools.changes import OnlyValues, WantValues
from tools.domain import Constraints
from tools.preferences import Evidence


class EmbeddedChatModel(InProcessChatModel):
    """Chooses tools and words by rule; needs no key, no network, and always answers alike."""

    vocabularies: Mapping[str, Any] = {}
    """The shop's words (tools.catalog.Vocabulary) by market; none when no shop is involved."""
    encode: Any = None
    """The encoder that reads turns beside the grammar (`agent.language.operations.find_encoder`);
    None: by their words alone."""

    @property
    def _llm_type(self) -> str:
        return "embedded"

    def _answer(self, messages: list[BaseMessage], **options: Any) -> AIMessage:
        functions = {t["function"]["name"]: t["function"] for t in options.get("tools", [])}
        if SeenLimits.__name__ in functions:
            message = self._fill_limits(messages, functions[SeenLimits.__name__])
        elif functions:
            message = self._choose_tools(messages, functions)
        else:
            message = AIMessage(write(Facts.model_validate_json(tagged(messages, "facts"))))
        message.usage_metadata = UsageMetadata(input_tokens=0, output_tokens=0, total_tokens=0)
        return message

    def _fill_limits(self, messages: list[BaseMessage], schema: Mapping[str, Any]) -> AIMessage:
        evidence = Evidence.model_validate_json(tagged(messages, "evidence") or "{}")
        asked = schema["parameters"]["properties"]
        draft = {k: v for k, v in propose(evidence).model_dump().items() if k in asked}
        return _calls(messages, (SeenLimits.__name__, draft))

    def _choose_tools(self, messages: list[BaseMessage], functions: Mapping[str, Any]) -> AIMessage:
        start = max(i for i, m in enumerate(messages) if isinstance(m, HumanMessage))
        made = [m for m in messages[start:] if isinstance(m, AIMessage)]
        if not made:
            return self._open_turn(messages, messages[start].text, functions)
        searched = any(c["name"] == "search_catalog" for c in made[-1].tool_calls)
        failed = any(isinstance(m, ToolMessage) and m.status == "error" for m in messages[start:])
        if searched and not failed and "optimize_assortment" in functions:
            return _calls(messages, ("optimize_assortment", {}))
        return AIMessage(DONE)

    def _open_turn(
        self, messages: list[BaseMessage], text: str, functions: Mapping[str, Any]
    ) -> AIMessage:
        wish = tagged(messages, "wish")
        recommend = _calls(
            messages, ("search_catalog", {"query": (wish or "popular products")[:500]})
        )
        if text == NO_WORDS:
            return recommend
        from agent.language import OperationClassifier, ShownItem, SimpleVocabulary, parse
        from agent.language.next_items import asks_what_comes_next

        if "rank_next_items" in functions and asks_what_comes_next(text):
            return _calls(messages, ("rank_next_items", {}))

        current = Constraints.model_validate_json(tagged(messages, "limits") or "{}")
        shown = [
            ShownItem.model_validate({k: v for k, v in item.items() if k in ShownItem.model_fields})
            for item in json.loads(tagged(messages, "shown") or "[]")
        ]
        shop = json.loads(tagged(messages, "shop") or "{}")
        market = shop.get("currency") or ""
        understood = parse(
            text,
            vocabulary=self.vocabularies.get(market) or SimpleVocabulary(),
            current=current,
            shown=shown,
            currency=market or None,
            classifier=OperationClassifier.load(self.encode),
        )
        changes = [c.model_dump(mode="json") for c in understood.changes]
        about = [c.model_dump(mode="json") for c in understood.about]
        refs = list(understood.item_refs)
        if understood.question and "ask_shopper" in functions:
            return _calls(messages, ("ask_shopper", {"question": understood.question}))
        if understood.intent == "facts" and "catalog_facts" in functions:
            return _calls(messages, ("catalog_facts", {"changes": about or changes}))
        if understood.intent == "details" and refs and "get_products" in functions:
            return _calls(messages, ("get_products", {"ids": refs[:5]}))
        if understood.intent == "explain" and (refs or about) and "explain" in functions:
            return _calls(messages, ("explain", {"ids": refs[:5], "about": about}))
        newest = [item.id for item in shown if item.turn == shown[0].turn]
        if understood.intent == "refine" and "refine" in functions:
            like = refs[0] if understood.like else None
            return _calls(messages, ("refine", {"order": understood.order, "like": like}))
        sides = refs if len(refs) > 1 else list(dict.fromkeys([*refs, *newest]))[:5]
        if understood.intent == "compare" and len(sides) > 1 and "compare_products" in functions:
            return _calls(messages, ("compare_products", {"ids": sides[:5]}))
        if understood.intent in ("explain", "compare") and (refs or shown):
            return _calls(messages, ("get_products", {"ids": refs or newest}))
        if changes or understood.search_text:
            kinds = [
                " ".join(c.values)
                for c in understood.changes
                if isinstance(c, WantValues | OnlyValues) and c.field == "categories"
            ]
            wanted = understood.search_text or " ".join(kinds)
            arguments = {"changes": changes, "looking_for": wanted[:500]}
            return _calls(messages, ("what_if", arguments))
        if understood.intent in ("smalltalk", "other"):
            return AIMessage(DONE)
        return recommend


def tagged(messages: Sequence[BaseMessage], tag: str) -> str:
    """What stands between ``<tag>`` and ``</tag>`` in the system or the first human message.

    The last closing tag counts, so data that holds a closing tag of its own stays data.
    """
    for message in messages:
        if isinstance(message, ToolMessage | AIMessage):
            continue
        if found := re.search(rf"<{tag}>(.*)</{tag}>", message.text, re.DOTALL):
            return found.group(1)
    return ""


def _calls(messages: Sequence[BaseMessage], *calls: tuple[str, dict[str, Any]]) -> AIMessage:
    # Deterministic, and different for every call of a thread: the history only grows.
    return AIMessage(
        "",
        tool_calls=[
            {
                "name": name,
                "args": args,
                "id": f"call_{_place(messages)}_{i}",
                "type": "tool_call",
            }
            for i, (name, args) in enumerate(calls)
        ],
    )


def _place(messages: Sequence[BaseMessage]) -> str:
    last = messages[-1]
    return sha256(f"{len(messages)} {last.id} {last.text}".encode()).hexdigest()[:16]
