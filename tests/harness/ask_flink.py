"""Ask Flink's own parser and catalogue: a program of its own, as PyFlink keeps one Java process a Python process.

Reads a JSON list of queries from standard input; writes what Flink says of each (null where it takes it), and the
functions that it lists.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

TABLE = """CREATE TEMPORARY TABLE t (i INT, d DOUBLE, s STRING, o BOOLEAN, event_time TIMESTAMP(3),
WATERMARK FOR event_time AS event_time) WITH ('connector' = 'datagen')"""


@dataclass(frozen=True)
class Answers:
    """What Flink says.

    Attributes:
        said: its message by query, None where it takes it.
        functions: names of its functions.
    """

    said: dict[str, str | None]
    functions: list[str]


def ask(queries: list[str]) -> Answers:
    """Ask of queries over ``t (i, d, s, o, event_time)``."""
    asked = subprocess.run(
        [sys.executable, __file__], input=json.dumps(queries), capture_output=True, text=True, timeout=300, check=False
    )
    assert asked.returncode == 0, asked.stderr[-2000:]
    answer: dict[str, Any] = json.loads(asked.stdout.splitlines()[-1])
    return Answers(dict(zip(queries, answer["said"], strict=True)), answer["functions"])


def _main() -> None:
    from pyflink.table import EnvironmentSettings, TableEnvironment

    from fraud_job.flink import java_message

    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    environment.execute_sql(TABLE)
    said: list[str | None] = []
    for query in json.load(sys.stdin):
        try:
            environment.sql_query(query)
            said.append(None)
        except Exception as error:
            said.append(java_message(error))
    print(json.dumps({"said": said, "functions": environment.list_functions()}))


if __name__ == "__main__":
    _main()
