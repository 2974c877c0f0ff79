"""What can be checked of the container files without Docker and Kubernetes."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from photo_ranker.cli import COMMANDS, main

ROOT = Path(__file__).parent.parent

INSTRUCTIONS = frozenset(
    ["ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN", "USER", "WORKDIR"]
)
SERVICE_KEYS = frozenset(
    [
        "command",
        "depends_on",
        "entrypoint",
        "environment",
        "healthcheck",
        "image",
        "ports",
        "restart",
        "shm_size",
        "user",
        "volumes",
    ]
)
JOB_KEYS = frozenset(
    ["backoffLimit", "entrypoint", "rayClusterSpec", "shutdownAfterJobFinishes", "ttlSecondsAfterFinished"]
)
POD_KEYS = frozenset(["containers", "securityContext", "volumes"])
CONTAINER_KEYS = frozenset(["args", "command", "env", "image", "name", "ports", "resources", "volumeMounts"])


def instructions() -> list[tuple[str, str]]:
    """The steps of the Dockerfile, with continued lines joined."""
    text = re.sub(r"\\\n", "", (ROOT / "Dockerfile").read_text("utf-8"))
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def words(command: str) -> Iterator[list[str]]:
    """What photo-ranker is asked to do in a shell command."""
    for part in re.split("&&|;", command):
        if part.split()[:1] == ["photo-ranker"]:
            yield [re.sub(r"\$\{.*?\}", "2", word) for word in part.split()[1:]]


def understands(asked: list[str]) -> bool:
    """Whether our command line takes these words: it may only complain that the folder is not here."""
    return asked[0] in COMMANDS and main(asked) == 2


def test_every_step_of_the_image_is_one() -> None:
    steps = instructions()
    assert {word for word, _ in steps} <= INSTRUCTIONS
    for word, rest in steps:
        if word == "RUN":
            subprocess.run(["sh", "-n", "-c", rest], check=True)
        if word == "COPY" and not rest.startswith("--from"):
            assert [name for name in rest.split()[:-1] if not (ROOT / name).exists()] == []


def test_the_image_runs_as_an_ordinary_user() -> None:
    steps = instructions()
    last = max(number for number, (word, _) in enumerate(steps) if word == "FROM")
    assert ("USER", "ranker") in steps[last:]
    assert steps[-2:] == [("ENTRYPOINT", '["photo-ranker"]'), ("CMD", '["--help"]')]


def test_models_come_with_the_image_unless_it_is_told_otherwise() -> None:
    assert ("ARG", "MODELS=bake") in instructions()
    assert any(word == "RUN" and "models fetch" in rest for word, rest in instructions())


def test_only_what_the_image_needs_is_sent_to_it() -> None:
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")]
    taken = {
        name for word, rest in instructions() if word == "COPY" and "--from" not in rest for name in rest.split()[:-1]
    }
    assert set(sent) == taken


def test_the_compose_file_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text("utf-8")
    for variable in re.findall(r"\$\{(.*?)\}", text):
        assert re.fullmatch(r"[A-Z_]+(:[-?].*)?", variable)
    document = yaml.safe_load(text)
    assert {key for key in document if not key.startswith("x-")} == {"name", "services"}
    services: dict[str, dict[str, Any]] = document["services"]
    for service in services.values():
        assert set(service) <= SERVICE_KEYS
        assert set(service.get("depends_on", {})) <= services.keys()
        assert service["image"] == "photo-ranker"
    (command,) = services["index"]["command"]
    asked = list(words(command))
    assert [one[0] for one in asked] == ["index", "library"]
    assert all(understands(one) for one in asked)
    assert "does not exist" in capsys.readouterr().err


def test_the_kuberay_job_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    job = yaml.safe_load((ROOT / "deploy" / "kuberay.yaml").read_text("utf-8"))
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    assert set(job["spec"]) <= JOB_KEYS
    (asked,) = words(job["spec"]["entrypoint"])
    assert understands(asked)
    assert "does not exist" in capsys.readouterr().err
    cluster = job["spec"]["rayClusterSpec"]
    groups = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    assert all(isinstance(value, str) for group in groups for value in group["rayStartParams"].values())
    for pod in (group["template"]["spec"] for group in groups):
        assert set(pod) <= POD_KEYS
        assert pod["securityContext"]["runAsNonRoot"]
        mounted = {mount["name"] for container in pod["containers"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]}
        assert all(set(container) <= CONTAINER_KEYS for container in pod["containers"])
    (workers,) = cluster["workerGroupSpecs"]
    assert workers["minReplicas"] <= workers["replicas"] <= workers["maxReplicas"]
    (container,) = workers["template"]["spec"]["containers"]
    wanted = int(asked[asked.index("--workers") + 1])
    assert wanted == workers["replicas"] * int(container["resources"]["limits"]["cpu"])
