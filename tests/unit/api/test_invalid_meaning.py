"""What types can't say is told at its place, in plain words."""

import pytest

from fraud_api.load import read_text

OWN = "SELECT account, amount, event_time, event_id FROM big"
TOTALS = "SELECT account, SUM(amount) AS total FROM payments GROUP BY account"
VIEW = "SELECT * FROM payments WHERE amount > :limit"
FILTER = "where: amount > :limit}"
OWN_AT = "spec.rules[own].sql.query"
TOTALS_AT = "spec.outputs[totals].query"
VIEW_AT = "spec.views[big].query"
FILTER_AT = "spec.rules[large-amount].filter.where"
JOINED = "SELECT payments.account, amount, payments.event_time, event_id AS x FROM payments JOIN logins ON "

SETTINGS = [
    ("table.local-time-zone", "times are written in UTC"),
    ("table.exec.legacy-cast-behaviour", "guarded"),
    ("table.exec.uid.generation", "state is found again"),
    ("restart-strategy.type", "starts again by itself"),
    ("execution.state-recovery.path", "what state a job starts from"),
    ("execution.checkpointing.externalized-checkpoint-retention", "last checkpoint"),
    ("pipeline.global-job-parameters", "dead letters"),
    ("table.exec.mini-batch.enabled", "at the event"),
    ("state.backend.type", "spec.flink.stateBackend says it"),
    ("high-availability.type", "finds its job"),
    ("kubernetes.cluster-id", "the chart's"),
    ("rest.port", "who may reach them"),
    ("blob.server.port", "who may reach them"),
    ("taskmanager.numberOfTaskSlots", "follows from parallelism"),
    ("execution.checkpointing.dir", "spec.flink.checkpoints.storage"),
    ("job-result-store.storage-path", "whether the job has ended"),
    ("metrics.reporters", "alarms"),
    ("web.submit.enable", "nobody else's code"),
]
"""Settings that break what a detector promises."""

CASES = [
    # types
    (FILTER, "where: country > 5}", FILTER_AT, "'country' is a STRING and is compared with a number"),
    (FILTER, "where: ':limit <= country'}", FILTER_AT, "'country' is a STRING and is compared with a number"),
    (FILTER, "where: amount > 5 AND country = -1}", FILTER_AT, "compared with a number"),
    # names
    ("- name: logins", "- name: payments", "spec.streams[payments].name", "given twice"),
    ("- name: big\n", "- name: logins\n", "spec.views[logins].name", "a stream is called 'logins' already"),
    ("{name: country,", "{name: amount,", "spec.streams[payments].columns[amount].name", "given twice"),
    ("- name: burst", "- name: spree", "spec.rules[spree].name", "given twice"),
    (
        "{name: spend, where",
        "{name: test, where",
        "spec.rules[test-then-spend].sequence.steps[test].name",
        "given twice",
    ),
    (
        "{name: country,",
        "{name: event_time,",
        "spec.streams[payments].columns[event_time].name",
        "only eventTime.column",
    ),
    (
        "{name: country,",
        "{name: event_id,",
        "spec.streams[payments].columns[event_id].name",
        "only the column of eventId",
    ),
    (
        "{name: country,",
        "{name: _start,",
        "spec.streams[payments].columns[_start].name",
        "'_start' is taken: the compiler adds a column",
    ),
    (
        "{name: country,",
        "{name: window_end,",
        "spec.streams[payments].columns[window_end].name",
        "windows add a column",
    ),
    (
        "[{name: n, function",
        "[{name: window_start, function",
        "spec.rules[burst].window.aggregates[window_start].name",
        "windows add a column",
    ),
    (
        "name: total, function",
        "name: amount, function",
        "spec.rules[spree].velocity.aggregates[amount].name",
        "is a column of 'payments' already",
    ),
    ("- name: flagged", "- name: alerts", "spec.outputs[alerts].name", "'alerts' is taken"),
    # streams
    (
        "eventId: id",
        "deduplicate: 1h",
        "spec.streams[payments].deduplicate",
        "deduplicate needs eventId: where a record lies in Kafka",
    ),
    ("{column: at}", "{column: when}", "spec.streams[payments].eventTime.column", "unknown column 'when'"),
    ("{column: at}", "{column: country}", "spec.streams[payments].eventTime.column", "may be missing"),
    ("{column: at}", "{column: amount}", "spec.streams[payments].eventTime.column", "is DECIMAL(10, 2), but ISO8601"),
    (
        "{column: at}",
        "{column: at, format: EpochSeconds}",
        "spec.streams[payments].eventTime.column",
        "INT or BIGINT or DOUBLE; format: ISO8601 or SQL goes with STRING",
    ),
    (
        "{column: at}",
        "{column: at, timeZone: Europe/Berln}",
        "spec.streams[payments].eventTime.timeZone",
        "did you mean 'Europe/Berlin'?",
    ),
    (
        "{column: at}",
        "{column: at, timeZone: ../../etc}",
        "spec.streams[payments].eventTime.timeZone",
        "unknown time zone",
    ),
    ("eventId: id", "eventId: idd", "spec.streams[payments].eventId", "unknown column 'idd' of stream 'payments'"),
    ("eventId: id", "eventId: country", "spec.streams[payments].eventId", "needs its event id"),
    # parameters
    ("value: 900}", "value: many}", "spec.parameters[limit].value", "'many' is not a number"),
    (
        "value: 900}",
        'value: "9999999999999999.98"}',
        "spec.parameters[limit].value",
        "has more digits than a DOUBLE holds",
    ),
    ("value: 900}", "type: INT, value: 9.5}", "spec.parameters[limit].value", "a whole number of 32 bits"),
    ("value: 900}", "type: INT, value: 3000000000}", "spec.parameters[limit].value", "a whole number of 32 bits"),
    ("value: 900}", "type: BIGINT, value: 1_0}", None, None),
    ("value: 900}", 'type: BIGINT, value: "1_0"}', "spec.parameters[limit].value", "a whole number of 64 bits"),
    ("value: 900}", "type: BOOLEAN, value: 1}", "spec.parameters[limit].value", "true or false"),
    ("value: 900}", "type: DECIMAL, value: 1e3x}", "spec.parameters[limit].value", "a decimal number"),
    ("value: 900}", "value: nan}", "spec.parameters[limit].value", "not a number"),
    ("{name: limit, ", "{name: on, ", "spec.parameters[on].name", "'on' is a word of SQL, so no condition can say :on"),
    ("value: 900}", f'value: "{"9" * 257}"}}', "spec.parameters[limit].value", "is too long: at most 256 characters"),
    # types of expressions
    (FILTER, "where: amount}", FILTER_AT, "not a condition: amount is DECIMAL(10, 2)"),
    (FILTER, "where: FOO(amount) > 1}", FILTER_AT, "unknown function 'FOO'"),
    (FILTER, "where: UPPR(account) = 'X'}", FILTER_AT, "did you mean 'UPPER'?"),
    (OWN, OWN.replace("amount,", "amount || 'x' AS amount,"), OWN_AT, "|| joins texts, but amount is DECIMAL(10, 2)"),
    (VIEW, "SELECT *, ABS(account) AS a FROM payments", VIEW_AT, "ABS needs a number, but account is STRING"),
    (
        "{name: total, type: DOUBLE}",
        "{name: total, type: INT}",
        "spec.outputs[totals].columns[total].type",
        "is DECIMAL(38, 2), which INT does not hold; declare DECIMAL(38, 2)",
    ),
    (
        "within: 1h\n        aggregates",
        "within: 1000d\n        aggregates",
        "spec.rules[spree].velocity.within",
        "1000d is too long: Flink counts at most 999d here",
    ),
    # conditions
    (FILTER, "where: amuont > :limit}", FILTER_AT, "unknown column 'amuont' of 'payments'; did you mean 'amount'?"),
    (FILTER, "where: Amount > :limit}", FILTER_AT, "unknown column 'Amount'"),
    (FILTER, "where: amount > :limt}", FILTER_AT, "unknown parameter ':limt'; did you mean 'limit'?"),
    (FILTER, "where: amount > limit}", FILTER_AT, "unknown column 'limit' of 'payments'; the parameter is :limit"),
    (FILTER, "where: country = USD}", FILTER_AT, "unknown column 'USD' of 'payments'; there are: account"),
    (FILTER, "where: country = USD}", FILTER_AT, "event_time, id; a text stands in quotes: 'USD'"),
    (FILTER, "where: amount == 5}", FILTER_AT, "not a SQL condition: '==' is not understood; write ="),
    (FILTER, "where: amount >}", FILTER_AT, "not a SQL condition: incomplete"),
    (FILTER, "where: 'amount > 1; DROP TABLE x'}", FILTER_AT, "more than one statement"),
    (FILTER, "where: 'amount > (SELECT 1)'}", FILTER_AT, "takes no subquery"),
    (FILTER, "where: SUM(amount) > 1}", FILTER_AT, "takes no aggregates"),
    (FILTER, "where: payments.amount > 1}", FILTER_AT, "plain names here; write amount"),
    (
        FILTER,
        "where: \"local_hour(event_time, 'Europe/Berln') < 6\"}",
        FILTER_AT,
        "unknown time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?",
    ),
    (FILTER, "where: \"in_network(country, '10.0.0/8')\"}", FILTER_AT, "'10.0.0/8' is no network; write it like"),
    (FILTER, "where: amount > RAND()}", FILTER_AT, "RAND gives another value"),
    (FILTER, "where: event_time < CURRENT_TIMESTAMP}", FILTER_AT, "CURRENT_TIMESTAMP gives another value"),
    (FILTER, "where: event_time < LOCALTIMESTAMP}", FILTER_AT, "LOCALTIMESTAMP gives another value"),
    (
        "{from: payments, where",
        "{from: payment, where",
        "spec.rules[large-amount].filter.from",
        "unknown stream or view 'payment'; did you mean 'payments'?",
    ),
    # alerts
    (
        'columns: [account]}\n      reason: "{amount} is',
        'columns: [acount]}\n      reason: "{amount} is',
        "spec.rules[large-amount].entity.columns[0]",
        "did you mean 'account'?",
    ),
    ('"{amount} is', '"{amuont} is', "spec.rules[large-amount].reason", "unknown column 'amuont'"),
    ('"{amount} is', '"{amount is', "spec.rules[large-amount].reason", "a brace belongs to no placeholder"),
    ('"{amount} is', '"{event_time} is', "spec.rules[large-amount].reason", "stands in every alert anyway"),
    ('"{amount} is', '"{payments.amount} is', "spec.rules[large-amount].reason", "plain names here"),
    ("{:limit}", "{:limits}", "spec.rules[large-amount].reason", "unknown parameter ':limits'"),
    ("{from: payments, where", "{from: payments, where", None, None),
    (
        "      filter: {",
        "      actions: {block: {amount: amont}}\n      filter: {",
        "spec.rules[large-amount].actions.block.amount",
        "did you mean 'amount'?",
    ),
    # velocity and window
    ("having: total >", "having: totl >", "spec.rules[spree].velocity.having", "did you mean 'total'?"),
    (
        "function: Sum, column: amount",
        "function: Sum, column: country",
        "spec.rules[spree].velocity.aggregates[total].column",
        "needs numbers, but column 'country' is STRING",
    ),
    (
        "function: Sum, column: amount",
        "function: Sum, column: amnt",
        "spec.rules[spree].velocity.aggregates[total].column",
        "did you mean 'amount'?",
    ),
    ("having: n > 10", "having: amount > 10", "spec.rules[burst].window.having", "of the key or aggregate"),
    (
        "having: n > 10",
        "having: n > 10 AND country = 'x'",
        "spec.rules[burst].window.having",
        "unknown column 'country'",
    ),
    ('"{n} from', '"{amount} from', "spec.rules[burst].reason", "unknown column 'amount'"),
    ("{size: 10m, slide: 5m}", "{size: 5m, slide: 10m}", "spec.rules[burst].window.hop.size", "shorter than its slide"),
    (
        "{size: 10m, slide: 5m}",
        "{size: 10m, slide: 3m}",
        "spec.rules[burst].window.hop.size",
        "not a multiple of the slide",
    ),
    (
        "hop: {size: 10m, slide: 5m}",
        "cumulate: {size: 1h, step: 7m}",
        "spec.rules[burst].window.cumulate.size",
        "not a multiple of the step",
    ),
    (
        "hop: {size: 10m, slide: 5m}",
        "by: [country]\n        hop: {size: 10m, slide: 5m}",
        "spec.rules[burst].entity.columns[0]",
        "unknown column 'account' of the key",
    ),
    (
        "hop: {size: 10m, slide: 5m}",
        "by: [acc]\n        hop: {size: 10m, slide: 5m}",
        "spec.rules[burst].window.by[0]",
        "unknown column 'acc'",
    ),
    (
        "hop: {size: 10m, slide: 5m}",
        "calendar: {unit: Day, timeZone: Europe/Berln}",
        "spec.rules[burst].window.calendar.timeZone",
        "did you mean 'Europe/Berlin'?",
    ),
    # join
    ("right: account}", "right: acount}", "spec.rules[no-login].join.keys[0].right", "did you mean 'account'?"),
    ("right: account}", "right: at}", "spec.rules[no-login].join.keys[0]", "is STRING, but 'at' is BIGINT"),
    ("before: 1h", "before: 0s", "spec.rules[no-login].join", "both zero"),
    ("payments.amount > 10", "payment.amount > 10", "spec.rules[no-login].join.where", "unknown side 'payment'"),
    ("payments.amount > 10", "logins.ip = 'x'", "spec.rules[no-login].join.where", "an unmatched event does not have"),
    ("payments.amount > 10", "account = 'x'", "spec.rules[no-login].join.where", "a column of both sides"),
    ("{payments.amount} of", "{logins.ip} of", "spec.rules[no-login].reason", "unknown side 'logins'"),
    # sequence
    ("{spend.amount} after", "{spent.amount} after", "spec.rules[test-then-spend].reason", "did you mean 'spend'?"),
    ("{spend.amount} after", "{amount} after", "spec.rules[test-then-spend].reason", "unknown column 'amount'"),
    ("where: amount < 1", "where: amont < 1", "spec.rules[test-then-spend].sequence.steps[test].where", "'amount'"),
    (
        "where: amount < 1",
        "where: amount < spend.amount",
        "spec.rules[test-then-spend].sequence.steps[test].where",
        "the first step has no step before it; write amount",
    ),
    (
        "where: amount > :limit}\n        within",
        "where: amount > spend.amount}\n        within",
        "spec.rules[test-then-spend].sequence.steps[spend].where",
        "'spend' in 'spend.amount' is no earlier step; steps before this one: test",
    ),
    (
        "where: amount > :limit}\n        within",
        "where: amount > test.amunt}\n        within",
        "spec.rules[test-then-spend].sequence.steps[spend].where",
        "unknown column 'amunt' of step 'test'; did you mean 'amount'?",
    ),
    ("where: amount > :limit}\n        within", "where: amount > test.amount * 2}\n        within", None, None),
    (
        "      sequence:",
        "      actions: {block: {amount: spent.amount}}\n      sequence:",
        "spec.rules[test-then-spend].actions.block.amount",
        "did you mean 'spend'?",
    ),
    (
        "      filter: {",
        "      actions: {block: {amount: payments.amount}}\n      filter: {",
        "spec.rules[large-amount].actions.block.amount",
        "columns go by their plain names here; write amount",
    ),
    # queries
    (OWN, "SELECT account FROM big", OWN_AT, "selects no event_time"),
    (OWN, "SELECT acount, event_time, event_id FROM big", OWN_AT, "unknown column 'acount'; did you mean 'account'?"),
    (OWN, "SELECT l.acount FROM big AS l", OWN_AT, "unknown column 'l.acount'"),
    (OWN, "SELECT x.account FROM big AS l", OWN_AT, "unknown table 'x'"),
    (OWN, "SELECT account FROM bg", OWN_AT, "unknown stream or view 'bg'; did you mean 'big'?"),
    (OWN, OWN + " WHERE amount > :lim", OWN_AT, "unknown parameter ':lim'"),
    (
        f'sql: {{query: "{OWN}"}}',
        f'sql: {{evidence: [event_id, other], query: "{OWN}"}}',
        "spec.rules[own].sql.evidence[1]",
        "unknown column 'other' of the query",
    ),
    (OWN, OWN.replace("amount,", "amount AS value,"), OWN_AT, "'value' is a word of SQL: as a name it stands in back"),
    (OWN, OWN.replace("big", "big AS large"), OWN_AT, "write `large`"),
    (OWN, OWN.replace("amount,", "CAST(amount AS NUMBER) AS amount,"), OWN_AT, "unknown type 'NUMBER'; did you mean"),
    (OWN, OWN + " WHERE country = 'x", OWN_AT, "the ' at character 71, in E country = 'x, is never closed"),
    (OWN, "DELETE FROM big", OWN_AT, "not one SQL SELECT"),
    (OWN, OWN + "; SELECT 1", OWN_AT, "more than one statement"),
    (OWN, "SELECT account, event_time, event_id, amount + 1 FROM big", OWN_AT, "column 4 has no name"),
    (OWN, "SELECT account, event_time, event_id, UUID() AS amount FROM big", OWN_AT, "UUID gives another value"),
    (
        OWN,
        "SELECT account, amount, event_time, event_id, LAG(amount) OVER (PARTITION BY account ORDER BY event_time) "
        "AS b FROM big",
        OWN_AT,
        "LAG OVER without RANGE BETWEEN INTERVAL ... PRECEDING keeps state for ever: stateTtl",
    ),
    (
        OWN,
        JOINED + "payments.account = logins.account",
        OWN_AT,
        "a join without bounds on both event times keeps state",
    ),
    (OWN, "SELECT DISTINCT account, amount, event_time, event_id FROM big", OWN_AT, "DISTINCT without a window"),
    (
        OWN,
        "SELECT account, amount, MAX(event_time) AS event_time, MAX(event_id) AS event_id FROM big "
        "GROUP BY account, amount",
        OWN_AT,
        "alerts can't be taken back",
    ),
    (
        OWN,
        "SELECT T.account, T.amount, T.event_time, T.event_id FROM big MATCH_RECOGNIZE (PARTITION BY account "
        "ORDER BY event_time MEASURES A.amount AS amount PATTERN (A B) DEFINE A AS amount > 1) AS T",
        OWN_AT,
        "MATCH_RECOGNIZE without WITHIN keeps state for ever",
    ),
    (VIEW, "SELECT * FROM own WHERE amount > :limit", VIEW_AT, "unknown stream or view 'own'"),
    (VIEW, "SELECT * FROM big WHERE amount > :limit", VIEW_AT, "is not above this one"),
    (VIEW, "SELECT account, amount FROM payments", OWN_AT, "unknown column 'event_time'"),
    (VIEW, "SELECT account, amount + 1, event_time, event_id FROM payments", VIEW_AT, "column 2 has no name"),
    (VIEW, "SELECT *, amount FROM payments", VIEW_AT, "two columns are called 'amount'"),
    # outputs
    (
        TOTALS,
        "SELECT account FROM payments GROUP BY account",
        "spec.outputs[totals].columns",
        "2 columns are declared, but the query selects 1: account",
    ),
    (
        TOTALS,
        "SELECT SUM(amount) AS total, account FROM payments GROUP BY account",
        "spec.outputs[totals].columns[account]",
        "selects 'total' in the place of 'account'",
    ),
    (
        "SELECT account, SUM(amount) AS total FROM payments GROUP BY account",
        "SELECT account, SUM(amount) AS total FROM payments GROUP BY account, country",
        "spec.outputs[totals].key",
        "several rows of the query share one account: it groups by account, country; "
        "key: [account, country], with country selected too",
    ),
    (
        "SELECT account, SUM(amount) AS total FROM payments GROUP BY account",
        "SELECT account, SUM(amount) AS total FROM TABLE(TUMBLE(TABLE payments, DESCRIPTOR(event_time), "
        "INTERVAL '1' DAY)) GROUP BY account, window_start, window_end",
        "spec.outputs[totals].key",
        "key: [account, window_start], with window_start selected too",
    ),
    (
        "SELECT account, SUM(amount) AS total FROM payments GROUP BY account",
        "SELECT account, total FROM (SELECT account, country, SUM(amount) AS total FROM payments "
        "GROUP BY account, country)",
        "spec.outputs[totals].key",
        "it groups by account, country",
    ),
    ("key: [account]", "key: [acount]", "spec.outputs[totals].key[0]", "did you mean 'account'?"),
    ("      key: [account]\n", "", "spec.outputs[totals]", "mode Upsert needs key"),
    ("      stateTtl: 30d\n", "", TOTALS_AT, "GROUP BY without window_start and window_end keeps state for ever"),
    ("mode: Upsert", "mode: Append", "spec.outputs[totals].mode", "mode must be Upsert"),
    (
        "      stateTtl: 30d\n",
        "      stateTtl: 30d\n      index: {timeColumn: total}\n",
        "spec.outputs[totals].index.timeColumn",
        "mode Append only",
    ),
    (
        "      split: {from: payments",
        "      index: {timeColumn: att}\n      split: {from: payments",
        "spec.outputs[flagged].index.timeColumn",
        "did you mean 'at'?",
    ),
    ("split: {from: payments,", "split: {from: big,", "spec.outputs[flagged].split.from", "'big' is a view"),
    ("split: {from: payments,", "split: {from: login,", "spec.outputs[flagged].split.from", "did you mean 'logins'?"),
    ("split: {from: payments,", "split: {from: logins,", "spec.outputs[flagged].split", "no enforced filter rule over"),
    (
        "part: Flagged}",
        "part: Flagged, rules: [large-amont]}",
        "spec.outputs[flagged].split.rules[0]",
        "did you mean 'large-amount'?",
    ),
    ("part: Flagged}", "part: Flagged, rules: [spree]}", "spec.outputs[flagged].split.rules[0]", "is a velocity rule"),
    (
        "split: {from: payments,",
        "split: {rules: [large-amount], from: logins,",
        "spec.outputs[flagged].split.rules[0]",
        "is over 'payments', not over 'logins'",
    ),
    # topics
    (
        "- name: logins\n",
        "- name: logins\n      topic: payments\n",
        "spec.streams[logins].topic",
        "topic 'payments' is read by stream 'payments' too, with",
    ),
    ("- name: flagged\n", "- name: flagged\n      topic: payments\n", "spec.outputs[flagged].topic", "is a loop"),
    ("- name: flagged\n", "- name: logins\n", "spec.outputs[logins].name", "is a loop"),
    (
        "- name: flagged\n",
        "- name: flagged\n      topic: totals\n",
        "spec.outputs[totals].name",
        "is written by output",
    ),
    (
        "- name: flagged\n",
        "- name: flagged\n      topic: default.shop.alerts\n",
        "spec.outputs[flagged].topic",
        "is written by alerts already",
    ),
    (
        "- name: flagged\n",
        "- name: flagged\n      topic: default.shop.logins.dead-letters\n",
        "spec.outputs[flagged].topic",
        "dead letters of stream 'logins'",
    ),
    (
        "- name: flagged\n",
        "- name: flagged\n      topic: default.shop.blocked\n",
        "spec.outputs[flagged].topic",
        "block list",
    ),
    (
        "- name: flagged\n",
        "- name: flagged\n      topic: default.shop.indexer.dead-letters\n",
        "spec.outputs[flagged].topic",
        "documents that Elasticsearch refuses",
    ),
    ("- name: logins\n", "- name: indexer\n", "spec.streams[indexer].name", "'indexer' is taken"),
    ("spec:\n", "spec:\n  blocking: {topic: logins}\n", "spec.blocking.topic", "stream 'logins' reads topic 'logins'"),
    ("- name: logins\n", "- name: logins\n      topic: default.shop.late\n", "spec.streams[logins].topic", "is a loop"),
    # panels
    (
        "from: totals,",
        "from: total,",
        "spec.kibana.panels[by-account].from",
        "unknown output 'total'; did you mean 'totals'?",
    ),
    (
        "by: [account], column",
        "by: [acount], column",
        "spec.kibana.panels[by-account].by[0]",
        "did you mean 'account'?",
    ),
    ("column: total, function: Sum", "function: Sum", "spec.kibana.panels[by-account]", "function Sum needs column"),
    ("type: Bar", "type: HeatMap", "spec.kibana.panels[by-account].by", "two axes"),
    ("type: Bar", "type: TimeSeries", "spec.kibana.panels[by-account].type", "'totals' has no column with a time"),
    (
        "by: [account], column",
        "interval: 1m, column",
        "spec.kibana.panels[by-account].interval",
        "no column with a time",
    ),
    (
        "type: Bar, from: totals, by: [account]",
        "type: Line, from: totals",
        "spec.kibana.panels[by-account].type",
        "time",
    ),
    ("function: Sum}", "function: Last}", "spec.kibana.panels[by-account].function", "Last needs one"),
    ("column: total,", "column: account,", "spec.kibana.panels[by-account].column", "it is no number"),
    (
        "from: totals, by: [account], column: total, function: Sum",
        "from: alerts, by: [row]",
        "spec.kibana.panels[by-account].by[0]",
        "'row' can't be grouped by",
    ),
    (
        "by: [account], column",
        "by: [account, total, account], column",
        "spec.kibana.panels[by-account].by",
        "type Bar can be grouped by 2 at most",
    ),
    ("by: [account], column", "columns: [account], column", "spec.kibana.panels[by-account].columns", "only a table"),
    (
        "type: Bar, from: totals,",
        "type: Table, from: totals, columns: [account],",
        "spec.kibana.panels[by-account].columns",
        "either groups (by) or single documents",
    ),
    (
        "key: [account]\n",
        "key: [account]\n      index: {enabled: false}\n",
        "spec.kibana.panels[by-account].from",
        "output 'totals' is not indexed",
    ),
]


@pytest.mark.parametrize(("old", "new", "path", "message"), CASES)
def test_a_mistake_is_told_at_its_place(problems, text, old, new, path, message):
    assert old in text
    spoilt = text.replace(old, new, 1)
    found = problems(spoilt)
    if path is None:
        assert found == []
        return
    matching = [problem for problem in found if problem.path == path and message in str(problem)]
    assert matching, "\n".join(map(str, found))
    assert all(problem.line is not None for problem in found)


@pytest.mark.parametrize(("key", "message"), SETTINGS)
def test_settings_that_break_promises_are_refused_by_name(problems, text, key, message):
    (found,) = problems(text.replace("spec:\n", f"spec:\n  flink: {{configuration: {{{key}: x}}}}\n", 1))
    assert found.path == f'spec.flink.configuration["{key}"]'
    assert f"'{key}' can't be set" in str(found)
    assert message in str(found)


@pytest.mark.parametrize("key", ["s3.secret-key", "s3.access-key", "security.ssl.rest.key-password", "x.apiToken"])
def test_a_setting_that_looks_like_a_secret_is_refused(problems, text, key):
    (found,) = problems(text.replace("spec:\n", f"spec:\n  flink: {{configuration: {{{key}: x}}}}\n", 1))
    assert f"'{key}' looks like a secret" in str(found)


def test_other_settings_pass(problems, text):
    free = "taskmanager.memory.process.size: 2g, execution.checkpointing.timeout: 5 min"
    assert problems(text.replace("spec:\n", f"spec:\n  flink: {{configuration: {{{free}}}}}\n", 1)) == []


GOOD = [
    (
        OWN,
        "SELECT account, amount, event_time, event_id, SUM(amount) OVER (PARTITION BY account ORDER BY event_time "
        "RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW) AS total FROM big",
    ),
    (
        OWN,
        "SELECT account, amount, window_time AS event_time, event_id FROM (SELECT account, MAX(amount) AS amount, "
        "MAX(event_id) AS event_id, window_time "
        "FROM TABLE(TUMBLE(TABLE payments, DESCRIPTOR(event_time), INTERVAL '1' HOUR))"
        " GROUP BY account, window_start, window_end, window_time)",
    ),
    (
        OWN,
        "SELECT p.account, p.amount, p.event_time, p.event_id FROM payments AS p JOIN logins AS l "
        "ON p.account = l.account AND l.event_time BETWEEN p.event_time - INTERVAL '1' HOUR AND p.event_time",
    ),
    (OWN, "WITH big AS (SELECT * FROM big WHERE amount > 10) SELECT * FROM big ORDER BY event_time"),
    (
        OWN,
        "SELECT T.account, T.amount, T.event_time, T.event_id FROM big MATCH_RECOGNIZE (PARTITION BY account "
        "ORDER BY event_time MEASURES A.amount AS amount PATTERN (A B) WITHIN INTERVAL '1' HOUR "
        "DEFINE A AS amount > 1) AS T",
    ),
    (
        VIEW,
        "SELECT id, account, amount, event_time, event_id, EXTRACT(HOUR FROM event_time) AS h, "
        "TIMESTAMPDIFF(MINUTE, event_time, event_time) AS m FROM payments",
    ),
    (FILTER, "where: account IS NOT NULL AND EXTRACT(HOUR FROM event_time) < 6}"),
    ("- name: logins\n", "- name: select\n      topic: group\n"),
]


@pytest.mark.parametrize(("old", "new"), GOOD)
def test_what_is_right_passes(problems, text, old, new):
    assert old in text
    spoilt = text.replace(old, new, 1).replace("right: logins", f"right: {'select' if 'select' in new else 'logins'}")
    assert problems(spoilt) == []


def test_two_streams_may_read_one_topic_alike(problems, text):
    start, end = text.index("    - name: logins"), text.index("  views:")
    twin = text[start:end].replace("name: logins", "name: logins_again\n      topic: logins")
    assert problems(text[:end] + twin + text[end:]) == []


def test_a_view_with_state_for_ever_is_for_sql_with_a_time_to_live_only(problems, text):
    grouped = "SELECT account, SUM(amount) AS amount, MAX(event_time) AS event_time, MAX(event_id) AS event_id"
    spoilt = text.replace("SELECT * FROM payments WHERE amount > :limit", f"{grouped} FROM payments GROUP BY account")
    spoilt = spoilt.replace("filter: {from: payments", "filter: {from: large")
    found = problems(spoilt.replace("payments, part: Flagged", "payments, part: Flagged, rules: []"))
    assert {problem.path for problem in found} == {"spec.rules[large-amount].filter.from", "spec.rules[own].sql.query"}


def test_stateful_rules_refuse_a_computed_event_time(problems, text):
    spoilt = text.replace(
        "SELECT * FROM payments WHERE amount > :limit",
        "SELECT account, amount, event_id, event_time + INTERVAL '1' HOUR AS event_time FROM payments",
    ).replace("from: payments\n        within: 1h", "from: large\n        within: 1h")
    assert [problem.path for problem in problems(spoilt)] == ["spec.rules[spree].velocity.from"]


MATCH = """SELECT T.account, T.low * 2 AS amount, T.event_time, T.event_id FROM payments MATCH_RECOGNIZE (
  PARTITION BY account ORDER BY event_time
  MEASURES FIRST(A.amount) AS low, MATCH_ROWTIME() AS event_time, LAST(B.id) AS event_id
  ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW
  PATTERN (A{2,} C*? B) WITHIN INTERVAL '1' HOUR
  DEFINE A AS A.amount < 5, B AS B.amount > AVG(A.amount) * 3 AND B.country <> LAST(A.country)
) AS T WHERE T.low > 1"""


def test_nothing_is_said_of_what_a_match_selects(text):
    """What MATCH_RECOGNIZE makes is known to Flink alone: no name and no type of it is doubted."""
    asked = text.replace(OWN, MATCH.replace("\n", " "))
    assert asked != text
    assert read_text(asked, "shop.yaml").warnings == []
