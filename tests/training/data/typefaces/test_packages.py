"""The files of typefaces, and what is said without them."""

import pytest

from training.data.typefaces import packages


def test_matplotlib_s_typefaces_need_no_package() -> None:
    """Matplotlib's own typefaces are there without the extra."""
    names = {path.stem for path in packages.bundled()}

    assert {"DejaVuSans", "DejaVuSerif-Bold", "STIXGeneral", "cmr10"} <= names


def test_each_face_is_listed_once() -> None:
    """A face that a package has as TTF and as OTF is listed once."""
    paths = packages.installed(packages.PRINTED)

    assert len({path.stem for path in paths}) == len(paths)
    assert all(path.is_file() for path in paths)


def test_all_packages_are_those_of_the_extra() -> None:
    """With the packages for development nothing is missing and nothing is said."""
    assert packages.missing() == []
    assert packages.notice() is None


def test_one_line_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without packages, one line names them and says how to install them."""
    monkeypatch.setattr(packages, "missing", lambda: ["font-lato", "Hershey-Fonts"])

    line = packages.notice() or ""

    assert "without 2 packages of typefaces (font-lato, Hershey-Fonts)" in line
    assert "pip install '.[typefaces]'" in line
    assert "\n" not in line


def test_a_package_that_is_not_installed_has_no_files() -> None:
    """A package that is not installed has no typefaces, and is no error."""
    assert packages.installed(("no-such-typeface",)) == []
