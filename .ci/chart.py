"""Validates rendered charts: chart.py FOLDER FOLDER_OF_KEDA_CRDS KUBERNETES_VERSION."""
import glob
import os
import sys

import jsonschema
import kubernetes_validate
import yaml

folder, crds, version = sys.argv[1:]
# Objects of the Prometheus operator: no schema of it is at hand, so only their form is looked at.
FORM_ONLY = {"PodMonitor": ["selector", "podMetricsEndpoints"], "PrometheusRule": ["groups"]}


def strict(schema):
    """An API server drops fields that it does not know; here they are refused."""
    if isinstance(schema, dict):
        if "properties" in schema and "x-kubernetes-preserve-unknown-fields" not in schema:
            schema.setdefault("additionalProperties", False)
        for each in list(schema.values()):
            strict(each)
    elif isinstance(schema, list):
        for each in schema:
            strict(each)
    return schema


keda = {}
for file in glob.glob(crds + "/*.yaml"):
    crd = yaml.safe_load(open(file))["spec"]
    schema = strict(crd["versions"][0]["schema"]["openAPIV3Schema"])
    schema["properties"]["metadata"] = {"type": "object"}
    keda[crd["names"]["kind"]] = schema
checked = {}


def check(document):
    kind = document["kind"]
    if kind in keda:
        jsonschema.validate(document, keda[kind])
    elif kind in FORM_ONLY:
        assert all(document["spec"].get(field) for field in FORM_ONLY[kind]), document
    else:
        kubernetes_validate.validate(document, version, strict=True)


def pod_specs(documents):
    for each in documents:
        if each["kind"] in ("StatefulSet", "Deployment", "Job"):
            yield each, each["spec"]["template"]["spec"]


for path in sorted(glob.glob(folder + "/*-values.yaml")):
    documents = [d for d in yaml.safe_load_all(open(path)) if d]
    assert documents, path
    names = set()
    for document in documents:
        try:
            check(document)
        except Exception as problem:
            sys.exit(f"{os.path.basename(path)}: {document['kind']} {document['metadata']['name']}: {problem}")
        checked[document["kind"]] = checked.get(document["kind"], 0) + 1
        key = (document["kind"], document["metadata"]["name"])
        assert key not in names, f"{path}: twice: {key}"
        names.add(key)
    for owner, pod in pod_specs(documents):
        volumes = {v["name"] for v in pod["volumes"]}
        volumes |= {c["metadata"]["name"] for c in owner["spec"].get("volumeClaimTemplates", [])}
        for container in pod["containers"]:
            mounts = [m["name"] for m in container["volumeMounts"]]
            assert set(mounts) <= volumes, f"{path}: {owner['metadata']['name']} mounts {set(mounts) - volumes}"
            assert container["securityContext"]["readOnlyRootFilesystem"], path
            seen = [e["name"] for e in container["env"]]
            assert len(seen) == len(set(seen)), f"{path}: a variable twice in {seen}"
        for volume in pod["volumes"]:
            if "configMap" in volume:
                assert ("ConfigMap", volume["configMap"]["name"]) in names, f"{path}: no {volume}"

# The checks themselves can fail.
for wrong in (
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"containerPorts": []}},
    {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {}, "spec": {"scaleTargetRef": {}, "triggers": []}},
    {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {},
        "spec": {"scaleTargetRef": {"name": "a"}, "triggers": [], "cooldown": 1},
    },
):
    try:
        check(wrong)
    except Exception:
        continue
    sys.exit(f"a wrong object passed: {wrong}")
for kind in ("StatefulSet", "Deployment", "ScaledObject", "TriggerAuthentication", "PodMonitor", "PrometheusRule", "NetworkPolicy", "Job"):
    assert kind in checked, f"no values file of charts/tidemark/ci renders a {kind}"
print("chart: " + ", ".join(f"{n} {kind}" for kind, n in sorted(checked.items())))
