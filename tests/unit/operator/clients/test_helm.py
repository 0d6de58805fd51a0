"""Against a small program that plays helm."""

import json
from pathlib import Path

import pytest

from fraud_operator.clients.helm import Helm, HelmError

REFUSED = """\
coalesce.go:286: warning: something
Error: UPGRADE FAILED: execution error at (fraud-detector/templates/configmaps.yaml:1:4): error calling include: \
template: x: error calling fail: podTemplate must not set spec.hostNetwork
"""


@pytest.fixture
def helm(tmp_path: Path) -> Helm:
    program = tmp_path / "helm"
    program.write_text(
        f'#!/bin/sh\necho "$HELM_DRIVER $*" >{tmp_path}/called\ncat >{tmp_path}/stdin\n'
        f"cat {tmp_path}/says >&2 2>/dev/null\ncat {tmp_path}/prints 2>/dev/null\n[ ! -e {tmp_path}/says ]\n"
    )
    program.chmod(0o755)
    return Helm(str(program), Path("/charts/x"), 1, "home")


def test_values_go_in_by_standard_input(helm: Helm, tmp_path: Path) -> None:
    helm.upgrade("ns.a", {"running": True})
    called = (tmp_path / "called").read_text()
    assert called.startswith("configmap upgrade --install ns.a /charts/x --namespace home ")
    assert "running" not in called
    assert "--dry-run" not in called
    assert "--take-ownership" not in called
    assert json.loads((tmp_path / "stdin").read_text()) == {"running": True}


def test_a_rehearsal_changes_nothing(helm: Helm, tmp_path: Path) -> None:
    (tmp_path / "prints").write_text('{"manifest": "kind: Job"}')
    assert helm.rehearse("ns.a", {}) == {"manifest": "kind: Job"}
    assert "--dry-run=server --output json" in (tmp_path / "called").read_text()


def test_what_can_not_be_read_is_told(helm: Helm) -> None:
    with pytest.raises(HelmError, match="can't be read"):
        helm.rehearse("ns.a", {})


def test_objects_of_another_release_are_taken_over_only_when_asked_for(helm: Helm, tmp_path: Path) -> None:
    helm.upgrade("ns.a", {}, adopt=True)
    assert "--take-ownership" in (tmp_path / "called").read_text()


def test_a_release_that_is_gone_may_go(helm: Helm, tmp_path: Path) -> None:
    helm.uninstall("ns.a")
    assert "uninstall ns.a --namespace home --ignore-not-found" in (tmp_path / "called").read_text()


def test_the_charts_own_words_are_told(helm: Helm, tmp_path: Path) -> None:
    (tmp_path / "says").write_text(REFUSED)
    with pytest.raises(HelmError, match=r"^podTemplate must not set spec\.hostNetwork$"):
        helm.upgrade("ns.a", {})


def test_no_helm_is_told() -> None:
    with pytest.raises(HelmError, match="helm can't be run: No such file"):
        Helm("/nowhere/helm", Path("/x"), 1, "home").uninstall("ns.a")
