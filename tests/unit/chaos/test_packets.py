from unittest.mock import Mock

import pytest
from chaos import packets

DROP = ("INPUT", "--source", "10.0.0.1", "--jump", "DROP")
REJECT = ("FORWARD", "--destination", "10.0.0.2", "--jump", "REJECT")
MARKED = "--match comment --comment fraud-chaos"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []

    def iptables(_: str, *arguments: str) -> str:
        found.append(" ".join(arguments))
        return ""

    monkeypatch.setattr(packets, "_iptables", iptables)
    return found


def strike(asked: list[str]) -> None:
    with packets._filtered("node", DROP, REJECT):
        assert asked == [
            f"--insert INPUT {MARKED} --source 10.0.0.1 --jump DROP",
            f"--insert FORWARD {MARKED} --destination 10.0.0.2 --jump REJECT",
        ]
        raise ValueError("in between")


def test_rules_go_again_also_when_something_fails(asked: list[str]) -> None:
    with pytest.raises(ValueError, match="in between"):
        strike(asked)
    assert asked[2:] == [line.replace("--insert", "--delete") for line in asked[:2]]


def test_of_rules_that_could_not_all_be_put_those_that_were_go(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    working = packets._iptables

    def first_only(name: str, *arguments: str) -> str:
        assert "REJECT" not in arguments, "no such target"
        return working(name, *arguments)

    monkeypatch.setattr(packets, "_iptables", first_only)
    with pytest.raises(AssertionError, match="no such target"), packets._filtered("node", DROP, REJECT):
        pass
    assert [line.split()[0] for line in asked] == ["--insert", "--delete"]


def test_what_a_killed_run_has_left_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = (
        "-P INPUT ACCEPT\n"
        "-A INPUT -s 10.0.0.1/32 -p tcp -m tcp --dport 6443 -m comment --comment fraud-chaos -j DROP\n"
        '-A INPUT -m comment --comment "kubernetes health check" -j KUBE-NODEPORTS\n'
    )
    asked: list[tuple[str, ...]] = []

    def iptables(_: str, *arguments: str) -> str:
        asked.append(arguments)
        return listing

    monkeypatch.setattr(packets, "_iptables", iptables)
    packets.forget(Mock())
    rule = "INPUT -s 10.0.0.1/32 -p tcp -m tcp --dport 6443 -m comment --comment fraud-chaos -j DROP"
    assert asked[1:] == [("--delete", *rule.split())]
