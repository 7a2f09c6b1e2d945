"""``python -m nbext``: the demo and the stand-in gateway."""

from __future__ import annotations

import difflib
import importlib
import sys

# Each has a `main(argv)` that gives the exit code.
COMMANDS = {
    "demo": ("nbext.demo", "trace a notebook against the stand-in gateway and show the result"),
    "gateway": ("nbext.gateway.cli", "run the stand-in gateway on 127.0.0.1"),
}


def usage() -> str:
    """Give the text of ``--help``."""
    lines = ["usage: python -m nbext COMMAND [--help]", ""]
    lines += [f"  {name:10}{text}" for name, (_, text) in COMMANDS.items()]
    lines += ["  --version say which version this is"]
    return "\n".join(lines)


def main(argv: list[str]) -> int:
    """Run a command; 2 when there is no such command."""
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(usage())
        return 0 if argv else 2
    name, *rest = argv
    if name == "--version":
        from . import __version__

        print(f"nbext {__version__}")
        return 0
    if name not in COMMANDS:
        close = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(COMMANDS)}"
        print(f"nbext: no command {name!r}; {hint}", file=sys.stderr)
        return 2
    code = importlib.import_module(COMMANDS[name][0]).main(rest)
    return int(code or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
