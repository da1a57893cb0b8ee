"""Lists of words by what they do in a sentence: closed classes and the language of the craft, no subjects."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


DEEDS = _set("""
    add implement refactor rename fix address update reorder remove delete create introduce bump merge move
    extract migrate improve clean cleanup support handle convert replace write simplify document revert
    release wire integrate finish complete investigate review draft determine identify analyze analyse
    polish tweak drop enable expose allow split unify consolidate rework restructure reformat clarify show
    display propagate skip detect return apply verify tidy upgrade adjust correct resolve optimize hide print
    sort highlight collapse expand align restrict lower raise increase decrease reduce describe decide extend
    schedule discuss change switch make test log validate reuse cache inline throw pass generate register
    include translate track cover find check explore consider refine port disable bring group rerun repair
    rewrite adapt combine strengthen harden tighten inject emit export parse compute surface mark keep set
    scope configure commit push open close build deploy publish diagnose
""")
"""Verbs that begin a task or the subject of a commit."""
DEEDS_TOLD = frozenset(f"{verb}s" for verb in DEEDS) | _set(
    "fixes addresses pushes publishes finishes simplifies verifies clarifies applies unifies passes"
)
"""The same in the third person, as the body of a commit tells them."""
ADVICE = _set("""
    use run set call pass put keep prefer avoid treat start pin mock import wrap regenerate restart rebuild
    install ignore think restage build edit place store never always do don't only not no make ensure check
    see parse expect mind copy go look read wait
""")
"""Words that begin a piece of advice."""
PAST = _set("""
    was were had did took forgot went got made found came ran led chose meant kept lost wrote built sent saw
    said told gave broke left began thought put hit threw fell
""")
"""Irregular verbs in the past tense."""
PRESENT = _set("""
    is are has have does do means takes returns resolves sets reads writes runs expects exists respects
    treats supports uses holds lives stores contains stays matches replaces serves depends enforces provides
    handles maps counts yields starts makes creates drops removes adds sends waits stops opens closes checks
    finds shows prints exits loads saves pushes pulls fetches skips applies follows leaves expires becomes
    produces generates emits calls passes sees gets listens changes differs accepts wins decides selects
    knows keeps carries share needs requires goes comes gives works lets wants cannot can will rejects
    refuses rewrites ignores deletes breaks fails causes prevents lags sorts refers belongs loses doesn't
    isn't don't aren't
""")
"""Verbs of what is so."""
MUST = _set("must mustn't should shouldn't never always don't cannot can't needs requires need")
MODAL = _set("can may will could would might")

LISTS: dict[str, frozenset[str]] = {
    "told.first_person": _set("i i'm i'll i've i'd me my mine myself"),
    "told.now": _set(
        "now currently already still just yet today yesterday again soon later next then finally recently "
        "new newly"
    ),
    "told.process": _set("""
        worker workers subagent subagents evidence rerun rerunning smoke handoff dispatch dispatched
        spawn pane assignment ticket sprint milestone branch pr rebase rebased worktree
        push pushed commit commits committed merge merged staged verification verified monitor
    """),
    "told.git": _set(
        "pr prs branch branches rebase rebased worktree worktrees push pushed commit commits committed merge "
        "merged staged origin"
    ),
    "told.we": _set("we our us we're we'll we've ours"),
    "told.review": _set("""
        unnecessary premature wasteful deviation nit suggestion suggest strengths strength weakness
        weaknesses concern concerns ambiguous ambiguity idempotent reviewer reviewed low medium high severity
        minor major blocking nice-to-have readable redundant unused dead smell follows existing patterns
        matches intended scope in-scope within
    """),
    "status.words": _set("""
        pass passes passed passing green clean done complete completed finished ready pending merged waiting
        progress remaining outstanding confirmed verified pushed rebased rerun rerunning
    """),
    "status.praise": _set("""
        good great clean cleaner well strong excellent robust elegant nice perfect correctly properly
        thorough comprehensive consistent extensible clear solid valid reasonable successfully success
        successful minor
    """),
    "vague.words": _set("""
        thing things stuff something somehow some various several certain better cleaner nicer properly
        appropriate proper relevant related issue issues problem problems tricky careful carefully weird
        sometimes
    """),
    "vague.pointing": _set("this these those above below here that it they"),
    "prompt.you": _set("you your yours yourself you're you'll"),
    "prompt.work": _set("""
        skill skills subagent subagents agent agents user users tool tools plan task tasks prompt prompts
        review reviewer reviewers step steps phase session conversation workflow human partner spec dispatch
        worker workers todo checklist finding findings feedback
    """),
    "common.craft": _set("""
        code test tests function functions class classes comment comments name names naming readable
        readability maintainable maintainability clear simple simplicity quality error errors handling edge
        cases input inputs validate documentation documented explicit duplicated duplication abstraction
        premature best practice practices project codebase feature features bug bugs developers developer team
    """),
    "manual.language": _set("""
        python go golang rust javascript typescript java ruby c sql bash shell html css react node git docker
        http json yaml regex linux posix
    """),
    "substance.always": _set("all any every each both none no most always never only"),
    "substance.condition": _set(
        "if when unless until whenever while once where without before after every each per only"
    ),
    "substance.failure": _set("""
        fail fails failed failing failure failures break breaks breaking broke broken crash crashes crashed
        hang hangs silent silently stale missing lose loses lost collide collides conflict conflicts
        undefined reject rejects rejected refuse refuses dies leak leaks timeout timeouts races race error
        errors exception panic panics invalid wrong corrupt corrupts vanish vanishes drops ignored ignores
        doesn't didn't won't isn't aren't wasn't cannot can't nothing
    """),
    "substance.cause": _set("""
        because since hence therefore thus otherwise else cause causes caused causing prevents prevent
        avoids avoid due why reason deliberate deliberately purpose intentional intentionally
    """),
    "substance.rule": _set(
        "must mustn't never always cannot can't don't shouldn't needs need requires require required "
        "forbidden allowed may"
    ),
    "substance.should": _set("should prefer avoid ensure recommended consider ideally"),
    "substance.fact": PRESENT,
}
"""Lists whose words are counted, by feature."""
CAPS: dict[str, int] = {"told.process": 3, "told.git": 3, "vague.pointing": 3, "prompt.work": 3}
"""How many words of a list count at most; 2 where nothing is said, 3 for facts, failures and conditions."""
CAPS |= {"substance.condition": 3, "substance.failure": 3, "substance.fact": 3, "manual.language": 1}

FUNCTION_END = _set("""
    the a an of in on at by from with to for and or but so your own before after that which is are was its
    this their as than when if use
""")
"""Words that no whole sentence ends with."""
UNIVERSAL = _set("""
    git npm pip docker make ls cd rm cp mv cat grep sed awk chmod chown find xargs curl wget tar ssh echo
    export set env commit push pull rebase merge checkout branch stash reset log diff status add clone fetch
    head amend cherry-pick bisect for while if else return def class function const let var import from try
    except finally raise async await yield with lambda true false null none undefined nan int str float bool
    list dict tuple string object array map number char void print len range open main self this new delete
    typeof instanceof select where join group order by insert update table is not in and or useeffect
    usestate promise then catch console nil err defer panic chan func struct interface enum impl fn mut pub
    trait up down start stop run build install test init restart compose exec ps logs image todo fixme x y z
    a b c i j k n s t f e m v p o u q w foo bar baz example hello world script sh bash txt md json
""")
"""Words of languages and of tools that every repository has."""
