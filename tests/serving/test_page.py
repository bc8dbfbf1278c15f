"""The page on serving: its examples are run, and the files it names are valid."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

import zoo

ROOT = Path(zoo.__file__).parents[1]
PAGE = (ROOT / "docs" / "serving.md").read_text()
EXAMPLES = re.findall(r"<!-- example: (\w+) -->\n```\w*\n(.*?)```", PAGE, re.DOTALL)
SCHEMAS = Path(__file__).parent / "schemas"


@pytest.mark.parametrize(("language", "code"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_runs(server, language, code, monkeypatch):
    code = code.replace("127.0.0.1:8501", server.rest.removeprefix("http://"))
    code = code.replace("127.0.0.1:8500", server.grpc.removeprefix("grpc://"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    if language == "python":
        done = run([sys.executable, "-c", code])
        assert re.search(r"(ham|spam|0\.\d)", done), done
    elif shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    else:
        for command in re.split(r"\n(?=curl)", code):
            # With -f curl says by its exit code that the server refuses.
            answer = json.loads(run(["curl", "-sf", *shlex.split(command)[1:]]))
            assert not answer.keys().isdisjoint(
                {"predictions", "outputs", "results", "model_version_status"}
            )


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_are_examples_of_each_kind():
    assert [language for language, _ in EXAMPLES] == ["curl", "curl", "python", "python", "python"]


def documents(path):
    return list(yaml.safe_load_all(path.read_text()))


MANIFESTS = {path.stem: path for path in (ROOT / "deploy" / "kubernetes").glob("*.yaml")}
KINDS = {
    "deployment": "Deployment",
    "service": "Service",
    "autoscaler": "HorizontalPodAutoscaler",
    "models": "PersistentVolumeClaim",
}


def test_the_manifests_keep_the_schema_of_kubernetes():
    schema = json.loads((SCHEMAS / "kubernetes.json").read_text())
    assert MANIFESTS.keys() == KINDS.keys()
    for name, kind in KINDS.items():
        [document] = documents(MANIFESTS[name])
        assert document["kind"] == kind
        checked = {"$ref": schema["kinds"][kind], "$defs": schema["$defs"]}
        jsonschema.Draft202012Validator(checked).validate(document)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(checked).validate({**document, "spek": {}})


def test_the_compose_file_keeps_the_schema_of_compose():
    schema = json.loads((SCHEMAS / "compose.json").read_text())
    [document] = documents(ROOT / "deploy" / "compose.yaml")
    jsonschema.Draft201909Validator(schema).validate(document)
    with pytest.raises(jsonschema.ValidationError):
        broken = {"services": {"serving": {**document["services"]["serving"], "port": []}}}
        jsonschema.Draft201909Validator(schema).validate(broken)


def test_the_manifests_fit_together():
    found = {name: documents(path)[0] for name, path in MANIFESTS.items()}
    pod = found["deployment"]["spec"]["template"]
    labels = pod["metadata"]["labels"]
    assert found["deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert found["service"]["spec"]["selector"] == labels
    target = found["autoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == (
        "Deployment",
        found["deployment"]["metadata"]["name"],
    )
    [container] = pod["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert {p["targetPort"]: p["port"] for p in found["service"]["spec"]["ports"]} == ports
    assert container["readinessProbe"]["httpGet"] == {
        "path": "/v1/models/spam_detection", "port": "rest"
    }  # fmt: skip
    [volume] = pod["spec"]["volumes"]
    claim = volume["persistentVolumeClaim"]["claimName"]
    assert claim == found["models"]["metadata"]["name"]


def test_every_way_of_starting_the_server_is_the_same():
    [compose] = documents(ROOT / "deploy" / "compose.yaml")
    service = compose["services"]["serving"]
    [container] = documents(MANIFESTS["deployment"])[0]["spec"]["template"]["spec"]["containers"]
    assert service["command"] == container["args"]
    [line] = re.findall(r"docker run .*?```", PAGE.replace("\\\n", " "), re.DOTALL)
    assert [word for word in line.split() if word.startswith("--") and word != "--rm"] == container[
        "args"
    ]
    images = re.findall(r"tensorflow/serving:\S+", PAGE)
    assert {*images, service["image"], container["image"]} == {"tensorflow/serving:2.20.0"}
    for flag in container["args"]:
        if (name := flag.partition("=")[2]).startswith("/models/"):
            assert (ROOT / "saved_models" / name.removeprefix("/models/")).is_file()
