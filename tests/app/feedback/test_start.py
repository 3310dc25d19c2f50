"""The start of feedback: nothing without a database, one line without the extra."""

import subprocess
import sys

import pytest
from pydantic import SecretStr

from app.feedback.start import FeedbackError, check_feedback
from app.settings import Settings, SettingsError, load_settings
from tests.support.servers import run_to_the_end

LIBRARIES = {"sqlalchemy", "alembic", "psycopg"}


def test_without_a_database_no_library_is_imported() -> None:
    """The application is created without them: start and memory are as before."""
    code = (
        "import sys; from app.settings import Settings; from app.feedback.start import *\n"
        "from app.inference.readiness import Readiness\n"
        "from app.inference.registry import load_registry\n"
        "import app.__main__; from app.main import create_app\n"
        "settings = Settings(); check_feedback(settings)\n"
        "create_app(settings, load_registry(settings.weights_dir), Readiness())\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not LIBRARIES & set(done.stdout.split())


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the setting, the extra, and the package that is missing."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    check_feedback(Settings())

    with pytest.raises(FeedbackError, match=r"DIGITS_DATABASE_URL: .*\[feedback\].*no psycopg"):
        check_feedback(Settings(database_url=SecretStr("sqlite:///feedback.db")))


@pytest.mark.parametrize("url", ["feedback.db", "mysql://host/name", "sqlite://", "sqlite:///"])
def test_another_database_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """In one line, without the URL, which may have a password."""
    monkeypatch.setenv("DIGITS_DATABASE_URL", url)

    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert str(caught.value) == (
        "DIGITS_DATABASE_URL: expected sqlite:///PATH or postgresql://USER@HOST/NAME, got one that "
        "is not shown"
    )


def test_the_service_does_not_start_with_another_database() -> None:
    """One line, exit code 1."""
    done = run_to_the_end(DIGITS_DATABASE_URL="oracle://")

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("digitserve: DIGITS_DATABASE_URL: expected")
