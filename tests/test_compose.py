"""docker-compose.yml and Dockerfile have the form that a department's operations team starts. They are not run here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "Dockerfile"
SERVERS = {"kafka", "registry", "clickhouse"}
ONE_SHOT = {"topics": ["topics", "create"], "migrate": ["migrate"]}
OURS = ONE_SHOT | {"gate": ["worker", "gate"], "projector": ["worker", "projector"]}
ALWAYS = {"XINJI_BOOTSTRAP", "XINJI_CLICKHOUSE", "XINJI_SOURCES"}
SETTINGS = {f"XINJI_{name.upper()}" for name in Settings.model_fields}


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return loaded


def test_the_services_are_the_servers_and_our_commands(services: dict[str, dict[str, Any]]) -> None:
    assert set(services) == SERVERS | set(OURS)
    assert {name: services[name]["command"] for name in OURS} == OURS


def test_every_image_is_pinned_to_a_version(services: dict[str, dict[str, Any]]) -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert bases
    for image in [service["image"] for service in services.values()] + bases:
        assert re.fullmatch(r"[a-z0-9/-]+:\d+\.\d+[\w.-]*", image), image


def test_kafka_is_the_one_that_the_tests_run(services: dict[str, dict[str, Any]]) -> None:
    pom = (ROOT / "tests" / "kafka" / "pom.xml").read_text(encoding="utf-8")
    tested = re.search(r"<artifactId>kafka_2.13</artifactId>\s*<version>([\d.]+)</version>", pom)
    assert tested is not None
    assert services["kafka"]["image"] == f"apache/kafka:{tested.group(1)}"


def test_the_variables_of_our_services_are_settings(services: dict[str, dict[str, Any]]) -> None:
    assert set(re.findall(r"\bXINJI_[A-Z_]+", COMPOSE.read_text(encoding="utf-8"))) <= SETTINGS
    for name in OURS:
        assert set(services[name]["environment"]) >= ALWAYS, name


def test_what_a_setting_says_is_a_file_is_mounted(services: dict[str, dict[str, Any]]) -> None:
    for name in OURS:
        mounted = [volume.split(":")[1] for volume in services[name]["volumes"]]
        for variable, value in services[name]["environment"].items():
            if variable in {"XINJI_SOURCES", "XINJI_REJECTIONS_KEY"}:
                assert any(value.startswith(f"{place}/") for place in mounted), (name, variable)


def test_ports_are_published_on_loopback_only(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert "network_mode" not in service
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), (name, port)


def test_gates_can_be_scaled(services: dict[str, dict[str, Any]]) -> None:
    gates = [name for name, service in services.items() if service.get("command") == ["worker", "gate"]]
    assert gates == ["gate"]
    assert "container_name" not in services["gate"]
    assert "XINJI_MEMBER" not in services["gate"]["environment"]  # two of one name would take turns


def test_everything_but_the_one_shots_comes_back_and_servers_are_checked(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["restart"] == ("no" if name in ONE_SHOT else "unless-stopped"), name
    for name in SERVERS:
        assert services[name]["healthcheck"]["test"], name


def test_workers_start_after_what_they_need(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if needed in ONE_SHOT else "service_healthy"
            assert how == {"condition": wanted}, (name, needed)
    for name in ("gate", "projector"):
        assert set(services[name]["depends_on"]) == {"kafka", "clickhouse", *ONE_SHOT}


def test_the_image_does_not_run_as_root(services: dict[str, dict[str, Any]]) -> None:
    users = re.findall(r"^USER (\S+)", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert users
    assert users[-1] not in {"root", "0"}
    assert all("user" not in services[name] and services[name]["cap_drop"] == ["ALL"] for name in OURS)


def test_the_image_is_built_from_every_package_of_the_wheel() -> None:
    copied = set(re.findall(r"^COPY (\w+) \w+$", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE))
    assert copied == {"schemas", "projections", "connectors", "streams", "console"}
    kept = set(re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    assert copied | {"LICENSE"} == kept


def test_docker_itself_accepts_the_file_where_its_client_can_tell() -> None:
    """``docker compose config`` needs no engine. Where the client has no compose plug-in, the tests above are all."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        return
    environment = os.environ | {"CLICKHOUSE_PASSWORD": "made-up"}
    command = [docker, "compose", "-f", str(COMPOSE), "config", "--quiet"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 0, told.stderr
