"""What is kept of a failure: logs and tracebacks, in the cache, the newest few of them."""

import shutil
import time
import traceback
from contextlib import suppress
from pathlib import Path

from fraudctl.runtime.cache import cache_root

_KEPT = 10
_LARGEST_BYTES = 20_000_000


def keep_traceback(error: BaseException) -> Path | None:
    """Write the traceback of an error that nobody expected; the file, or None when it can't be written."""
    with suppress(OSError):
        file = _new_directory() / "traceback.log"
        file.write_text("".join(traceback.format_exception(error)))
        return file
    return None


def keep_logs(directory: Path) -> Path | None:
    """Copy a run's logs to where they outlive it; the place, or None when there are none."""
    logs = [file for file in directory.rglob("*.log") if 0 < file.stat().st_size <= _LARGEST_BYTES]
    with suppress(OSError):
        if logs:
            kept = _new_directory()
            for log in logs:
                shutil.copyfile(log, kept / log.name)
            return kept
    return None


def _new_directory() -> Path:
    root = cache_root() / "logs"
    new = root / f"{time.strftime('%Y%m%d-%H%M%S')}-{time.monotonic_ns() % 1_000_000:06}"
    new.mkdir(parents=True)
    for old in sorted(root.iterdir())[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return new
