"""What the indexer tells of itself: metrics, and a line in the log when something begins or ends."""

import logging
import threading

from fraud_services.indexer.bulk import Counts
from fraud_services.metrics import Metric, Metrics

_LOG = logging.getLogger("fraud_services.indexer")

_LONGEST_REASON = 300

READ = Metric("fraud_indexer_records_total", "counter", "Records read, by topic.")
DONE = Metric("fraud_indexer_documents_total", "counter", "Documents that Elasticsearch has taken.")
KNOWN = Metric(
    "fraud_indexer_known_total", "counter", "Documents that were there already, or a newer one of their key."
)
REFUSED = Metric("fraud_indexer_refused_total", "counter", "Records that went to the dead letters, by topic.")
AGAIN = Metric("fraud_indexer_again_total", "counter", "Documents that had to be sent again.")
WAITING = Metric("fraud_indexer_waiting", "gauge", "1 while Elasticsearch takes nothing, else 0.")
UNCOMMITTED = Metric("fraud_indexer_commit_failures_total", "counter", "Commits of offsets that failed.")
LAG = Metric("fraud_indexer_lag_records", "gauge", "Records that were not read yet, by topic.")


class Watch:
    """Counts, and says in the log what Elasticsearch can't take and when it can again."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._lock = threading.Lock()
        self._held: dict[int, str] = {}
        metrics.set(WAITING, 0)

    def beat(self) -> None:
        """The loop has gone round."""
        self._metrics.beat()

    def uncommitted(self, reason: str) -> None:
        """Offsets could not be committed; the next commit makes up for it."""
        self._metrics.add(UNCOMMITTED)
        _LOG.warning("offsets could not be committed: %s", reason[:_LONGEST_REASON])

    def read(self, topic: str, count: int) -> None:
        """Records came in."""
        self._metrics.add(READ, count, topic=topic)
        # Prometheus sees no increase in a series that begins with 1
        self._metrics.add(REFUSED, 0, topic=topic)

    def refused(self, topic: str) -> None:
        """A record went to the dead letters."""
        self._metrics.add(REFUSED, topic=topic)

    def lag(self, topic: str, records: int) -> None:
        """So many records of a topic were not read yet."""
        self._metrics.set(LAG, records, topic=topic)

    def counted(self, counts: Counts) -> None:
        """Some documents are settled, or have to be sent again."""
        for metric, count in ((DONE, counts.done), (KNOWN, counts.known), (AGAIN, counts.again)):
            if count:
                self._metrics.add(metric, count)

    def waiting(self, reason: str | None) -> None:
        """This thread's batch waits for this reason; None: no longer."""
        with self._lock:
            me, before = threading.get_ident(), bool(self._held)
            if reason is None:
                self._held.pop(me, None)
            else:
                self._held[me] = reason
            now = bool(self._held)
        if now != before:
            self._metrics.set(WAITING, int(now))
            if now:
                _LOG.warning("waiting: %s", (reason or "")[:_LONGEST_REASON])
            else:
                _LOG.info("going on")
