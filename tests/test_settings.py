"""Settings: where each comes from, and one clear sentence when one is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import SettingError
from rag.settings import known_names, load_settings


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def refused(env_file: Path) -> str:
    with pytest.raises(SettingError) as found:
        load_settings(env_file)
    assert found.value.exit_status == 2
    assert "\n" not in str(found.value)
    return str(found.value)


def test_without_any_setting_nothing_is_called_and_the_shipped_profile_is_meant(
    monkeypatch: pytest.MonkeyPatch, env_file: Path
) -> None:
    monkeypatch.delenv("PROFILE_CHAT_HOME")
    settings = load_settings(env_file)
    assert (settings.profile, settings.model, settings.chroma_url) == (None, None, None)
    assert (settings.openai_api_key, settings.openai_base_url) == (None, None)
    assert (settings.embedder, settings.host, settings.port) == ("auto", "127.0.0.1", 7860)
    assert settings.home.is_absolute() and settings.home.name == "profile-chat"


def test_the_file_sets_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, env_file: Path) -> None:
    env_file.write_text(
        "# a comment\n\nPROFILE_CHAT_PORT=8001\nexport PROFILE_CHAT_HOST='0.0.0.0'\n"
        'PROFILE_CHAT_PROFILE="papers of mine.bib"\nOPENAI_API_KEY=sk-secret\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("PROFILE_CHAT_PORT", "8002")
    settings = load_settings(env_file)
    assert (settings.port, settings.host, settings.profile) == (8002, "0.0.0.0", "papers of mine.bib")
    assert settings.openai_api_key and settings.openai_api_key.get_secret_value() == "sk-secret"


def test_a_key_is_never_shown(monkeypatch: pytest.MonkeyPatch, env_file: Path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert "sk-secret" not in f"{load_settings(env_file)!r} {load_settings(env_file).model_dump_json()}"


def test_other_programs_settings_are_none_of_ours(monkeypatch: pytest.MonkeyPatch, env_file: Path) -> None:
    env_file.write_text("DATABASE_URL=x\nOPENAI_ORG=y\n", encoding="utf-8")
    monkeypatch.setenv("OPENAI_SOMETHING", "z")
    assert load_settings(env_file).port == 7860


def test_an_unknown_name_in_the_file_is_said_with_line_and_suggestion(env_file: Path) -> None:
    env_file.write_text("# first\nPROFILE_CHAT_PORT=8001\nPROFILE_CHAT_EMBEDER=e5\n", encoding="utf-8")
    assert refused(env_file) == (
        f"{env_file}, line 3: PROFILE_CHAT_EMBEDER is not a setting. Did you mean PROFILE_CHAT_EMBEDDER?"
    )


def test_an_unknown_name_in_the_environment_is_said(monkeypatch: pytest.MonkeyPatch, env_file: Path) -> None:
    monkeypatch.setenv("PROFILE_CHAT_PROFIL", "x")
    assert refused(env_file) == (
        "The environment variable PROFILE_CHAT_PROFIL is not a setting. Did you mean PROFILE_CHAT_PROFILE?"
    )


def test_a_name_like_no_other_gets_the_list(monkeypatch: pytest.MonkeyPatch, env_file: Path) -> None:
    monkeypatch.setenv("PROFILE_CHAT_QQQQQQQQQQQQQQQQQ", "x")
    assert all(name in refused(env_file) for name in known_names())


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("PROFILE_CHAT_PORT=eighty", "PROFILE_CHAT_PORT"),
        ("PROFILE_CHAT_PORT=0", "PROFILE_CHAT_PORT"),
        ("PROFILE_CHAT_PORT=70000", "PROFILE_CHAT_PORT"),
        ("PROFILE_CHAT_TIMEOUT=soon", "PROFILE_CHAT_TIMEOUT"),
        ("PROFILE_CHAT_TIMEOUT=-1", "PROFILE_CHAT_TIMEOUT"),
    ],
)
def test_a_wrong_value_is_said_with_line_and_name(env_file: Path, line: str, name: str) -> None:
    env_file.write_text(f"PROFILE_CHAT_HOST=127.0.0.1\n{line}\n", encoding="utf-8")
    said = refused(env_file)
    assert said.startswith(f"{env_file}, line 2: {name} has a wrong value: ")
    assert "remove it" in said


def test_a_wrong_value_in_the_environment_is_not_blamed_on_the_file(
    monkeypatch: pytest.MonkeyPatch, env_file: Path
) -> None:
    env_file.write_text("PROFILE_CHAT_PORT=8001\n", encoding="utf-8")
    monkeypatch.setenv("PROFILE_CHAT_PORT", "eighty")
    assert refused(env_file).startswith("The environment variable PROFILE_CHAT_PORT has a wrong value: ")


def test_a_setting_left_empty_is_a_setting_not_given(env_file: Path) -> None:
    env_file.write_text("PROFILE_CHAT_PROFILE=\nPROFILE_CHAT_PORT=\nOPENAI_API_KEY=\n", encoding="utf-8")
    settings = load_settings(env_file)
    assert (settings.profile, settings.port, settings.openai_api_key) == (None, 7860, None)


def test_a_file_that_is_no_text_is_said(env_file: Path) -> None:
    env_file.write_bytes(b"PROFILE_CHAT_HOST=\xff\xfe\n")
    assert refused(env_file) == f"{env_file} is not a text file in UTF-8. Save it as UTF-8 text."


def test_settings_cannot_be_changed_on_the_way(env_file: Path) -> None:
    settings = load_settings(env_file)
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]
