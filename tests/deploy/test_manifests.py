# SPDX-License-Identifier: Apache-2.0
"""What deploy/ tells systemd, containers and Kubernetes is well-formed, and every command, option and path in it exists."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from regulars.api.health import PATHS as HEALTH_PATHS
from regulars.cli.main import build_parser

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "regulars.service"
CONTAINERFILE = DEPLOY / "Containerfile"
COMPOSE = DEPLOY / "compose.yaml"
KUBERNETES = DEPLOY / "kubernetes"
VERSION = "1.31"
PROGRAM = "/opt/regulars/current/.venv/bin/regulars"


def parsed(arguments: list[str]) -> Namespace:
    """What the command line of that name takes; fails where it does not."""
    try:
        return build_parser().parse_args(arguments)
    except SystemExit:
        pytest.fail(f"regulars does not take {arguments}")


# -- systemd -------------------------------------------------------------------------------------------------------
def unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text().splitlines():
        name, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def test_the_unit_runs_commands_that_there_are_on_its_own_directory() -> None:
    given = unit()
    data = f"/var/lib/{given['StateDirectory'][0]}"
    for name, command in (("ExecStart", "serve"), ("ExecReload", "reload")):
        program, *arguments = shlex.split(given[name][0])
        assert program == PROGRAM
        taken = parsed(arguments)
        assert (taken.command, str(taken.data)) == (command, data)
    serve = parsed(shlex.split(given["ExecStart"][0])[1:])
    assert min(serve.port, serve.http_port and int(serve.http_port)) < 1024
    assert given["AmbientCapabilities"] == given["CapabilityBoundingSet"] == ["CAP_NET_BIND_SERVICE"]
    assert given["Environment"] == [f"TMPDIR=/run/{given['RuntimeDirectory'][0]}"], "commands find PostgreSQL's socket there"
    assert given["PrivateTmp"] == ["yes"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit_and_finds_it_locked_up(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace(PROGRAM, "/bin/true"))  # ours is not installed there
    verified = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    copy.write_text(copy.read_text().replace("KillMode=mixed", "KillMode=mixd"))
    assert "kill mode" in subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True).stderr
    command = ["systemd-analyze", "security", "--no-pager", "--offline=yes", "--threshold=20", str(UNIT)]
    judged = subprocess.run(command, capture_output=True, text=True)
    assert judged.returncode == 0, judged.stdout[-300:]


# -- containers ----------------------------------------------------------------------------------------------------
def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", CONTAINERFILE.read_text(), flags=re.MULTILINE))
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in text.splitlines() if line.strip()]


def instruction(name: str) -> str:
    return [value for given, value in instructions() if given == name][-1]


def test_the_container_is_made_of_files_that_there_are() -> None:
    copied = [value.split()[:-1] for name, value in instructions() if name == "COPY" and "--from" not in value]
    assert copied
    for sources in copied:
        for source in sources:
            assert (ROOT / source).exists(), source
    known = {
        "FROM",
        "WORKDIR",
        "COPY",
        "RUN",
        "ENV",
        "USER",
        "VOLUME",
        "EXPOSE",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "ENTRYPOINT",
        "CMD",
    }
    assert {name for name, _ in instructions()} <= known
    (image,) = {value.split()[0] for name, value in instructions() if name == "FROM"}
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert image.startswith(f"python:{wanted.removeprefix('>=')}-")


def test_the_container_runs_commands_that_there_are_as_nobody_special() -> None:
    entry, command = json.loads(instruction("ENTRYPOINT")), json.loads(instruction("CMD"))
    assert entry == ["tini", "--", "regulars"]
    serve = parsed(command)
    assert {str(serve.port), serve.http_port} == set(instruction("EXPOSE").split())
    health = json.loads(instruction("HEALTHCHECK").split("CMD", 1)[1])
    assert parsed(health[1:]).command == "health"
    assert re.fullmatch(r"\d{4,}:\d{4,}", instruction("USER"))
    assert f"--uid {instruction('USER').split(':')[0]}" in CONTAINERFILE.read_text()
    data = re.search(r"REGULARS_DATA=(\S+)", instruction("ENV"))
    assert data is not None
    assert data[1].startswith(instruction("VOLUME") + "/")


def compose() -> dict[str, Any]:
    service: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]["regulars"]
    return service


def test_the_compose_file_builds_and_serves_what_there_is() -> None:
    service = compose()
    context = (COMPOSE.parent / service["build"]["context"]).resolve()
    assert (context / service["build"]["dockerfile"]).samefile(CONTAINERFILE)
    serve = parsed(service["command"])
    assert {port.split(":")[1] for port in service["ports"]} == {str(serve.port), serve.http_port}
    assert str(serve.metrics_port) not in str(service["ports"]), "the numbers are for this machine only"
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    mounts = {volume.split(":")[1] for volume in service["volumes"]}
    assert instruction("VOLUME") in mounts
    commented = re.findall(r"# - (--\S+)", COMPOSE.read_text())
    assert parsed([*service["command"], *commented])


# -- Kubernetes ----------------------------------------------------------------------------------------------------
def resources(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.yaml")):
        if path.name != "kustomization.yaml":
            yield from yaml.safe_load_all(path.read_text())


def base(kind: str) -> list[dict[str, Any]]:
    return [each for each in resources(KUBERNETES / "base") if each["kind"] == kind]


def pod() -> dict[str, Any]:
    (stateful,) = base("StatefulSet")
    spec: dict[str, Any] = stateful["spec"]["template"]["spec"]
    return spec


def container() -> dict[str, Any]:
    (one,) = pod()["containers"]
    return dict(one)


@pytest.mark.parametrize("name", ["base", "external-database"])
def test_a_kustomization_names_what_there_is(name: str) -> None:
    folder = KUBERNETES / name
    given = yaml.safe_load((folder / "kustomization.yaml").read_text())
    for resource in given["resources"]:
        assert (folder / resource).exists(), resource
    patches = {patch["path"] for patch in given.get("patches", ())}
    assert patches | set(given["resources"]) >= {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
    named = {(each["kind"], each["metadata"]["name"]) for each in resources(KUBERNETES / "base")}
    for patch in patches:
        changed = yaml.safe_load((folder / patch).read_text())
        assert (changed["kind"], changed["metadata"]["name"]) in named
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert all(image["newTag"] == version for image in given.get("images", ()))


def test_kubernetes_takes_every_resource() -> None:
    (stateful,) = base("StatefulSet")
    labels = {"app.kubernetes.io/name": "regulars"}  # the kustomization's, which the schema wants
    for each in resources(KUBERNETES / "base"):
        if each["kind"] == "StatefulSet":
            each["spec"]["selector"] = {"matchLabels": labels}
        kubernetes_validate.validate(each, VERSION, strict=True)
    stateful["spec"]["replicas"] = "one"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(stateful, VERSION, strict=True)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
@pytest.mark.parametrize("name", ["base", "external-database"])
def test_kustomize_makes_resources_that_kubernetes_takes(name: str) -> None:
    made = subprocess.run(["kubectl", "kustomize", str(KUBERNETES / name)], capture_output=True, text=True)
    if made.returncode != 0 and "component" in made.stderr:
        pytest.skip("kubectl is here by name only")
    assert made.returncode == 0, made.stderr
    found = {each["kind"]: each for each in yaml.safe_load_all(made.stdout)}
    for each in found.values():
        kubernetes_validate.validate(each, VERSION, strict=True)
    stateful = found["StatefulSet"]["spec"]
    assert stateful["selector"]["matchLabels"].items() <= stateful["template"]["metadata"]["labels"].items()
    if name == "external-database":
        assert stateful["replicas"] > 1
        assert not stateful["volumeClaimTemplates"]
        (one,) = stateful["template"]["spec"]["containers"]
        assert {"DATABASE_URL", "REGULARS_SECRET_KEY_FILE", "REGULARS_METRICS_TOKEN_FILE"} <= {
            each["name"] for each in one["env"]
        }


def test_the_pod_serves_where_it_is_asked() -> None:
    one = container()
    serve = parsed(one["args"])
    ports = {port["name"]: port["containerPort"] for port in one["ports"]}
    assert ports == {"http": serve.port, "metrics": serve.metrics_port}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = one[probe]["httpGet"]
        assert asked["path"] in HEALTH_PATHS
        assert asked["port"] in ports
    assert one["readinessProbe"]["httpGet"]["path"] == "/readyz"
    for service in base("Service"):
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports.keys()
    (ingress,) = base("Ingress")
    backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    named = {each["metadata"]["name"]: {port["name"] for port in each["spec"]["ports"]} for each in base("Service")}
    assert backend["port"]["name"] in named[backend["name"]]
    (stateful,) = base("StatefulSet")
    assert stateful["spec"]["serviceName"] in named
    (policy,) = base("NetworkPolicy")
    assert {port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]} == ports.keys()
    if serve.metrics_host == "0.0.0.0":  # then a token is asked for
        assert "REGULARS_METRICS_TOKEN_FILE" in {each["name"] for each in one["env"]}


def test_the_pod_may_do_nothing_special() -> None:
    uid = int(instruction("USER").split(":")[0])
    assert pod()["securityContext"]["runAsUser"] == pod()["securityContext"]["fsGroup"] == uid
    assert pod()["securityContext"]["runAsNonRoot"]
    assert not pod()["automountServiceAccountToken"]
    secured = container()["securityContext"]
    assert secured["readOnlyRootFilesystem"]
    assert not secured["allowPrivilegeEscalation"]
    assert secured["capabilities"] == {"drop": ["ALL"]}
    mounts = {mount["name"]: mount["mountPath"] for mount in container()["volumeMounts"]}
    claims = {each["metadata"]["name"] for each in base("StatefulSet")[0]["spec"]["volumeClaimTemplates"]}
    assert mounts.keys() == {volume["name"] for volume in pod()["volumes"]} | claims
    assert mounts["data"] == instruction("VOLUME")
    for each in container()["env"]:
        if each["name"].endswith("_FILE"):
            assert each["value"].startswith(f"{mounts['secrets']}/")


def test_every_variable_that_is_set_is_read() -> None:
    code = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    set_here = set()
    for path in (UNIT, CONTAINERFILE, COMPOSE, *KUBERNETES.rglob("*.yaml")):
        set_here |= set(re.findall(r"\b(?:REGULARS_[A-Z_]+|DATABASE_URL)\b", path.read_text()))
    assert len(set_here) >= 6
    for name in set_here:
        assert f'"{name}"' in code or f'"{name.removesuffix("_FILE")}"' in code, name
