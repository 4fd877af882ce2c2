"""The words in which people let go of limits and go back to earlier ones, by what they mean.

In the notation of `agent.language.lexicon`.
"""

from __future__ import annotations

DOESNT = (
    "(dont|do not|doesnt|does not|didnt|did not|wont|will not|neednt|need not|shouldnt|should not)"
)
_FREE = "(any|whatever|whichever|every|all|no (particular|specific|special|preferred|fixed|set))"

LETTING_GO: dict[str, str] = {
    # -- forgetting and going back --------------------------------------------------------------
    "FORGET": """
        (i)? take back (all|everything|what|whatever) (that)? (i|ive) (said|told you|asked)
        (about|on)? |
        (strike|striking|struck|scrub|rub|wipe|write|edit|axe|axing) (out|off)? | abolish |
        uninstall |
        (take|taking|took) (out|off|away) | screw | sod | stuff | bugger | to hell with | hang |
        blow | nuts to | away with | damn |
        eff | kick | cross (out|off) | count out | knock out | take out | leave out | cut out |
        weed out | rule out | bin | dump | chuck | get shot of | park | shelve | take away | push
        aside | set aside | put aside | (take|leave|keep|knock|get) (the|my|that|any|all)? (out of
        (it|the equation)) | scratch | void | retract | withdraw | rescind | unset | unpick |
        unlimit | uncap | release | relinquish | forgo | forego | stop (caring|worrying|bothering)
        (about|with) | lets (drop|lose|forget|ignore|scrap|remove| skip|ditch|bin) (about)?
        (the|my|that|any|all)? | (i)? (can|could|will|ill)? (live|do) without | away with | without
        (the|my|that) | leave (off|aside|out) (the|my|that)? | pay no (attention|heed|mind) to |
        never you mind (about)? | not (going to|gonna) (limit|restrict) | disregard | put away |
        dispense with | clear off | undo (the|my) |
        (forget|drop|remove|ignore|disregard|scrap|lose|skip|cancel|lift|delete|ditch|abandon|
        erase|discard|omit|reset|scratch) (about)? (the|my|that|this|any|all)? | clear (the|my|
        that|this|any|all|out) | (never mind|nevermind) (about)? | nevermind (about)? | get rid of
        | do away with | take (off|away|out) | let go of | throw out | leave out | strike | wipe |
        discard | reset | relax | forget what i said about | no longer (care about|want|need) |
        dont worry about | no need (for|to worry about) | turn off | undo | stop
        (filtering|limiting|restricting) (by|on|to)? | unset | waive | kill | open up | loosen |
        (ignore|forget) my | dont (need|filter by|restrict|limit| bother (with|about)) | wont need
        | without (a|any) | not limited (to|by) | lets not (limit|worry about|restrict) | rid of
    """,
    "ANY": f"""
        (do|go|choose|decide|pick|play it|be) (as|what|whatever|however) you
        (like|please|want|wish|prefer|fancy)
        (with|about|on|for|regarding)? |
        (any|whatever|whichever|every) (old|sort of|kind of|type of)? | no
        (real|strong|firm|special|hard)
        (view|views|opinion|opinions|feelings?|preference|preferences) (on|about|as to|regarding)?
        | agnostic (about|on|to|as to)? | (really|totally|completely)?
        (flexible|open|relaxed|easy|chilled|laid back|neutral) (about|on|with|regarding|as to|when
        it comes to|as regards) (the)? | not (that|too|very|so|at all|overly| really)?
        (fussed|bothered|picky|fussy|particular|concerned|choosy|worried|hung up|attached|precious|
        set|strict|worried|wedded|tied) (about|on|with|by|to|over)? (the|which|what|any)? | happy
        with (any|whatever| whichever) | (ill|i will|i can|i|id) (take|have|accept|wear|go
        with|live with) (any|whatever|whichever| all|every) | all the | every single | literally
        any | absolutely any | just about any | pretty much any | whatever you (have|got|have
        got|like) in the way of | couldnt give (a|two) (toss|monkeys|hoots?|fig|damn) ( about)?
        (the|which|what)? | dont give (a|two) (toss|monkeys|hoots?|fig|damn) (about)?
        (the|which|what)? | (i)? idc (about)? (the)? | {_FREE} | any
        (particular|specific|certain|one|given) | any old | no matter (what|which| the|what the)? |
        regardless of (the|what|which)? | irrespective of (the)? | independent of (the)? | {DOESNT}
        (really|actually|much|particularly|even)? (care|mind| matter) (about|for|which|what|what
        the)? (the)? | not (fussed|bothered|picky|fussy|
        particular|concerned|choosy|worried|set|hung up|attached) (about|on|with|by|to)? (the|
        which|what)? | flexible (on|about|with|in)? | open (to|on|about) (any|all|other|every|
        different|the)? | easy (on|about) | indifferent (to|about) | no preference (on|for|
        about|in|as to|regarding|when it comes to)? (the)? | without preference | i {DOESNT}
        (really)? have a preference (on|for|about|in|as to)? | i couldnt care less (about)? | dont
        have (a|any) preference (on|for|about|in|as to)? | (any) (other|different) | no strong
        (feelings|preference) (on|about)? | of any | in any | from any | by any | not too bothered
        about | (i|we) {DOESNT} (really| actually|much|particularly|even)? (care|mind)
        (about|for|which|what|what the)? (the)? | other | different | im (easy|open|flexible) | up
        for any | anything goes (on|for)? | all sorts of | all kinds of | im not
        (fussed|bothered|picky|fussy) (about|on)? | couldnt care less (about|what|which)? | who
        cares (about|what|which)? | surprise me (on|with)
    """,
    "IRRELEVANT": f"""
        (is|are|isnt|arent)? (no longer|not)
        (needed|required|wanted|relevant|important|necessary|in force|valid) |
        (mean|means|say|says|do|does|tell|tells) (absolutely)? (nothing|little|zilch) (to|for)
        (me|us) |
        (mean|means|matter|matters|count|counts for) (absolutely)? (nothing|little|zilch) |
        (is|are|isnt|arent)? (not|no longer)
        (limited|capped|restricted|constrained|bounded|bound|set|fixed|tied down) | uncapped |
        (is|are) boundless | has no (limit|bound|bounds|ceiling|cap) | (a)? non
        (issue|factor|concern|starter|problem) | unrestricted | not restricted | unconstrained |
        (a|an)? (free|open) (choice|field|question|for all) | all welcome | all good | (isnt|is
        not|not|no longer|aint|is no longer|never) (really|actually|exactly|even|such)?
        (a|an|the|my|any|much of a|that much of a|one of my)?
        (big|real|major|main|key|key|deciding|crucial|important|hard|limiting)?
        (criterion|criteria|
        parameter|variable|factor|requirement|limit|limitation|constraint|restriction|barrier|obstacle|hindrance|
        issue|problem|concern|consideration|condition|deal|matter|priority|question|point|thing|worry|must|need|
        necessity|preference|prerequisite|object) (any more|anymore|any longer|now|here|for me|to
        me)? | (play|plays|have|has) no (role|part|bearing|importance|relevance|weight|influence)
        (here|any more| anymore|now|at all)? | (no longer|doesnt|does not|dont)
        (applies|apply|count|counts|stand|stands|bind|binds) (any more|anymore)? | (is|are)
        (out|off) the (window|table|menu) | out (of)? the window | is history | is toast |
        (is|are|was)? (not|no) (something|anything|a thing) (i|we|id) (really|particularly|would)?
        (worry|care|mind| bother|fuss|think|lose sleep|am worried|am fussed) (about|over|with)? |
        nothing (i|we) (worry|care|bother| fuss) (about|over|with)? | low (on|down) (my|the)?
        (list|priority|priorities) (list)? | the least of my (worries|concerns) | not on my
        (list|mind|radar) | (isnt|is not|not) (up)? high on (my|the) list | (is|are|its|isnt|was)?
        (quite|totally|completely|entirely|really|pretty much|utterly|wholly|rather|all)? (equal|
        immaterial|secondary|trivial|moot|unimportant|negligible|inconsequential|irrelevant|optional|agnostic|neutral|
        indifferent|meaningless|insignificant|incidental|an afterthought|a detail|a side
        issue|beside the point) | by the way side | agnostic | indifferent | (isnt|is
        not|aint|not|no) (a|an|that|so|very|all that|too|really|particularly|strictly|
        absolutely|at all)?
        (compulsory|mandatory|necessary|required|needed|obligatory|vital|relevant|binding|
        strict|deciding|biggie|concern|worry|bother|matter|requirement|condition|priority|must
        have| deal breaker|thing|consideration|bothered) | (can|could) (vary|differ|go either
        way|be flexible|be anything) | (is|are) (up in the air|neither here nor there|by the
        by|immaterial|all the same to me|no matter| moot|no biggie|whatever you
        (like|think|have|want)|your (call|choice)|anyones|entirely up to you|totally open|wide
        open|not fixed|not set|fine whatever) | (is|are)? all the same | {DOESNT}
        (fuss|faze|worry|concern| interest|affect|apply|mind) me? | {DOESNT} need to (match|matter)
        | you (choose|decide|pick) | surprise me | your (choice|call|pick) | dealers choice | not
        bothered | not fussed | not picky | im (easy|flexible|open) | {DOESNT} (fussed|bothered) |
        be anything | either way | makes no difference to me | (is|are) negotiable | no longer
        (a|an) (constraint|limit|limitation|restriction|issue|concern|factor|problem) | no longer
        (matters|matter|important|relevant|an issue|a concern|a factor) | (matters| matter) no
        (more|longer) | {DOESNT} (really|actually|even|much|particularly)? matter | (isnt|is
        not|aint|not| is no|was not|wasnt|no) (really|actually|that|so|very|at all|too|super)?
        (important| relevant|an issue|a concern|a problem|a factor|crucial|essential|critical|a big
        deal| the point|a must|a priority|a dealbreaker|issue|concern|problem|big
        deal|factor|object| fixed|set in stone) | is irrelevant | irrelevant | unimportant | makes
        no (odds| difference) | is (up to you|flexible|open|negotiable|unlimited|optional|whatever|
        secondary|a non issue) | can be (any|anything|whatever|whichever|flexible|open) | could be
        any(thing)? | may be any(thing)? | (will do|would do|works for me| suits me) | any (is|will
        be|would be|works|would work)? (fine|ok|okay|good|great|do| cool|alright)? | anything (is
        fine|goes|works|will do|is ok|is okay) | is no object | no object | unlimited | optional |
        {DOESNT} (come into it|come into play| enter into it|come into the equation|make a
        difference|bother me|mean anything|count| factor in|play a role) | all (are|is)? fine |
        whatever | who cares | open | flexible | i dont care | dont care | doesnt have to match
    """,
    "PRICE_FREE": f"""
        (price|cost|budget|money|expense) be (damned|hanged) | (however|no matter how)
        (expensive|much|pricey|dear|costly) (it|they)? (is|are|costs?| gets?)? | spend (as much
        as|whatever) (you|i|we) (like|want|need|please) | (never mind|forget|ignore|no matter)
        (about)? (how much|what) (it|they|this| that) (costs?|is|are|will cost) | money (is|is
        really|be|was)? (no|not an|isnt an|isnt a|not a)? (object|issue|concern| problem|obstacle)
        | moneys (no|not an) (object|issue|problem|concern) | (the)? skys? (is)? (the)? limit |
        price (is|be) no object | (cost|price| expense) (is)? no object |
        (cost|price|expense|money) no object | no (budget|price| spending|money|upper price|cost)
        (limit|limits|cap|constraint|constraints|restriction| restrictions|ceiling)? (at
        all|whatsoever|anymore|any more|now)? | unlimited (budget| funds|money) | (ill|i will|id|i
        would|happy to|willing to|can|could) (pay| spend) (anything|whatever it takes|any amount|as
        much as it takes|any price) | spare no expense | no expense spared | hang the
        (cost|expense|price) | at any price | at any cost | whatever (it|they|the price|the cost)
        (costs|cost|takes|is)? | however much (it|they) costs? | no (matter|object) (how
        expensive|what it costs| the price|the cost|how much|how much it costs) | (i|we)? {DOESNT}
        (really)? (care| mind) (about)? (what|how much) (it|they|this|that) (costs?|is|comes to) |
        (i| we)? {DOESNT} (really|actually)? (care|mind) (about)? how (expensive|much|pricey) (it|
        they|that|this)? (is|are|costs?|gets?|will be)? | regardless of (price|cost|the price| the
        cost) | without (a|any)? (price|budget|spending) (limit|cap|limits|constraints?) | {DOESNT}
        have a (budget|limit|price limit|maximum)
    """,
    "BACK": """
        (go|get|come|move|switch|flip|jump|turn|head|slip|drop|fall|step|scale|put
        (it|that|things)?|bring (it| that|things)?|take (it|that|things|me|us)?|set
        (it|that|things)?|change (it|that|things)?|dial (it|that)?| wind (it|that)?|roll
        (it|that)?|rewind|reset (it|that)?) back (again)? (to|on|at) | (return|revert)ing? to | i
        (return|revert|go back) to | restoring | reset (it)? to | re instate | re set (it)? to | re
        adopt | back to | go(ing)? back to | going back to | went back to | return to | returning
        to | revert to | revert back to | restore | reinstate | bring back | bring me back to |
        take me back to | put back | reset (it|that)? (back)? to | switch back to | change (it|
        that)? back to | set (it|that)? back to | lets (return|go back|revert|get back) to | use
        (the|my)? same | recover | resume | get back to | move back to | back at | back with | roll
        back to | jump back to | rewind to | put it back (to|at) | reapply | re apply | re use |
        reuse | i want back | (it|that) back to | turn back to | fall back (to|on) | back
    """,
    "FIRST": """
        where (it|we|i|they|things|this|that|everything) (all)? (began|begun|started|start|was at
        first|was originally| originally was|stood at first|stood originally|first stood|first was)
        | (it|we|i|they|things|everything) (all)? (began|started) (with|at|from|on)? | the
        beginning | the start | the outset | square one | (very first|first
        ever|earliest|original|initial|opening|starting) (one|message|request|search|ask|question)?
        | first (mentioned|named|stated|told you|gave|said|quoted| set|asked|had|put|wrote|typed) |
        (mentioned|named|stated|told you|gave|said|quoted|set|asked|had|put| wrote|typed) (it)?
        (first|originally|initially|at first|at the (start|beginning|outset|top)|to begin with| to
        start with|way back|right at the start|in the first place) | at the top | in the first
        place | before any of (this|that) | from before all (this|that) | day one | when (we|i)
        (first)? (started|began|walked in| came in) | originally | (my|the|our)? first
        (message|request|search|turn|ask|question|go) | first | original | initial | starting |
        opening | very first | originally | initially | at first | first off | to begin with | to
        start with | at the (start|beginning| outset) | in the beginning | from the
        (start|beginning|outset) | start(ed)? with | started (off|out) with | began with | i
        (gave|said|mentioned|told you|stated|named|set| asked for|had|wanted|specified|quoted)
        (first|originally|initially|at first| at the start|at the beginning|to begin with|in the
        beginning) | where (we|i) (started| began) | square one | first place | came in with |
        beginning | start | when (we| i) (started|began) | original one | first one i
        (gave|said|mentioned|set) | initial one | outset
    """,
    "PREVIOUS": """
        penultimate | one before | the one before | second last | what (i|we|you) had
        (before|previously)? | what (it|they) (was|were) (before|previously)? | where
        (it|we|i|they) (was|were) | the way (it|they|things) (was|were) | just (said|had) | that
        came before | last time | previously | the last one | previous | last | prior | earlier |
        before | old | former | preceding | prior one | what (it|they) (was|were) | as (it|they)
        (was|were) | how (it|they) (was|were) | used to be | a moment ago | just now | one step
        back
    """,
    "AGAIN": """
        again | after all | once more | instead | better | was fine | was better | please
    """,
    "UNDO": """
        (lose|drop|undo|remove|delete|scrap|cancel|reverse|revert|bin|ditch|kill|forget|ignore|skip|discard|erase|
        rescind|withdraw|retract|strike|nix|scratch|roll back|take back|take out|take
        away|disregard) (about)? (the|that|my|this)? (very)? (last|latest|previous|most
        recent|final) (change|one|step|bit|thing|edit|move|tweak|request|increase|raise|
        cut|reduction|adjustment|modification|addition|update|instruction|message|command|wish|idea|part|sentence|
        comment|turn) | (take|took|taking) (it|that|this) (away|off|out) (again)? | (remove|drop)
        (it|that|this) again | the other way (round|around) again | (change|switch|turn|flip)
        (it|that|this)? back (again)? | undo (the)? (last|previous)?
        (one|two|three|2|3|couple|couple of|few)? (changes|steps|things|moves|edits|
        requests|messages|turns)? | (take|roll) back (the)? (last|previous)? (one|two|three|2|3)?
        (changes|steps| things|moves|edits|change|step)? | as you were | at ease |
        (go|step|jump|take me|rewind|move|roll) back (a|one|two|three|1|2|3|four|a couple of|a
        few)? (step|steps| turn|turns|change|changes|move|moves)? | ctrl z | control z |
        (take|pull) (it|that|this) (all)? back | (lets|let us) (pretend|say) (i|that) (never|didnt)
        (said|say|ask|asked|mention) (that|it|anything)? | (pretend|imagine) i (never|didnt)
        (said|say|ask|asked|mention|mentioned) (that|it|anything)? | (sorry|no)?
        (ignore|forget|scrap|strike) (that| this|the)? (last|previous)
        (bit|one|thing|change|message|request|comment|remark|part|sentence|bump| increase|cut)? |
        forget i (said|asked|mentioned) (that|it|anything|so)? | cancel that | never mind |
        (put|set) (it|that|things|everything) (back)? (how|the way|as|like|to how|to the way|to
        what) (it|they|that| things) (was|were|had been)? (before)? | (the|my)? (last|previous)
        (one|version) was (better| fine|nicer) | (i)? (preferred|liked) (it|the last one|the
        previous one|what we had|how it was) (before| better)? | on second thoughts no | undo
        (undo)? | one step back | back one | back a step | step back | reverse (that|it)? | rewind
        | backtrack | scratch all that | belay that | not that | as it was | restore (it)? | revert
        | undo (that|this|it|the last (one|change|step|thing)?|my last (change|step|one)?|last)? |
        revert (that|this|it|the last change)? | (go|step|take (a|one) step) back (one|a| 1)?
        (step|change)? | (scratch|cancel|reverse|scrap|ignore|disregard|forget|strike|drop|
        rewind|skip|discard|nix|erase) (that|this|it|the last (one|change|step|bit|thing)| my last
        (change|message|request)|what i just said|last change|that last (one|bit| change)) | take
        (that|it) back | i take (that|it) back | put (it|that|things) back (how| the way|as|like)
        (it|they|that) (was|were)? (before)? | (never mind|nevermind) (that| this|it)? | nevermind
        (that|this|it)? | (as|like|how) (it|things|they) (was| were) (before)? | go back to
        (before|how it was|how things were|the way it was| what it was|what we had|the last
        one|what you had|what i had) | roll (it|that)? back | back up a step | not that last bit |
        undo the change | unsay that | go back | back to (before|how it was|what it was|what we
        had|the previous (one|state|list| results|selection|search)|the way it was) | the previous
        (state|search|selection| version) | as before | like before | what you had before | take
        back (the last| that) (change|one)?
    """,
    "RESET_ALL": """
        start (over|again|afresh|fresh|from scratch|from zero|anew) | from scratch | (reset|
        clear|remove|forget|drop|wipe|delete|erase|scrap|lose|ditch) (all|everything| all (of)?
        (my|the|these|those)? (limits|filters|constraints|criteria|requirements|
        preferences|conditions|restrictions)|(my|the)? (whole|entire) (search|thing)|it all| the
        (filters|limits|constraints|criteria|restrictions|lot|search)|my (filters|limits|
        preferences|criteria|constraints|restrictions|search)) | clean slate | new search | start a
        new search | begin again | no (filters|limits|restrictions| constraints) (at
        all|whatsoever)? | reset | take off all (the)? filters | clear (filters|search|limits) |
        forget (all|everything) (that)? (i|ive) (said|asked| told you|asked for)? | all filters off
        | show me (absolutely)? everything (you have| youve got)? | without any filters | no
        filters
    """,
    "KEEP": """
        (dont|do not) (change|touch|alter|mess|drop|lose|forget|move|budge on) (with)?
        (the|my|that)? | (leave|keep|hold) (the|my|that|everything)?
        (alone|fixed|steady|constant|the same|where it is|as it is| as is) | with the same | at the
        same | in the same | of the same | no change (to|in|on) | keep(ing)? | leav(e|ing) |
        retain(ing)? | maintain(ing)? | same | unchanged | stay(ing| s)? | hold(ing)? | preserve |
        still (need|want|needs to be|has to be|have to be)? | dont (change|touch|alter|mess
        with|drop|lose) | stick(ing)? (to|with) (the|my)? (same| current) | the same | hang on to |
        dont touch | as is | as it is | remains? | identical
    """,
}  # fmt: skip
