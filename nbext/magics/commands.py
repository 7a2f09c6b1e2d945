"""The sub-commands of ``%gateway_trace``: a table, one row each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from ..kernel.session import Status, session
from ..results.captured import Capture, Captures, export
from .find import find
from .parse import Parser, one_of, seconds, store

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    import pandas as pd

    from ..results.comparison import Comparison
    from .cells import Cells

# What a user may call a frame, and the function of `nbext.api` behind it.
FRAMES = {
    "calls": "calls_df",
    "spans": "spans_df",
    "messages": "messages_df",
    "tools": "tool_calls_df",
    "attempts": "attempts_df",
}


@dataclass(frozen=True, slots=True)
class Command:
    """A sub-command: what it does, in a line; how its words are read; what runs."""

    name: str
    help: str
    run: Callable[[Cells, Namespace], Any]
    arguments: Callable[[Parser], object] = lambda _: None

    def parser(self) -> Parser:
        """Make the parser of its words."""
        parser = Parser(f"%gateway_trace {self.name}")
        self.arguments(parser)
        return parser


def _on(cells: Cells, _: Namespace) -> None:
    cells.switch(True)
    print("Tracing every cell from here on; %gateway_trace off ends it.")


def _off(cells: Cells, _: Namespace) -> None:
    cells.switch(False)
    print("Tracing is off; %%gateway_trace at the top of a cell traces that cell.")


def status(cells: Cells) -> None:
    """Print whether cells are traced, where traces go and what became of them."""
    now = session.status()
    facts = [
        "gateway trace " + ("on, every cell" if cells.always else "off, only cells with %%gateway_trace"),
        _where(now),
        f"captured {_count(now.captured, 'call')} in {_count(now.captures, 'capture')}",
        f"exported {now.exported}" + (f" to {now.to}" if now.to else ""),
        f"pending {now.pending}",
        f"failed {now.failed}" + (f" ({now.reason})" if now.reason else ""),
    ]
    print(" · ".join(facts))


def _where(now: Status) -> str:
    if now.journal == "off":
        return "journal off, in memory only"
    return f"journal {now.journal}" if now.problem is None else f"journal not written: {now.problem}"


def _df(_: Cells, args: Namespace) -> pd.DataFrame:
    from .. import api

    make: Callable[[Any], pd.DataFrame] = getattr(api, FRAMES[args.frame])
    return make(session.captures if args.all else Captures(_last("no frame to make")))


def _df_arguments(parser: Parser) -> None:
    known = list(FRAMES)
    parser.add_argument(
        "frame",
        nargs="?",
        default="calls",
        type=one_of(*known),
        metavar=f"[{'|'.join(known)}]",
        help="one row per …",
    )
    parser.add_argument("--all", action="store_true", help="of all captures in memory, not only the last")


def _show(_: Cells, args: Namespace) -> None:
    for capture in find(args.id) if args.id else _last("nothing to show"):
        capture.show()


def _show_arguments(parser: Parser) -> None:
    parser.add_argument(
        "id",
        nargs="*",
        metavar="ID",
        help="of a capture, a trace or a call, or its beginning; or the number of a cell",
    )


def _diff(_: Cells, args: Namespace) -> Comparison:
    from ..results.comparison import compare

    sides = [_one(word) for word in args.id]
    if len(sides) > 2:
        raise UsageError(f"%gateway_trace diff: expected two runs, A and B, got {len(sides)}")
    try:
        return compare(*sides)
    except LookupError as error:
        raise UsageError(f"%gateway_trace diff: {error}") from None


def _one(word: str) -> Capture:
    # A cell that ran twice is the later run of it; the earlier one has an id.
    return find([word], "diff")[-1]


def _diff_arguments(parser: Parser) -> None:
    parser.add_argument(
        "id",
        nargs="*",
        metavar="ID",
        help="A and B, as for show; left out: the last traced cell and the run of it before",
    )


def _export(_: Cells, args: Namespace) -> None:
    captures = session.captures if args.all else Captures(_last("nothing to export"))
    try:
        path = export(captures, args.path)
    except (ValueError, OSError) as error:
        raise UsageError(f"%gateway_trace export: {_reason(error)}") from None
    print(f"Wrote {_count(sum(map(len, captures)), 'call')} to {path}")


def _export_arguments(parser: Parser) -> None:
    parser.add_argument(
        "path", metavar="PATH", help="ends in .html (a page), .json or .jsonl (for nbext.open), .otlp.json"
    )
    parser.add_argument("--all", action="store_true", help="all captures in memory, not only the last")


def _push(_: Cells, args: Namespace) -> None:
    from ..kernel.exports import push

    print(push(args.to, experiment=args.experiment, timeout=args.timeout))


def _push_arguments(parser: Parser) -> None:
    parser.add_argument(
        "--to", metavar="URI", type=store, help="all captures in memory, to this MLflow tracking URI"
    )
    parser.add_argument("--experiment", metavar="E", help="name or path of the experiment there")
    parser.add_argument(
        "--timeout", metavar="S", type=seconds, default=600.0, help="come back after this many seconds"
    )


def _clear(_: Cells, __: Namespace) -> None:
    count = session.clear()
    journal = session.status().journal
    kept = "" if journal == "off" else f" The journal {journal} is kept."
    print(f"Forgot {_count(count, 'capture')}.{kept}")


COMMANDS = {
    command.name: command
    for command in (
        Command("on", "trace every cell from here on", _on),
        Command("off", "trace only cells that begin with %%gateway_trace", _off),
        Command("df", "give a DataFrame of the last capture", _df, _df_arguments),
        Command("show", "draw the last capture, or those named", _show, _show_arguments),
        Command("diff", "compare two runs", _diff, _diff_arguments),
        Command("export", "write the last capture to a file", _export, _export_arguments),
        Command(
            "push", "finish the export to MLflow, also what an earlier kernel left", _push, _push_arguments
        ),
        Command("clear", "forget the captures in memory, not the cell being run", _clear),
    )
}


def _last(why: str) -> list[Any]:
    last = session.last
    if last is None:
        raise UsageError(f"{why}: nothing was traced yet; put %%gateway_trace at the top of a cell")
    return [last]


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"cannot write {error.filename}: {error.strerror}"
    return " ".join(str(error).split())


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"
