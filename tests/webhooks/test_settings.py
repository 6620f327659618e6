"""Settings: what is read, what is refused at start, and that nothing gives a secret away."""

from pathlib import Path

import pytest

from webhooks.problems import Misconfigured
from webhooks.settings import Settings, read_settings

SECRET = "correct-horse-battery-staple"
OTHER = "another-secret-long-enough"


def read(environ: dict[str, str], files: dict[str, str] | None = None) -> Settings:
    def read_text(path: Path) -> str:
        if files is None or str(path) not in files:
            raise FileNotFoundError(path)
        return files[str(path)]

    return read_settings(environ, read_text)


def problems(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(Misconfigured) as caught:
        read(environ)
    return caught.value.problems


def test_an_empty_environment_gives_a_register_beside_the_mapping_file_and_closed_doors() -> None:
    settings = read({})
    assert settings.database_url.get_secret_value() == "sqlite:///var/tieout.db"
    assert settings.config == Path("tieout.toml")
    assert settings.jira_webhook_secrets == ()


def test_the_token_of_jira_serves_confluence_unless_it_has_its_own() -> None:
    both = read({"TIEOUT_JIRA_TOKEN": SECRET})
    own = read({"TIEOUT_JIRA_TOKEN": SECRET, "TIEOUT_CONFLUENCE_TOKEN": OTHER})
    assert both.confluence_token == both.jira_token
    assert own.confluence_token is not None
    assert own.confluence_token.get_secret_value() == OTHER


@pytest.mark.parametrize("separator", [",", "\n", " , ", "\r\n"])
def test_several_secrets_may_be_given_for_rotation(separator: str) -> None:
    settings = read({"TIEOUT_JIRA_WEBHOOK_SECRETS": f"{SECRET}{separator}{OTHER}"})
    assert [s.get_secret_value() for s in settings.jira_webhook_secrets] == [SECRET, OTHER]


def test_a_secret_may_stand_in_a_file_with_a_closing_line_break() -> None:
    settings = read({"TIEOUT_JIRA_WEBHOOK_SECRETS_FILE": "/run/s"}, {"/run/s": f"{SECRET}\n{OTHER}\n"})
    assert len(settings.jira_webhook_secrets) == 2


@pytest.mark.parametrize("value", ["", "   ", ",", f"{SECRET},", f",{SECRET}", "short", f"{SECRET}\n\n{OTHER}"])
def test_an_empty_or_short_secret_is_refused_at_start(value: str) -> None:
    assert problems({"TIEOUT_JIRA_WEBHOOK_SECRETS": value})


def test_every_problem_is_told_at_once() -> None:
    told = problems(
        {
            "TIEOUT_LISTEN": "everywhere",
            "TIEOUT_LOG_LEVEL": "loud",
            "TIEOUT_PUBLIC_URL": "tieout",
            "TIEOUT_DATABASE_URL": "mysql://u:hunter2hunter2@db/x",
            "TIEOUT_JIRA_TOKEN_FILE": "/nowhere",
            "TIEOUT_JIRA_WEBHOOK_SECRET": SECRET,
        }
    )
    text = "\n".join(told)
    assert len(told) == 6
    assert "did you mean TIEOUT_JIRA_WEBHOOK_SECRETS?" in text
    assert "hunter2" not in text
    assert SECRET not in text


def test_a_value_and_its_file_together_are_refused() -> None:
    assert "keep one" in problems({"TIEOUT_LISTEN": "[::1]:80", "TIEOUT_LISTEN_FILE": "/run/listen"})[0]


def test_variables_that_a_container_platform_sets_are_left_alone() -> None:
    read({"TIEOUT_PORT": "tcp://10.0.0.1:80", "TIEOUT_SERVICE_HOST": "10.0.0.1", "TIEOUT_TEST_POSTGRES": "x"})


def test_no_secret_shows_in_what_settings_look_like() -> None:
    names = ("JIRA_TOKEN", "CONFLUENCE_TOKEN", "JIRA_WEBHOOK_SECRETS", "CONFLUENCE_SHARED_SECRETS")
    settings = read(
        {f"TIEOUT_{name}": SECRET for name in names} | {"TIEOUT_DATABASE_URL": f"postgresql://u:{SECRET}@h/d"}
    )
    assert SECRET not in repr(settings) + str(settings) + settings.model_dump_json()


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())
