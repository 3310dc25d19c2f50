"""Command ``python -m app``: run the HTTP service with settings from environment variables."""

import os
import signal
import sys

from app.server.system_limits import (
    SystemLimitError,
    check_system_limits,
    open_standard_streams,
)

if __name__ == "__main__":  # before the large imports, which take half a second and 150 MB
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C during the start writes no traceback
    open_standard_streams()
    try:
        check_system_limits()
    except SystemLimitError as _error:
        sys.stderr.write(f"digitserve: {_error}\n")
        sys.exit(1)

# With more BLAS threads, these take processor time from the event loop while they wait for work.
# NumPy reads the variables when it is imported.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse  # noqa: E402
import textwrap  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

import structlog  # noqa: E402

from app.feedback.start import FeedbackError, check_feedback  # noqa: E402
from app.grpc.start import GrpcError, check_grpc  # noqa: E402
from app.inference.readiness import Readiness  # noqa: E402
from app.inference.registry import RegistryError, Trials, load_registry  # noqa: E402
from app.main import create_app  # noqa: E402
from app.server.malloc import configure_malloc  # noqa: E402
from app.server.process_end import end_process  # noqa: E402
from app.server.serve import serve  # noqa: E402
from app.settings import (  # noqa: E402
    SettingsError,
    describe_settings,
    load_settings,
    unknown_variables,
)
from app.telemetry.log.log_config import configure_logs  # noqa: E402
from app.telemetry.tracing import TracingError, check_tracing  # noqa: E402
from app.version import VERSION  # noqa: E402

logger = structlog.get_logger("digitserve")


def main() -> None:
    """Run the service until a signal stops it; exit with code 1 and one line if it cannot start."""
    arguments = _parse_arguments()
    if "run" in arguments:  # of a command
        sys.exit(arguments.run(arguments))
    began = time.perf_counter()
    try:
        settings = load_settings()
        registry = load_registry(
            settings.weights_dir,
            default=settings.default_model,
            trials=Trials(settings.canary, settings.shadow),
        )
        check_tracing()
        check_grpc(settings)
        check_feedback(settings)
    except (SettingsError, RegistryError, TracingError, GrpcError, FeedbackError) as error:
        sys.stderr.write(f"digitserve: {error}\n")
        sys.exit(1)
    os.environ["LIBTIFF_JPEG_MAX_ALLOWED_SCAN_NUMBER"] = str(settings.max_scans + 1)  # JPEG in TIFF
    configure_malloc()
    writer = configure_logs(settings.log_level)
    logger.info("starting", version=VERSION, process=os.getpid(), workers=settings.workers)
    for name in unknown_variables():
        logger.warning(f"{name}: expected a setting (see python -m app --help), ignored")
    logger.info(
        "models loaded",
        models=list(registry.names),
        default=registry.default.name,
        seconds=round(time.perf_counter() - began, 3),
    )
    app = create_app(settings, registry, Readiness())
    writer.on_lost = app.services.telemetry.metrics.count_lost_lines
    code = serve(app, settings)
    logger.info("stopped", process=os.getpid(), exit_code=code)
    end_process(code)


def _parse_arguments() -> argparse.Namespace:
    """Parse the command line; of a command, ``run`` is the function that runs it."""
    rows = [
        f"  {name}\n{_indent(f'{meaning} [{default}]')}"
        for name, default, meaning in describe_settings()
    ]
    parser = argparse.ArgumentParser(
        prog="python -m app",
        description="Serve the digit models over HTTP; documentation at /docs.",
        epilog="settings, from the environment [default]:\n" + "\n".join(rows),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"digitserve {VERSION}")
    commands = parser.add_subparsers(metavar="COMMAND", help="without one, serve")
    layout = commands.add_parser(
        "layout",
        help="write the layout of a form as JSON",
        description="Propose a layout for /v1/sheets, as JSON, from an empty or filled form.",
    )
    layout.add_argument("picture", metavar="PICTURE", type=Path, help="image file, or PDF")
    layout.set_defaults(run=_propose_layout)
    _add_database_commands(commands)
    given = sys.argv[1:2]
    if given and given[0].startswith("-") and given[0] not in ("-h", "--help", "--version"):
        parser.error(f"unrecognized arguments: {given[0]}")  # else its value is an invalid command
    return parser.parse_args()


def _propose_layout(arguments: argparse.Namespace) -> int:
    from app.layout_command import propose  # needs the extra `sheets`

    return propose(arguments.picture)


def _add_database_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``db`` with its own commands."""
    from app import db_command

    db = commands.add_parser(
        "db",
        help="upgrade, export or purge the database of feedback",
        description="Maintain the database of feedback, which DIGITS_DATABASE_URL names.",
    ).add_subparsers(metavar="COMMAND", required=True)
    upgrade = db.add_parser("upgrade", help="create the tables, or bring them up to date")
    upgrade.set_defaults(run=lambda _: db_command.upgrade())
    export = db.add_parser("export", help="write all pictures to a folder, as LABEL/FILE")
    export.add_argument("folder", metavar="DIR", type=Path, help="new or empty folder")
    export.add_argument("--originals", action="store_true", help="as they were sent, where kept")
    export.set_defaults(run=lambda one: db_command.export(one.folder, originals=one.originals))
    purge = db.add_parser("purge", help="delete what is older than DIGITS_FEEDBACK_DAYS")
    purge.set_defaults(run=lambda _: db_command.purge())


def _indent(text: str) -> str:
    return textwrap.fill(text, 90, initial_indent=" " * 6, subsequent_indent=" " * 6)


if __name__ == "__main__":
    main()
