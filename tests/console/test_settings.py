"""Settings: options before or after a command, the environment, a config file, defaults; and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from connectors.settings import Settings
from console.configuration import BadSetting, Origin, UnknownSetting, configuration, flag, variable
from console.main import main
from console.options import GlobalOption

NOBODY = {variable(name): None for name in Settings.model_fields} | {"XINJI_CONFIG": None}


def ran(*arguments: str, code: int = 0, **environ: str) -> Any:
    """What a command prints as JSON, without the settings of this machine."""
    found = CliRunner().invoke(main, arguments, env={**NOBODY, **environ}, catch_exceptions=False)
    assert found.exit_code == code, found.output
    assert found.stderr == ""
    return json.loads(found.stdout)


def shown(*arguments: str, **environ: str) -> dict[str, tuple[Any, str]]:
    """Value and origin of each setting."""
    return {one["name"]: (one["value"], one["from"]) for one in ran(*arguments, "--json", **environ)["settings"]}


def commands() -> list[click.Command]:
    context = click.Context(main)
    found = [main.get_command(context, name) for name in main.list_commands(context)]
    return [one for one in found if one is not None]


def test_every_setting_is_an_option_of_every_command() -> None:
    wanted = {flag(name) for name in Settings.model_fields} | {"--config"}
    below = [one for group in commands() if isinstance(group, click.Group) for one in group.commands.values()]
    for command in (main, *commands(), *below):
        assert wanted <= {name for one in command.params for name in one.opts}, command.name
        own = [name for one in command.params if not isinstance(one, GlobalOption) for name in one.opts]
        assert not wanted.intersection(own), command.name


def test_before_and_after_are_alike(tmp_path: Path) -> None:
    before = shown("--data", str(tmp_path), "--free-space", "7", "settings")
    assert before == shown("settings", "--free-space", "7", "--data", str(tmp_path))
    assert before["free_space"] == (7, "option")
    assert shown("--free-space", "7", "settings", "--free-space", "8")["free_space"] == (8, "option")
    nowhere = {ran(*given, "--json", code=4)["message"] for given in (("--data", "d", "status"), ("status", "--data", "d"))}
    assert len(nowhere) == 1
    assert "no running stack in d" in nowhere.pop()
    assert "stack in d" in ran("generations", "--data", "d", "list", "--json", code=4)["message"]


def test_option_environment_file_default(tmp_path: Path) -> None:
    (tmp_path / "xinji.toml").write_text(
        'free_space = 1\nbatch_rows = 2\nreplication = 3\nsources = "who.toml"\n', encoding="utf-8"
    )
    found = shown("settings", "--data", str(tmp_path), "--batch-rows", "9", XINJI_BATCH_ROWS="8", XINJI_FREE_SPACE="7")
    assert found["batch_rows"] == (9, "option")
    assert found["free_space"] == (7, "environment")
    assert found["replication"] == (3, "file")
    assert found["sources"] == (str(tmp_path / "who.toml"), "file")
    assert found["gate_host"] == ("faust", "default")


def test_a_named_file_is_read_in_place_of_that_of_the_data_directory(tmp_path: Path) -> None:
    (tmp_path / "xinji.toml").write_text("free_space = 1\n", encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text(f'data = "{tmp_path}"\nreplication = 3\n', encoding="utf-8")
    for arguments, environ in ((("--config", str(other)), {}), ((), {"XINJI_CONFIG": str(other)})):
        found = shown("settings", *arguments, **environ)
        assert (found["data"], found["free_space"]) == ((str(tmp_path), "file"), (500, "default"))
    assert "No such file" in ran("settings", "--config", "absent.toml", "--json", code=2)["message"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fre_space = 1", "did you mean free_space?"),
        ("reader-seconds = 1", "did you mean reader_seconds?"),
        ("nothing_like_it_at_all = 1", "xinji settings"),
        ("free_space = 'much'", "free_space: Input should be a valid integer"),
        ("gate_host = 'another'", "gate_host"),
        ("data = 'elsewhere'", "data"),
        ("free_space = ", "xinji.toml"),
    ],
)
def test_what_a_file_may_not_say(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "xinji.toml").write_text(text, encoding="utf-8")
    assert told in ran("status", "--data", str(tmp_path), "--json", code=2)["message"]


def test_errors_carry_their_data(tmp_path: Path) -> None:
    (tmp_path / "xinji.toml").write_text("fre_space = 1", encoding="utf-8")
    with pytest.raises(UnknownSetting) as unknown:
        configuration({"data": tmp_path}, {})
    assert (unknown.value.path, unknown.value.key, unknown.value.near) == (tmp_path / "xinji.toml", "fre_space", "free_space")
    with pytest.raises(BadSetting, match="XINJI_FREE_SPACE") as bad:
        configuration(
            {},
            {"XINJI_FREE_SPACE": "much"} | {"XINJI_DATA": str(tmp_path / "none")},
        )
    assert (bad.value.name, bad.value.origin) == ("free_space", Origin.ENVIRONMENT)


def test_passwords_are_not_shown() -> None:
    value, _ = shown("settings", XINJI_CLICKHOUSE="http://who:secret@host:8123")["clickhouse"]
    assert value == "http://host:8123"
    told = CliRunner().invoke(main, ["settings"], env={**NOBODY, "XINJI_CLICKHOUSE": "http://who:secret@host:8123"})
    assert "secret" not in told.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("status", "--free-space", "much"), "much"),
        (("status", "--free-space", "-1"), "-1"),
        (("status", "--gate-host", "another"), "another"),
        (("status", "--nothing"), "--nothing"),
        (("record",), "SUBJECT"),
        (("nothing",), "nothing"),
        (("generations", "nothing"), "nothing"),
    ],
)
def test_with_json_what_click_refuses_is_an_object(arguments: tuple[str, ...], told: str) -> None:
    found = ran(*arguments, "--json", code=2)
    assert found["exit_code"] == 2
    assert told in found["message"]
    assert found["error"]


def test_help_shows_settings_in_a_group_of_their_own() -> None:
    told = CliRunner().invoke(main, ["status", "--help"]).stdout
    own, everywhere = told.split("settings, before or after any command")
    assert "--json" in own
    assert "--data" not in own
    assert all(flag(name) in everywhere for name in Settings.model_fields)
