"""What other databases and languages write and Flink does not read: told with what to write instead."""

import re
from collections.abc import Mapping, Sequence

from sqlglot import Token, TokenType

Told = tuple[str, str]
"""What is wrong, and what to do."""

_TEXTS = "texts stand in single quotes ('KP'), names that are words of SQL in backticks"
_PARAMETER = "a parameter is written :name"
_COMMENT = "a comment begins with --"
_OPERATORS: Mapping[str, str] = {
    "==": "write =",
    "!=": "write <>",
    "&&": "write AND",
    "<=>": "write IS NOT DISTINCT FROM",
    "!": "write NOT",
    "~": "write LIKE 'a%', or REGEXP(text, 'pattern')",
    "^": "write POWER(x, y)",
    "&": "write AND",
    "|": "write OR",
    "::": "write CAST(x AS type)",
    "=>": "write >=",
    "@": _PARAMETER,
    "?": _PARAMETER,
    "{": _PARAMETER,
    '"': _TEXTS,
    "#": _COMMENT,
}
_PAIRS: Mapping[tuple[TokenType, TokenType], tuple[str, str]] = {
    (TokenType.GT, TokenType.GT): (">>", "write > or >="),
    (TokenType.LT, TokenType.LT): ("<<", "write < or <="),
    (TokenType.SLASH, TokenType.SLASH): ("//", _COMMENT),
    (TokenType.EQ, TokenType.LT): ("=<", "write <="),
    (TokenType.NOT, TokenType.EQ): ("NOT =", "write <>"),
    (TokenType.IN, TokenType.L_BRACKET): ("IN [", "write IN ('a', 'b')"),
}
_INFIX: Mapping[str, str] = {
    "DIV": "write a / b: whole numbers divided by whole numbers have no rest",
    "MOD": "write a % b or MOD(a, b)",
    "XOR": "write (a) <> (b)",
    "ILIKE": "write LOWER(text) LIKE 'a%'",
    "RLIKE": "write REGEXP(text, 'pattern')",
    "REGEXP": "write REGEXP(text, 'pattern')",
    "GLOB": "write LIKE 'a%'",
}
_POSTFIX: Mapping[str, str] = {"ISNULL": "write IS NULL", "NOTNULL": "write IS NOT NULL"}
_CHARACTERS: Mapping[str, str] = {
    # quotes as word processors make them
    **dict.fromkeys("\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u00b4", _TEXTS),
    # dashes and a minus sign
    **dict.fromkeys("\u2013\u2014\u2212", "write -"),
    "\u2265": "write >=",
    "\u2264": "write <=",
    "\u2260": "write <>",
    "\u00d7": "write *",
    "\u00f7": "write /",
}
_OPERANDS = frozenset(
    {TokenType.VAR, TokenType.IDENTIFIER, TokenType.NUMBER, TokenType.STRING, TokenType.R_PAREN, TokenType.R_BRACKET}
)
_BEGINNINGS = frozenset(
    {
        TokenType.VAR,
        TokenType.IDENTIFIER,
        TokenType.NUMBER,
        TokenType.STRING,
        TokenType.L_PAREN,
        TokenType.COLON,
        TokenType.DASH,
        TokenType.NOT,
        TokenType.TRUE,
        TokenType.FALSE,
        TokenType.CASE,
    }
)
_FUNCTIONS: Mapping[str, str] = {
    **dict.fromkeys(("NVL", "ZEROIFNULL"), "COALESCE(x, y)"),
    **dict.fromkeys(("ISNULL", "ISNAN"), "x IS NULL"),
    **dict.fromkeys(("LEN", "LENGTH", "STRLEN"), "CHAR_LENGTH(text)"),
    **dict.fromkeys(("IIF", "IFF"), "IF(condition, x, y)"),
    **dict.fromkeys(("CHARINDEX", "STRPOS", "CONTAINS", "INDEXOF"), "POSITION('x' IN text) > 0"),
    **dict.fromkeys(("DATEDIFF", "DATE_DIFF"), "TIMESTAMPDIFF(DAY, earlier, later)"),
    **dict.fromkeys(("DATEADD", "DATE_ADD", "DATE_SUB"), "time + INTERVAL '1' DAY"),
    **dict.fromkeys(("DATE_TRUNC", "DATETRUNC"), "FLOOR(time TO DAY)"),
    **dict.fromkeys(("DATE_PART", "DATEPART"), "EXTRACT(HOUR FROM time)"),
    **dict.fromkeys(("GETDATE", "SYSDATE", "TODAY"), "event_time"),
    **dict.fromkeys(("TO_CHAR", "FORMAT"), "DATE_FORMAT(time, 'yyyy-MM-dd')"),
    **dict.fromkeys(("TO_NUMBER", "INT", "FLOAT", "DOUBLE", "TRY_CONVERT", "CONVERT"), "TRY_CAST(x AS type)"),
    **dict.fromkeys(("STR", "TO_STRING", "TEXT"), "CAST(x AS STRING)"),
    **dict.fromkeys(("STRING_AGG", "GROUP_CONCAT"), "LISTAGG(text)"),
    **dict.fromkeys(("ARRAY_LENGTH", "ARRAY_SIZE", "SIZE"), "CARDINALITY(array)"),
    **dict.fromkeys(("RLIKE", "REGEXP_LIKE", "REGEXP_MATCHES", "REGEXP_CONTAINS"), "REGEXP(text, 'pattern')"),
    **dict.fromkeys(("HAVERSINE", "ST_DISTANCE", "GEO_DISTANCE"), "distance_km(lat1, lon1, lat2, lon2)"),
    **dict.fromkeys(("TOLOWER", "LCASE"), "LOWER(text)"),
    **dict.fromkeys(("TOUPPER", "UCASE"), "UPPER(text)"),
    "POW": "POWER(x, y)",
    "TRUNC": "TRUNCATE(x, places)",
    "SUBSTRING_INDEX": "SPLIT_INDEX(text, '.', 0)",
    "ANY_VALUE": "MAX(x)",
}
_ENDS = frozenset({TokenType.AND, TokenType.OR, TokenType.R_PAREN})
_QUOTED = re.compile(r"--[^\n]*|//[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|`(?:[^`]|``)*`", re.DOTALL)
_OPENED = re.compile(r"/\*|['`]")
_BLANKS = re.compile(r"[^\S \t\r\n\f]|[\u200b\ufeff]")
_THOUSANDS = re.compile(r"\b[0-9]{1,3}([, ][0-9]{3})+\b")
_UNIT_INSIDE = re.compile(r"\s*([0-9]+)\s*(second|minute|hour|day|week|month|year)s?\s*", re.IGNORECASE)


def foreign(text: str, found: Sequence[Token]) -> Told | None:
    """What in a fragment is not Flink's SQL, all of it in one; None when there is nothing."""
    told: dict[str, str] = {}
    blank = _BLANKS.search(_QUOTED.sub("", text))
    if blank:
        told[f"U+{ord(blank[0]):04X}, which only looks like a blank,"] = "write a blank"
    for at, token in enumerate(found):
        one = _character(token) or _pair(found, at) or _word(found, at) or _unit(found, at) or _operator(found, at)
        if one:
            told.setdefault(*one)
    if len(told) < 2:
        return next(((f"{what} is not understood", hint) for what, hint in told.items()), None)
    return f"{' and '.join(told)} are not understood", ", ".join(f"{hint} for {what}" for what, hint in told.items())


def function(name: str) -> str | None:
    """A hint for a function that others have; None where there is none."""
    meant = _FUNCTIONS.get(name.upper())
    return f"write {meant}" if meant else None


def unclosed(text: str) -> Told | None:
    """Where a quote or a comment was opened that nothing closes; None when all are closed."""
    # what is closed becomes blanks of its length, so that places stay
    opened = _OPENED.search(_QUOTED.sub(lambda match: " " * len(match[0]), text))
    if opened is None:
        return None
    line = text.count("\n", 0, opened.start()) + 1
    place = opened.start() - (text.rfind("\n", 0, opened.start()) + 1) + 1
    where = f"character {place}" if "\n" not in text.strip() else f"line {line}, character {place}"
    near = " ".join(text[max(0, opened.start() - 12) : opened.start() + 12].split())
    if opened[0] == "/*":
        return f"the comment that begins at {where}, in {near}, is never closed", "close it with */"
    hint = "a quote within a text is written twice: 'O''Neill'" if opened[0] == "'" else "close it with another `"
    return f"the {opened[0]} at {where}, in {near}, is never closed", hint


def guess(text: str) -> str | None:
    """A hint for what does not parse: a number with separators, a condition that is half a query; None without any."""
    plain = _QUOTED.sub("", text)
    if re.match(r"\s*(where|if|when|having)\b(?!\s*\()", plain, re.IGNORECASE):
        return "write the condition alone"
    match = _THOUSANDS.search(plain)
    return None if match is None else f"a number has no separators: {re.sub('[, ]', '', match[0])}"


def _character(token: Token) -> Told | None:
    if token.token_type is not TokenType.VAR:
        return None
    return next(((f"'{one}'", _CHARACTERS[one]) for one in token.text if one in _CHARACTERS), None)


def _pair(found: Sequence[Token], at: int) -> Told | None:
    if at + 1 >= len(found):
        return None
    one, other = found[at], found[at + 1]
    told = _PAIRS.get((one.token_type, other.token_type))
    # ARRAY<ARRAY<INT>> closes two brackets
    closes = at + 2 >= len(found) or found[at + 2].token_type not in _BEGINNINGS
    apart = other.start != one.end + 1 and one.token_type not in (TokenType.NOT, TokenType.IN)
    if told is None or apart or (told[0] == ">>" and closes):
        return None
    return f"'{told[0]}'", told[1]


def _word(found: Sequence[Token], at: int) -> Told | None:
    """Operators that are words: they stand behind an operand, as functions and columns of the name do not."""
    word = found[at].text.upper()
    if at == 0 or found[at - 1].token_type not in _OPERANDS or found[at].token_type in _OPERANDS - {TokenType.VAR}:
        return None
    following = found[at + 1].token_type if at + 1 < len(found) else None
    if word in _INFIX and following in _BEGINNINGS:
        return f"'{found[at].text}'", _INFIX[word]
    if word in _POSTFIX and (following is None or following in _ENDS):
        return f"'{found[at].text}'", _POSTFIX[word]
    return None


def _unit(found: Sequence[Token], at: int) -> Told | None:
    """An interval has its unit behind the quotes."""
    if found[at].token_type is not TokenType.INTERVAL or at + 1 >= len(found):
        return None
    inside = _UNIT_INSIDE.fullmatch(found[at + 1].text)
    if found[at + 1].token_type is not TokenType.STRING or inside is None:
        return None
    return f"INTERVAL '{inside[0]}'", f"write INTERVAL '{inside[1]}' {inside[2].upper()}"


def _operator(found: Sequence[Token], at: int) -> Told | None:
    token = found[at]
    if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER, TokenType.VAR) or token.text not in _OPERATORS:
        return None
    # f(name => value) names an argument
    if token.text == "=>" and at > 1 and found[at - 2].token_type in (TokenType.L_PAREN, TokenType.COMMA):
        return None
    return f"'{token.text}'", _OPERATORS[token.text]
