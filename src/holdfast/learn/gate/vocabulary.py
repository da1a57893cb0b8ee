"""Tell words of a subject from words that any text about programming has."""

from __future__ import annotations

from functools import lru_cache

from holdfast.hook.patterns import regex

_COMMON = """
    the and for are but not you all any can had her was one our out day get has him his how man new now
    old see two way who did its let put say she too use run set add end fix via per etc off own far few
    bad big ask try yet why yes nor api url app got lot may pay top six ten about above accept
    accordingly account across act action actual actually add addition address adjust after again
    against agent ahead allow almost alone along already also although always among analyse analyze
    another answer any anyone anything apart api appear apply approach appropriate area argument around
    article ask aspect assist assume attempt author automatic available avoid away back bad base basic
    because become been before began begin behave behavior behaviour behind being believe below benefit
    best better between beyond both branch break brief bring bug build built call came cannot care
    careful carefully case catch cause certain change check choice choose class clean clear clearly
    close code codebase combine come command comment commit common communicate compare complete
    completely complex complexity component concern concise condition confirm confuse confusion consider
    consistency consistent consistently contain content context continue contribute convention copy core
    correct correctly could cover coverage create current currently customer daily data date deal debug
    decide decision dedicated deep default define definitely delete deliver depend dependency describe
    description design detail detailed determine develop developer development did differ difference
    different difficult directly directory discuss document documentation does doing done down draft
    each early easier easily easy edge edit effect effective efficient effort either else empty enable
    encourage end engineer enough ensure entire environment error especially etc evaluate even ever
    every everybody everyone everything exact exactly example except execute exist existing expect
    expectation expected experience expert explain explicit explicitly express extra fail failure fall
    false familiar fast faster feature feedback feel few field figure file final finally find fine
    finish first fix flow focus folder follow following force form format found framework free full
    fully function functionality further future gain general generally generate generic get give goal
    goes going good great group guide guideline had handle happen happy hard has have having help
    helpful hence here hidden high highly hold home hour how however human idea identify ignore imagine
    immediately impact implement implementation implementer important importance improve improvement
    include incorrect increase indeed indicate individual info information initial input inside instance
    instead instruction intend intent interest interface internal investigate involve issue item itself
    join just keep kind knew know knowledge lack language large last late later latest lead learn
    learning least leave left length less let level library like likely limit line list little live
    local log logic long longer look loss lot low made main maintain maintainable maintenance major make
    manage manner manual manually many mark matter maximum maybe mean meaning meaningful meet member
    mention message method might mind minimal minimum minor miss missing mistake mode modern modify
    module moment more most mostly move much multiple must myself name natural near nearly necessary
    need needed never new next nice none normal normally note nothing notice now number object observe
    obtain obvious occur often old once only open operation option order ordinary organise organize
    original other otherwise ought output outside over overall own package page part particular party
    pass past path pattern people perfect perform performance perhaps person phase phrase piece place
    plain plan please point poor possible possibly potential practice prefer prepare present pretty
    prevent previous previously principle print prior priority problem procedure proceed process produce
    product production program programmer programming progress project prompt proper properly propose
    provide pull purpose push put quality question quick quickly quite raise random range rather reach
    read readability readable ready real really reason reasonable recent recently recommend reduce
    refactor refer reference regard regular related relevant reliable rely remain remaining remember
    remove repeat replace report repository request require requirement rerun resolve resource respect
    respond response responsibility rest result return reuse review right robust root rule run safe
    safely safety same save say scope script search second section see seem seen select self send senior
    sense separate serious serve service session set setting setup several shall share sharing short
    should show side similar simple simpler simplicity simplify simply since single size skill skip slow
    small smart smooth software solid solution solve some somebody someone something sometimes soon sort
    source specific specifically specify split stable stage standard start state statement status stay
    step stick still stop story straight strategy string structure stuff style subagent such suggest
    suggestion suite suitable summary support sure switch system table take talk target task team
    technique tell tend term test testing text than that their them then there therefore these they
    thing think this thorough thoroughly those though thought thousand three through throughout thus
    time tiny together told tool tooling topic total touch toward track treat tried true truth trust try
    turn twice two type typical typically under understand understanding unexpected unit unless
    unnecessary until update upon usage use useful user usual usually valid validate validation value
    variable various verify version very view wait want warn warning was way week well went were what
    whatever when whenever where whether which while who whole whose why wide will wish with within
    without wonder word work worker workflow working world worry worse worst worth would write writing
    written wrong year yes yesterday yet you your yourself abstraction architecture attention bugfix
    callback checklist cleanup commitment complexity constant container correctness cost deploy
    deployment descriptive duplicate duplication efficiency encapsulation exception expression flexible
    follow-up git github global handling hardcode helper image index inheritance installation
    integration install iteration javascript json list loop magic merge modular module mutable naming
    optimise measure hot optimize optimization parameter parse permission possibility python react
    refactoring regression release repo root-cause sanitize scalable scalability security server static
    syntax technical tests time-consuming tuple typescript validate validation vulnerability website web
    database docker java rust golang linux request response client frontend backend production staging
    user-friendly high- quality best-practice edge-case framework functional immutable lists compiled
    garbage collection dynamic typed interpreted distributed popular record history publish outdated
    essential crucial key robustly expertise opportunity fresh reviewer compliance spec subsystem
    concept vocabulary memory thinking creative ing question clarify clarifying batch final draft
    """.split()
_WORD = regex(r"(?<![\w'-])[a-z]+(?:-[a-z]+)*(?![\w'])")


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    for ending in ("ing", "ies", "ed", "es", "ly", "s", "e"):
        if len(word) - len(ending) >= 3 and word.endswith(ending):
            return word[: -len(ending)]
    return word


COMMON = frozenset(map(_stem, _COMMON))
"""Stems of common words."""


def subjects(plain: str) -> int:
    """Return how many different words of three letters and more, in lower case, are not common ones."""
    found = {_stem(part) for word in _WORD.findall(plain) for part in word.split("-") if len(part) > 2}
    return len(found - COMMON)
