"""Sets of choices of which a project makes one: package managers, indentation, kinds of merge and the like.

Each set says in which words its choices are made, so that a mere mention ("`npm pack` checks the tarball")
is none.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Choice(NamedTuple):
    """One set of choices.

    Attributes:
        name: What is chosen, in words that finish "they disagree on …".
        options: Each choice with the pattern that names it.
        asked: Words one of which must stand in the clause; None when naming a choice is enough.
        implied: Words that limit nothing here: "Python" where only Python tools are to choose from.
        named: Finds any of the options.
        whole: True when a project makes one choice, whatever else the sentence is about.
    """

    name: str
    options: dict[str, re.Pattern[str]]
    named: re.Pattern[str]
    asked: re.Pattern[str] | None
    implied: frozenset[str]
    whole: bool


def _choice(
    name: str, options: dict[str, str], asked: str = "", implied: str = "", *, whole: bool = False
) -> Choice:
    return Choice(
        name,
        {option: re.compile(pattern, re.IGNORECASE) for option, pattern in options.items()},
        re.compile("|".join(options.values()), re.IGNORECASE),
        re.compile(asked, re.IGNORECASE) if asked else None,
        frozenset(implied.split()),
        whole,
    )


_USE = (
    r"\b(?:use[sd]?|using|prefer(?:red)?|install(?:s|ed|ing)?|add(?:ing)?|manag\w+|run|go(?:es)?"
    r" (?:through|with)|with|via"
    r"|switch\w*|stick|only|always|never|not|standard|choice|default|tool|framework|formatter|linter"
    r"|runner|library)\b"
    r"|^[\s*_`-]*(?:package manager|\w+ ?\w*)\s*[:=]"
)
_MANAGER = (
    r"\b(?:use[sd]?|using|prefer(?:red)?|install(?:s|ed|ing|ation)?|add(?:ing)?|manag\w+|dependenc\w+"
    r"|package manager"
    r"|packages?|lock ?file|only|always|never|not|workspaces?|switch\w*|stick)\b"
)

CHOICES: tuple[Choice, ...] = (
    _choice(
        "the package manager",
        {
            "npm": r"(?<![\w@/.-])npm(?![\w/.-])",
            "yarn": r"(?<![\w@/.-])yarn(?![\w/.-])",
            "pnpm": r"(?<![\w@/.-])pnpm(?![\w/.-])",
            "bun": r"(?<![\w@/.-])bun(?![\w/.-])",
        },
        _MANAGER,
        "javascript typescript frontend web client",
        whole=True,
    ),
    _choice(
        "the Python package manager",
        {
            "pip": r"(?<![\w./-])pip3?(?:\s+install\b|(?![\w./-]))",
            "poetry": r"(?<![\w./-])poetry(?![\w./-])",
            "uv": r"(?<![\w./-])uv(?![\w./-])",
            "pipenv": r"(?<![\w./-])pipenv(?![\w./-])",
            "conda": r"(?<![\w./-])conda(?![\w./-])",
            "pdm": r"(?<![\w./-])pdm(?![\w./-])",
        },
        _MANAGER,
        "python backend server",
        whole=True,
    ),
    _choice(
        "indentation",
        {
            "tabs": r"\b(?:hard )?tabs?\b(?! (?:character )?width)",
            "spaces": r"\bspaces\b|\b[248][- ]spaces?\b|\b(?:two|four|eight)[- ]spaces?\b",
        },
        r"\bindent\w*|\btabs?\b.*\bspaces?\b|\bspaces?\b.*\btabs?\b|^\W*use (?:hard )?tabs\b|^\W*(?:use"
        r" )?(?:two|four|\d)?[- ]?spaces\b",
        whole=True,
    ),
    _choice(
        "quotes",
        {"single": r"\bsingle[- ]quot\w+", "double": r"\bdouble[- ]quot\w+"},
    ),
    _choice(
        "how branches are merged",
        {
            "squash": r"\bsquash\w*",
            "rebase": r"\brebas\w+",
            "merge commit": r"\bmerge commits?\b|\bno-ff\b",
        },
        r"\bmerg\w*|\bpull requests?\b|\bPRs?\b|\bbranch\w*|\bhistory\b|\bcommits?\b",
    ),
    _choice(
        "the base branch",
        {
            "main": r"(?<![\w/-])`?(?:origin/)?main`?(?![\w/-])(?= branch|`|[\s.,;)]|$)",
            "master": r"(?<![\w/-])`?(?:origin/)?master`?(?![\w/-])",
            "develop": r"(?<![\w/-])`?(?:origin/)?develop`?(?![\w/-])",
            "trunk": r"(?<![\w/-])`trunk`(?![\w/-])",
        },
        r"\b(?:branch(?:es)? (?:off|from|out)|base(?:d)? (?:branch|on|of)|default branch|target(?:s|ed"
        r"|ing)?|pull requests? (?:go|are"
        r" opened|against|to|target)|PRs? (?:go|are opened|against|to|into|target)|cut from|against"
        r"|open(?:ed)? (?:them )?against"
        r"|start (?:every |each )?\w* ?from|rebase on(?:to)?|merge into)\b",
    ),
    _choice(
        "the JavaScript test runner",
        {"jest": r"\bjest\b", "vitest": r"\bvitest\b", "mocha": r"\bmocha\b"},
        _USE,
        "test unit javascript typescript frontend web",
    ),
    _choice(
        "the Python test runner",
        {"pytest": r"\bpytest\b", "unittest": r"\bunittest\b", "nose": r"\bnose2?\b"},
        r"\b(?:use|using|write|written|prefer|framework|runner|never|not|with|style)\b",
        "test unit python",
    ),
    _choice(
        "the Python formatter",
        {"black": r"\bblack\b", "ruff": r"\bruff(?: format)?\b", "yapf": r"\byapf\b",
         "autopep8": r"\bautopep8\b"},
        r"\bformat\w*",
        "python",
        whole=True,
    ),
    _choice(
        "the formatter",
        {"prettier": r"\bprettier\b", "biome": r"\bbiome\b", "dprint": r"\bdprint\b"},
        r"\bformat\w*|\buse\b|\busing\b",
        "javascript typescript frontend web json",
        whole=True,
    ),
    _choice(
        "the linter",
        {"eslint": r"\beslint\b", "biome": r"\bbiome\b", "oxlint": r"\boxlint\b", "tslint": r"\btslint\b"},
        r"\blint\w*",
        "javascript typescript frontend web",
        whole=True,
    ),
    _choice(
        "the Python linter",
        {"flake8": r"\bflake8\b", "ruff": r"\bruff\b", "pylint": r"\bpylint\b"},
        r"\blint\w*",
        "python",
        whole=True,
    ),
    _choice(
        "naming",
        {
            "snake_case": r"\bsnake[_ -]case\b",
            "camelCase": r"\b(?:lower )?camel[_ -]?case\b",
            "PascalCase": r"\bpascal[_ -]?case\b|\bupper camel ?case\b",
            "kebab-case": r"\bkebab[_ -]?case\b",
            "SCREAMING_SNAKE_CASE": r"\bscreaming[_ -]snake[_ -]case\b",
        },
    ),
    _choice(
        "exports",
        {"default": r"\bdefault exports?\b", "named": r"\bnamed exports?\b"},
    ),
    _choice(
        "semicolons",
        {"with": r"\b(?:use|always|with|require[sd]?|end \w+ with) (?:\w+ )?semi-?colons?\b",
         "without": r"\b(?:no|without|omit|never use|avoid|skip|drop) (?:\w+ )?semi-?colons?\b"},
        whole=True,
    ),
    _choice(
        "the time zone of times",
        {"UTC": r"\bUTC\b", "local time": r"\blocal time(?:zone)?\b|\btime zone of the (?:server|user)\b"},
        r"\b(?:stor\w+|sav\w+|timestamps?|dates?|times?|logs?|log lines)\b",
    ),
    _choice(
        "how amounts of money are kept",
        {
            "integers": r"\b(?:integer|int) (?:\w+ )?(?:cents|pence|minor units)|\binteger cents\b|\bin"
                r" cents\b|\bminor units\b|\bas integers\b",
            "decimals": r"\bdecimals?\b", "floats": r"\bfloats?\b",
        },
        r"\b(?:money|amounts?|prices?|totals?|currency|monetary)\b",
        whole=True,
    ),
    _choice(
        "the module system",
        {"ESM": r"\bES ?modules?\b|\bESM\b|\bimport syntax\b", "CommonJS": r"\bcommon ?js\b|\bCJS\b"
            r"|`require(?:\(\))?`"},
    ),
    _choice(
        "components",
        {"function": r"\bfunction(?:al)? components?\b", "class": r"\bclass components?\b"},
    ),
    _choice(
        "the API style",
        {"REST": r"\bREST(?:ful)?\b", "GraphQL": r"\bGraphQL\b", "gRPC": r"\bgRPC\b"},
        r"\b(?:new endpoints?|endpoints|api is|apis? (?:are|use)|expose\w*)\b",
    ),
    _choice(
        "the language of words",
        {
            "English": r"\bin (?:plain |British |American |US )?English\b|\bEnglish only\b",
            "German": r"\bin German\b|\bGerman only\b",
            "French": r"\bin French\b",
            "Spanish": r"\bin Spanish\b",
            "Japanese": r"\bin Japanese\b",
        },
    ),
    _choice(
        "how names are counted",
        {"singular": r"\bsingular\b", "plural": r"\bplurals?\b"},
    ),
    _choice(
        "primary keys",
        {
            "UUIDs": r"\bu?uids?(?: ?v[47])?\b|\bulids?\b",
            "numbers": r"\b(?:bigint|bigserial|serial|auto[- ]?increment\w*|identity columns?|integers?)\b",
        },
        r"\bprimary keys?\b",
        whole=True,
    ),
    _choice(
        "how dates are written",
        {
            "YYYY-MM-DD": r"\bYYYY-MM-DD\b|\bISO[- ]?8601\b",
            "DD.MM.YYYY": r"\bDD[./-]MM[./-]YYYY\b",
            "MM/DD/YYYY": r"\bMM[./-]DD[./-]YYYY\b",
        },
        r"\bdates?\b",
    ),
    _choice(
        "the database",
        {"PostgreSQL": r"\bpostgres(?:ql)?\b", "MySQL": r"\bmysql\b", "SQLite": r"\bsqlite\b",
         "MongoDB": r"\bmongo(?:db)?\b", "MariaDB": r"\bmariadb\b"},
        r"\b(?:database is|stored in|store[sd]? (?:\w+ )?in|database engine|primary (?:database|store)"
        r"|runs on|we use|data lives in|main database|production database)\b",
    ),
)  # fmt: skip

MENTIONS: tuple[str, ...] = tuple(
    """
    npm yarn pnpm bun pip poetry uv pipenv conda pdm tab space quot squash rebas merge main master develop
    trunk jest
    vitest mocha pytest unittest nose black ruff yapf autopep8 prettier biome dprint eslint oxlint tslint
    flake8 pylint
    case default export named export semicolon semi-colon utc local time zone cents pence minor integer
    decimal float
    module esm common require component rest graphql grpc english german french spanish japanese singular
    plural uuid ulid bigint bigserial serial increment identity yyyy 8601
    postgres mysql
    sqlite mongo mariadb
    """.split()
)
"""Parts of words, in small letters, one of which stands in any text that chooses something."""
