from fraud_operator.pods import describe


def pod(part: str, **status: object) -> dict[str, object]:
    return {"metadata": {"labels": {"app.kubernetes.io/component": part}}, "status": status}


def waiting(reason: str, **more: object) -> list[object]:
    return [{"state": {"waiting": {"reason": reason, "message": "why"}}, **more}]


def test_a_pod_that_finds_no_node_is_told() -> None:
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "Insufficient cpu"}]
    assert describe([pod("taskmanager", conditions=conditions)]) == "taskmanager: Unschedulable: Insufficient cpu"


def test_an_image_that_can_not_be_pulled_and_a_crash_are_told() -> None:
    ended = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
    pods = [
        pod("taskmanager", containerStatuses=waiting("ImagePullBackOff")),
        pod("jobmanager", containerStatuses=waiting("CrashLoopBackOff", lastState=ended)),
    ]
    assert describe(pods) == (
        "jobmanager: CrashLoopBackOff: why, exit code 137 (OOMKilled); taskmanager: ImagePullBackOff: why"
    )


def test_what_passes_by_itself_is_no_trouble() -> None:
    assert describe([pod("jobmanager", containerStatuses=waiting("ContainerCreating")), pod("taskmanager")]) == ""
