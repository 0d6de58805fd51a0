"""Values that don't fit are told at their place and line, in plain words."""

import pytest

CASES = [
    # (what is replaced, by what, path, message)
    (
        "filter: {from: payments, where:",
        "filter: {from: payments, wher:",
        "spec.rules[large-amount].filter",
        "unknown field 'wher'; did you mean 'where'?",
    ),
    ("kind: FraudDetector", "kind: FraudDetektor", "", "not a FraudDetector"),
    ("v1alpha1", "v2", "", "expected apiVersion: frauddetector.io/v1alpha1"),
    ("name: shop", "name: Shop", "metadata.name", "lower-case letters, digits and hyphens"),
    ("name: shop", "name: " + "x" * 41, "metadata.name", "at most 40 characters"),
    ("metadata:\n  name: shop", "metadata: {}", "metadata", "'name' is missing"),
    ("metadata:\n  name: shop", "metadata: shop", "metadata", "must be a mapping of fields, not 'shop'"),
    ("eventId: id", "eventID: id", "spec.streams[payments]", "unknown field 'eventID'; did you mean 'eventId'?"),
    ("eventId: id", "event_id: id", "spec.streams[payments]", "unknown field 'event_id'; did you mean 'eventId'?"),
    ("type: BIGINT", "type: LONG", "spec.streams[logins].columns[at].type", "'LONG' must be one of STRING, BOOLEAN"),
    ('"DECIMAL(10, 2)"', "bigint", "spec.streams[payments].columns[amount].type", "must be one of STRING"),
    ("eventTime: {column: at}", "eventTime: {}", "spec.streams[payments].eventTime", "'column' is missing"),
    ("eventTime: {column: at}\n", "eventTime: at\n", "spec.streams[payments].eventTime", "a mapping of fields"),
    (
        "column: at, format: EpochMillis",
        "column: at, format: epochMillis",
        "spec.streams[logins].eventTime.format",
        "must be one of ISO8601, SQL, EpochSeconds, EpochMillis, EpochMicros, EpochNanos; not 'epochMillis'; "
        "did you mean 'EpochMillis'?",
    ),
    (
        "within: 1h\n        aggregates",
        "within: 1 hour\n        aggregates",
        "spec.rules[spree].velocity.within",
        "'1 hour' must be whole numbers with units (ms, s, m, h, d)",
    ),
    (
        "within: 1h\n        aggregates",
        "within: 0s\n        aggregates",
        "spec.rules[spree].velocity.within",
        "a duration must be longer than zero",
    ),
    (
        "within: 1h\n        aggregates",
        "within: 60\n        aggregates",
        "spec.rules[spree].velocity.within",
        "60 must be whole numbers with units (ms, s, m, h, d), such as 10s or 1h30m; write 60s, 60m, 60h or 60d",
    ),
    (
        "within: 1h\n        aggregates",
        "within: 1w\n        aggregates",
        "spec.rules[spree].velocity.within",
        "mean 7d?",
    ),
    (
        "within: 1h\n        aggregates",
        "within: 90 Minutes\n        aggregates",
        "spec.rules[spree].velocity.within",
        "did you mean 1h30m?",
    ),
    (
        "within: 1h\n        aggregates",
        "within: PT1M30S\n        aggregates",
        "spec.rules[spree].velocity.within",
        "did you mean 1m30s?",
    ),
    (
        '"DECIMAL(10, 2)"',
        '"DECIMAL(40, 2)"',
        "spec.streams[payments].columns[amount].type",
        "DECIMAL(40, 2): a DECIMAL has 1 to 38 digits",
    ),
    (
        '"DECIMAL(10, 2)"',
        '"DECIMAL(4, 12)"',
        "spec.streams[payments].columns[amount].type",
        "DECIMAL(4, 12): of 4 digits no 12 can be decimal places",
    ),
    ('"DECIMAL(10, 2)"', "NUMBER", "spec.streams[payments].columns[amount].type", "did you mean DECIMAL(12, 2)?"),
    (
        '"DECIMAL(10, 2)"',
        '"numeric(10,2)"',
        "spec.streams[payments].columns[amount].type",
        "did you mean DECIMAL(10,2)?",
    ),
    ('"DECIMAL(10, 2)"', '"TIMESTAMP(6)"', "spec.streams[payments].columns[amount].type", "did you mean TIMESTAMP(3)?"),
    ("type: BIGINT", "type: long", "spec.streams[logins].columns[at].type", "did you mean BIGINT?"),
    (
        "within: 1h\n        aggregates",
        "within: 1M\n        aggregates",
        "spec.rules[spree].velocity.within",
        "30d for a",
    ),
    (
        "entity: {type: account, columns: [account]}",
        "entity: {type: account, columns: account}",
        "spec.rules[large-amount].entity.columns",
        "must be a list, not 'account'; write [account]",
    ),
    (
        "entity: {type: account, columns: [account]}",
        "entity: account",
        "spec.rules[large-amount].entity",
        "must be a mapping of fields, not 'account'; fields here: columns, type",
    ),
    ("- name: burst", "- name: Burst!", "spec.rules[2].name", "lower-case letters"),
    ("- name: burst", "- nam: burst", "spec.rules[2]", "unknown field 'nam'; did you mean 'name'?"),
    (
        "function: Count}",
        "function: count}",
        "spec.rules[burst].window.aggregates[n].function",
        "did you mean 'Count'?",
    ),
    (
        "function: Sum, column: amount",
        "function: Sum",
        "spec.rules[spree].velocity.aggregates[total]",
        "Sum needs a column",
    ),
    (
        "hop: {size: 10m, slide: 5m}",
        "tumble: {size: 1m}\n        hop: {size: 10m, slide: 5m}",
        "spec.rules[burst].window",
        "exactly one of tumble, hop, session, cumulate, calendar",
    ),
    ("        hop: {size: 10m, slide: 5m}\n", "", "spec.rules[burst].window", "exactly one of tumble, hop"),
    (
        "      filter: {from: payments, where: amount > :limit}\n",
        "",
        "spec.rules[large-amount]",
        "exactly one of filter",
    ),
    ("right: logins", "right: payments", "spec.rules[no-login].join", "left and right must differ"),
    (
        "split: {from: payments, part: Flagged}",
        "description: nothing",
        "spec.outputs[flagged]",
        "exactly one of query and split",
    ),
    (
        "split: {from: payments, part: Flagged}",
        "split: {from: payments, part: Flagged}\n      key: [id]",
        "spec.outputs[flagged]",
        "a split goes on unchanged",
    ),
    ("part: Flagged", "part: Dirty", "spec.outputs[flagged].split.part", "must be one of Flagged, Clean"),
    (
        "columns: [{name: account, type: STRING}, {name: total, type: DOUBLE}]",
        "description: x",
        "spec.outputs[totals]",
        "a query needs columns",
    ),
    ("url: http://kibana:5601", "url: http://me:secret@kibana:5601", "spec.kibana.url", "without credentials"),
    ("name: logins\n", "name: 1st\n", "spec.streams[1st].name", "not beginning with a digit"),
    (
        "{name: limit, value: 900}",
        "{name: limit, value: [900]}",
        "spec.parameters[limit].value",
        "must be text, not a list",
    ),
    (
        "{name: limit, value: 900}",
        f'{{name: limit, value: "{"9" * 5000}"}}',
        "spec.parameters[limit].value",
        "is too long: at most 256 characters",
    ),
    ("{name: limit, value: 900}", "{name: limit}", "spec.parameters[limit]", "'value' is missing"),
    ("spec:\n", "spec:\n  flink: {parallelism: 0}\n", "spec.flink.parallelism", "must be at least 1"),
    (
        "spec:\n",
        'spec:\n  flink: {parallelism: "2"}\n',
        "spec.flink.parallelism",
        "must be a whole number, not '2'; leave out the quotes",
    ),
    ("spec:\n", "spec:\n  flink: {parallelism: 1.5}\n", "spec.flink.parallelism", "must be a whole number, not 1.5"),
    ("spec:\n", "spec:\n  suspend: yes\n", "spec.suspend", "must be true or false, not 'yes'"),
    ("spec:\n", "spec:\n  generator: {scenario: bank, rate: .inf}\n", "spec.generator.rate", "must be a number"),
    ("spec:\n", "spec:\n  generator: {scenario: bank, count: 3, endless: true}\n", "spec.generator", "contradict"),
    ("spec:\n", "spec:\n  generator: {scenario: casino}\n", "spec.generator.scenario", "must be one of ad-clicks"),
    ("spec:\n", "spec:\n  kafka: {security: {protocol: SASL_SSL}}\n", "spec.kafka.security", "needs secretRef"),
    (
        "spec:\n",
        "spec:\n  flink: {checkpoints: {storage: {type: S3}}}\n",
        "spec.flink.checkpoints.storage",
        "type S3 needs",
    ),
    (
        "spec:\n",
        "spec:\n  flink: {configuration: {Bad Key: x}}\n",
        'spec.flink.configuration["Bad Key"]',
        "lower-case letter",
    ),
    ("spec:\n", "spec:\n  blocking: {topic: ..}\n", "spec.blocking.topic", "letters, digits, dots"),
    ("spec:\n", "spec:\n  rule: []\n", "spec", "unknown field 'rule'; did you mean 'rules'?"),
    (
        "  views:\n    - name: big\n      query: SELECT * FROM payments WHERE amount > :limit\n",
        "  views:\n",
        "spec.views",
        "must be a list, not empty",
    ),
]


@pytest.mark.parametrize(("old", "new", "path", "message"), CASES)
def test_a_misfit_is_told_at_its_place(problems, text, old, new, path, message):
    assert old in text
    spoilt = text.replace(old, new, 1)
    found = problems(spoilt)
    matching = [problem for problem in found if problem.path == path and message in str(problem)]
    assert matching, "\n".join(map(str, found))
    assert len(found) <= 2, "one mistake has one message (two where a list's rest stands on it)"


def test_lines_are_those_of_the_file(problems, text):
    spoilt = text.replace("function: Count}", "function: count}")
    line = next(number for number, one in enumerate(spoilt.splitlines(), 1) if "function: count}" in one)
    assert str(problems(spoilt)[0]).startswith(f"shop.yaml:{line}: spec.rules[burst].window.aggregates[n].function: ")


def test_an_unknown_field_is_told_at_its_own_line(problems, text):
    spoilt = text.replace('      reason: "{n} from', '      reson: "{n} from')
    line = next(number for number, one in enumerate(spoilt.splitlines(), 1) if "reson:" in one)
    assert [str(problem) for problem in problems(spoilt)] == [
        f"shop.yaml:{line}: spec.rules[burst]: unknown field 'reson'; did you mean 'reason'?"
    ]


def test_a_missing_field_is_told_at_its_object(problems, text):
    spoilt = text.replace("    - name: limit", "").replace("{name: limit, value: 900}", "{name: limit}")
    line = next(number for number, one in enumerate(spoilt.splitlines(), 1) if "{name: limit}" in one)
    assert problems(spoilt)[0].line == line


def test_unknown_fields_do_not_hide_what_else_is_wrong(problems, text):
    spoilt = text.replace("        hop: {size: 10m, slide: 5m}\n", "        sliding: {size: 10m}\n")
    messages = [str(problem) for problem in problems(spoilt)]
    assert any("unknown field 'sliding'" in message for message in messages)
    assert any("exactly one of tumble" in message for message in messages)


def test_a_misspelt_field_is_checked_under_its_right_name(problems, text):
    spoilt = text.replace("filter: {from: payments, where: amount", "filter: {from: payments, wher: amuont")
    messages = [str(problem) for problem in problems(spoilt)]
    assert len(messages) == 2
    assert any("unknown field 'wher'" in message for message in messages)
    assert any("unknown column 'amuont'" in message for message in messages)


def test_what_stands_on_a_broken_stream_is_not_blamed(problems, text):
    spoilt = text.replace("type: BIGINT", "type: LONG")
    assert [problem.path for problem in problems(spoilt)] == ["spec.streams[logins].columns[at].type"]


def test_semantic_problems_come_together_with_misfits(problems, text):
    spoilt = (
        text.replace("function: Count}", "function: count}")
        .replace("where: amount < 1", "where: amuont < 1")
        .replace("column: at, format: EpochMillis", "column: at, timeZone: Mars/Olympus")
        .replace("{:limit}", "{:limt}")
    )
    found = problems(spoilt)
    assert [(problem.path, problem.line is not None) for problem in found] == [
        ("spec.streams[logins].eventTime.column", True),
        ("spec.streams[logins].eventTime.timeZone", True),
        ("spec.rules[large-amount].reason", True),
        ("spec.rules[burst].window.aggregates[n].function", True),
        ("spec.rules[test-then-spend].sequence.steps[test].where", True),
    ]
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)


def test_lines_after_a_left_out_element_are_right(problems, text):
    spoilt = text.replace("- name: large-amount", "- name: Large").replace("where: amount < 1", "where: amuont < 1")
    line = next(number for number, one in enumerate(spoilt.splitlines(), 1) if "amuont" in one)
    assert problems(spoilt)[-1].line == line


def test_a_duration_hides_nothing_else_of_its_rule(problems, text):
    spoilt = (
        text.replace("hop: {size: 10m, slide: 5m}", "hop: {size: 1000d, slide: 7m}")
        .replace("function: Count}", "function: count}")
        .replace("having: n > 10", "having: m > 10")
        .replace("within: 1h\n        aggregates", "within: 1500d\n        aggregates")
        .replace("type: BIGINT", "type: LONG")
    )
    found = [(problem.path, problem.message) for problem in problems(spoilt)]
    wanted = [
        ("spec.streams[logins].columns[at].type", "'LONG' must be one of"),
        ("spec.rules[spree].velocity.within", "1500d is too long"),
        ("spec.rules[burst].window.hop.size", "1000d is too long"),
        ("spec.rules[burst].window.aggregates[n].function", "must be one of Count, CountDistinct"),
        ("spec.rules[burst].window.having", "unknown column 'm' of the key or aggregate"),
    ]
    assert [path for path, _ in found] == [path for path, _ in wanted]
    assert all(message in told for (_, told), (_, message) in zip(found, wanted, strict=True))


def test_what_goes_by_a_wrong_name_is_told_once(problems, text):
    spoilt = text.replace("- name: payments", "- name: pay-ments")
    assert [problem.path for problem in problems(spoilt)] == ["spec.streams[pay-ments].name"]


def test_a_broken_column_has_no_warnings_in_its_wake(problems, text):
    spoilt = text.replace('"DECIMAL(10, 2)"', "MONEY")
    assert [problem.path for problem in problems(spoilt)] == ["spec.streams[payments].columns[amount].type"]


def test_what_stands_on_a_broken_section_is_not_blamed(problems, text):
    start, end = text.index("  rules:\n"), text.index("  outputs:\n")
    assert [problem.path for problem in problems(text[:start] + "  rules: all\n" + text[end:])] == ["spec.rules"]


def test_what_may_stand_on_a_nameless_element_is_not_blamed(problems, text):
    spoilt = text.replace("- name: big\n", "- name: {}\n")
    assert [problem.path for problem in problems(spoilt)] == ["spec.views[0].name"]
