"""The magic itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from .commands import COMMANDS, status
from .parse import Parser, asks_for_help, pair, split, store, suggest

if TYPE_CHECKING:
    from .cells import Cells

# What the rewritten first line of a traced cell begins with.
CELL = "--cell"


def cell_parser() -> Parser:
    """Make the parser of the options of a traced cell."""
    parser = Parser("%%gateway_trace")
    parser.add_argument("--name", metavar="N", help="name of the capture")
    parser.add_argument(
        "--to",
        metavar="URI",
        type=store,
        help="MLflow tracking URI to store the traces at; `mlflow`: where that points at; `off`: nowhere",
    )
    parser.add_argument("--experiment", metavar="E", help="name or path of the experiment there")
    parser.add_argument(
        "--tag",
        action="append",
        default=[],
        type=pair,
        metavar="k=v",
        help="sent along with every call to a Databricks gateway; repeatable",
    )
    parser.add_argument(
        "--judge",
        action="append",
        default=[],
        metavar="NAME",
        help="when the cell has ended, judge what it got: a scorer of MLflow (Safety, RelevanceToQuery, …) "
        "or a variable that holds one; repeatable",
    )
    parser.add_argument(
        "--request-id",
        action="store_true",
        help="send a client_request_id of our own along to a Databricks gateway",
    )
    parser.add_argument("--no-live", action="store_true", help="draw the view when the cell has ended")
    parser.add_argument("--quiet", action="store_true", help="record, show nothing")
    return parser


def manual() -> str:
    """Give the text of ``%gateway_trace?``."""
    lines = [
        "See what the model calls of a cell did, right under the cell.",
        "",
        cell_parser().manual(),
        "",
        "%gateway_trace",
        "    say whether cells are traced, where traces go and what became of them",
    ]
    for command in COMMANDS.values():
        usage, *arguments = command.parser().manual().splitlines()
        lines += ["", usage, f"    {command.help}", *arguments]
    lines += ["", "Options for all cells: %config GatewayTrace"]
    return "\n".join(lines)


@magics_class
class GatewayTraceMagics(Magics):
    """``%gateway_trace`` and ``%%gateway_trace``.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
    cells : Cells
    """

    def __init__(self, shell: Any, cells: Cells) -> None:
        super().__init__(shell)
        self.cells = cells

    def gateway_trace(self, line: str, cell: str | None = None) -> Any:
        """Run a command, or trace the cell."""
        if cell is not None:
            # Only reached when the cell was not rewritten: called by hand.
            ran = self.shell.run_cell(f"%%gateway_trace {line}\n{cell}")
            ran.raise_error()
            return None
        words = split(line)
        if not words:
            return status(self.cells)
        if words[0] == CELL:
            return self._cell(words[1:])
        return self._command(words)

    gateway_trace.__doc__ = manual()
    gateway_trace = line_cell_magic(gateway_trace)

    def _cell(self, words: list[str]) -> None:
        if asks_for_help(words):
            print(cell_parser().manual())
            return
        args = cell_parser().read(words)
        self.cells.trace(
            name=args.name,
            tags=dict(args.tag),
            request_id=args.request_id,
            live=False if args.no_live else None,
            quiet=args.quiet,
            to=args.to,
            experiment=args.experiment,
            judges=args.judge,
        )

    def _command(self, words: list[str]) -> Any:
        command = COMMANDS.get(words[0])
        if command is not None and asks_for_help(words):
            print(f"{command.parser().manual()}\n    {command.help}")
            return None
        if command is not None:
            return command.run(self.cells, command.parser().read(words[1:]))
        if asks_for_help(words[:1]):
            print(manual())
            return None
        if words[0].startswith("-"):
            raise UsageError(f"%gateway_trace: {_misplaced(words[0].partition('=')[0])}")
        raise UsageError(f"%gateway_trace: no sub-command {words[0]!r}; {suggest(words[0], COMMANDS)}")


def _misplaced(option: str) -> str:
    """Say what became of an option that came without a sub-command."""
    known = cell_parser().options
    if option in known:
        return f"{option!r} goes with %%gateway_trace at the top of a cell"
    return f"{option!r} is no option of %%gateway_trace at the top of a cell; {suggest(option, known)}"
