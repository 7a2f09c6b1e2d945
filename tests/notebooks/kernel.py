"""A real kernel that runs cells and tells what a notebook would show."""

from __future__ import annotations

import os
import re
import signal
import time
from dataclasses import dataclass, field
from queue import Empty
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import KernelManager

from nbext.display.pack import unpack

if TYPE_CHECKING:
    from pathlib import Path

MIME = "application/vnd.nbext.trace.v1+json"

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Output:
    """One output under a cell, as it stands in the end."""

    type: str
    data: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    updates: int = 0


@dataclass
class Ran:
    """What running a cell gave."""

    reply: dict[str, Any]
    outputs: list[Output]

    @property
    def stdout(self) -> str:
        return "".join(o.text for o in self.outputs if o.type == "stdout")

    @property
    def stderr(self) -> str:
        return "".join(o.text for o in self.outputs if o.type == "stderr")

    @property
    def result(self) -> str | None:
        """Text of the last expression."""
        return next((o.data["text/plain"] for o in self.outputs if o.type == "execute_result"), None)

    @property
    def error(self) -> str | None:
        return next((o.text for o in self.outputs if o.type == "error"), None)

    @property
    def views(self) -> list[Output]:
        """Outputs that are ours."""
        return [o for o in self.outputs if o.type == "display_data"]

    @property
    def trace(self) -> dict[str, Any]:
        """The data of the only view."""
        (view,) = self.views
        return trace_of(view)


def trace_of(output: Output) -> dict[str, Any]:
    """The trace that is stored in an output."""
    return unpack(output.data[MIME])


class Kernel:
    """A kernel in a folder of its own; use it with `with`."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        self.manager = KernelManager()
        self.manager.start_kernel(
            cwd=str(folder), env={**os.environ, "IPYTHONDIR": str(folder / "ipython"), **env}
        )
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        # A page keeps the outputs of all cells, and an update finds its output in any of them.
        self._by_id: dict[str, Output] = {}

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)

    @property
    def pid(self) -> int:
        pid: int = self.manager.provisioner.process.pid  # type: ignore[union-attr,attr-defined]
        return pid

    def run(self, code: str, *, seconds: float = 60, silent: bool = False) -> Ran:
        """Run a cell to its end."""
        return self.finish(self.begin(code, silent=silent), seconds=seconds)

    def begin(self, code: str, *, silent: bool = False) -> str:
        """Start a cell; give the id of its message."""
        message: str = self.client.execute(code, store_history=not silent, silent=silent, allow_stdin=False)
        return message

    def wait_for(self, text: str, seconds: float = 30) -> None:
        """Wait until the running cell has printed `text`."""
        seen = ""
        deadline = time.monotonic() + seconds
        while text not in seen:
            message = self.client.get_iopub_msg(timeout=max(0.01, deadline - time.monotonic()))
            if message["msg_type"] == "stream":
                seen += message["content"]["text"]

    def interrupt(self) -> None:
        """Press the stop button."""
        os.kill(self.pid, signal.SIGINT)

    def kill(self) -> None:
        """End the process without a word."""
        os.kill(self.pid, signal.SIGKILL)
        self.wait_for_end()

    def wait_for_end(self, seconds: float = 60) -> None:
        """Wait until the process is gone."""
        self.manager.provisioner.process.wait(timeout=seconds)  # type: ignore[union-attr,attr-defined]

    def finish(self, message_id: str, *, seconds: float = 60) -> Ran:
        """Wait for the end of a cell and collect what it showed."""
        outputs: list[Output] = []
        deadline = time.monotonic() + seconds
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.01, deadline - time.monotonic()))
            kind, content = message["msg_type"], message["content"]
            if kind == "update_display_data":
                self._update(content)
            if message["parent_header"].get("msg_id") != message_id:
                continue
            if kind == "status" and content["execution_state"] == "idle":
                break
            self._collect(outputs, kind, content)
        while True:
            reply = self.client.get_shell_msg(timeout=max(0.01, deadline - time.monotonic()))
            if reply["parent_header"].get("msg_id") == message_id:
                return Ran(reply["content"], outputs)

    def late(self, seconds: float) -> None:
        """Take in updates of outputs that come after a cell has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                message = self.client.get_iopub_msg(timeout=0.1)
            except Empty:
                continue
            if message["msg_type"] == "update_display_data":
                self._update(message["content"])

    def _update(self, content: dict[str, Any]) -> None:
        output = self._by_id.get(content["transient"]["display_id"])
        if output is not None:
            output.data = content["data"]
            output.updates += 1

    def _collect(self, outputs: list[Output], kind: str, content: dict[str, Any]) -> None:
        if kind == "stream":
            if outputs and outputs[-1].type == content["name"]:
                outputs[-1].text += content["text"]
            else:
                outputs.append(Output(content["name"], text=content["text"]))
        elif kind in ("display_data", "execute_result"):
            outputs.append(Output(kind, data=content["data"]))
            display_id = content.get("transient", {}).get("display_id")
            if display_id is not None:
                self._by_id[display_id] = outputs[-1]
        elif kind == "error":
            outputs.append(Output("error", text=plain("\n".join(content["traceback"]))))


def plain(text: str) -> str:
    """Take out colours."""
    return _ANSI.sub("", text)
