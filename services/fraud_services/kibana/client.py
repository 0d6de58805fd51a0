"""Keeps a detector's objects in Kibana as they should be: imports what differs, removes what is no longer declared."""

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from fraud_services.kibana.drift import stands
from fraud_services.kibana.http import Http, Refused, Unavailable
from fraud_services.kibana.objects import Owner, SavedObject, ndjson
from fraud_services.kibana.verdict import NotImported, Reason, Verdict, judged

Key = tuple[str, str]
"""Type and id of an object."""
Version = tuple[int, int]

_FILE = "dashboard.ndjson"
_DASHBOARDS_API: Version = (9, 4)
"""The first Kibana with an API of its own for dashboards."""
_POLL_SECONDS = 2.0
_NO_KIBANA = "is there a Kibana at this address?"


class KibanaClient:
    """A space of a Kibana."""

    def __init__(
        self, http: Http, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Speak through ``http``; connect to nothing yet."""
        self._http = http
        self._clock = clock
        self._sleep = sleep

    def wait(self, seconds: float) -> Verdict:
        """Wait until Kibana is available, for so long at most; Ready says that it is."""
        end = self._clock() + seconds
        while True:
            found = judged("Kibana is available", self._answers)
            if found.reason is not Reason.UNAVAILABLE or self._clock() >= end:
                return found
            self._sleep(min(_POLL_SECONDS, max(0.0, end - self._clock())))

    def apply(self, owner: Owner, objects: Sequence[SavedObject]) -> Verdict:
        """Make the owner's objects these and no others. Does nothing where nothing differs."""
        return judged("the dashboard is as declared", lambda: self._apply(owner, objects))

    def remove(self, owner: Owner) -> Verdict:
        """Remove everything of the owner's."""
        return judged("the dashboard is gone", lambda: self._remove(owner))

    def _answers(self) -> bool:
        self._version()
        return False

    def _apply(self, owner: Owner, objects: Sequence[SavedObject]) -> bool:
        version = self._version()
        differs = self._differs(objects)
        if differs:
            self._import(objects)
        stale = [one for one in self._owned(owner) if one not in {_key(wanted) for wanted in objects}]
        self._delete(stale, version)
        return differs or bool(stale)

    def _remove(self, owner: Owner) -> bool:
        version = self._version()
        dashboard = ("dashboard", owner.id("dashboard"))  # one without panels refers to nothing
        found = self._owned(owner)
        return self._delete(found if dashboard in found else [dashboard, *found], version)

    def _version(self) -> Version:
        """Kibana's version, 0.0 where it does not tell. Raises Unavailable while it starts."""
        status = self._http.ask("GET", "/api/status", in_space=False).json()
        try:
            level = status["status"]["overall"]["level"]
        except (KeyError, TypeError):
            raise Refused(f"/api/status says nothing of a status; {_NO_KIBANA}") from None
        if level not in ("available", "degraded"):
            raise Unavailable(f"Kibana is {level}")
        told = status.get("version")
        number = re.match(r"(\d+)\.(\d+)", str(told.get("number"))) if isinstance(told, dict) else None
        return (int(number[1]), int(number[2])) if number else (0, 0)

    def _differs(self, objects: Sequence[SavedObject]) -> bool:
        """Whether Kibana lacks any of these or has another instead."""
        asked = [{"type": one["type"], "id": one["id"]} for one in objects]
        found = {_key(one): one for one in self._export({"objects": asked})}
        return not all(stands(found.get(_key(one)), one) for one in objects)

    def _export(self, what: dict[str, Any]) -> list[dict[str, Any]]:
        """Objects as they stand; none where one of those asked for is missing."""
        try:
            answer = self._http.ask("POST", "/api/saved_objects/_export", what | {"excludeExportDetails": True})
        except Refused as error:
            if _is_missing(error):
                return []
            raise
        return [one for one in answer.lines() if isinstance(one, dict)]

    def _import(self, objects: Sequence[SavedObject]) -> None:
        """Import these over what is there. Raises NotImported when Kibana's 200 is no success."""
        path = "/api/saved_objects/_import?overwrite=true"
        answer = self._http.upload(path, _FILE, ndjson(objects).encode()).json()
        if not isinstance(answer, dict) or "success" not in answer:
            raise Refused(f"the import's answer does not say whether it succeeded; {_NO_KIBANA}")
        errors = [_import_error(one) for one in _dicts(answer.get("errors"))]
        if errors or answer["success"] is not True:
            raise NotImported(errors or ["it says success: false and gives no reason"])
        # an id that is taken in another space is replaced by Kibana, which is no error to it
        moved = [one for one in _dicts(answer.get("successResults")) if one.get("destinationId")]
        if moved:
            raise NotImported([f"{_name(one)}: the id is taken in another space" for one in moved])

    def _owned(self, owner: Owner) -> list[Key]:
        """The owner's objects; an analyst's own ones over its data views are left alone."""
        listed = self._http.ask("GET", "/api/data_views").json()
        if not isinstance(listed, dict) or "data_view" not in listed:
            raise Refused(f"/api/data_views lists no data views; {_NO_KIBANA}")
        views = [one["id"] for one in _dicts(listed["data_view"]) if str(one.get("id")).startswith(owner.prefix)]
        if not views:
            return []
        references = [{"type": "index-pattern", "id": one} for one in views]
        found = map(_key, self._export({"type": ["dashboard", "search"], "hasReference": references}))
        # what refers to others goes before them
        return [
            *sorted(one for one in found if one[1].startswith(owner.prefix)),
            *(("index-pattern", v) for v in views),
        ]

    def _delete(self, stale: Sequence[Key], version: Version) -> bool:
        """Whether any of them was there."""
        there = [self._delete_one(kind, identity, version) for kind, identity in stale]
        return any(there)

    def _delete_one(self, kind: str, identity: str, version: Version) -> bool:
        path = f"/api/saved_objects/{kind}/{identity}?force=true"
        if kind == "index-pattern":
            path = f"/api/data_views/data_view/{identity}"
        elif kind == "dashboard" and version >= _DASHBOARDS_API:
            path = f"/api/dashboards/{identity}"
        try:
            self._http.ask("DELETE", path)
        except Refused as error:
            if error.status == 404:
                return False
            raise
        return True


def _key(one: dict[str, Any]) -> Key:
    return str(one.get("type")), str(one.get("id"))


def _name(one: dict[str, Any]) -> str:
    return " ".join(_key(one))


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _is_missing(error: Refused) -> bool:
    """Whether an export was refused because an object is not there, which is no error here."""
    attributes = error.body.get("attributes") if isinstance(error.body, dict) else None
    return error.status == 400 and isinstance(attributes, dict) and "objects" in attributes


def _import_error(one: dict[str, Any]) -> str:
    error = one.get("error")
    error = error if isinstance(error, dict) else {}
    if error.get("type") == "missing_references":
        missing = ", ".join(map(_name, _dicts(error.get("references"))))
        return f"{_name(one)} refers to what is not there: {missing}"
    said = error.get("message") or error.get("type") or "no reason given"
    return f"{_name(one)}: {' '.join(str(said).split())[:200]}"
