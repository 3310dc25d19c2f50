"""Arguments of the commands."""

import argparse
import textwrap
from pathlib import Path

from app.settings import describe_settings
from app.version import VERSION

_EXIT_CODES = """exit codes:
  0  every picture has an answer, accepted or abstained
  1  the command could not do its work, for example write its file
  2  wrong arguments, no such picture, or a request that the server refuses
  3  some pictures cannot be read; all others have an answer
  4  the server cannot be reached, or does not answer in time
130  interrupted by Ctrl-C"""

_KEY = "An API key is read from the variable DIGITSERVE_API_KEY."


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Return the options of the command line; ``command`` is None without a command.

    Raises: SystemExit after --help, and with code 2 for wrong arguments.
    """
    parser = _create_parser()
    given = arguments[:1]
    if given and given[0].startswith("-") and given[0] not in ("-h", "--help", "--version"):
        parser.error(f"unrecognized arguments: {given[0]}")  # else its value is an invalid command
    return parser.parse_args(arguments)


def _create_parser() -> argparse.ArgumentParser:
    settings = _settings()
    parser = argparse.ArgumentParser(
        prog="digitserve",
        description="Serve the digit models over HTTP (documentation at /docs), or read pictures.",
        epilog=settings,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"digitserve {VERSION}")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", help="without one, serve")
    commands.add_parser(
        "serve",
        help="serve the models over HTTP",
        description="Serve the digit models over HTTP; documentation at /docs.",
        epilog=settings,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_predict(commands)
    layout = commands.add_parser(
        "layout",
        help="write the layout of a form as JSON",
        description="Propose a layout for /v1/sheets, as JSON, from an empty or filled form.",
    )
    layout.add_argument("picture", metavar="PICTURE", type=Path, help="image file, or PDF")
    models = commands.add_parser(
        "models", help="list the models", description=f"List the models and versions. {_KEY}"
    )
    models.add_argument("--url", help="server whose models are listed; default: the own ones")
    models.add_argument("--json", action="store_true", help="write JSON")
    _add_database(commands)
    return parser


def _add_database(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``db`` with its own commands."""
    database = commands.add_parser(
        "db",
        help="upgrade, export or purge the database of feedback",
        description="Maintain the database of feedback, which DIGITS_DATABASE_URL names.",
    ).add_subparsers(metavar="COMMAND", dest="database_command", required=True)
    database.add_parser("upgrade", help="create the tables, or bring them up to date")
    export = database.add_parser("export", help="write all pictures to a folder, as LABEL/FILE")
    export.add_argument("folder", metavar="DIR", type=Path, help="new or empty folder")
    export.add_argument("--originals", action="store_true", help="as they were sent, where kept")
    database.add_parser("purge", help="delete what is older than DIGITS_FEEDBACK_DAYS")


def _add_predict(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    predict = commands.add_parser(
        "predict",
        help="read the digits of pictures and folders",
        description="Read the digit of each picture; without --url offline, with the shipped "
        f"weights or those of DIGITS_WEIGHTS_DIR. {_KEY}",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    predict.add_argument(
        "pictures",
        metavar="IMAGE|FOLDER|GLOB|-",
        nargs="+",
        help="picture, folder with its subfolders, quoted pattern, or - for standard input",
    )
    place = predict.add_mutually_exclusive_group()
    place.add_argument("--url", help="server that predicts, like http://127.0.0.1:8000")
    place.add_argument(
        "--ray", metavar="ADDRESS", help="Ray cluster that predicts, like 10.0.0.1:6379, or auto"
    )
    predict.add_argument("--model", metavar="M", help="NAME, NAME:VERSION or FILE.safetensors")
    predict.add_argument("--sheets", action="store_true", help="read the boxes of forms and PDFs")
    predict.add_argument(
        "--layout", metavar="L", help="with --sheets: file of a layout, or name of a saved one"
    )
    predict.add_argument(
        "--jobs",
        metavar="N",
        type=_positive,
        help="processes, 1 by default; with --url, concurrent requests, 4 by default; with --ray, "
        "processes of the cluster, one for each of its CPUs by default",
    )
    output = predict.add_mutually_exclusive_group()
    output.add_argument(
        "--csv", metavar="FILE", help="write a table; run again, the command continues it"
    )
    output.add_argument("--json", action="store_true", help="write one JSON document")
    output.add_argument("--jsonl", action="store_true", help="write a line of JSON for each")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, got {number}")
    return number


def _settings() -> str:
    """Return the table of all settings."""
    rows = ["settings, from the environment [default]:"]
    for name, default, meaning in describe_settings():
        text = textwrap.wrap(f"{meaning} [{default}]", 84)
        rows += [f"  {name}", textwrap.indent("\n".join(text), " " * 6)]
    return "\n".join(rows)
