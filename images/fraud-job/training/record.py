"""Run the training detector's JobManager until its job is submitted, and have Java write down what it has loaded.

Runs while the image is built. Later a JobManager or TaskManager of this image takes those classes from the archive
instead of reading, checking and linking them again. The archive is valid only for this very Java and these jars, by
name, order, size and time; where it is not, Java goes on without it.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import deque
from pathlib import Path

from fraud_api import load_file

HERE = Path(__file__).parent
FLINK = Path(os.environ["FLINK_HOME"])
DETECTOR = HERE / "detector.json"
SUBMITTED = re.compile(r"Job default\.training .* to RUNNING")
LONGEST_SECONDS = 600


def main() -> None:
    """Write the archive; fails where none was made."""
    shutil.copy(HERE / "config.yaml", FLINK / "conf")
    [detector] = load_file(HERE / "detector.yaml")
    DETECTOR.write_text(detector.model_dump_json(by_alias=True, exclude_none=True))
    signal.alarm(LONGEST_SECONDS)
    flink = subprocess.Popen(_command(), stdout=subprocess.PIPE, text=True)
    assert flink.stdout is not None
    submitted = False
    told: deque[str] = deque(maxlen=100)
    for line in flink.stdout:
        told.append(line)
        if SUBMITTED.search(line):
            submitted = True
            flink.terminate()
    flink.wait()
    if not submitted or not (FLINK / "classes.jsa").is_file():
        sys.exit(f"no archive of classes was made: {''.join(told)}")


def _command() -> list[str]:
    job = ["--job-classname", "org.apache.flink.client.python.PythonDriver", "--job-id", "0" * 31 + "1"]
    python = ["-pyclientexec", "python", "-pym", "fraud_job.main", str(DETECTOR), "--application"]
    return [sys.executable, "-m", "fraud_job.pod", "jobmanager", *job, *python]


if __name__ == "__main__":
    main()
