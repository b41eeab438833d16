"""Starts `modelpool`: signals and streams are in order before anything else is imported."""

from __future__ import annotations

import sys
from typing import NoReturn

from pipeline.cli.signals import INTERRUPTED, WORDS, handle_signals, ignore_signals, received_signal


def main() -> NoReturn:
    """Run the command line; neither a signal nor an output that cannot be written ends in a traceback."""
    try:
        handle_signals()
        from pipeline.cli.streams import code_after_output, open_streams

        open_streams()
        from pipeline.cli.app import run_command

        code = run_command()
        ignore_signals()
        code = code_after_output(code)
    except KeyboardInterrupt:
        ignore_signals()
        code = received_signal() or INTERRUPTED
        sys.stderr.write(f"error: {WORDS[code]} before the command began, or after it ended\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
