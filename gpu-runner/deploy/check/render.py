"""Helm's own Go SDK renders and lints the chart; kubernetes-validate checks what came out against the API's schemas, unknown fields included.

usage: render.py CHART OUT   for every CHART/ci/<name>.yaml writes OUT/<name>.yaml
"""

import os
import sys

import helm_python as helm
import kubernetes_validate
import yaml

KUBERNETES = "1.34"
chart_folder, out = sys.argv[1:]
failed = False


def say(problem: str) -> None:
    global failed
    failed = True
    print(problem, file=sys.stderr)


for file in sorted(os.listdir(os.path.join(chart_folder, "ci"))):
    name = file.removesuffix(".yaml")
    with open(os.path.join(chart_folder, "ci", file)) as stream:
        values = yaml.safe_load(stream)
    report = helm.lint(chart_folder, values, strict=True, namespace="weft", kube_version=f"v{KUBERNETES}.0")
    for message in report["messages"]:
        # Severity 1 is advice, such as an icon.
        if message["severity"] > 1:
            say(f"{name}: {message['path']}: {message['error']}")
    with helm.Chart.load(chart_folder) as chart:
        manifests = chart.render(values, name="weft", namespace="weft")
    documents = []
    for path in sorted(manifests):
        if not path.endswith(".yaml"):
            continue
        documents += [text.strip("\n") for text in manifests[path].split("\n---\n")]
    kept = [text for text in (d.removeprefix("---\n") for d in documents) if yaml.safe_load(text)]
    for text in kept:
        resource = yaml.safe_load(text)
        if "." in resource["apiVersion"].split("/")[0] and not resource["apiVersion"].split("/")[0].endswith(".k8s.io"):
            continue  # custom resources have schemas of their own
        try:
            kubernetes_validate.validate(resource, KUBERNETES, strict=True)
        except kubernetes_validate.ValidationError as error:
            say(f"{name}: {resource['kind']} {resource['metadata']['name']}: {'.'.join(map(str, error.path))}: {error.message}")
    with open(os.path.join(out, f"{name}.yaml"), "w") as stream:
        stream.write("---\n".join(text + "\n" for text in kept))
    print(f"{name}: {len(kept)} resources")

sys.exit(1 if failed else 0)
