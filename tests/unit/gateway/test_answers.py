import pytest

from nbext.gateway.answers.classify import classify, labels_in
from nbext.gateway.answers.prompt import Prompt, Turn
from nbext.gateway.answers.sums import solve
from nbext.gateway.answers.text import answer_text
from nbext.gateway.answers.tokens import chunks, count, cut, pieces
from nbext.gateway.privacy import mask


def answer(question, system=""):
    return answer_text(Prompt(turns=[Turn("system", system), Turn("user", question)]))


@pytest.mark.parametrize(
    "question, words",
    [
        ("hello", "Hello!"),
        ("Why is my Spark job slow?", "Spark"),
        ("How do I reset my password?", "Forgot password"),
        ("I was charged twice", "charge"),
        ("What is 17 * 23?", "391"),
        ("Capital of Peru in one word", "Lima."),
        ("Sentiment of: it arrived broken", "negative"),
        ("Give me three tips", "3. "),
        ("A haiku, please", "\n"),
        ("Tell me about zebras", "zebras"),
        ("Summarise: It failed. The memory of one executor ran out at two.", "In short: It failed."),
        ("", "this"),
    ],
)
def test_answers_respond_to_the_question(question, words):
    assert words in answer(question)


def test_briefness_is_asked_for_in_question_or_instructions():
    question = "What is a Delta table?"
    whole = answer(question)
    for brief in (answer(question + " Be brief."), answer(question, "Be brief.")):
        assert brief.count(".") == 1 < whole.count(".")


@pytest.mark.parametrize(
    "text, label",
    [
        ("I was charged twice", "billing"),
        ("The export crashes", "bug"),
        ("How do I add a user?", "how-to"),
        ("My invoice is wrong", "billing"),
        ("SSO is down", "bug"),
    ],
)
def test_labels(text, label):
    question = f"Classify ticket 7 as billing, bug or how-to: {text}"
    assert labels_in(question) == ["billing", "bug", "how-to"]
    assert classify(question, labels_in(question)) == label


@pytest.mark.parametrize(
    "text, expected",
    [
        ("1,200 + 3", "1200+3 = 1203"),
        ("2026-07-04", None),
        ("5 / 0", None),
        ("none", None),
        ("9999*9999", "99,980,001"),
    ],
)
def test_sums(text, expected):
    found = solve(text)
    assert found == expected or (expected and expected.split()[-1] in found)


@pytest.mark.parametrize(
    "text", ["", "one two  three", "Ünïcödé 日本語 🙂", "internationalization", "a\n\nb\t1234567"]
)
def test_pieces_join_to_the_text(text):
    assert "".join(pieces(text)) == "".join(chunks(text)) == text
    assert count(text) == len(pieces(text))


def test_long_texts_come_in_few_chunks():
    text = "word " * 50_000
    assert len(chunks(text)) <= 2001 and "".join(chunks(text)) == text
    assert cut("one two three", 2) == ("one two", True)


def test_masking():
    text = "mail a.b@c.org, card 4111 1111 1111 1111 was declined, call +49 30 1234567"
    assert mask(text) == "mail <EMAIL_ADDRESS>, card <CREDIT_CARD> was declined, call <PHONE_NUMBER>"
    assert mask("order 2041 of 12 items") == "order 2041 of 12 items"
