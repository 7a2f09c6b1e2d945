import asyncio
import socket
import subprocess
import sys

import httpx
import pytest
from openai import AsyncOpenAI

import nbext.gateway
from nbext.gateway.cli import banner, main, parser

from .conftest import FAST, HTTP, user

CHAT = {"model": "demo-chat", "messages": user("hello")}


def test_addresses_are_loopback_only(gw):
    assert gw.host == f"http://127.0.0.1:{gw.port}"
    assert gw.base_url == gw.host + "/serving-endpoints"
    assert gw.unity_url == gw.host + "/ai-gateway/mlflow/v1"
    address = gw._socket.getsockname()
    assert address[0] == "127.0.0.1"


def test_close_frees_the_port():
    gateway = nbext.gateway.serve(speed=FAST)
    port = gateway.port
    with pytest.raises(OSError, match=f"port {port} is in use"):
        nbext.gateway.serve(port)
    gateway.close()
    with nbext.gateway.serve(port, speed=FAST) as again:
        assert HTTP.post(again.base_url + "/chat/completions", json=CHAT).status_code == 200
    with pytest.raises(httpx.ConnectError):
        HTTP.get(again.host)


def test_close_does_not_wait_for_slow_streams():
    gateway = nbext.gateway.serve()
    body = {**CHAT, "model": "demo-slow", "stream": True}
    with HTTP.stream("POST", gateway.base_url + "/chat/completions", json=body):
        gateway.close()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", gateway.port)) != 0


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"sped": 2}, "did you mean speed"),
        ({"zzz": 2}, "known: speed"),
        ({"options": nbext.gateway.Options(), "speed": 2}, "not both"),
    ],
)
def test_misspelt_settings(settings, message):
    with pytest.raises(TypeError, match=message):
        nbext.gateway.serve(**settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"speed": 0},
        {"speed": float("nan")},
        {"sampling_fraction": 2},
        {"duplicate_fraction": -1},
        {"stream_form": "x"},
    ],
)
def test_wrong_values(settings):
    (name,) = settings
    with pytest.raises(ValueError, match=name):
        nbext.gateway.serve(**settings)


def test_many_async_calls_at_once_all_answered_and_logged():
    with nbext.gateway.serve(speed=FAST) as gw:

        async def ask(client, number):
            stream = await client.chat.completions.create(
                model="demo-chat", messages=user(f"Capital of Peru? {number}"), stream=True
            )
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

        async def run():
            async with AsyncOpenAI(base_url=gw.base_url, api_key="k", max_retries=0) as client:
                return await asyncio.gather(*(ask(client, number) for number in range(200)))

        assert set(asyncio.run(run())) == {"The capital of Peru is Lima."}
        assert len(gw.exchanges) == len(gw.rows) == 200
        assert len({row["databricks_request_id"] for row in gw.rows}) == 200


def test_a_believable_pace_is_slower_than_no_waiting():
    with nbext.gateway.serve(speed=20) as gw:
        HTTP.post(gw.base_url + "/chat/completions", json={**CHAT, "model": "demo-slow", "stream": True})
        (exchange,) = gw.exchanges
        planned = sum(piece.wait_s for piece in exchange.answer.pieces) / 20
        assert exchange.ended_ns - exchange.received_ns >= planned * 1e9
        assert exchange.first_byte_ns - exchange.received_ns >= 0.05e9


def test_memory_is_bounded():
    with nbext.gateway.serve(speed=FAST, keep=5) as gw:
        for _ in range(9):
            HTTP.post(gw.base_url + "/chat/completions", json=CHAT)
        assert len(gw.exchanges) == 5 and len(gw.rows) + len(gw.endpoint_usage) <= 15


def test_importing_the_package_does_not_import_the_web_server():
    heavy = ("starlette", "uvicorn", "deltalake", "pyarrow", "pandas")
    code = f"import sys, nbext.gateway; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


@pytest.mark.parametrize("port", [99999, -1, "8765"])
def test_a_port_that_cannot_be(port):
    with pytest.raises(ValueError) as caught:
        nbext.gateway.serve(port)
    assert str(caught.value) == f"port={port!r}: give a number from 0 to 65535; 0 takes a free one"


@pytest.mark.parametrize(
    ("option", "given", "way"),
    [
        ("delay_s", "1h", "give seconds, from 0"),
        ("delay_s", None, "give seconds, from 0"),
        ("retry_after_s", -1, "give seconds, from 0"),
        ("usage_delay_s", float("nan"), "give seconds, from 0"),
        ("max_payload_bytes", "1MB", "give a whole number, from 0"),
        ("refusals", 1.5, "give a whole number, from 0"),
        ("huge_bytes", -5, "give a whole number, from 0"),
        ("keep", True, "give a whole number, from 0"),
        ("sampling_fraction", "0.5", "give a share from 0 to 1"),
        ("speed", "fast", "give a number over 0"),
    ],
)
def test_an_option_that_cannot_be(option, given, way):
    with pytest.raises(ValueError, match=f"^{option}={given!r}: {way}"):
        nbext.gateway.serve(**{option: given})


def test_command_line(capsys, gw):
    assert main(["--speed", "0"]) == 2
    assert "speed=0.0: give a number over 0" in capsys.readouterr().err
    assert main(["--port", str(gw.port)]) == 2
    assert "is in use" in capsys.readouterr().err
    assert main(["--port", "99999"]) == 2
    assert "port=99999: give a number from 0 to 65535" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--nonsense"])
    assert "stand-in" in parser().format_help().lower()
    assert gw.base_url in banner(gw) and "no model answers" in banner(gw)


def test_command_runs_until_interrupted(tmp_path):
    import signal

    command = [sys.executable, "-m", "nbext", "gateway", "--port", "0", "--speed", "inf"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    host = process.stdout.readline().split()[3].rstrip(":")
    assert HTTP.post(f"{host}/serving-endpoints/chat/completions", json=CHAT).status_code == 200
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "stopped after 1 requests" in rest
