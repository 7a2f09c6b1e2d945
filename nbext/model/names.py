"""Model names: the same model is called differently by endpoints, gateways and providers."""

from __future__ import annotations

import re
from functools import lru_cache

# Who serves it and where, in front of the name proper.
_PREFIX = re.compile(
    r"^(?:databricks-|system\.ai\.|(?:us|eu|apac|jp|au|ca|global|us-gov)\.|models/|publishers/[a-z]+/models/"
    r"|(?:anthropic|meta|amazon|mistral|cohere|openai|google|deepseek|qwen|ai21)[./]"
    r"|(?:azure|bedrock|vertex_ai|openrouter|databricks|meta-llama|mistralai|accounts/fireworks/models|x-ai)/)"
)
# When it was made, and which revision of the packaging, behind it.
_SUFFIX = re.compile(
    r"(?:-v\d+:\d+|(?<=\d{8})-v\d+|:\d+|:free|:extended|-latest|-preview|[-@](?:20\d{6}|20\d\d-\d\d-\d\d|\d{6}|\d{2}-\d{4}|0\d{3}|1\d{3}))$"
)
_FAMILY = re.compile(
    r"^(?:meta-)?(claude|gpt|chatgpt|o\d|llama|gemini|gemma|qwen|qwq|mi[sx]tral|ministral|codestral|deepseek|gte|bge"
    r"|grok|glm|kimi|phi|nova|command|titan|dbrx|text-embedding|jamba|minimax|nemotron|sonar)"
)

_WORDS = re.compile(r"[a-z]+|\d+")
# Words joined by "-" that a longer name of the same model may have: a version of the packaging, a date.
_REVISION = re.compile(r"0|(?:v-\d+(?:-\d+)*|(?:preview|exp)(?:-\d+)*|\d{3,}(?:-\d{2})*)(?:-(?:v|\d+))*")
_PACKAGING = re.compile(
    r"(?:instruct|chat|it|hf|base|maas|(?:fp|bf|int)-\d+|awq|gptq|\d+-[be])"
    r"(?:-(?:instruct|chat|it|hf|base|maas|fp|bf|int|awq|gptq|[be]|\d+))*"
)


@lru_cache(maxsize=1024)
def base_name(name: str) -> str:
    """Give the name proper, in lower case, without provider, region, date and revision.

    >>> base_name("us.anthropic.claude-3-7-sonnet-20250219-v1:0")
    'claude-3-7-sonnet'
    >>> base_name("databricks-meta-llama-3-3-70b-instruct")
    'meta-llama-3-3-70b-instruct'
    """
    name = name[:300].strip().lower()
    while (shorter := _PREFIX.sub("", name, count=1)) != name and shorter:
        name = shorter
    while (shorter := _SUFFIX.sub("", name, count=1)) != name and shorter:
        name = shorter
    return name


def family(name: str) -> str | None:
    """Give the model family a name begins with, such as ``claude``; None for a name of the user's own."""
    found = _FAMILY.match(base_name(name))
    if found is None:
        return None
    word = found.group(1)
    return "gpt" if word in ("chatgpt",) else word


@lru_cache(maxsize=1024)
def same_model(asked: str, served: str, *, strict: bool = True) -> bool | None:
    """Tell whether the model that answered is the one asked for; None when the names cannot tell.

    Parameters
    ----------
    strict : bool
        True compares models of one family too; False only tells different families apart, for
        gateways whose aliases we do not know.
    """
    mine, theirs = family(asked), family(served)
    if mine is None or theirs is None:
        return None
    if mine != theirs:
        return False
    if not strict:
        return None
    one, other = sorted(
        (_WORDS.findall(base_name(name).removeprefix("meta-")) for name in (asked, served)), key=len
    )
    if other[: len(one)] != one:
        return False
    more = "-".join(other[len(one) :])
    if not more or _REVISION.fullmatch(more):
        return True
    # A name may be short for a longer one: those words tell neither.
    return None if _PACKAGING.fullmatch(more) else False
