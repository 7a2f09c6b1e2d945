"""No secret of a known shape gets past the redactor, and nothing else is touched."""

from __future__ import annotations

import json
import random
import re
import string
from typing import TYPE_CHECKING, Any

import pytest

from nbext.model.assemble import call_of_attempts, call_of_bodies
from nbext.model.redact import DEFAULT, OFF, Redactor

from .building import attempt, plain

if TYPE_CHECKING:
    from nbext.model.call import Call

_random = random.Random(7)


def _chars(count: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    return "1a" + "".join(_random.choices(alphabet, k=count - 2))


HEX = "0123456789abcdef"
PEM = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    + "\n".join(_chars(64, string.ascii_letters + "+/") for _ in range(4))
    + "\n-----END RSA PRIVATE KEY-----"
)
# name → (text with the secret in it, the secret)
SECRETS: dict[str, tuple[str, str]] = {}


def _add(name: str, secret: str, text: str = "{}") -> None:
    SECRETS[name] = (text.replace("{}", secret), secret)


_add("openai", "sk-" + _chars(48))
_add("openai letters", "sk-" + "abcdefghijklmnopqrstuvwxyzABCDEF")
_add("openai project", "sk-proj-" + _chars(60) + "_" + _chars(20) + "-" + _chars(10))
_add("openai service", "sk-svcacct-" + _chars(60))
_add("anthropic", "sk-ant-api03-" + _chars(80) + "-" + _chars(10) + "AA")
_add("openrouter", "sk-or-v1-" + _chars(64, HEX))
_add("databricks", "dapi" + _chars(32, HEX))
_add("databricks suffix", "dapi" + _chars(32, HEX) + "-2")
_add("databricks oauth", "dose" + _chars(32, HEX))
_add("github", "ghp_" + _chars(36))
_add("github oauth", "gho_" + _chars(36))
_add("github fine", "github_pat_" + _chars(22) + "_" + _chars(59))
_add("gitlab", "glpat-" + _chars(20))
_add("aws id", "AKIAIOSFODNN7EXAMPLE")
_add("aws secret named", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = {}")
_add("aws secret beside id", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AKIAIOSFODNN7EXAMPLE {}")
_add("google", "AIza" + _chars(35))
_add("google oauth", "ya29." + _chars(60))
_add("slack bot", "xoxb-" + "123456789012-1234567890123-" + _chars(24))
_add("slack app", "xapp-1-A012-" + _chars(40))
_add("slack hook", "T0123ABCD/B0123ABCD/" + _chars(24), "https://hooks.slack.com/services/{}")
_add("stripe", "sk_live_" + _chars(24))
_add("stripe restricted", "rk_test_" + _chars(24))
_add("hugging face", "hf_" + _chars(34))
_add("npm", "npm_" + _chars(36))
_add("pypi", "pypi-AgEIcHlwaS5vcmc" + _chars(70))
_add("jwt", f"eyJ{_chars(20)}.eyJ{_chars(60)}.{_chars(43)}")
_add("bearer", _chars(40), "Authorization: Bearer {}")
_add("basic", "dXNlcjpwYXNzd29yZA==", "Authorization: Basic {}")
_add("azure account", _chars(86) + "==", "AccountName=x;AccountKey={};EndpointSuffix=core.windows.net")
_add("azure secret", _chars(3) + "8Q~" + _chars(34))
_add("azure sas", _chars(43) + "%3D", "https://x.blob.core.windows.net/c?sv=2022&sig={}")
_add("azure openai", _chars(32, HEX), '"api-key": "{}"')
_add("sendgrid", f"SG.{_chars(22)}.{_chars(43)}")
_add("groq", "gsk_" + _chars(52))
_add("langsmith", "lsv2_pt_" + _chars(32, HEX) + "_" + _chars(10, HEX))
_add("vault", "hvs." + _chars(90))
_add("shopify", "shpat_" + _chars(32, HEX))
_add("nvidia", "nvapi-" + _chars(64))
_add("atlassian", "ATATT3xFfGF0" + _chars(60) + "=" + "1AB2C3D4")
_add("linear", "lin_api_" + _chars(40))
_add("figma", "figd_" + _chars(40))
_add("notion", "ntn_" + _chars(46))
_add("supabase", "sbp_" + _chars(40, HEX))
_add("together", "tgp_v1_" + _chars(43))
_add("sentry", "sntrys_" + _chars(80) + "=_" + _chars(43))
_add("fireworks", "fw_" + _chars(24))
_add("twilio", "SK" + _chars(32, HEX))
_add("mailgun", "key-" + _chars(32, HEX))
_add("age", "AGE-SECRET-KEY-1" + "QPZ" + _chars(55, string.ascii_uppercase).upper())
_add("telegram", "1234567890:AA" + _chars(33))
_add("telegram url", "123456789:AA" + _chars(33), "https://api.telegram.org/bot{}/sendMessage")
_add("discord", "MTIzNDU2Nzg5MDEyMzQ1Njc4." + "GabcdE." + _chars(38))
_add("discord old", "NDU2Nzg5MDEyMzQ1Njc4OTAx." + "Gabc-E." + _chars(27))
_add("private key", PEM)
_add("openssh key", PEM.replace("RSA", "OPENSSH"))
_add("pgp key", PEM.replace("RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK"))
_add("torn private key", PEM[:200])
_add("url password", "hunter2secret", "postgres://admin:{}@db.example.com/x")
_add("password assigned", "hunter2!", "password={} host=x")
_add("password quoted", "swordfish", 'PASSWORD = "{}"')
_add("password in env", "swordfish", "export DB_PASSWORD={}")
_add("password in yaml", "s3cr3t-pw", "password: {}")
_add("client secret", _chars(30), "client_secret={}")
_add("json in a text", "correct-horse", '{"user": "x", "password": "{}"}'.replace("{}", "correct-horse"))
_add("json in json in a text", "correct-horse", r"{\"password\": \"{}\"}".replace("{}", "correct-horse"))
_add("password said", "hunter2", "My password is {}, please log me in.")
_add("password said and quoted", "s3cret!", "the password was '{}'")
_add("api key said", "abc-123", "use it: the api key is {}")
_add("token said", "abc123", "my token is {} ok")
_add("short token in json in a text", "abc123", '{"token": "{}"}'.replace("{}", "abc123"))
_add("token assigned", _chars(30), "auth_token: '{}'")


@pytest.mark.parametrize("name", SECRETS)
def test_text(name: str) -> None:
    text, secret = SECRETS[name]
    for whole in (text, f"My key is {text}\nand more", f"({text})", f'"{text}"'):
        clean = DEFAULT.text(whole)
        assert secret not in clean, clean
        assert "[redacted" in clean


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("where", ["prompt", "tool", "answer", "stream", "error", "text", "url", "key"])
def test_call_holds_no_secret(name: str, where: str) -> None:
    text, secret = SECRETS[name]
    call = _planted(text, where)
    held = json.dumps(plain(call), ensure_ascii=False) + repr(call)
    assert secret not in held
    assert json.dumps(secret)[1:-1] not in held


def _planted(text: str, where: str) -> Call:
    url, request, answer = (
        "https://host/v1/chat/completions",
        {"messages": [{"role": "user", "content": "x"}]},
        {},
    )
    message: dict[str, Any] = {"role": "assistant", "content": "y"}
    headers = {"content-type": "application/json"}
    answer = {
        "status": 200,
        "headers": headers,
        "body": {"choices": [{"message": message, "finish_reason": "stop"}]},
    }
    raised = None
    if where == "prompt":
        request["messages"][0]["content"] = text
    elif where == "tool":
        call = {
            "id": "c",
            "type": "function",
            "function": {"name": "f", "arguments": json.dumps({"q": text})},
        }
        message["tool_calls"] = [call]
        request["messages"].append({"role": "assistant", "content": None, "tool_calls": [call]})  # type: ignore[dict-item]
    elif where == "answer":
        message["content"] = [{"type": "text", "text": text}]
    elif where == "stream":
        half = len(text) // 2
        chunks = [
            {"choices": [{"index": 0, "delta": {"content": part}}]} for part in (text[:half], text[half:])
        ]
        answer = {
            "status": 200,
            "headers": {"content-type": "text/event-stream"},
            "events": [*chunks, "[DONE]"],
        }
    elif where == "error":
        answer = {
            "status": 400,
            "headers": headers,
            "body": {"error_code": "BAD_REQUEST", "message": f"no: {text}"},
        }
        raised = ("ValueError", f"bad {text}")
    elif where == "text":
        answer = {"status": 500, "headers": {"content-type": "text/plain"}, "text": f"oops {text}"}
    elif where == "url":
        url += "?q=" + text if "://" not in text else "?u=" + text
    elif where == "key":
        request["metadata"] = {text: 1}  # type: ignore[assignment]
    return call_of_attempts([attempt(url, request, answer, raised=raised)])


def test_bytes_of_the_attempt_are_untouched() -> None:
    made = attempt(request={"messages": [{"role": "user", "content": SECRETS["openai"][0]}]})
    before = made.request_body
    call_of_attempts([made])
    assert made.request_body == before
    assert SECRETS["openai"][1].encode() in before


def test_stored_values_are_not_changed_in_place() -> None:
    stored = {"messages": [{"role": "user", "content": SECRETS["github"][0]}]}
    call = call_of_bodies(call_id="c", trace_id="t", start_ns=0, end_ns=1, request=stored, response=None)
    assert stored["messages"][0]["content"] == SECRETS["github"][0]
    assert SECRETS["github"][1] not in call.prompt


PLAIN = [
    "The quick brown fox risked a task-oriented, disk-based, ask-me-anything session.",
    "sk-learn is a library; see sk-learn-contrib for more.",
    "The password is something you should never share. Passwords: keep them secret.",
    "secret: none of us knows the key to success",
    "The password is 8 characters long, the token is new. Your password was changed.",
    '{"token": "Hello12", "logprob": -0.5, "bytes": null}',
    '{"token": "Paris"}',
    "max_tokens=4096, token: 5, tokens: 12345678901234567890",
    "key: value, key=value, monkey=banana42",
    "def connect(password=password, api_key=None, token=os.environ['TOKEN']): ...",
    'api_key = os.environ["OPENAI_API_KEY"]',
    "client = OpenAI(api_key=settings.openai_api_key)",
    "https://user@example.com/a?b=c and https://example.com:8080/x@y",
    "mail me at a@b.com, or see http://example.com/",
    "58db0e4d-1c7f-4d0a-9b55-0f6f2f0f3a11 chatcmpl_2c653de2-afd4-4075-bc8d-8200562a191b",
    "msg_bdrk_01AbCdEfGhIjKlMnOpQrStUv toolu_01AbCdEfGhIjKlMnOpQrStUv call_87aed80ef856468f9523",
    "AKIA is a prefix. BEGIN PRIVATE matters. eyJ is how they begin. Bearer of news, basic economics",
    "a" * 100 + " 0x" + "f" * 40 + " " + "deadbeef" * 5,
    '{"type": "object", "properties": {"password": {"type": "string"}, "token": {"type": "string"}}}',
    '{"password": "string", "api_key": "<your key>"}',
    "fw_configuration_of_the_network fw_abcdefghijklmnopqrstuvwxyz sbp_" + "x" * 40 + " ntn_" + "a_" * 20,
    "SKU12345678901234567890123456789012 TASK-key-card-0123456789 monkey-" + "0a" * 16 + " ASK" + "0a" * 16,
    "At 12345678:AA and 2026-10-14T12:00:00:AAAA; GMT.abcdef.MTA; AGE-SECRET-KEY-1 is how they begin",
    "us.anthropic.claude-3-7-sonnet-20250219-v1:0 databricks-meta-llama-3-3-70b-instruct",
]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_stays(text: str) -> None:
    assert DEFAULT.text(text) == text


def test_values_under_secret_names() -> None:
    given = {
        "password": "swordfish",
        "headers": {"X-API-Key": "abc", "Authorization": "xyz"},
        "token": "Paris",
        "tools": [{"password": {"type": "string"}}],
        "nested": [{"client_secret": "q"}],
        "api_key": "",
        "logprobs": [{"token": " a", "logprob": -0.5}, {"token": "x2024ab", "logprob": -0.5}],
        "auth": {"token": "abc123", "db_password": "x", "pwd": 1234, "has_password": True},
        "usage": {"max_tokens": 12, "token": 5, "tokens": [1, 2], "total_tokens": 17},
    }
    clean = DEFAULT.json(given)
    assert clean["password"] == "[redacted]"
    assert clean["headers"] == {"X-API-Key": "[redacted]", "Authorization": "[redacted]"}
    assert clean["nested"] == [{"client_secret": "[redacted]"}]
    assert clean["token"] == "Paris"
    assert clean["tools"] is given["tools"]
    assert clean["logprobs"] is given["logprobs"]
    masked = dict.fromkeys(("token", "db_password", "pwd"), "[redacted]")
    assert clean["auth"] == {**masked, "has_password": True}
    assert clean["usage"] is given["usage"]
    assert given["password"] == "swordfish"


def test_all_that_stands_under_a_secret_name() -> None:
    given = {
        "password": ["pw1", "pw2"],
        "credentials": {"value": "pw3", "more": [{"x": "pw4"}], "port": 5432, "empty": ""},
        "db": {"passwd": "correct horse battery", "pwd": [1234]},
    }
    assert DEFAULT.json(given) == {
        "password": ["[redacted]", "[redacted]"],
        "credentials": {"value": "[redacted]", "more": [{"x": "[redacted]"}], "port": 5432, "empty": ""},
        "db": {"passwd": "[redacted]", "pwd": ["[redacted]"]},
    }
    call = call_of_attempts([attempt(request={"messages": [], "x": given})])
    assert call.request["x"] == DEFAULT.json(given)


@pytest.mark.parametrize(
    "value",
    [
        {"type": "string", "minLength": 8},
        {"description": "what to log in with"},
        {"anyOf": [{"type": "string"}, {"type": "null"}], "default": "x"},
        "is too short (minimum is 8 characters)",
        "The user's password",
        "must not be empty",
        ["can't be blank", "is required"],
        {"ok": True, "left": None},
    ],
)
def test_what_only_speaks_of_a_secret_stays(value: Any) -> None:
    given = {"password": value}
    assert DEFAULT.json(given) is given


def test_a_key_under_a_secret_name_in_a_description() -> None:
    key = SECRETS["openai"][1]
    given = {"password": {"type": "string", "default": key}}
    assert DEFAULT.json(given) == {"password": {"type": "string", "default": "[redacted API key]"}}


def test_short_password_in_a_request_body_is_found() -> None:
    request = {"messages": [], "extra": {"db": {"password": "pw1"}, "authorization": "Bearer " + "x1" * 10}}
    call = call_of_attempts([attempt(request=request)])
    assert call.request["extra"] == {"db": {"password": "[redacted]"}, "authorization": "[redacted]"}


def test_url_and_headers() -> None:
    assert (
        DEFAULT.url("https://h/x?key=abc&api-version=1&sig=q")
        == "https://h/x?key=[redacted]&api-version=1&sig=q"
    )
    assert DEFAULT.url("https://me:pass1234@h/x") == "https://me:[redacted password]@h/x"
    headers = DEFAULT.headers({"authorization": "Bearer abc", "x-note": SECRETS["jwt"][0], "date": "today"})
    assert headers == {"authorization": "[redacted]", "x-note": "[redacted JSON web token]", "date": "today"}


def test_off_extra_and_hook() -> None:
    key = SECRETS["openai"][0]
    assert OFF.text(key) == key
    assert OFF.json({"password": "x"}) == {"password": "x"}
    mine = Redactor(extra=[r"CASE-\d+", re.compile("customer=(\\w+)")])
    assert mine.text("CASE-42 of customer=Norden") == "[redacted] of customer=[redacted]"
    assert mine.json({"a": ["CASE-1"]}) == {"a": ["[redacted]"]}
    assert Redactor(hook=str.upper).json(["a", {"b": "c"}]) == ["A", {"b": "C"}]
    call = call_of_attempts(
        [attempt(request={"messages": [{"role": "user", "content": "CASE-7"}]})], redactor=mine
    )
    assert call.prompt == "[redacted]"


def test_hook_that_fails_withholds_the_text() -> None:
    def hook(text: str) -> str:
        raise RuntimeError(text)

    assert Redactor(hook=hook).text("something") == "[redacted: the redaction hook failed on this text]"


def test_bad_pattern_is_refused_in_one_line() -> None:
    with pytest.raises(ValueError, match=r"redaction pattern '\(' is no regular expression: "):
        Redactor(extra=["("])


def test_images_are_passed_over_and_keys_beside_them_found() -> None:
    blob = "data:image/png;base64," + "sk-" + _chars(5000)
    given = {"a": blob, "b": SECRETS["openai"][0], "c": [0.1] * 5000, "d": [0.5, SECRETS["openai"][0]]}
    clean = DEFAULT.json(given)
    assert clean["a"] is blob
    assert clean["b"] == "[redacted API key]"
    assert clean["c"] is given["c"]
    assert clean["d"][1] == "[redacted API key]"


@pytest.mark.parametrize(
    "text",
    [
        "data: see my config key {} " + "x " * 1200,
        "data:\nuser=bob\npassword={}\n" + "x " * 1200,
        "data:text/plain," + "x" * 2000 + " {}",
        "data:text/plain;password={};base64," + "x" * 2000,
        "data:text/plain;base64," + "x" * 2000 + "\n{}",
        "a" * 2100 + "_{}",
        "-" * 2100 + "{}",
        "{}" + "-" * 2100,
    ],
)
def test_a_long_text_that_only_looks_like_a_file_is_looked_through(text: str) -> None:
    for name in ("anthropic", "openai", "databricks"):
        secret = SECRETS[name][1]
        assert secret not in str(DEFAULT.json({"a": text.format(secret)}))


def test_a_key_in_a_run_of_base64_letters() -> None:
    for name in ("databricks", "aws id", "google"):
        secret = SECRETS[name][1]
        assert secret not in DEFAULT.json(["A" * 2100 + "/" + secret + "/" + "A" * 2100])[0]
        assert secret not in DEFAULT.json([secret + "/" + "A" * 2100])[0]


def test_files_in_base64_are_passed_over() -> None:
    """Given back as the same object, whatever is in them."""
    for head in ("data:audio/wav;codecs=1;base64,", "data:;base64,", "iVBORw0KGgo", "/9j/", ""):
        blob = head + _chars(3000, string.ascii_letters + string.digits + "+/") + "=="
        assert DEFAULT.json({"a": blob})["a"] is blob


def _spelt_out(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


@pytest.mark.parametrize("where", ["request", "answer", "stored"])
def test_letters_that_are_spelt_out_hide_nothing(where: str) -> None:
    """Some writers of JSON put a backslash before a slash, or write letters by their number."""
    key = SECRETS["anthropic"][1]
    said = r"postgresql:\/\/bob:S3cretPwEsc@db " + _spelt_out(key) + r" password\u003dHunter2xyz"
    request = f'{{"messages": [{{"role": "user", "content": "{said}"}}]}}'
    answer = f'{{"choices": [{{"message": {{"role": "assistant", "content": "{said}"}}}}]}}'
    if where == "stored":
        call = call_of_bodies(
            call_id="c",
            trace_id="t",
            start_ns=0,
            end_ns=1,
            request=request,
            response=answer,
        )
    else:
        made = attempt(request={}, answer={"status": 200, "headers": {}, "body": {}})
        if where == "request":
            made.request_body = request.encode()
        else:
            made.pieces = [answer.encode()]
        call = call_of_attempts([made])
    held = json.dumps(plain(call)) + repr(call)
    assert "postgresql" in held
    assert not [secret for secret in ("S3cretPwEsc", key, "Hunter2xyz") if secret in held]


def test_a_slash_with_a_backslash_in_json_inside_a_text() -> None:
    given = r'{"url": "postgresql:\/\/bob:S3cretPwEsc@db"}'
    assert DEFAULT.text(given) == r'{"url": "postgresql:\/\/bob:[redacted password]@db"}'


def test_short_values_under_secret_names_in_a_short_body() -> None:
    for name in ("credentials", "Cookie", "authorization", "connection_string"):
        call = call_of_attempts([attempt(request={"messages": [], "x": {name: "pw1"}})])
        assert call.request["x"] == {name: "[redacted]"}


def test_letters_that_change_their_number_in_lower_case() -> None:
    assert DEFAULT.text("İİİİ password=hunter2 İ") == "İİİİ password=[redacted] İ"
