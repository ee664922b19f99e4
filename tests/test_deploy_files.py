"""The files in deploy/ name only what there is: settings, addresses, ports, counts; and keep to the rules of safety."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from api.app import create_app
from api.metrics import Metrics, TopicCounts
from api.settings import Settings
from knowledge.index import Index

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yml"))
CONTAINERS = sorted(DEPLOY.glob("*.Containerfile"))
SECRETS = {"bot-secret", "redis-url", "redis-password"}
#: Settings of the bot's process; the app's are in api/settings.py, and FORWARDED_ALLOW_IPS is uvicorn's.
BOT_SETTINGS = set(re.findall(r"^\| `(\w+)`", (ROOT / "bot/README.md").read_text(encoding="utf-8"), re.MULTILINE))
APP_SETTINGS = {f"VEIVISER_{name.upper()}" for name in Settings.model_fields} | {"FORWARDED_ALLOW_IPS"}
BOT_ADDRESS = "/webhooks/guarded/"


def documents() -> list[dict[str, Any]]:
    """Every object of the Kubernetes manifests."""
    return [d for path in MANIFESTS for d in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    """The objects of one kind by name."""
    return {d["metadata"]["name"]: d for d in documents() if d["kind"] == kind}


def compose() -> dict[str, Any]:
    """compose.yml with its anchors merged."""
    return dict(yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8")))


def pods() -> dict[str, dict[str, Any]]:
    """The pod of each deployment."""
    return {name: d["spec"]["template"]["spec"] for name, d in of_kind("Deployment").items()}


@pytest.fixture(scope="module")
def addresses(letters_index: Index) -> set[str]:
    """Paths that the app serves."""
    app = create_app(Settings(), index=letters_index, bot_transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    return {*_paths(app.routes), "/webhook"}


def _paths(routes: list[Any]) -> Iterator[str]:
    for route in routes:
        inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", [])
        if getattr(route, "path", None):
            yield route.path
        yield from _paths(inner)


@pytest.fixture(scope="module")
def metrics() -> set[str]:
    """Names of all counts, as Prometheus sees them."""
    text = Metrics(TopicCounts(20)).text("v", ("v", "e")).decode()
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    buckets = {f"{name}_{end}" for name, kind in kinds.items() if kind == "histogram" for end in ("bucket", "sum", "count")}
    return set(kinds) | buckets


# --- containers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", CONTAINERS, ids=lambda p: p.name)
def test_a_container_is_built_in_stages_and_runs_as_nobody_special(path: Path) -> None:
    """What builds stays behind; the user is a number, so that a cluster can see that it is not root."""
    text = path.read_text(encoding="utf-8")
    assert len(re.findall(r"^FROM ", text, re.MULTILINE)) == 2
    last = text[text.rindex("\nFROM ") :]
    assert re.search(r"^USER [1-9]\d{3,}:[1-9]\d{3,}$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert "COPY --from=build" in last


@pytest.mark.parametrize("path", CONTAINERS, ids=lambda p: p.name)
def test_what_a_container_copies_exists(path: Path) -> None:
    """Also every setting that it names."""
    text = path.read_text(encoding="utf-8")
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        assert all((ROOT / source).exists() for source in line.split()[:-1]), line
    assert set(re.findall(r"VEIVISER_\w+", text)) <= APP_SETTINGS


def test_images_carry_nothing_of_the_machine_that_builds_them() -> None:
    """No environment, no cache, no secrets' file."""
    ignored = set((ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n"))
    assert {".git", ".venv", "bot/.venv", "bot/models", ".cache", ".env", "deploy/.env"} <= ignored


def test_the_containers_ask_for_their_health_where_it_is(addresses: set[str]) -> None:
    """The app at /healthz on its port, the bot at its channel."""
    app, bot = ((DEPLOY / f"{name}.Containerfile").read_text(encoding="utf-8") for name in ("app", "bot"))
    assert "http://127.0.0.1:8000/healthz" in app
    assert "/healthz" in addresses
    assert "VEIVISER_PORT=8000" in app
    assert f"http://127.0.0.1:5005{BOT_ADDRESS}" in bot
    assert '"-p", "5005"' in bot


# --- compose ----------------------------------------------------------------------------------------------------------


def test_compose_shares_turns_among_two_apps_and_two_bots() -> None:
    """Each app knows both bots, each bot both apps."""
    services = compose()["services"]
    for app in ("app1", "app2"):
        assert services[app]["environment"]["VEIVISER_BOT_URL"] == "http://bot1:5005,http://bot2:5005"
    for bot in ("bot1", "bot2"):
        assert services[bot]["environment"]["VEIVISER_ACTION_URL"] == "http://app1:8000/webhook,http://app2:8000/webhook"


def test_compose_sets_only_settings_that_exist() -> None:
    """A misspelt setting would do nothing, and nobody would notice."""
    for name, service in compose()["services"].items():
        known = {"app": APP_SETTINGS, "bot": BOT_SETTINGS, "red": {"REDIS_PASSWORD"}}.get(name[:3], set())
        assert set(service.get("environment", {})) <= known, name


def test_in_compose_nothing_writes_and_nothing_but_the_balancer_reaches_out() -> None:
    """Read-only, no capabilities, inner networks without a way out, and only this machine sees the port."""
    whole = compose()
    for name, service in whole["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        outside = [n for n in service["networks"] if not whole["networks"][n].get("internal")]
        assert outside == (["edge"] if name == "balancer" else []), name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


def test_no_secret_stands_in_a_file() -> None:
    """They come from the environment or the cluster."""
    text = (DEPLOY / "compose.yml").read_text(encoding="utf-8")
    assert "${VEIVISER_BOT_SECRET:?" in text
    assert "${REDIS_PASSWORD:?" in text
    assert not of_kind("Secret")


def test_the_balancer_keeps_no_log_and_hides_the_inner_doors(addresses: set[str]) -> None:
    """No access log; the bots' door and the counts are not to be had from outside."""
    text = (DEPLOY / "balancer.conf").read_text(encoding="utf-8")
    assert "access_log off;" in text
    for hidden in ("/webhook", "/metrics"):
        assert hidden in addresses
        assert f"location = {hidden} {{ return 404; }}" in text
    assert re.findall(r"server (app\d):8000", text) == ["app1", "app2"]


@pytest.mark.skipif(not shutil.which("nginx"), reason="needs nginx")
def test_the_balancer_is_read_by_nginx(tmp_path: Path) -> None:
    """With the names of the apps put on loopback, for nginx wants to find them."""
    text = (DEPLOY / "balancer.conf").read_text(encoding="utf-8")
    conf = tmp_path / "nginx.conf"
    conf.write_text(re.sub(r"app\d:8000", "127.0.0.1:8000", text).replace("/tmp/", f"{tmp_path}/"), encoding="utf-8")
    done = subprocess.run(["nginx", "-t", "-c", str(conf)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_body_limits_agree() -> None:
    """What the app takes passes the balancer, and not more."""
    assert Settings.model_fields["max_body_bytes"].default == 64 * 1024
    assert "client_max_body_size 64k;" in (DEPLOY / "balancer.conf").read_text(encoding="utf-8")
    assert of_kind("Ingress")["app"]["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"] == "64k"


# --- Kubernetes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["app", "bot", "redis"])
def test_pods_run_closed(name: str) -> None:
    """Not root, a root folder that cannot be written, no capabilities, no token of the cluster, bounded memory."""
    pod = pods()[name]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"]:
        safe = container["securityContext"]
        assert safe["readOnlyRootFilesystem"] is True
        assert safe["allowPrivilegeEscalation"] is False
        assert safe["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        assert container["livenessProbe"]
        assert container["readinessProbe"]


@pytest.mark.parametrize(("name", "known"), [("app", APP_SETTINGS), ("bot", BOT_SETTINGS)])
def test_pods_set_only_settings_that_exist(name: str, known: set[str]) -> None:
    """And take their secrets from the one secret that docs/scaling.md makes."""
    guide = (ROOT / "docs/scaling.md").read_text(encoding="utf-8")
    for variable in pods()[name]["containers"][0]["env"]:
        assert variable["name"] in known
        secret = variable.get("valueFrom", {}).get("secretKeyRef")
        if secret:
            assert secret["name"] == "veiviser"
            assert secret["key"] in SECRETS
            assert f"--from-literal={secret['key']}=" in guide


def test_probes_ask_where_something_answers(addresses: set[str]) -> None:
    """On the port that the pod names."""
    known = {"app": addresses, "bot": {BOT_ADDRESS}}
    for name, paths in known.items():
        container = pods()[name]["containers"][0]
        asked = [container[p]["httpGet"] for p in ("startupProbe", "livenessProbe", "readinessProbe")]
        assert all(a["path"] in paths for a in asked)
        assert all(a["port"] in {p["name"] for p in container["ports"]} for a in asked)
    assert f'"{BOT_ADDRESS.rstrip("/").rsplit("/", 1)[1]}"' in (ROOT / "bot/extensions/channel.py").read_text(encoding="utf-8")


def test_services_lead_to_pods_and_images_are_those_of_the_containerfiles() -> None:
    """Each service's selector and port is a deployment's; each image of ours has its file."""
    deployments = {d["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"]: d for d in of_kind("Deployment").values()}
    for name, service in of_kind("Service").items():
        chosen = service["spec"]["selector"]["app.kubernetes.io/name"]
        if name == "nobody":
            assert chosen not in deployments
            continue
        container = deployments[chosen]["spec"]["template"]["spec"]["containers"][0]
        assert service["spec"]["ports"][0]["port"] in {p["containerPort"] for p in container["ports"]}
    ours = {pod["containers"][0]["image"] for pod in pods().values() if pod["containers"][0]["image"].startswith("veiviser")}
    composed = {s["image"]: s["build"]["dockerfile"] for s in compose()["services"].values() if "build" in s}
    assert ours == set(composed)
    assert all((ROOT / file).exists() for file in composed.values())


def test_apps_and_bots_grow_and_are_never_all_taken_away() -> None:
    """An autoscaler and a disruption budget for each; at least three of either."""
    scalers, budgets = of_kind("HorizontalPodAutoscaler"), of_kind("PodDisruptionBudget")
    for name in ("app", "bot"):
        assert scalers[name]["spec"]["scaleTargetRef"]["name"] == name
        assert scalers[name]["spec"]["minReplicas"] == of_kind("Deployment")[name]["spec"]["replicas"] >= 3
        assert budgets[name]["spec"]["selector"] == of_kind("Deployment")[name]["spec"]["selector"]


def test_the_network_lets_nothing_out_but_names_redis_and_each_other() -> None:
    """All is closed first; what is opened leads to pods of this namespace, or to the cluster's DNS on its port."""
    policies = of_kind("NetworkPolicy")
    assert policies["nothing"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    allowed = {8000: "veiviser-app", 5005: "veiviser-bot", 6379: "veiviser-redis"}
    for policy in policies.values():
        for rule in policy["spec"].get("egress", []):
            ports = {p["port"] for p in rule["ports"]}
            for to in rule["to"]:
                assert "ipBlock" not in to
                if ports == {53}:
                    assert to["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "kube-system"}
                else:
                    assert "namespaceSelector" not in to
                    assert {to["podSelector"]["matchLabels"]["app.kubernetes.io/name"]} == {allowed[port] for port in ports}
    assert "egress" not in policies["redis"]["spec"]


def test_the_ingress_keeps_no_log_and_hides_the_inner_doors() -> None:
    """As the balancer of compose does."""
    ingress = of_kind("Ingress")["app"]
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/enable-access-log"] == "false"
    served = {p["path"]: p["backend"]["service"]["name"] for p in ingress["spec"]["rules"][0]["http"]["paths"]}
    assert served == {"/webhook": "nobody", "/metrics": "nobody", "/": "app"}


@pytest.mark.parametrize("name", ["compose", "kubernetes"])
def test_redis_writes_nothing_to_a_disk(name: str) -> None:
    """And lets the conversations go that end first when it is full."""
    composed, clustered = compose()["services"]["redis"]["command"][-1], pods()["redis"]["containers"][0]["args"][0]
    redis = {"compose": composed, "kubernetes": clustered}[name]
    for setting in ("requirepass %s", r"save \"\"", "appendonly no", "maxmemory-policy volatile-ttl"):
        assert setting in redis
    assert "volumes" not in pods()["redis"]


# --- Grafana and Prometheus -------------------------------------------------------------------------------------------


def expressions() -> Iterator[tuple[str, str]]:
    """Where an expression stands, and the expression."""
    for panel in json.loads((DEPLOY / "dashboard.json").read_text(encoding="utf-8"))["panels"]:
        for target in panel["targets"]:
            yield f"dashboard: {panel['title']}", target["expr"]
    for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            yield f"alerts: {rule['alert']}", rule["expr"]


@pytest.mark.parametrize(("where", "expression"), [pytest.param(*e, id=f"{n} {e[0]}") for n, e in enumerate(expressions())])
def test_dashboard_and_alerts_ask_for_counts_that_exist(
    where: str, expression: str, metrics: set[str], addresses: set[str]
) -> None:
    """A misspelt name would never alarm anybody. Routes in them are routes of the app."""
    names = set(re.findall(r"\bveiviser_\w+", expression))
    assert names, where
    assert names <= metrics
    assert set(re.findall(r'route="([^"]+)"', expression)) <= addresses
    assert expression.count("(") == expression.count(")")


def test_every_count_is_on_the_dashboard() -> None:
    """What is worth counting is worth seeing."""
    asked = " ".join(expression for where, expression in expressions() if where.startswith("dashboard"))
    counted = Metrics(TopicCounts(0)).registry.collect()
    assert [family.name for family in counted if family.name not in asked] == []


def test_alerts_say_what_is_wrong_and_who_is_woken() -> None:
    """Each has a sentence, a time and a severity."""
    groups = yaml.safe_load((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    rules = list(itertools.chain.from_iterable(group["rules"] for group in groups))
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"].endswith((".", "?"))
        assert re.fullmatch(r"\d+m", rule["for"])
