"""Names the workload of a request: as declared, else after its key, else after the program that asks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable


_MOST_BLOCKS: Final = 64
"""Tagged blocks that are taken out of one text; a text with more keeps the rest."""
_TAG: Final = re.compile(r"<([A-Za-z]+[_-][A-Za-z_-]+|context|env|attachments)(?: [^<>]{0,500})?>")
"""A tag of a program: HTML's own names have no underscore or hyphen."""
_OF_A_PERSON: Final = frozenset({"user_query", "user_message", "user_input", "user_prompt", "user-prompt"})
"""Tags around a person's own words."""
_REMINDERS: Final = ("\n# *SEARCH/REPLACE block* Rules:", "\nTo suggest changes to a file you MUST return")
"""First lines of what Aider appends to a person's turn; everything below is its reminder."""
_SYSTEM_ROLES: Final = frozenset({"system", "developer"})


def own_words(text: str) -> str:
    """Leave out what a program wrote into a person's turn.

    Time is linear in the text: each opening tag is looked up once, and at most 64 blocks are taken out.
    """
    for reminder in _REMINDERS:
        text = text.partition(reminder)[0]
    if "</" not in text:
        return text.strip()
    kept: list[str] = []
    at = 0
    for _ in range(_MOST_BLOCKS):
        found = _TAG.search(text, at)
        if found is None:
            break
        closing = f"</{found[1]}>"
        end = text.find(closing, found.end())
        kept.append(text[at : found.start()])
        if end < 0:
            at = found.end()
            continue
        if found[1] in _OF_A_PERSON:
            kept.append(text[found.end() : end])
        at = end + len(closing)
    kept.append(text[at:])
    return "".join(kept).strip()


def last_turn(body: Mapping[str, object]) -> str:
    """Return a person's last turn in the body of any of the three APIs; empty where there is none.

    The result of a tool is no turn of a person, whatever role an API gives it.
    """
    turns = body.get("messages") or body.get("input")
    if isinstance(turns, str):
        return own_words(turns)
    for turn in reversed(turns) if isinstance(turns, list) else ():
        if isinstance(turn, Mapping) and turn.get("role") == "user":
            words = own_words("\n".join(_texts(turn.get("content"))))
            if words:
                return words
    return ""


def system_texts(body: Mapping[str, object]) -> Iterator[str]:
    """Yield the texts that a program sets before a conversation, in their order."""
    for field in ("system", "instructions"):
        yield from _texts(body.get(field))
    turns = body.get("messages") or body.get("input")
    for turn in turns if isinstance(turns, list) else ():
        if not isinstance(turn, Mapping) or turn.get("role") not in _SYSTEM_ROLES:
            return
        yield from _texts(turn.get("content"))


def _texts(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    for part in content if isinstance(content, list) else ():
        text = part.get("text") if isinstance(part, Mapping) else None
        if isinstance(text, str):
            yield text


WORKLOAD_HEADER: Final = "x-pool-workload"
WORKLOAD_KEY: Final = "pool_workload"
"""Under this name a request's metadata names its workload."""
SPEND_METADATA: Final = "spend_logs_metadata"
"""Where LiteLLM takes what it writes into the spend log beside a request's cost."""
_LABEL: Final = re.compile(r"[!-~]([ -~]{0,198}[!-~])?")
"""A name as `usage import` takes it."""
_DIGEST_CHARACTERS: Final = 12
_MOST_SYSTEM_CHARACTERS: Final = 16_384
"""The beginning of a system prompt tells one program from another; the rest is often its surroundings."""
_MOST_DIGESTS: Final = 1024
_CALENDAR: Final = re.compile(
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """The workload of a request, without any of its text."""

    name: str
    by: str
    """Who named it: a header, `metadata`, `spend_logs_metadata`, `key alias`, `system prompt` or `key`."""
    tools: int
    """Functions that the request offers."""
    chars: int
    """Length of the last human turn."""

    def spend_metadata(self, present: object) -> dict[str, object]:
        """Write what `usage import` reads of a spend log, beside what is there already."""
        kept = present if isinstance(present, Mapping) else {}
        return {**kept, "workload": self.name, "tools": self.tools, "chars": self.chars}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What is known of a request besides its body."""

    header: str | None
    """What `x-pool-workload` says."""
    metadata: Mapping[str, object]
    spend_metadata: Mapping[str, object]
    key_alias: object
    key: object
    """LiteLLM's digest of the key."""


class PromptDigests:
    """Digests of system prompts and tool names; a prompt is read once and not kept."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._known: dict[int, str] = {}

    def digest(self, system: Iterable[str], tools: Iterable[str]) -> str | None:
        """Name a program after its prompt and its tools; None where it sets neither.

        Numbers, dates, paths and tagged surroundings differ from call to call, so the digest is over plain
        words only.
        """
        text, names = "\n".join(system)[:_MOST_SYSTEM_CHARACTERS], "\n".join(sorted(tools))
        if not text.strip() and not names:
            return None
        raw = hash((text, names))
        if (found := self._known.get(raw)) is None:
            if len(self._known) >= _MOST_DIGESTS:
                self._known.clear()
            plain = f"{names}\0{_plain_words(text)}"
            short = hashlib.sha256(plain.encode(errors="replace")).hexdigest()[:_DIGEST_CHARACTERS]
            found = self._known[raw] = f"prompt-{short}"
        return found


def identify(body: Mapping[str, object], caller: Caller, digests: PromptDigests) -> Workload:
    """Name the workload of a request.

    Raises:
        UsageError: The declared name is none that `usage import` takes.
    """
    tools = tool_names(body)
    named = _declared_workload(caller) or _named_by_key(caller)
    if named is None:
        digest = digests.digest(system_texts(body), tools)
        named = (digest, "system prompt") if digest else (_of_key(caller.key), "key")
    name, by = named
    return Workload(name=name, by=by, tools=len(tools), chars=len(last_turn(body)))


def tool_names(body: Mapping[str, object]) -> list[str]:
    """List the functions that a request offers, by name; a provider's own tool by its type."""
    offered = body.get("tools") or body.get("functions")
    return [_tool_name(tool) for tool in offered] if isinstance(offered, list) else []


def _tool_name(tool: object) -> str:
    if not isinstance(tool, Mapping):
        return ""
    function = tool.get("function")
    named = function.get("name") if isinstance(function, Mapping) else None
    return str(named or tool.get("name") or tool.get("type") or "")


def _declared_workload(caller: Caller) -> tuple[str, str] | None:
    for by, name in (
        (WORKLOAD_HEADER, caller.header),
        ("metadata", caller.metadata.get(WORKLOAD_KEY)),
        (SPEND_METADATA, caller.spend_metadata.get("workload")),
    ):
        if name is None:
            continue
        if not isinstance(name, str) or not _LABEL.fullmatch(name):
            raise UsageError(
                f"{by} names the workload {str(name)[:40]!r}",
                hint="Write 1 to 200 printable ASCII characters, or leave it out.",
            )
        return name, by
    return None


def _named_by_key(caller: Caller) -> tuple[str, str] | None:
    alias = caller.key_alias
    return (alias, "key alias") if isinstance(alias, str) and _LABEL.fullmatch(alias) else None


def _of_key(key: object) -> str:
    """Name a workload after a key as `usage import` does where a spend log names none."""
    return f"key-{hashlib.sha256(str(key or '').encode()).hexdigest()[:_DIGEST_CHARACTERS]}"


def _plain_words(text: str) -> str:
    words = own_words(text).casefold().split()
    return " ".join(word for word in words if word.isalpha() and not _CALENDAR.fullmatch(word))
