"""Shapes of keys and passwords, each with the literal text it cannot be without."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape of secret.

    `triggers` are literals, one of which is in every secret of the shape; looking for a literal is
    a hundred times cheaper than trying a pattern at every place. `pattern` has one group, which
    is the secret, or none, when all of the match is.
    """

    name: str
    triggers: tuple[str, ...]
    pattern: re.Pattern[str]


def _after(*literals: str, rest: str) -> str:
    """Pattern of a literal at the beginning of a word, then `rest`.

    The look-behind stands after the literal: in front, it would cost the fast search for it.
    """
    words = "|".join(f"{re.escape(text)}(?<![A-Za-z0-9]{re.escape(text)})" for text in literals)
    return f"(?:{words}){rest}"


def _key(name: str, literal: str, rest: str, *more: str) -> Shape:
    return Shape(name, (literal, *more), re.compile(_after(literal, *more, rest=rest)))


_WORD = "[A-Za-z0-9_-]"

# Shapes that hold a run of sixteen or more letters, digits, "_" and "-".
KEYS: tuple[Shape, ...] = (
    _key("Anthropic key", "sk-ant-", _WORD + "{16,}"),
    # Without a digit a hyphenated phrase looks the same; random keys nearly always have one.
    Shape(
        "API key",
        ("sk-",),
        re.compile(
            r"sk-(?<![A-Za-z0-9]sk-)(?:[A-Za-z0-9]{20,}|(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,})" + _WORD + "*"
        ),
    ),
    _key("Databricks token", "dapi", r"[A-Za-z0-9]{28,}(?:-\d+)?"),
    _key("Databricks secret", "dose", r"[0-9a-f]{32}", "dkea", "dsapi"),
    _key("GitHub token", "ghp_", "[A-Za-z0-9]{20,}", "gho_", "ghu_", "ghs_", "ghr_"),
    _key("GitHub token", "github_pat_", "[A-Za-z0-9_]{20,}"),
    _key("GitLab token", "glpat-", _WORD + "{16,}"),
    _key("AWS key id", "AKIA", "[A-Z0-9]{16}(?![A-Za-z0-9])", "ASIA", "ABIA", "ACCA"),
    _key("Google key", "AIza", _WORD + "{30,}"),
    _key("Google token", "ya29.", "[A-Za-z0-9_.-]{16,}"),
    _key("Google secret", "GOCSPX-", _WORD + "{16,}"),
    Shape(
        "Slack token",
        ("xox", "xapp-"),
        re.compile(r"(?:xox[a-z]|xapp)-(?<![A-Za-z0-9]....-)[A-Za-z0-9-]{10,}"),
    ),
    Shape(
        "Slack webhook",
        ("hooks.slack.com",),
        re.compile(r"hooks\.slack\.com/(?:services|workflows)/([A-Za-z0-9/_-]{20,})"),
    ),
    _key(
        "Stripe key",
        "sk_live_",
        "[A-Za-z0-9]{16,}",
        "sk_test_",
        "rk_live_",
        "rk_test_",
        "pk_live_",
        "pk_test_",
    ),
    _key("webhook secret", "whsec_", "[A-Za-z0-9+/=]{16,}"),
    _key("Hugging Face token", "hf_", "[A-Za-z0-9]{24,}"),
    _key("npm token", "npm_", "[A-Za-z0-9]{30,}"),
    _key("PyPI token", "pypi-", _WORD + "{32,}"),
    Shape(
        "JSON web token",
        ("eyJ",),
        re.compile(r"eyJ(?<![A-Za-z0-9]eyJ)[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"),
    ),
    _key("SendGrid key", "SG.", r"[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    _key("Groq key", "gsk_", "[A-Za-z0-9]{20,}"),
    _key("xAI key", "xai-", "[A-Za-z0-9]{20,}"),
    _key("Perplexity key", "pplx-", "[A-Za-z0-9]{20,}"),
    _key("LangSmith key", "lsv2_", "[A-Za-z0-9_]{20,}"),
    _key("Replicate token", "r8_", "[A-Za-z0-9]{30,}"),
    _key("Pinecone key", "pcsk_", "[A-Za-z0-9_]{20,}"),
    _key("Vault token", "hvs.", _WORD + "{20,}", "hvb."),
    _key("NVIDIA key", "nvapi-", _WORD + "{32,}"),
    _key("Atlassian token", "ATATT3", "[A-Za-z0-9_=-]{24,}"),
    _key("Linear key", "lin_api_", "[A-Za-z0-9]{32,}"),
    _key("Figma token", "figd_", _WORD + "{32,}"),
    _key("Notion token", "ntn_", "[A-Za-z0-9]{32,}"),
    _key("Supabase token", "sbp_", "[a-f0-9]{32,}"),
    _key("Together key", "tgp_v1_", _WORD + "{32,}"),
    _key("Sentry token", "sntrys_", "[A-Za-z0-9+/=_-]{32,}"),
    _key("Fireworks key", "fw_", "(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{22,}"),
    _key("Twilio key", "SK", "[0-9a-f]{32}(?![A-Za-z0-9])"),
    _key("Mailgun key", "key-", "[0-9a-f]{32}(?![A-Za-z0-9])"),
    _key("age key", "AGE-SECRET-KEY-1", "[A-Z0-9]{40,}"),
    Shape(
        "Telegram token",
        (":AA",),
        re.compile(r"(?<![0-9])[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])"),
    ),
    # An account's number of 17 to 19 digits in base64, a moment, a signature.
    _key(
        "Discord token",
        "MT",
        r"[A-Za-z0-9]{21,24}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}(?![A-Za-z0-9_-])",
        "Mj",
        "Mz",
        "ND",
        "NT",
        "Nj",
        "Nz",
        "OD",
        "OT",
    ),
    _key("DigitalOcean token", "dop_v1_", "[a-f0-9]{32,}", "doo_v1_", "dor_v1_"),
    _key("Shopify token", "shpat_", "[a-fA-F0-9]{32}", "shpss_", "shpca_"),
    Shape(
        "Azure client secret",
        ("Q~",),
        re.compile(r"(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
    ),
    Shape(
        "Azure account key",
        ("AccountKey=", "SharedAccessKey="),
        re.compile(r"(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/=]{20,})"),
    ),
    Shape("Azure signature", ("sig=",), re.compile(r"[?&;]sig=([A-Za-z0-9%+/=_-]{20,})")),
    Shape(
        "bearer token", ("earer ", "EARER "), re.compile(r"[Bb](?:earer|EARER) +([A-Za-z0-9._~+/=-]{16,})")
    ),
    Shape(
        "basic credentials",
        ("asic ",),
        re.compile(r"(?:[Aa]uthorization\W{1,4}|^)[Bb]asic +([A-Za-z0-9+/=]{12,})"),
    ),
    # An AWS secret has no shape but its length: beside a key id, a run of that length is taken for it.
    Shape(
        "AWS secret",
        ("AKIA", "ASIA", "redacted AWS key id"),
        re.compile(
            r"(?<![A-Za-z0-9/+=_.-])(?=[A-Za-z/+]*[0-9])(?=[0-9a-z/+]*[A-Z])([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=_-])"
        ),
    ),
)

# ``password=…``, ``"api_key": "…"``, ``--token …`` inside a text: words to look for, and what must
# stand in front of the broad ones.
ASSIGNED_WORDS: dict[str, re.Pattern[str] | None] = {
    "passw": None,
    "passphrase": None,
    "pwd": None,
    "secret": None,
    "key": re.compile(
        r"(?:api|access|private|account|auth|secret|shared|signing|encryption|subscription)[ _-]?\Z", re.I
    ),
    "token": re.compile(r"(?:\A|[^a-z]|[a-z_-](?<!max)(?<!max_))\Z", re.I),
}
# The rest of the name, then ``=`` or ``:``, then a quoted value or one that looks like no prose and no code.
ASSIGNED_VALUE = re.compile(
    r"""(?P<rest>[A-Za-z0-9_-]{0,24})\\{0,3}["']?\]?\s{0,3}(?:=>|:=|[:=])\s{0,3}"""
    r"""(?:\\{0,3}(?:"(?P<double>[^"\s\\]{4,})|'(?P<single>[^'\s\\]{4,}))(?=\\{0,3}["']|\Z)"""
    r"""|(?P<bare>[^\s"'`,;&<>(){}\[\]$\\]{4,200}))"""
)
# The rest of the name, then the verb of a sentence, then what it tells.
SAID_VALUE = re.compile(
    r"""[A-Za-z0-9_-]{0,24}["']?\s{1,3}(?:is|was)(?::|\s{1,2}now)?\s{1,3}["'`]?(?P<value>[^\s"'`<>(){}\[\]\\]{4,64})""",
    re.IGNORECASE,
)
# Words that stand where a value would, in schemas and examples.
PLACEHOLDERS = frozenset(
    {
        "string",
        "none",
        "null",
        "true",
        "false",
        "undefined",
        "required",
        "optional",
        "password",
        "secret",
        "text",
    }
)

PRIVATE_KEY = Shape(
    "private key",
    ("PRIVATE KEY",),
    # A block cut short by a token limit has no end line: all that follows is the key.
    re.compile(
        r"-----BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END)[\s\S])*"
        r"(?:-----END [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)?-----)?"
    ),
)

# In JSON inside a text, some write each slash with a backslash.
URL_PASSWORD = Shape(
    "password",
    ("://", ":\\"),
    re.compile(r":(?:\\{0,3}/){2}[^\s/:@\"'<>]{0,80}:([^\s/@\"'<>]{1,200})@"),
)

# Names of JSON keys, headers and query parameters whose value is a secret whatever its shape.
# Compared in lower case with "-" and "_" taken out.
SECRET_NAMES = frozenset(
    {
        "password", "passwd", "passphrase", "pwd", "secret", "secretkey", "clientsecret", "apikey", "xapikey",
        "apisecret", "accesskey", "secretaccesskey", "awssecretaccesskey", "awssessiontoken", "sessiontoken",
        "accesstoken", "refreshtoken", "idtoken", "authtoken", "bearertoken", "authorization",
        "proxyauthorization", "privatekey", "accountkey", "connectionstring", "openaiapikey",
        "anthropicapikey", "databrickstoken", "cookie", "setcookie", "subscriptionkey",
        "ocpapimsubscriptionkey", "xgoogapikey", "credentials",
    }
)  # fmt: skip

# Ends of names, as of ``db_password``.
SECRET_ENDINGS = ("password", "passwd", "passphrase", "clientsecret", "apikey", "accesstoken", "authtoken")

# Beside the literals of `KEYS`: what in a JSON document as text says that a name may hold a secret.
NAME_TRIGGERS = (
    'oken"', 'oken\\', "oken=", "oken:", "OKEN", "uthorization", "ookie", "redential", "onnection",
    "ubscription",
)  # fmt: skip
