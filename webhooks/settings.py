"""What the environment says: where things are, and the secrets. Read once at start, frozen, every problem told at once.

The mapping file (`webhooks.rules_file`) says what belongs to the audit; secrets never stand there. Each variable may
be given as `NAME_FILE` instead, with the path of a file that holds the value.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from webhooks.problems import Misconfigured, did_you_mean

PREFIX = "TIEOUT_"
SHORTEST_SECRET = 16
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def _listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError(f"expected host:port such as 127.0.0.1:8080, got {text!r}")
    return text


def _public_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", text):
        raise ValueError(f"expected an address such as https://tieout.example.com, got {text!r}")
    return text.rstrip("/")


def _log_level(text: str) -> str:
    if text.upper() not in LOG_LEVELS:
        raise ValueError(f"expected one of {', '.join(LOG_LEVELS)}, got {text!r}")
    return text.upper()


def _database_url(url: SecretStr) -> SecretStr:
    if not re.match(r"(sqlite|postgresql)(\+\w+)?://", url.get_secret_value()):
        raise ValueError("expected sqlite:///path/to/tieout.db or postgresql://user:password@host/name")
    return url


class Settings(BaseModel):
    """The settings. A door whose secrets are not set stays closed, and Tieout hears of changes by polling alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    config: Path = Field(Path("tieout.toml"), description="the mapping file")
    database_url: Annotated[SecretStr, AfterValidator(_database_url)] = Field(
        SecretStr("sqlite:///var/tieout.db"),
        description="where the register is kept: `sqlite:///…` or `postgresql://…`",
    )
    evidence_dir: Path = Field(Path("var/evidence"), description="the folder that keeps copies of the evidence")
    jira_token: SecretStr | None = Field(None, description="API token, or personal access token, for Jira")
    confluence_token: SecretStr | None = Field(None, description="the same for Confluence; Jira's when it is not set")
    oauth_client_secret: SecretStr | None = Field(
        None, description='the secret of the OAuth app, where a connection has `auth = "oauth"`'
    )
    keys: tuple[SecretStr, ...] = Field(
        (), description="keys that seal OAuth tokens in the register, the newest first; `tieout auth new-key` makes one"
    )
    jira_webhook_secrets: tuple[SecretStr, ...] = Field(
        (), description="secrets that Jira signs its webhooks with; unset, the door for Jira stays closed"
    )
    confluence_webhook_secrets: tuple[SecretStr, ...] = Field(
        (), description="secrets that Confluence Data Center signs its webhooks with"
    )
    confluence_shared_secrets: tuple[SecretStr, ...] = Field(
        (), description="secrets that a Confluence automation rule sends in the header `X-Tieout-Secret`"
    )
    listen: Annotated[str, AfterValidator(_listen)] = Field("127.0.0.1:8080", description="host and port to listen on")
    public_url: Annotated[str, AfterValidator(_public_url)] | None = Field(
        None, description="Tieout's own address as Atlassian and people see it"
    )
    log_level: Annotated[str, AfterValidator(_log_level)] = Field(
        "INFO", description="the least that is logged: DEBUG, INFO, WARNING or ERROR"
    )


SECRET_LISTS = ("keys", "jira_webhook_secrets", "confluence_webhook_secrets", "confluence_shared_secrets")


def variable(field: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + field.upper()


def secret_file_of(field: str, environ: Mapping[str, str]) -> Path | None:
    """The file that a secret was given by, None for one that stands in the environment itself."""
    name = environ.get(f"{variable(field)}_FILE")
    if name is None and field == "confluence_token" and variable(field) not in environ:
        return secret_file_of("jira_token", environ)
    return Path(name) if name else None


def read_settings(environ: Mapping[str, str], read_text: Callable[[Path], str]) -> Settings:
    """The settings that `environ` gives. Raises Misconfigured with every problem; no message repeats a secret.

    `read_text` opens the files that `NAME_FILE` variables name.
    """
    problems = _misspelt(environ)
    found: dict[str, object] = {}
    for field in Settings.model_fields:
        text = _given(field, environ, read_text, problems)
        if text is not None:
            found[field] = _secrets(field, text, problems) if field in SECRET_LISTS else text
    found.setdefault("confluence_token", found.get("jira_token"))
    try:
        settings = Settings.model_validate(found)
    except ValidationError as error:
        problems += [f"{variable(str(e['loc'][0]))}: {_reason(e['msg'])}" for e in error.errors(include_input=False)]
    if problems:
        raise Misconfigured("The environment", problems)
    return settings


def _given(field: str, environ: Mapping[str, str], read_text: Callable[[Path], str], problems: list[str]) -> str | None:
    """The value of one setting, from the variable or its file; None when neither is set."""
    name = variable(field)
    file_name = environ.get(f"{name}_FILE")
    if file_name is None:
        text = environ.get(name)
    elif name in environ:
        problems.append(f"{name}: set both here and as {name}_FILE; keep one")
        return None
    else:
        try:
            text = read_text(Path(file_name)).strip()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{name}_FILE: {file_name} cannot be read ({type(error).__name__})")
            return None
    if text is not None and not text.strip():
        problems.append(f"{name}: is empty; give it a value, or do not set it")
        return None
    return text.strip() if text else None


def _secrets(field: str, text: str, problems: list[str]) -> tuple[str, ...]:
    """The secrets of a list. An HMAC with an empty key can be computed by anyone, so none may be empty or short."""
    items = [item.strip() for item in re.split(r"[,\n]", text)]
    for place, item in enumerate(items, start=1):
        if len(item) < SHORTEST_SECRET:
            came = "is empty" if not item else f"has {len(item)} characters"
            problems.append(
                f"{variable(field)}: secret {place} of {len(items)} {came}; "
                f"expected at least {SHORTEST_SECRET}, for instance from `openssl rand -hex 32`"
            )
    return tuple(items)


def _misspelt(environ: Mapping[str, str]) -> list[str]:
    """Variables that are nearly a setting. Others with our prefix are left alone: container platforms set some."""
    names = {variable(field) + suffix for field in Settings.model_fields for suffix in ("", "_FILE")}
    strangers = sorted(name for name in environ if name.startswith(PREFIX) and name not in names)
    hints = {name: did_you_mean(name, names) for name in strangers}
    return [f"{name}: is not a setting{hint}" for name, hint in hints.items() if hint]


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")
