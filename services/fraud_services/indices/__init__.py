"""A detector's indices: what they are (pure), and how they are made, watched and thinned out in Elasticsearch."""

from fraud_services.indices.apply import apply
from fraud_services.indices.contents import documents
from fraud_services.indices.health import look, wait
from fraud_services.indices.model import Index, indices_of
from fraud_services.indices.removal import drop_expired, remove
from fraud_services.indices.verdicts import Reason, Verdict

__all__ = ["Index", "Reason", "Verdict", "apply", "documents", "drop_expired", "indices_of", "look", "remove", "wait"]
