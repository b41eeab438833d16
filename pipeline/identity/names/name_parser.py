"""Parses a model's name: words, dates, effort, serving, harness. Nothing is corrected.

Effort is spelled differently everywhere. Artificial Analysis writes it in the name's parenthesis
(`(xhigh)`, `(Adaptive Reasoning, Max Effort)`) and nowhere else. The LMArena boards append it
(`-thinking-32k`, `-high`, `(thinking-minimal)`), where the last word may as well belong to the model
(`qwen3.7-max`): such a name has two readings, and the literal one is read first.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import Final

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, SourceName

LEVELS: Final = frozenset({"minimal", "low", "medium", "high", "xhigh", "max"})
SERVING: Final = frozenset(
    ["fp4", "fp8", "fp16", "bf16", "nvfp4", "mxfp4", "int4", "int8", "awq", "gptq", "gguf", "free", "batch"]
)
"""Another precision or another way to be served: the same weights, not the same variant."""

_TOKEN = re.compile(r"\d+(?:\.\d+)*[a-z]?(?![a-z])|[a-z]+\+?")
_SERVED = re.compile(rf"(?<![a-z0-9])({'|'.join(sorted(SERVING))})(?![a-z0-9])")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
_HYPHENATED_VERSION = re.compile(r"(?<![\d.])(\d{1,2})-(\d{1,2})(?![\d.a-z])")
_PARENTHESIS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_HARNESS = re.compile(r"[a-z0-9 .-]*harness[a-z0-9 .-]*|[a-z0-9 .-]*\bagent\b[a-z0-9 .-]*")
_NOT_THINKING = re.compile(r"(?:non|no)[- ]?(?:reasoning|thinking)|instant")
_THINKING = re.compile(r"(?:adaptive )?(?:reasoning|thinking)")
_LEVEL = re.compile(r"(?:(?:thinking|reasoning)[- ])?(minimal|low|medium|high|xhigh|max)(?: effort)?")
_TAIL = re.compile(
    r"[- ](?:(?P<none>(?:non|no)-(?:reasoning|thinking))"
    r"|(?:(?:thinking|(?P<with>low|medium|high))-)?(?P<budget>\d{1,3}k)"
    r"|(?P<on>thinking|reasoning)"
    r"|(?P<level>minimal|low|medium|high|xhigh|max))$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedName:
    """One reading of a name."""

    words: tuple[str, ...]
    """Family, version, size and kind, sorted: sources order them differently. `a+` is not `a`."""
    dates: tuple[str, ...] = ()
    """`2025-11-01`, `2025-09`, or the four digits of `0324` and `2507`."""
    effort: str = "default"
    """As stated; `default` where nothing is stated."""
    blurred: bool = False
    """The effort is stated together with a budget or a second setting: no single level is meant."""
    serving: tuple[str, ...] = ()
    harness: bool = False
    """A result inside a vendor's coding harness, which is not the model."""
    remarks: tuple[str, ...] = ()
    """What stands in a parenthesis and is not understood."""
    whole: bool = True
    """Every letter and digit of the name belongs to something that was read."""

    @property
    def plain(self) -> bool:
        """Nothing in the name asks for a person: read whole, no harness, serving or remark, one effort."""
        return self.whole and not (self.harness or self.serving or self.remarks or self.blurred)


@functools.cache
def parse_name(name: str, source: SourceName) -> tuple[ParsedName, ...]:
    """Read a name as its source spells it, the most literal reading first."""
    text, inside = _parentheses(name.lower().strip())
    reading = _Reading()
    remarks = [part for group in inside for part in _understand(group, reading)]
    found = take_dates(text, inside=tuple(remarks))
    text, dates, remarks = found.text, found.dates, list(found.remarks)
    serving = tuple(sorted(set(_SERVED.findall(text))))
    text = _SERVED.sub(" ", text).strip(" -:")
    literal = ParsedName(
        words=words_of(text),
        dates=dates,
        effort=reading.effort,
        blurred=reading.blurred,
        serving=serving,
        harness=reading.harness,
        remarks=tuple(remarks),
        whole=_is_whole(text),
    )
    if source == ARTIFICIAL_ANALYSIS or reading.effort != "default":
        return (literal,)
    return (literal, *_read_effort(literal, text))


def words_of(text: str) -> tuple[str, ...]:
    """Split into words and version numbers, sorted; `+` belongs to its word, `4-6` reads as `4.6`."""
    return tuple(sorted(_TOKEN.findall(_HYPHENATED_VERSION.sub(r"\1.\2", text))))


def _is_whole(text: str) -> bool:
    """Return whether the words lose nothing: `5.4turbo` and letters of other scripts fall between them."""
    return len(_NOT_ALPHANUMERIC.sub("", "".join(words_of(text)))) == len(_NOT_ALPHANUMERIC.sub("", text))


@functools.cache
def parse_release(release: str) -> ParsedName:
    """Read one of our own release ids, in which every word belongs to the model."""
    found = take_dates(release.lower(), inside=())
    return ParsedName(words=words_of(found.text), dates=found.dates, whole=_is_whole(found.text))


@dataclass(slots=True)
class _Reading:
    effort: str = "default"
    blurred: bool = False
    harness: bool = False

    def state(self, effort: str) -> None:
        """Note an effort; a level refines `on`, anything else beside another effort is no single level."""
        refined = self.effort == "on" and effort in LEVELS
        if refined or self.effort in {"default", effort}:
            self.effort = effort
        else:
            self.blurred = True


def _parentheses(text: str) -> tuple[str, tuple[str, ...]]:
    inside = tuple(found[1] or found[2] or "" for found in _PARENTHESIS.finditer(text))
    return " ".join(_PARENTHESIS.sub(" ", text).split()), inside


def _understand(group: str, reading: _Reading) -> list[str]:
    """Read one parenthesis; returns the parts that say something else than effort or harness."""
    rest = []
    for part in (part.strip() for part in group.split(",")):
        level = _LEVEL.fullmatch(part)
        if level:
            reading.state(level[1])
        elif _NOT_THINKING.fullmatch(part):
            reading.state("none")
        elif _THINKING.fullmatch(part):
            reading.state("on")
        elif _HARNESS.fullmatch(part):
            reading.harness = True
        elif part:
            rest.append(part)
    return rest


def _read_effort(literal: ParsedName, text: str) -> tuple[ParsedName, ...]:
    """Read the last word as an effort, where it can be one."""
    tail = _TAIL.search(text)
    if tail is None:
        return ()
    effort = "none" if tail["none"] else tail["level"] or tail["with"] or "on"
    return (
        replace(
            literal,
            words=words_of(text[: tail.start()]),
            effort=effort,
            blurred=tail["budget"] is not None,
        ),
    )


_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(0[1-9]|1[0-2])"
_DAY = r"(0[1-9]|[12]\d|3[01])"
_WHOLE = re.compile(rf"(?<![\d.])(20[23]\d)-?{_MONTH}-?{_DAY}(?![\d.a-z])")
_YEAR_MONTH = re.compile(rf"(?<![\d.])(20[23]\d)-{_MONTH}(?![\d.a-z])")
_MONTH_YEAR = re.compile(rf"(?<![\d.]){_MONTH}-(20[23]\d)(?![\d.a-z])")
_DIGITS = re.compile(rf"(?<![\d.a-z])({_MONTH}{_DAY}|2[3-9]{_MONTH})(?![\d.a-z])")
_FOUR_DIGITS = re.compile(r"\d{4}")
"""What every date of the forms above holds, and most names do not."""
_NAMED = re.compile(rf"({'|'.join(_MONTHS)})[a-z]* (?:'(\d\d)|(20\d\d))")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedWords:
    """A name without its dates."""

    text: str
    dates: tuple[str, ...]
    remarks: tuple[str, ...]
    """Parts of the parentheses that are no dates."""


def take_dates(text: str, *, inside: tuple[str, ...]) -> DatedWords:
    """Take the dates out of a name in lower case and of the parts of its parentheses."""
    dates: list[str] = []
    if _FOUR_DIGITS.search(text):
        for form, order in (
            (_WHOLE, (1, 2, 3)),
            (_YEAR_MONTH, (1, 2)),
            (_MONTH_YEAR, (2, 1)),
            (_DIGITS, (1,)),
        ):
            dates.extend("-".join(found[group] for group in order) for found in form.finditer(text))
            text = form.sub(" ", text)
    remarks = []
    for part in inside:
        named = _NAMED.fullmatch(part)
        if named is None:
            remarks.append(part)
        else:
            year = named[3] or f"20{named[2]}"
            dates.append(f"{year}-{_MONTHS.index(named[1]) + 1:02}")
    return DatedWords(text=text, dates=tuple(sorted(set(dates))), remarks=tuple(remarks))
