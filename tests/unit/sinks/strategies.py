"""Any call a gateway could make us build."""

from __future__ import annotations

from hypothesis import strategies as st

from nbext.model.call import AttemptFacts, Call, Cost, GatewayFacts, Message, Part, Usage, Verdict
from nbext.model.span import Span

# Surrogates too: broken bytes of a gateway come out as them.
texts = st.text(max_size=12)
names = st.none() | texts
counts = st.none() | st.integers(0, 2**40)
moments = st.integers(0, 2**62)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
pairs = st.dictionaries(texts, texts, max_size=2)
parts = st.builds(
    Part,
    kind=texts,
    text=texts,
    id=names,
    name=names,
    mime_type=names,
    size=counts,
    url=names,
    is_error=st.booleans(),
    value=json_values,
)
messages = st.lists(st.builds(Message, role=texts, parts=st.lists(parts, max_size=2), name=names), max_size=2)
attempts = st.builds(
    AttemptFacts,
    number=st.integers(0, 9),
    start_ns=moments,
    headers_ns=st.none() | moments,
    end_ns=st.none() | moments,
    status_code=counts,
    error_type=names,
    error_message=names,
    request_id=names,
    retry_after=st.none() | st.floats(0, 100),
    outcome=names,
    response_headers=pairs,
    request_headers=pairs,
    request_bytes=st.integers(0, 9),
    response_bytes=st.integers(0, 9),
)
calls = st.builds(
    Call,
    call_id=st.uuids().map(lambda u: u.hex[:16]),
    trace_id=st.uuids().map(lambda u: u.hex),
    start_ns=moments,
    parent_span_id=names,
    capture_id=st.just("cafe" * 4),
    cell=counts,
    end_ns=st.none() | moments,
    status=st.sampled_from(["ok", "error", "blocked", "rate_limited", "interrupted", "running"]),
    status_code=counts,
    error_type=names,
    error_message=names,
    api=texts,
    url=texts,
    endpoint=names,
    model=names,
    served_model=names,
    stream=st.booleans(),
    first_token_ns=st.none() | moments,
    chunk_ns=st.lists(moments, max_size=3),
    request=json_values,
    response=json_values,
    response_text=names,
    messages=messages,
    answers=messages,
    tools=st.lists(json_values, max_size=2),
    params=st.dictionaries(texts, json_values, max_size=2),
    finish_reasons=st.lists(texts, max_size=2),
    usage=st.builds(
        Usage, input_tokens=counts, output_tokens=counts, cached_tokens=counts, estimated=st.booleans()
    ),
    cost=st.builds(Cost, usd=st.none() | st.floats(0, 10), basis=texts, source=names, partial=st.booleans()),
    facts=st.builds(
        GatewayFacts,
        route=texts,
        request_id=names,
        server_ms=st.none() | st.floats(0, 1e6),
        fallback=st.none() | st.booleans(),
        tags=pairs,
        limits=pairs,
    ),
    verdict=st.none()
    | st.builds(
        Verdict,
        kind=texts,
        title=texts,
        text=st.lists(texts, max_size=2),
        next=names,
        categories=st.lists(texts, max_size=2),
        masked=names,
        reason=names,
        hide_input=st.booleans(),
    ),
    attempts=st.lists(attempts, max_size=2),
    notes=st.lists(texts, max_size=2),
)
spans = st.builds(
    Span,
    id=st.uuids().map(lambda u: u.hex[:16]),
    trace_id=st.uuids().map(lambda u: u.hex),
    name=texts,
    type=texts,
    start_ns=moments,
    end_ns=st.none() | moments,
    parent_id=names,
    inputs=json_values,
    outputs=json_values,
    attributes=st.dictionaries(texts, json_values, max_size=2),
    events=st.lists(st.dictionaries(texts, json_values, max_size=2), max_size=1),
)
