"""What we say of Flink's words is what Flink says: its functions, types, reserved words, and what it does not read."""

import io
import re
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from harness.ask_flink import Answers, ask

from fraud_api.catalogue import FUNCTIONS, Signature
from fraud_api.reserved import WORDS
from fraud_api.type_names import _FOREIGN, NAMES

pytestmark = pytest.mark.integration

OWN = {"DISTANCE_KM", "IN_NETWORK", "LOCAL_HOUR", "LOCAL_WEEKDAY"}
"""Functions that a job brings along."""

NOT_OURS = {
    "signs and words of SQL, which are no calls": """
        AND ARRAY AS ASC AT BETWEEN DEFAULT DESC DISTINCT DIVIDE END EQUALS GREATERTHAN GREATERTHANOREQUAL IN ISFALSE
        ISNOTFALSE ISNOTNULL ISNOTTRUE ISNULL ISTRUE IS_JSON LESSTHAN LESSTHANOREQUAL LIKE MAP MINUS MINUSPREFIX NOT
        NOTBETWEEN NOTEQUALS OR OVER PLUS SIMILAR START TIMES
    """,
    "called without parentheses, and refused as the clock on the wall": """
        CURRENTDATE CURRENTTIME CURRENTTIMESTAMP LOCALTIME LOCALTIMESTAMP
    """,
    "what the Table API calls functions that SQL calls otherwise, mostly with _": """
        CHARLENGTH CONVERTTZ CURRENTROWTIMESTAMP DATEFORMAT FROMBASE64 FROMUNIXTIME IFTHENELSE LOWERCASE PARSEURL
        RANDINTEGER REGEXPEXTRACT REGEXPREPLACE SPLITINDEX STDDEVPOP STDDEVSAMP STRTOMAP TOBASE64 TODATE TOTIMESTAMP
        UNIXTIMESTAMP UPPERCASE VARPOP VARSAMP JSON_ARRAYAGG_ABSENT_ON_NULL JSON_ARRAYAGG_NULL_ON_NULL
        JSON_OBJECTAGG_ABSENT_ON_NULL JSON_OBJECTAGG_NULL_ON_NULL TEMPORALOVERLAPS
    """,
    "of the Table API alone": "ASSIGNMENT CURRENTDATABASE FLATTEN GET RANGETO ROWTIME WITHCOLUMNS WITHOUTCOLUMNS",
    "Flink's own, for what it makes of a query": """
        AGG_DECIMAL_MINUS AGG_DECIMAL_PLUS HIVE_AGG_DECIMAL_PLUS REINTERPRETCAST SOURCE_WATERMARK STREAMRECORDTIMESTAMP
        SUM0
    """,
    "functions of tables, which turn streams into changes or ask models": "FROM_CHANGELOG TO_CHANGELOG ML_PREDICT",
}

WITH_A_SYNTAX = {
    "CAST": "CAST(i AS STRING)",
    "TRY_CAST": "TRY_CAST(s AS INT)",
    "EXTRACT": "EXTRACT(DAY FROM event_time)",
    "OVERLAY": "OVERLAY(s PLACING 'x' FROM 1)",
    "POSITION": "POSITION('x' IN s)",
    "JSON_OBJECT": "JSON_OBJECT(KEY 'a' VALUE s)",
    "JSON_OBJECTAGG": "JSON_OBJECTAGG(KEY s VALUE s)",
}
SAMPLES = {
    "number": "d",
    "whole": "i",
    "exact": "i",
    "text": "s",
    "boolean": "o",
    "time": "event_time",
    "instant": "event_time",
    "unit": "DAY",
}

TYPES = {
    "ARRAY": "ARRAY<INT>",
    "MULTISET": "MULTISET<INT>",
    "MAP": "MAP<STRING, INT>",
    "ROW": "ROW<a INT>",
    "INTERVAL": "INTERVAL DAY",
    "RAW": "RAW('java.lang.Integer', 'AA==')",
}

FOREIGN = [
    *("i == 5", "i != 5", "o && o", "o || o", "i >> 5", "i << 5", "i => 5", "s <=> s", "!(o)", "s::INT > 5"),
    *('s = "KP"', "s = \u2018KP\u2019", "i \u2265 5", "i\u00a0> 5", "i > @limit", "i > {5}", "s ~ 'x'", "i ^ 2 > 5"),
    *("i & 1 = 1", "i | 1 = 1", "i = 5 # why", "i mod 2 = 1", "i div 2 = 1", "o XOR o", "s ILIKE 'x%'", "s RLIKE 'x'"),
    *("s REGEXP 'x'", "s GLOB 'x'", "s ISNULL", "s NOTNULL", "i > 1,000", "s IN 'x'", "s IN ()"),
    *("CAST(s AS STRING(10)) = 'x'", "CAST(s AS VARCHAR(2147483648)) = 'x'"),
]


def call(one: Signature) -> str:
    """A call with as few arguments as can be."""
    kinds = one.kinds[: max(one.needed, 1 if one.repeats else 0)]
    return WITH_A_SYNTAX.get(one.name.upper()) or f"{one.name}({', '.join(SAMPLES.get(kind, 's') for kind in kinds)})"


def is_unknown(said: str | None) -> bool:
    """Whether Flink has no function of the name, which is not that it has it with other arguments."""
    return said is not None and "No match found for function" in said and "Supported signatures" not in said


def of_word(word: str) -> str:
    """A query with a word as the name of a column."""
    return f"SELECT t.{word} FROM (SELECT 1 AS `{word}`) AS t"


def of_type(written: str) -> str:
    """A query with a type."""
    return f"SELECT CAST(NULL AS {written}) FROM t"


def of_condition(text: str) -> str:
    """A query with a condition."""
    return f"SELECT * FROM t WHERE {text}"


CALLS = {name: f"SELECT {call(one)} FROM t" for name, (one, *_) in FUNCTIONS.items() if name not in OWN}
NO_FUNCTION = "SELECT NO_SUCH(s) FROM t"
OUR_TYPES = {name: of_type(TYPES.get(name, name)) for name in sorted(NAMES)}


@pytest.fixture(scope="module")
def words() -> list[str]:
    """All words in the grammar of Flink's parser."""
    return _words_of_the_parser()


@pytest.fixture(scope="module")
def answers(words: list[str]) -> Answers:
    """What Flink says of everything that these tests ask, in one go."""
    queries = [*CALLS.values(), NO_FUNCTION, *map(of_word, words), *OUR_TYPES.values()]
    return ask([*queries, *map(of_type, _FOREIGN), *map(of_condition, FOREIGN)])


def test_every_function_of_the_catalogue_is_flinks(answers: Answers) -> None:
    assert is_unknown(answers.said[NO_FUNCTION])
    assert [name for name, query in CALLS.items() if is_unknown(answers.said[query])] == []
    # what has a syntax of its own is not looked up by name: Flink takes it or does not
    assert {name: answers.said[CALLS[name]] for name in WITH_A_SYNTAX} == dict.fromkeys(WITH_A_SYNTAX)


def test_every_function_of_flink_is_in_the_catalogue_or_left_out_for_a_reason(answers: Answers) -> None:
    flinks = {name.upper() for name in answers.functions}
    left_out = {name for names in NOT_OURS.values() for name in names.split()}
    assert flinks - FUNCTIONS.keys() == left_out


def test_words_that_need_backticks_are_those_that_flinks_parser_refuses(words: list[str], answers: Answers) -> None:
    refused = {word for word in words if answers.said[of_word(word)] is not None}
    # values, which nobody calls a column
    assert refused - {"NULL", "TRUE", "FALSE", "UNKNOWN"} == WORDS


def test_types_are_flinks_and_those_of_others_are_not(answers: Answers) -> None:
    assert [name for name, query in OUR_TYPES.items() if "Unknown identifier" in (answers.said[query] or "")] == []
    assert [name for name in _FOREIGN if answers.said[of_type(name)] is None] == []


def test_flink_refuses_what_we_refuse(answers: Answers) -> None:
    assert [text for text in FOREIGN if answers.said[of_condition(text)] is None] == []


def _words_of_the_parser() -> list[str]:
    """All words in the grammar of Flink's parser, out of the constants that it was compiled with."""
    spec = find_spec("pyflink")
    assert spec is not None
    assert spec.origin is not None
    (loader,) = Path(spec.origin).parent.glob("lib/flink-table-planner-loader-*.jar")
    with zipfile.ZipFile(loader) as outer:
        planner = io.BytesIO(outer.read("flink-table-planner.jar"))
    with zipfile.ZipFile(planner) as inner:
        constants = inner.read("org/apache/flink/sql/parser/impl/FlinkSqlParserImplConstants.class")
    return sorted({word.decode() for word in re.findall(rb'"([A-Z][A-Z_0-9]*)"', constants)})
