"""Files are read whatever they hold: a detector, or one clear problem and no traceback."""

import json
import random
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from fraud_api import InvalidDetector, load_file, load_text

MANIFESTS = Path(__file__).parents[3] / "manifests"


def written(tmp_path, content):
    path = tmp_path / "shop.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(path):
    with pytest.raises(InvalidDetector) as refusal:
        load_file(path)
    return refusal.value.problems


def test_a_file_is_read(tmp_path, text):
    (detector,) = load_file(written(tmp_path, text))
    assert detector.metadata.name == "shop"
    assert detector.spec.streams[1].event_time.format == "EpochMillis"


@pytest.mark.parametrize("manifest", sorted(MANIFESTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_our_own_detectors_are_right(manifest):
    assert [detector.metadata.name for detector in load_file(manifest)] == [manifest.stem]


def test_several_detectors_may_share_a_file(text):
    other = text.replace("name: shop", "name: other")
    assert [d.metadata.name for d in load_text(f"---\n{text}---\n# nothing\n---\n{other}", "x")] == ["shop", "other"]


def test_problems_of_all_documents_come_together(text):
    spoilt = text.replace("eventId: id", "eventId: idd")
    with pytest.raises(InvalidDetector) as refusal:
        load_text(f"{spoilt}---\n{spoilt}---\nkind: ConfigMap\n", "x.yaml")
    problems = refusal.value.problems
    length = len(text.splitlines()) + 1
    assert [problem.message.split("'")[0] for problem in problems] == ["unknown column "] * 2 + [
        "not a FraudDetector: "
        "expected apiVersion: frauddetector.io/v1alpha1 "
        "and kind: FraudDetector, found kind: ConfigMap"
    ]
    assert problems[1].line == problems[0].line + length


def test_json_is_yaml(text):
    data = YAML(typ="safe", pure=True).load(text)
    data["spec"]["rules"][0]["description"] = "\U0001f600 / \u00e4"
    assert load_text(json.dumps(data, indent="\t"), "x.json")[0].spec.rules[0].description == "\U0001f600 / \u00e4"


def test_a_mark_in_front_and_windows_line_ends_are_fine(tmp_path, text):
    assert load_file(written(tmp_path, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()))


def test_words_that_old_yaml_took_for_truth_values_are_names(text):
    assert load_text(text.replace("account", "yes").replace("ip", "off"), "x")[0].spec.rules[0].entity.columns == [
        "yes"
    ]


@pytest.mark.parametrize(
    ("written_value", "value"),
    [("900", "900"), ("'900'", "900"), ("9.50", "9.5"), ("1e3", "1000.0"), ("0.00001", "0.00001"), ("-5", "-5")],
)
def test_a_parameter_needs_no_quotes(text, written_value, value):
    (detector,) = load_text(text.replace("value: 900", f"value: {written_value}"), "x")
    assert detector.spec.parameters[0].value == value


def test_a_parameter_may_be_a_truth_value(text):
    spoilt = text.replace(
        "- {name: limit, value: 900}", "- {name: limit, value: 900}\n    - {name: sure, type: BOOLEAN, value: true}"
    )
    assert load_text(spoilt, "x")[0].spec.parameters[1].value == "true"


def with_text(text: str, value: str) -> str:
    first = "- {name: limit, value: 900}"
    return text.replace(first, f"{first}\n    - {{name: more, type: STRING, value: {value}}}")


@pytest.mark.parametrize(
    ("written_value", "said"),
    [
        ("0.1000000000000000000001", "0.1000000000000000000001 has more digits than a number without quotes keeps"),
        ("12345678901234567890", "more digits"),
        ("-1234567890123456789.5", "more digits"),
        ("1.0e400", "more digits"),
        ("0777", "0777 begins with a zero"),
        ("NO", "NO is true or false on Kubernetes"),
        ("y", "true or false on Kubernetes"),
    ],
)
def test_a_value_that_would_be_another_without_quotes_needs_them(text, written_value, said):
    with pytest.raises(InvalidDetector, match=re.escape(said)) as wrong:
        load_text(with_text(text, written_value), "x")
    assert len(wrong.value.problems) == 1
    (detector,) = load_text(with_text(text, f"'{written_value}'"), "x")
    assert detector.spec.parameters[1].value == written_value


@pytest.mark.parametrize("value", ["0.125", "9007199254740993", "1_000", "0", "-0.5", "1e3", "0x1F"])
def test_a_number_that_keeps_all_its_digits_needs_no_quotes(text, value):
    assert load_text(with_text(text, value), "x")


def test_anchors_and_merges_are_expanded(text):
    merged = text.replace("{name: account, type: STRING}", "&text {type: STRING, name: account}", 1).replace(
        "{name: ip, type: STRING}", "{<<: *text, name: ip}"
    )
    assert load_text(merged, "x")[0].spec.streams[1].columns[1].type == "STRING"


GARBAGE = [
    ("", "the file is empty"),
    ("# only a comment\n", "the file is empty"),
    ("---\n---\n", "the file is empty"),
    ("- a\n- b\n", "not a mapping of fields"),
    ("just words", "not a mapping of fields"),
    ("a: 1\n b: 2\n", "check the indentation"),
    ("a: [1, 2\n", "not YAML"),
    ("a: 'x\n", "not YAML"),
    ("a: @x\n", "not YAML"),
    ("a: *nobody\n", "not YAML"),
    ("\t\ta: 1\n", "indent with spaces, not tabs"),
    ("%YAML 9.9\n---\na: 1\n", "not YAML"),
    ('a: "\\UFFFFFFFF"\n', "not YAML"),
    ("a: \x07\n", "a character that no text has"),
    ("[" * 5000, "nested too deeply"),
    ("a: &x [*x]\n", "nested too deeply"),
    ("a: " + "9" * 5000 + "\n", "not a FraudDetector"),
    ("a: " * 10, "not YAML"),
    ("x" * 2_000_000, "too large"),
    (b"\xff\xfe\x00\x01", "not UTF-8 text"),
    (b"a: \xe4\n", "not UTF-8 text"),
    (b"\x00" * 100, "a character that no text has"),
    (b"\x89PNG\r\n\x1a\n\x00", "not UTF-8 text"),
]


@pytest.mark.parametrize(("content", "message"), GARBAGE)
def test_garbage_is_one_clear_problem(tmp_path, content, message):
    (problem,) = refused(written(tmp_path, content))
    assert message in problem.message
    assert "\n" not in str(problem)


def test_aliases_that_multiply_are_refused(tmp_path):
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10))
    (problem,) = refused(written(tmp_path, bomb))
    assert "blown up by aliases" in problem.message


def test_what_can_not_be_read_is_a_problem_too(tmp_path):
    assert "No such file" in refused(tmp_path / "nothing.yaml")[0].message
    assert "directory" in refused(tmp_path)[0].message


def test_doubled_fields_and_tags_have_lines(tmp_path, text):
    spoilt = text.replace("  name: shop\n", "  name: shop\n  name: shop\n").replace("eventId: id", "eventId: !id id")
    found = refused(written(tmp_path, spoilt))
    assert [(problem.line, problem.message) for problem in found] == [
        (5, "field 'name' is given twice"),
        (16, "unknown tag !id: only plain YAML is read"),
    ]
    assert found[1].path == "spec.streams[payments].eventId"


def test_fields_need_plain_names(tmp_path, text):
    found = refused(written(tmp_path, text.replace("  name: shop\n", "  name: shop\n  ? [a, b]\n  : 1\n")))
    assert [problem.message for problem in found] == ["a field's name must be plain text"]


def test_half_a_character_is_refused(tmp_path, text):
    found = refused(written(tmp_path, text.replace("name: shop", 'name: "\\ud83d"')))
    assert any("half a character" in problem.message for problem in found)


def mutated(text, chance):
    """The text with a few random changes."""
    for _ in range(chance.randint(1, 4)):
        at, to = sorted(chance.choices(range(len(text)), k=2))
        to = min(to, at + chance.randint(0, 30))
        piece = chance.choice(
            [
                "",
                " ",
                "\n",
                "'",
                '"',
                "{",
                "}",
                "[",
                ": ",
                "- ",
                "*a",
                "&a ",
                "!x ",
                "\t",
                "\x00",
                "\ud800",
                "null",
                "~",
                "-1",
                "1e999",
                "[]",
                "{}",
                text[at:to] * 2,
                "SELECT",
                "(",
                "amount",
                "\u00e9",
            ]
        )
        text = text[:at] + piece + text[to:]
    return text


@pytest.mark.parametrize("seed", range(6))
def test_no_change_to_a_file_ends_in_a_traceback(text, seed):
    chance = random.Random(seed)
    for _ in range(60):
        changed = mutated(text, chance)
        for problem in problems_of(changed):
            assert "\n" not in str(problem)


def problems_of(text):
    """What is wrong with a text; anything but InvalidDetector fails the test."""
    try:
        load_text(text, "x.yaml", {"TOPIC": "x"})
    except InvalidDetector as error:
        return error.problems or ["refused without a reason\n"]
    return []


def test_no_value_in_place_of_another_ends_in_a_traceback(text):
    """Every part of a detector replaced by a value of every other kind."""
    data = YAML(typ="safe", pure=True).load(text)
    chance = random.Random(1)
    places = list(parts(data))
    for keys in chance.sample(places, 120):
        spoilt = json.loads(json.dumps(data))
        holder = spoilt
        for key in keys[:-1]:
            holder = holder[key]
        holder[keys[-1]] = chance.choice([None, True, 0, -1.5, "", "x", "x" * 5000, [], [None], {}, {"": None}, [[]]])
        assert all("\n" not in str(problem) for problem in problems_of(json.dumps(spoilt)))


def parts(data, keys=()):
    if keys:
        yield keys
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield from parts(value, (*keys, key))


def test_a_file_whose_only_stream_is_wrong_still_tells_the_rest():
    text = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: x}
spec:
  streams:
    - {name: t, columns: [{name: at, type: STRNG}], eventTime: {column: at}}
  rules:
    - name: r
      entity: {type: a, columns: [at]}
      reason: "{:bar}"
      filter: {from: t, where: at >}
"""
    with pytest.raises(InvalidDetector) as error:
        load_text(text, "x.yaml")
    assert [problem.path for problem in error.value.problems] == [
        "spec.streams[t].columns[at].type",
        "spec.rules[r].reason",
        "spec.rules[r].filter.where",
    ]
