"""Settings that name a version of a model and its share of the requests."""

import pytest

from app.setting_types import VersionShare
from app.settings import SettingsError, load_settings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cnn:2=0.05", VersionShare("cnn", "2", 0.05)),
        (" my-model:10=1 ", VersionShare("my-model", "10", 1.0)),
        ("cnn:2024.1=1e-3", VersionShare("cnn", "2024.1", 0.001)),
    ],
)
def test_a_canary_is_a_version_and_its_share(
    monkeypatch: pytest.MonkeyPatch, text: str, expected: VersionShare
) -> None:
    """MODEL:VERSION=SHARE; the text of the value is the setting again."""
    monkeypatch.setenv("DIGITS_CANARY", text)

    assert load_settings().canary == expected
    monkeypatch.setenv("DIGITS_CANARY", str(expected))
    assert load_settings().canary == expected


@pytest.mark.parametrize(("text", "share"), [("cnn:2", 0.1), ("cnn:2=0.5", 0.5)])
def test_a_tenth_is_the_default_of_the_shadow(
    monkeypatch: pytest.MonkeyPatch, text: str, share: float
) -> None:
    """The share of the shadow can be left out."""
    monkeypatch.setenv("DIGITS_SHADOW", text)

    assert load_settings().shadow == VersionShare("cnn", "2", share)


@pytest.mark.parametrize(
    "text",
    [
        "", "cnn", "cnn:2", "cnn=0.1", ":2=0.1", "cnn:=0.1", "cnn:2=", "cnn:2=0", "cnn:2=-0.1",
        "cnn:2=1.5", "cnn:2=5%", "cnn:2=nan", "cnn:2=e", "cnn:2=0.1=1", "a:b:2=0.1", "cnn:/2=0.1",
    ],
)  # fmt: skip
def test_any_other_text_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """The message has the form, an example and what came."""
    monkeypatch.setenv("DIGITS_CANARY", text)

    with pytest.raises(SettingsError) as error:
        load_settings()

    assert str(error.value) == (
        "DIGITS_CANARY: expected MODEL:VERSION=SHARE like cnn:2=0.05, its share above 0 and at "
        f"most 1, got {text!r}"
    )
