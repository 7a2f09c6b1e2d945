import json
import subprocess
import sys

import pytest

import nbext.gateway

from .conftest import FAST, HTTP, user

deltalake = pytest.importorskip("deltalake")


def rows_of(path):
    return deltalake.DeltaTable(str(path)).to_pyarrow_table().to_pylist()


def chat(url, model="demo-chat", **body):
    HTTP.post(url + "/chat/completions", json={"model": model, "messages": user("hello"), **body}, timeout=20)


def test_table_gets_route_a_rows(tmp_path):
    path = tmp_path / "folder" / "demo_payload"
    for _ in range(2):
        with nbext.gateway.serve(speed=FAST, table=path) as gw:
            chat(gw.base_url, client_request_id="mine")
            chat(gw.base_url, "demo-huge")
            chat(gw.unity_url)
            expected = gw.rows
            assert gw.tables == {"payload": path}
    found = rows_of(path)
    assert len(found) == 4
    written = {row["databricks_request_id"] for row in found}
    assert len(written) == 4 and written >= {row["databricks_request_id"] for row in expected}
    fields = {f.name: str(f.type) for f in deltalake.DeltaTable(str(path)).to_pyarrow_table().schema}
    assert fields["request_date"] == "date32[day]" and fields["request_time"].startswith("timestamp[us")
    assert fields["status_code"] == "int32" and fields["execution_duration_ms"] == "int64"
    assert {row["client_request_id"] for row in found} == {"mine", None}
    codes = [row["logging_error_codes"] for row in found]
    assert codes.count(["MAX_RESPONSE_SIZE_EXCEEDED"]) == 2


def test_all_tables(tmp_path):
    with nbext.gateway.serve(speed=FAST, tables=tmp_path) as gw:
        chat(gw.base_url)
        chat(gw.base_url, "databricks-new-thing")
        chat(gw.unity_url, "demo-fallback")
        chat(gw.unity_url, "demo-budget")
        gw.deliver()
        expected = {name: getattr(gw, attribute) for name, attribute in (
            ("payload", "rows"), ("unity_payload", "unity_rows"), ("endpoint_usage", "endpoint_usage"),
            ("gateway_usage", "gateway_usage"), ("served_entities", "served_entities"),
        )}  # fmt: skip
        for name, rows in expected.items():
            found = rows_of(gw.tables[name])
            assert len(found) == len(rows) > 0, name
            assert list(found[0]) == list(rows[0]), name
        usage = {row["request_id"]: row for row in rows_of(gw.tables["gateway_usage"])}
        for row in expected["gateway_usage"]:
            found = usage[row["request_id"]]
            assert found["routing_information"] == row["routing_information"]
            assert dict(found["request_tags"]) == row["request_tags"]
        names = {row["endpoint_name"] for row in rows_of(gw.tables["served_entities"])}
        assert "databricks-new-thing" in names


def test_only_delivered_rows_are_written(tmp_path):
    with nbext.gateway.serve(speed=FAST, tables=tmp_path, delay_s=3600, usage_delay_s=0) as gw:
        chat(gw.base_url)
        gw._log._writer.flush()
        assert not (tmp_path / "payload").exists()
        assert len(rows_of(tmp_path / "endpoint_usage")) == 1
    # What is still under way when the stand-in stops is delivered then.
    assert len(rows_of(tmp_path / "payload")) == 1
    assert json.loads(rows_of(tmp_path / "payload")[0]["request"])["model"] == "demo-chat"


def test_an_unwritable_table_says_so_and_keeps_the_rows(tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("in the way")
    gw = nbext.gateway.serve(speed=FAST, table=blocker / "payload")
    chat(gw.base_url)
    with pytest.raises(OSError, match=r"could not write .*payload"):
        gw.deliver()
    assert len(gw.rows) == 1
    blocker.unlink()
    gw.close()
    assert len(rows_of(blocker / "payload")) == 1


def test_rows_are_written_though_nobody_closes(tmp_path):
    code = f"""
import httpx, nbext.gateway
gw = nbext.gateway.serve(speed=float("inf"), table={str(tmp_path / "t")!r}, delay_s=3600)
httpx.post(gw.base_url + "/chat/completions", json={{"model": "demo-chat", "messages": []}})
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert len(rows_of(tmp_path / "t")) == 1
