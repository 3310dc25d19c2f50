"""The command ``digitserve models``."""

import json

from tests.support.commands import run_command
from tests.support.servers import Server


def test_the_own_models_are_listed() -> None:
    """A line for each version, with digits and accuracy; or JSON."""
    done = run_command("models")
    document = json.loads(run_command("models", "--json").stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("cnn:6  digits 0,1,2,3,4  99.9")
    assert [one["name"] for one in document["models"]] == ["cnn", "cnn10", "dnn"]


def test_the_models_of_a_server_are_listed(default_server: Server) -> None:
    """As the own ones."""
    done = run_command("models", "--url", default_server.url)

    assert (done.returncode, done.stdout) == (0, run_command("models").stdout)


def test_a_wrong_directory_gets_one_line() -> None:
    """Exit code 1."""
    done = run_command("models", DIGITS_WEIGHTS_DIR="/none")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("digitserve: /none: expected a directory")
