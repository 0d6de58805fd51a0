# What `helm test` runs: the operator answers, and the API server serves its resource.
import json
import ssl
import sys
import urllib.request
from pathlib import Path

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")

with urllib.request.urlopen(sys.argv[1], timeout=10) as answer:
    print("the operator is healthy:", answer.read().decode())

request = urllib.request.Request(
    "https://kubernetes.default.svc/apis/frauddetector.io/v1alpha1",
    headers={"Authorization": f"Bearer {(ACCOUNT / 'token').read_text()}"},
)
trusted = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
with urllib.request.urlopen(request, timeout=10, context=trusted) as answer:
    served = [resource["name"] for resource in json.load(answer)["resources"]]
print("served:", *served)
sys.exit("frauddetectors" not in served)
