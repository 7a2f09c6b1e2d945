"""What is left of URLs in the words of an exception."""

from __future__ import annotations

import pytest

from nbext.model.query_values import without_query_values


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            "failed with url: /v1/chat?key=abc&x=1 (Caused by X('<u>: y'))",
            "/v1/chat?key=&x= (Caused by X('<u>: y'))",
        ),
        ("Invalid URL '/v1?key=ab'cd&code=e.f,g': No scheme", "'/v1?key=&code=': No scheme"),
        ("'401' for url 'https://h/x?key=abc=='\nFor more", "'https://h/x?key='\nFor more"),
        ("(see http://h/?a=b#frag=c).", "(see http://h/?a=)."),
        ("?x=1?y=2", "?x="),
        ('{"u":"http://h?k=v"}', '{"u":"http://h?k="}'),
        ("http://h/?a%5B0%5D=1&b[]=2", "http://h/?a%5B0%5D=&b[]="),
    ],
)
def test_names_stay_and_values_go(said: str, kept: str) -> None:
    assert without_query_values(said).endswith(kept)


@pytest.mark.parametrize("said", ["what? no=1", "why?", "a=b&c=d", "really? yes", "is a?b:c"])
def test_other_text_stays(said: str) -> None:
    assert without_query_values(said) == said
