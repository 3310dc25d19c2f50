"""Dispatch of the command line; each command imports only what it needs."""

import gc
import signal
import sys

from app.commands.arguments import parse_arguments
from app.commands.exit_codes import INTERRUPTED, CommandError


def run(arguments: list[str]) -> int:
    """Run a command and return its exit code; an error is one line on standard error."""
    options = parse_arguments(arguments)
    if options.command in (None, "serve"):
        from app.commands.import_libraries import import_libraries

        import_libraries()
        from app.commands.serve import run_service

        run_service()  # does not return
    gc.enable()  # the service does so once it is ready
    if options.command == "layout":
        from app.commands.layout import propose  # needs the extra `sheets`

        return propose(options.picture)
    if options.command == "db":
        from app.commands.database import maintain

        return maintain(options)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if options.command == "models":
            from app.commands.models import list_models

            return list_models(options.url, as_json=options.json)
        from app.commands.predict.command import predict

        return predict(options)
    except CommandError as error:
        sys.stderr.write(f"digitserve: {error}\n")
        return error.code
    except KeyboardInterrupt:
        sys.stderr.write("digitserve: interrupted\n")
        return INTERRUPTED
