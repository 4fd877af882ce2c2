"""The words and phrases in which people speak of limits, by what they mean.

Every class is written in a small notation: one entry a line or after a bar, alternatives in
parentheses, `?` for what may be left out. Words are lower case without apostrophes.
"""

from __future__ import annotations

_NOT = (
    "(dont|do not|doesnt|does not|didnt|did not|isnt|is not|aint|arent|are not|wont|will not|"
    "wouldnt|would not|cant|cannot|can not|couldnt|could not|shouldnt|should not|mustnt|must not|"
    "neednt|need not)"
)
_DOESNT = "(dont|do not|doesnt|does not|wont|will not|neednt|need not|shouldnt|should not)"
_FREE = "(any|whatever|whichever|every|all|no (particular|specific|special|preferred|fixed|set))"

CLASSES: dict[str, str] = {
    # -- bounds ---------------------------------------------------------------------------------
    "UPPER": """
        (spend|pay|spending|paying|cost|costs|costing) (any|much|way|a lot)? (less|lower) than |
        under | below | beneath | less than | lower than | fewer than | smaller than |
        cheaper than | no (more|higher|greater|pricier|dearer) than | not (more|higher|greater|
        pricier) than | not (over|above|exceeding|beyond|past) | no more expensive than |
        not more expensive than | at (most|the most|maximum|max|the very most|the outside) |
        max | maximum | maximum of | max of | a (maximum|max) of | up to | upto | up until |
        within | inside of | south of | sub | (capped|topped|maxed) (out)? at | (cap|caps|tops|
        topping|maxing) (out)? at | ceiling of | not (a)? (penny|cent) (more than|over|above) |
        as (high|much) as | as far as | up to and including | anything up to |
        anything up to and including | (<|≤) (=)? | less expensive than | lower priced than |
        short of | shy of | to a maximum of | tops | stay(ing)? (under|below|within) |
        keep(ing)? (it|this|that|them|things)? (under|below|within) | without (going|being|
        spending)? (over|above|more than|past|beyond) | or less than | never (more than|over|
        above) | nothing (over|above|beyond|past|more than|pricier than|exceeding) |
        nothing (that costs)? more expensive than | nothing (that is|thats) (over|above) |
        nothing costing more than | (and|but|or|and also) (no|not) (more|higher|greater|
        pricier|dearer) than | (and|but) (not|nothing|never) (over|above|beyond|exceeding|
        past) | inferior to | lesser than | equal to or less than
    """,
    "LOWER": """
        (spend|pay|spending|paying|cost|costs|costing) (any|much|way|a lot)? (more|higher) than |
        over | above | more than | greater than | higher than | pricier than | dearer than |
        beyond | at (least|the least|minimum|min|the very least) | min | minimum | minimum of |
        min of | a (minimum|min) of | no (less|lower|fewer|cheaper) than | not (less|lower|
        cheaper) than | not (under|below|beneath) | upward(s)? of | north of | exceeding |
        exceeds | in excess of | (starting|starts|start|beginning) (at|from) | (>|≥) (=)? |
        more expensive than | from upwards of | nothing (under|below|less than|cheaper than|
        lower than) | never (less than|under|below) | nothing (that is|thats) (under|below) |
        past | superior to | floor of | not beneath | (and|but|or) (no|not) (less|lower|
        cheaper) than | (and|but) (not|nothing|never) (under|below|beneath) | upwards from |
        costing over | priced over | from at least
    """,
    "AROUND": """
        around | about | roughly | approximately | approx | circa | ~ | more or less |
        give or take | in the (region|neighborhood|neighbourhood|vicinity|ballpark|area) of |
        somewhere (around|near|about) | close to | near | nearly | almost | like | ish |
        or so | or thereabouts | thereabouts | in that (region|area|ballpark) | ± |
        plus or minus | + / - | pretty much | or something
    """,
    "OR_LESS": """
        or (less|under|below|lower|cheaper|fewer|lesser|within) | and (under|below|less|lower|
        cheaper) | max | maximum | tops | at (most|the most|the very most|max|maximum|
        the outside) | or (a bit)? below that | as (the|a|my)? (maximum|max|limit|cap|ceiling|
        upper limit) | (upper)? (limit|cap|ceiling) | (is|was|would be|are|will be) (the|my|
        our) (absolute)? (maximum|max|limit|cap|ceiling|most|upper limit) | is (the|my)? (most|
        as high as|as much as|as far as) | and no (more|higher) | and not (more|a penny more|
        a cent more) | (and|but) (not|no|nothing) (a penny|a cent)? (more|higher|over|above) |
        and (that is|thats) it | is (all|about all) (i have|ive got|i can (afford|spend|pay|
        do)|i want to (spend|pay)) | tops max | or (not) more | maximal | downwards |
        and downwards | and down | not more | no more
    """,
    "OR_MORE": """
        or (more|above|over|higher|up|upwards|better|greater) | and (up|above|over|upwards|
        higher|more|beyond|greater|better) | plus | + | upwards | upward | minimum | min |
        at (least|minimum|the least) | or (a bit)? above that | as (the|a|my)? (minimum|min|
        floor|lower limit) | (is|as) (the|my) (minimum|least) | onwards | is the (least|
        minimum) | and no less | not less | no less
    """,
    "BETWEEN": """
        between | anywhere between | somewhere between | from | in between | ranging from |
        anything from | anywhere from | range of | range from | range is | range between |
        range
    """,
    "AS_MUCH": """
        as (much|high|big|large) (as (now|that|this|before|it is))? | (that|this) much
    """,
    "TO": """
        to | till | until | thru | through | up to | and up to | and at most | and no more than
    """,
    "BY": "by",
    # -- moving a limit -------------------------------------------------------------------------
    "RAISE": """
        rais(e|ed|ing) | increas(e|ed|ing) | up | upped | upping | bump(ed|ing)? (up|it up)? |
        boost(ed|ing)? | stretch(ed|ing)? | extend(ed|ing)? | expand(ed|ing)? | lift(ed|ing)? |
        hik(e|ed|ing) | jack up | go(ing)? up | went up | went higher | grew | grown | rose |
        risen | rise | climb(ed)? | jump(ed)? | swell | allow | push(ed|ing)? | ramp up |
        widen(ed|ing)? | add(ed|ing)? | go(ing)? higher | move(d)? up | scale up | crank up |
        top up | loosen(ed)? | relax(ed)? | grow | enlarge(d)? | turn up | nudge(d)? up |
        throw in | chip in | put in | kick in | tack on | chuck in | inch up | could find |
        found | came (up with|into) | get me | bring up | take up | pull up | put up |
        tolerate | step up
    """,
    "CUT": """
        lower(ed|ing)? | reduc(e|ed|ing) | cut(ting)? (down|back|it back|it down)? | decreas(e|
        ed|ing) | shav(e|ed|ing) (off)? | knock(ed|ing)? (off)? | trim(med|ming)? (off)? |
        slash(ed|ing)? | bring(ing)? down | brought down | drop(ped|ping)? (down|it)? | down |
        tighten(ed)? | go(ing)? down | go(ing)? lower | fell | fallen | fall | shrank |
        shrunk | sank | dipped | cut back | came down | come down | went down | went lower |
        tak(e|ing) off | took off | take away | subtract(ed)? | deduct(ed)? | minus |
        scale (back|down) | pull (back|down) | dial (back|down) | shrink | lessen |
        chop (off)? | save (me)? | saved | sav(e|ing) | pare (down)? | bring it down |
        take it down | nudge(d)? down | move(d)? down | scrape off | lop (off)? | dock | shed |
        turn down | step down | less
    """,
    "MORE": """
        (a bit|a little|slightly)? more | higher | extra | additional | on top |
        on top of (that|it|this) | pricier | dearer | more expensive | upwards? more | up |
        over (that|it|this|budget|my budget|the budget|the limit|my limit|what i said) |
        above (that|it|this|budget|my budget|the budget|the limit|my limit|what i said) |
        over and above | bigger | up from (that|there) | more than (that|this|before|now|
        i said|what i said|the budget|my budget|planned) | higher than (that|this|before|now|
        the budget|my budget) | beyond (that|it|my budget|the budget) | additionally | greater |
        increase | raise | bump | larger
    """,
    "LESS": """
        (a bit|a little|slightly)? less | lower | cheaper | less expensive | fewer |
        under (that|it|this|budget|my budget|the budget) | below (that|it|this|budget|
        my budget|the budget|what i said) | off (that|it|this|my budget|the budget|the limit|
        the price|the top|of it|of that|of my budget|my limit|the maximum) | less than (that|
        this|before|now|i said|what i said|the budget|my budget|planned) | down | smaller |
        decrease | reduction | cut | lower than (that|this|before|now|the budget|my budget) |
        cheaper than (that|this|before|now) | from (that|my budget|the budget|it|the limit|
        the top) | out of (my budget|the budget)
    """,
    "NEG": f"""
        {_NOT} | not | never | no | nothing | without | refuse to | hate to | nor | unable to |
        wary of | unwilling to | no way
    """,
    "EXCEED": """
        exceed(ed|ing)? | (can|could|may|might)? (go|going) (over|above|past|beyond) |
        overshoot | (go|going|went|goes) (over|above|past|beyond|higher than|much over|
        much above) | overspend | break | surpass | top
    """,
    "TO_SPEND": """
        to (spend|play with|work with|burn|blow|use|invest|splash|splurge|go on|pay|spare|drop|
        spend on) | in (my|the) (pocket|wallet|bank|account|budget|kitty) | at my disposal |
        left (over)? (to spend)? | saved (up)? | on me | in cash | is (what|all) (i|ive) (have|
        got|can spend|can do|can afford|want to spend|want to pay) | budget | price (limit|cap|
        range|bracket|point) | available | (is|are) doable | is (fine|ok|okay|affordable|doable|
        manageable) | would be (ok|fine|doable|possible) | is more my (range|budget) |
        spending limit | price
    """,
    "VOUCHER": """
        voucher(s)? | coupon(s)? | promo code | discount code | gift card(s)? | giftcard |
        cashback | valid (only)? when | only valid | total price | fixed discount |
        percentage discount | discount of | store credit | loyalty points | salary | i earn
    """,
    "SHIPPING": """
        (free|complimentary)? (shipping|delivery|postage) (on|for|from)? (cost|costs|fee|fees|
        charge|charges|orders|order)? | retails for | used to cost | was listed at
    """,
    "CORRECT": """
        actually | no wait | wait | sorry | i mean | i meant | make that | or rather |
        correction | on second thoughts? | scratch that | hmm | hold on | nope | better |
        well actually | instead | let me rephrase | no make it | no sorry
    """,
    "EXTRA": """
        (an|another|some|a further|a)? (extra|additional) | another | a further | further | + |
        plus | yet another
    """,
    "OFF": "off | discount | reduction | markdown",
    "DOUBLE": "double(d)? | doubling | twice | two times | twofold | 2 x | x 2",
    "TRIPLE": "triple(d)? | tripling | three times | threefold | thrice | 3 x | x 3",
    "QUADRUPLE": "quadruple(d)? | four times | 4 x | x 4",
    "HALVE": "halve(d)? | halving | in half | by half | half | one half | in two",
    "THIRD": "(a|one) third",
    "QUARTER": "(a|one) quarter",
    "FIFTH": "(a|one) fifth",
    "TENTH": "(a|one) tenth",
    "TWO_THIRDS": "two thirds",
    "THREE_QUARTERS": "three quarters",
    "AGAIN_HALF": "half as much again | half again | (one|1) and a half times",
    # -- what is talked about -------------------------------------------------------------------
    "PRICE": """
        budget(s)? | price(s)? | cost(s)? | price (range|limit|cap|ceiling|tag|point|bracket|
        filter|constraint|restriction|max|band) | spending (limit|cap)? | money | spend limit |
        budget (limit|range|cap|max|constraint|restriction) | (upper|lower)? price limit |
        spending | price limits | wallet | budgeted | financial limit | cash | amount | buget |
        budgit | prize range | what i (pay|spend)
    """,
    "LIMIT": """
        limit(s)? | cap | ceiling | upper limit | upper bound | threshold | top end |
        upper end | constraint(s)? | restriction(s)? | filter(s)? | requirement(s)? |
        criteria | preference(s)?
    """,
    "FLOOR": """
        floor | lower (limit|bound|end) | bottom end | minimum price | price floor | min price |
        low end | minimum spend | lower price limit | minimum budget | the minimum |
        the lower limit | starting price | my minimum
    """,
    "CEIL": """
        upper limit | upper bound | upper price | top end | upper end | maximum price |
        max price | price ceiling | price cap | max spend | maximum spend | max budget |
        maximum budget | spending cap | upper price limit | my maximum | the maximum | my max |
        the max
    """,
    "SPEND": """
        spend | spent | pay | paid | afford | shell out | fork out | cough up | part with |
        lay out | invest | splash out | cost | costs | costing | priced | price at | go for |
        comfortable (with|at|paying|spending) | budget for | willing to (go|pay|spend) |
        cost me | sell for | selling for | listed (at|for) | run me | worth | retail(ing|s)? |
        splurge | splash | come in at | set me back | retailing at | to (spend|pay|splash|
        invest|splurge) | spend(ing)? (only)?
    """,
    "HAVE": """
        have | had | (i|we) had | id had | ive got | i got | got | with | working with |
        having | have got | i ve | ive
    """,
    "SET": """
        make (it|that|this|them)? | set (it|that|this)? (at|to)? | change (it|that|
        this)? (to)? | say | lets say | call it | how about | what about | lets (do|go|try|use|
        make it|go with|go for) | what if | suppose | supposing | if | imagine | assuming |
        assume | go (with|for) | switch (to|it to)? | update (it|that)? (to)? | adjust (it|
        that)? (to)? | move (it|that)? (to)? | put (it|that)? (at|to)? | try (with|it with)? |
        with | now | instead | fix (it)? at | cap (it|that|this)? (at)? | limit (it|that|this|
        myself|me|the price|my budget)? (to|at)? | max out at | top out at | hold (it|
        that)? (at|to)? | bump (it)? to | correct (it|that)? to | i meant | i mean | should be |
        could be | were | was | is | are | be | would be | will be | actually | rather | use |
        stop at | stick (to|with) | keep (it|that|this)? (at|to) | draw the line at | can (do|
        manage) | could (do|manage) | able to (do|manage|pay|spend) | how (does|would|do) |
        hows | go to | go as (high|far) as | goes to | went to | at
    """,
    "BUDGET_OF": "budget of | a budget of | on a budget of | within a budget of | for",
    # -- forgetting and going back --------------------------------------------------------------
    "FORGET": """
        (forget|drop|remove|ignore|disregard|scrap|lose|skip|cancel|lift|delete|ditch|abandon|
        erase|discard|omit|reset|scratch) (about)? (the|my|that|this|any|all)? | clear (the|my|
        that|this|any|all|out) | (never mind|nevermind) (about)? | nevermind (about)? |
        get rid of | do away with | take (off|away|out) | let go of | throw out | leave out |
        strike | wipe | discard | reset | relax | forget what i said about |
        no longer (care about|want|need) | dont worry about | no need (for|to worry about) |
        turn off | undo | stop (filtering|limiting|restricting) (by|on|to)? | unset | waive |
        kill | open up | loosen | (ignore|forget) my | dont (need|filter by|restrict|limit|
        bother (with|about)) | wont need | without (a|any) | not limited (to|by) |
        lets not (limit|worry about|restrict) | rid of
    """,
    "ANY": f"""
        {_FREE} | any (particular|specific|certain|one|given) | any old | no matter (what|which|
        the|what the)? | regardless of (the|what|which)? | irrespective of (the)? |
        independent of (the)? | {_DOESNT} (really|actually|much|particularly|even)? (care|mind|
        matter) (about|for|which|what|what the)? (the)? | not (fussed|bothered|picky|fussy|
        particular|concerned|choosy|worried|set|hung up|attached) (about|on|with|by|to)? (the|
        which|what)? | flexible (on|about|with|in)? | open (to|on|about) (any|all|other|every|
        different|the)? | easy (on|about) | indifferent (to|about) | no preference (on|for|
        about|in|as to|regarding|when it comes to)? (the)? | without preference |
        i {_DOESNT} (really)? have a preference (on|for|about|in|as to)? |
        i couldnt care less (about)? | dont have (a|any) preference (on|for|about|in|as to)? |
        (any) (other|different) | no strong (feelings|preference) (on|about)? | of any |
        in any | from any | by any | not too bothered about | (i|we) {_DOESNT} (really|
        actually|much|particularly|even)? (care|mind) (about|for|which|what|what the)? (the)? |
        other | different | im (easy|open|flexible) | up for any | anything goes (on|for)? |
        all sorts of | all kinds of | im not (fussed|bothered|picky|fussy) (about|on)? |
        couldnt care less (about|what|which)? | who cares (about|what|which)? |
        surprise me (on|with)
    """,
    "IRRELEVANT": f"""
        no longer (matters|matter|important|relevant|an issue|a concern|a factor) | (matters|matter) no (more|longer) |
        {_DOESNT} (really|actually|even|much|particularly)? matter | (isnt|is not|aint|not|
        is no|was not|wasnt|no) (really|actually|that|so|very|at all|too|super)? (important|
        relevant|an issue|a concern|a problem|a factor|crucial|essential|critical|a big deal|
        the point|a must|a priority|a dealbreaker|issue|concern|problem|big deal|factor|object|
        fixed|set in stone) | is irrelevant | irrelevant | unimportant | makes no (odds|
        difference) | is (up to you|flexible|open|negotiable|unlimited|optional|whatever|
        secondary|a non issue) | can be (any|anything|whatever|whichever|flexible|open) |
        could be any(thing)? | may be any(thing)? | (will do|would do|works for me|
        suits me) | any (is|will be|would be|works|would work)? (fine|ok|okay|good|great|do|
        cool|alright)? | anything (is fine|goes|works|will do|is ok|is okay) | is no object |
        no object | unlimited | optional | {_DOESNT} (come into it|come into play|
        enter into it|come into the equation|make a difference|bother me|mean anything|count|
        factor in|play a role) | all (are|is)? fine | whatever | who cares | open | flexible |
        i dont care | dont care | doesnt have to match
    """,
    "PRICE_FREE": f"""
        (however|no matter how) (expensive|much|pricey|dear|costly) (it|they)? (is|are|costs?|gets?)? | spend (as much as|whatever) (you|i|we) (like|want|need|please) |
        (never mind|forget|ignore|no matter) (about)? (how much|what) (it|they|this|that) (costs?|is|are|will cost) |
        money (is|is really|be|was)? (no|not an|isnt an|isnt a|not a)? (object|issue|concern|
        problem|obstacle) | moneys (no|not an) (object|issue|problem|concern) |
        (the)? skys? (is)? (the)? limit | price (is|be) no object | (cost|price|
        expense) (is)? no object | (cost|price|expense|money) no object | no (budget|price|
        spending|money|upper price|cost) (limit|limits|cap|constraint|constraints|restriction|
        restrictions|ceiling)? (at all|whatsoever|anymore|any more|now)? | unlimited (budget|
        funds|money) | (ill|i will|id|i would|happy to|willing to|can|could) (pay|
        spend) (anything|whatever it takes|any amount|as much as it takes|any price) |
        spare no expense | no expense spared | hang the (cost|expense|price) | at any price |
        at any cost | whatever (it|they|the price|the cost) (costs|cost|takes|is)? |
        however much (it|they) costs? | no (matter|object) (how expensive|what it costs|
        the price|the cost|how much|how much it costs) | (i|we)? {_DOESNT} (really)? (care|
        mind) (about)? (what|how much) (it|they|this|that) (costs?|is|comes to) | (i|
        we)? {_DOESNT} (really|actually)? (care|mind) (about)? how (expensive|much|pricey) (it|
        they|that|this)? (is|are|costs?|gets?|will be)? | regardless of (price|cost|the price|
        the cost) | without (a|any)? (price|budget|spending) (limit|cap|limits|constraints?) |
        {_DOESNT} have a (budget|limit|price limit|maximum)
    """,
    "BACK": """
        back to | go(ing)? back to | going back to | went back to | return to | returning to |
        revert to | revert back to | restore | reinstate | bring back | bring me back to |
        take me back to | put back | reset (it|that)? (back)? to | switch back to | change (it|
        that)? back to | set (it|that)? back to | lets (return|go back|revert|get back) to |
        use (the|my)? same | recover | resume | get back to | move back to | back at |
        back with | roll back to | jump back to | rewind to | put it back (to|at) | reapply |
        re apply | re use | reuse | i want back | (it|that) back to | turn back to |
        fall back (to|on) | back
    """,
    "FIRST": """
        first | original | initial | starting | opening | very first | originally | initially |
        at first | first off | to begin with | to start with | at the (start|beginning|
        outset) | in the beginning | from the (start|beginning|outset) | start(ed)? with |
        started (off|out) with | began with | i (gave|said|mentioned|told you|stated|named|set|
        asked for|had|wanted|specified|quoted) (first|originally|initially|at first|
        at the start|at the beginning|to begin with|in the beginning) | where (we|i) (started|
        began) | square one | first place | came in with | beginning | start | when (we|
        i) (started|began) | original one | first one i (gave|said|mentioned|set) |
        initial one | outset
    """,
    "PREVIOUS": """
        previous | last | prior | earlier | before | old | former | preceding | prior one |
        what (it|they) (was|were) | as (it|they) (was|were) | how (it|they) (was|were) |
        used to be | a moment ago | just now | one step back
    """,
    "AGAIN": """
        again | after all | once more | instead | better | was fine | was better | please
    """,
    "UNDO": """
        undo (that|this|it|the last (one|change|step|thing)?|my last (change|step|one)?|last)? |
        revert (that|this|it|the last change)? | (go|step|take (a|one) step) back (one|a|
        1)? (step|change)? | (scratch|cancel|reverse|scrap|ignore|disregard|forget|strike|drop|
        rewind|skip|discard|nix|erase) (that|this|it|the last (one|change|step|bit|thing)|
        my last (change|message|request)|what i just said|last change|that last (one|bit|
        change)) | take (that|it) back | i take (that|it) back | put (it|that|things) back (how|
        the way|as|like) (it|they|that) (was|were)? (before)? | (never mind|nevermind) (that|
        this|it)? | nevermind (that|this|it)? | (as|like|how) (it|things|they) (was|
        were) (before)? | go back to (before|how it was|how things were|the way it was|
        what it was|what we had|the last one|what you had|what i had) | roll (it|that)? back |
        back up a step | not that last bit | undo the change | unsay that | go back |
        back to (before|how it was|what it was|what we had|the previous (one|state|list|
        results|selection|search)|the way it was) | the previous (state|search|selection|
        version) | as before | like before | what you had before | take back (the last|
        that) (change|one)?
    """,
    "RESET_ALL": """
        start (over|again|afresh|fresh|from scratch|from zero|anew) | from scratch | (reset|
        clear|remove|forget|drop|wipe|delete|erase|scrap|lose|ditch) (all|everything|
        all (of)? (my|the|these|those)? (limits|filters|constraints|criteria|requirements|
        preferences|conditions|restrictions)|(my|the)? (whole|entire) (search|thing)|it all|
        the (filters|limits|constraints|criteria|restrictions|lot|search)|my (filters|limits|
        preferences|criteria|constraints|restrictions|search)) | clean slate | new search |
        start a new search | begin again | no (filters|limits|restrictions|
        constraints) (at all|whatsoever)? | reset | take off all (the)? filters |
        clear (filters|search|limits) | forget (all|everything) (that)? (i|ive) (said|asked|
        told you|asked for)? | all filters off | show me (absolutely)? everything (you have|
        youve got)? | without any filters | no filters
    """,
    "KEEP": """
        keep(ing)? | leav(e|ing) | retain(ing)? | maintain(ing)? | same | unchanged | stay(ing|
        s)? | hold(ing)? | preserve | still (need|want|needs to be|has to be|have to be)? |
        dont (change|touch|alter|mess with|drop|lose) | stick(ing)? (to|with) (the|my)? (same|
        current) | the same | hang on to | dont touch | as is | as it is | remains? | identical
    """,
    # -- values ---------------------------------------------------------------------------------
    "NO": f"""
        no | not | non | none | never | without (any)? | w / o | except (for)? | excepting |
        excluding | exclude(d|s)? | excl | avoid(ing)? | minus | sans | bar | barring |
        besides | apart from | aside from | other than | save for | anything but |
        everything but | all but | any but | anything (except|besides|other than|apart from|
        excluding) (for)? | everything (except|besides|other than|apart from|excluding) (for)? |
        {_NOT} (really|particularly|actually|even)? (want|like|love|need|show|show me|include|
        care for|fancy|wear|trust|do|give|give me|suggest|recommend|buy|see|have|stand|be|use|
        consider|eat|think|put|send|offer|pick|choose|get|go for|go with|like the look of|bring|
        add) (to see|to have|me|any|anything|to wear|to buy)? (in|from|by|with|that is|thats)? |
        nothing (in|from|by|made by|with|that is|thats|which is)? | steer clear of |
        stay away from | keep away from | hate(s)? | dislike(s)? | detest | loathe |
        cant stand | allergic to | rule out | ruling out | cut out | leave out | filter out |
        weed out | exclude anything | take out | sick of | tired of | fed up with |
        not (a)? (big|huge)? (fan|into|keen on|fond of|interested in|crazy about|
        mad about) (of)? | no more | enough (of|with)? | had enough of | boycott | block |
        hide | dont (you)? dare | skip (the|any|all|anything)? (in|from|by)? | isnt | arent |
        is not | are not | nor | neither | eliminate | banish | ban | omit | less of the |
        anything thats not | anything not | none of the | not a fan of | over the |
        get rid of | lose the | i dont do | nix | scratch
    """,
    "NOT_REQUIRED": f"""
        no longer (only|just) |
        (doesnt|does not|dont|do not|neednt|need not|doesnt really|dont really|no longer) (have|
        need|has|needs) to be (just|only|a|an|in|from|by)? | (neednt|need not) be (a|an|in|from|
        by)? | not necessarily | no need (for|to be) (a|an|in)? | (no need|dont have|
        doesnt have|dont need|doesnt need|neednt|no reason) (to)? (stick with|stick to|keep to|
        limit it to|limit to|restrict it to|restrict to|stay with|insist on|only be|only show) |
        stop (limiting|restricting|filtering|sticking|narrowing) (it|this|them|things|
        the results)? (to|by|down to)? | no longer (need|needs|want|wants|have to be|has to be|
        must be) | not just | not only | doesnt need to be | isnt a must | not limited to |
        not restricted to | beyond just | forget about (the|it being)? | dont need (it to be|
        the)? | never mind (the|it being) | no longer necessary | {_DOESNT} only (show|
        have to be) (me)?
    """,
    "ONLY": f"""
        only (show|show me|want|see|interested in|from|by|in|consider|looking for|looking at|
        wear|trust|buy|need|like)? | just (show|show me|want|the|from|in|by)? | exclusively |
        solely | purely | strictly | nothing but | none but | nothing (except|other than|
        besides) | none other than | no one but | no(thing)? else (but|than) | limit (it|this|
        that|them|yourself|the (search|results|selection|list|choice)|everything|things)? to |
        restrict (it|this|that|them|the (search|results|selection|list)|everything)? to |
        narrow (it|this|that|things|the (search|results|selection|list|choice))? (down)? to |
        confine (it|yourself)? to | filter (by|for|to|on|it to)? | stick(ing)? (to|with) |
        must (be|have) | has to (be|have) | have to (be|have) | got to be | needs to be |
        need(s)? it to be | insist on | as long as its | so long as its | make sure its |
        make sure they(re)? (are)? | keep (it|them) to | loyal to | all of them | entirely |
        {_NOT} (show me|want|consider|look at|need|give me|buy|wear|trust)? anything (but|
        except|other than|besides) | {_NOT} (want|consider|accept) any other (brand|colour|
        color|size)? than
    """,
    "ONLY_AFTER": """
        only | exclusively | alone | or nothing | and nothing else | nothing else | and (only|
        just) that | and (that is|thats) it | or bust | and no other | no substitutes |
        no exceptions | and nothing but | period
    """,
    "ADD": """
        also | add | include | including | plus | as well as | additionally | and maybe |
        or maybe | along with | together with | on top of | even | too | in addition to |
        throw in | allow | bring in | mix in | open to | consider | im also (ok|fine|happy|
        open) (with|to) | add in | extend to | widen to | expand to | broaden to | dont mind |
        wouldnt mind | happy with | fine with | ok with | okay with | im fine with
    """,
    "ADD_AFTER": """
        too | as well | also | (is|are|would be|works) (also)? (fine|ok|okay|good|alright|
        acceptable|cool) (too|as well)? | works (too|as well)? | (is|are) (acceptable|welcome|
        allowed) (too|as well)? | would (also)? (work|do|be fine|be ok|be okay) (too)? |
        in addition | to the (list|mix)
    """,
    "INSTEAD_OF": """
        instead of | rather than | in place of | in lieu of | as opposed to | and not |
        but not | not
    """,
    "SWAP": "swap | replace | exchange | trade | change | substitute | switch",
    "FOR": "for | with | to | by | into",
    "INSTEAD": "instead | rather | this time | for a change | now",
    "SOFT": """
        ideally | preferably | if possible | if you can | would be (nice|great|good|lovely|
        ideal) | nice to have | prefer | id prefer | i prefer | i would prefer | id rather |
        id like it if | id love | leaning towards? | favou?r | if at all possible | hopefully |
        where possible | as a preference | for preference | if available | not essential
    """,
    "ALLOW": """
        dont mind | wouldnt mind | do not mind | can live with | happy with | fine with |
        ok with | okay with | open to | im fine with | im ok with | is fine | are fine | is ok
    """,
    # -- fields ---------------------------------------------------------------------------------
    "BRAND_FREE": """
        (doesnt matter|does not matter|dont care|i dont care|dont mind|i dont mind|no matter) who
        (makes|made|produces) (it|them|this)? | whoever makes (it|them) | (by|from) (anyone|anybody)
    """,
    "F_COLORS": """
        colour(s|ed)? | color(s|ed)? | colouring | coloring | shade(s)? | hue(s)? | tone(s)? |
        colorway(s)? | colourway(s)? | (colour|color) (filter|preference|choice|scheme|
        restriction|limit)(s)? | culor | coulor
    """,
    "F_BRANDS": """
        makes |
        brand(s|ed)? | brand name(s)? | make | make(rs|r) | manufacturer(s)? | label(s)? |
        designer(s)? | (brand|label) (filter|preference|restriction|requirement|choice|limit|
        loyalty)(s)? | company | companies | producer(s)? | marque
    """,
    "F_SIZES": """
        size(s)? | sizing | (size) (filter|preference|requirement|limit|restriction)(s)? |
        dimensions | measurements
    """,
    "F_CATEGORIES": """
        categor(y|ies) | department(s)? | product type(s)? | type of (product|item) |
        kind of (product|item)
    """,
    "F_ATTRIBUTES": """
        material(s)? | fabric(s)? | feature(s)? | spec(s)? | specification(s)? | attribute(s)? |
        technical requirements
    """,
    "F_RATING": """
        rating(s)? | review(s)? | star rating | reviews filter | review score | rating filter
    """,
    "F_SALE": """
        sale(s)? only | on sale filter | discount filter | sale filter | sale requirement |
        discounts
    """,
    "F_COUNT": "number of (items|options|suggestions|results|products) | how many you show",
    "F_LIMIT": "(the|my|that|this)? (limit|limits|cap|ceiling) (back)?",
    "F_ALL": """
        everything | all (of)? (it|them|that|my limits|the limits|my filters|the filters) |
        the lot | whole thing | all limits | all filters | all of the above
    """,
    "ON_SALE": """
        half price | half off | on sale | on offer | discounted | reduced | marked down |
        on clearance | clearance | in the sale | on special | on promotion | with (a|
        some)? discount | on discount | sale items (only)? | deals only | only deals |
        special offers? | bargains only | (something|anything) with money off | at a discount |
        promo items
    """,
    # -- the rest -------------------------------------------------------------------------------
    "CHEAPER": """
        (a bit|a little|slightly|much|way|somewhat|even|lot|far)? cheaper (ones|one|options|
        option|alternatives|stuff|things|version)? | less expensive | less pricey |
        less costly | more affordable | more economical | more reasonable | lower priced? |
        lower in price | lower cost | lower price | (more)? budget friendly |
        bring the price down | bring down the price | spend (a bit|a little|slightly|
        much)? less | pay (a bit|a little|slightly|much)? less | too (expensive|pricey|dear|
        costly|much|rich|steep) | out of my (budget|price range) | over my budget |
        above my budget | not so expensive | easier on the wallet | something for less |
        less money
    """,
    "PRICIER": """
        (a bit|a little|slightly|much|way|somewhat|even)? (pricier|dearer|more expensive|
        costlier) (ones|one|options|option|alternatives)? | higher end | high end | upmarket |
        up market | more upscale | more premium | fancier | posher | more luxurious |
        spend (a bit|a little|slightly|somewhat|much|a lot)? more | pay (a bit|a little|
        slightly|somewhat|much|a lot)? more | (go|stretch) (a bit|a little|slightly|somewhat|
        much|a lot)? (higher|more|further) | a (bit|little|tad|touch) (more|higher) | (slightly|
        somewhat|marginally) (more|higher) | higher budget | bigger budget | more money |
        too cheap | higher price
    """,
    "HYPOTHETICAL": """
        what if | suppose | supposing | imagine | what would happen if | what happens if |
        if i | would it help if | hypothetically | assuming | say i | what would change if |
        how would
    """,
    "WH_FACT": """
        how many | how much (is|are|does|do|would|for) | what (brands?|colou?rs?|sizes?|
        categories|makes?) (do|are|does|have|is|can) | which (brands?|colou?rs?|sizes?|
        categories|makes?) (do|are|does|have|is|can) | whats (the|your) (cheapest|
        most expensive|price range|lowest|highest|least expensive|best rated|dearest|priciest) |
        what is (the|your) (cheapest|most expensive|price range|lowest|highest|least expensive|
        best rated|dearest|priciest) | which is (the)? (cheapest|most expensive|dearest) |
        do you (sell|carry|stock|deal in|offer) | (are|is) there (any|a|an) |
        what do you (sell|have|carry|stock) | what have you got | do you even (sell|carry|
        have) | have you got | whats in stock | is it in stock | price range of |
        how big is your | list (of|all) (brands|colou?rs|sizes|categories) | what kinds? of |
        what types? of | who makes | whats the price of | what does (it|this|that|the) |
        what are the (brands|colou?rs|sizes|prices)
    """,
    "WHY": """
        why | how come | explain | what makes | whats the reason | what is the reason |
        reason for | justify | on what basis | how did you (choose|pick|decide|select) |
        whats wrong with | what was wrong with | tell me why
    """,
    "COMPARE": """
        compare | comparison | difference(s)? between | differ | which (one)? is better |
        which of (the|these|those) (two)? | versus | vs | how do they (compare|differ) |
        how does (it|this|that|the) compare | better than the | side by side | pros and cons |
        contrast
    """,
    "SEARCH": """
        search (for)? | look up | lookup | browse | list | do you have | show me everything |
        find (me)? all | show (me)? all
    """,
    "WISH": """
        looking for | look for | i need | i want | need | want | searching for |
        in the market for | shopping for | find | find me | show me | show | recommend |
        suggest | buy | get me | get | help me (find|choose|pick|locate)? | id like |
        i would like | im after | after | hunting for | on the hunt for | interested in |
        give me | can you (find|show|recommend|suggest) (me)? | seeking | purchase | order |
        pick out | lets see | see | let me see | id love
    """,
    "GREETING": """
        hi | hello | hey | hiya | good (morning|evening|afternoon|day) | howdy | yo | greetings
    """,
    "THANKS": """
        thanks (a lot|so much|very much|again)? | thank you (so much|very much)? | thx | ty |
        cheers | great | perfect | awesome | cool | ok | okay | got it | sounds good | lovely |
        brilliant | nice | bye | goodbye | see you | see ya | thats all | that is all |
        looks good | love it | well done | yes | yep | yeah | sure | no problem
    """,
    "THIS": "it | this | that | these | those | them | they",
    "FILLER": """
        am | whats | thats | theyre | who | where | when | else | what | which | please | pls |
        plz | the | a | an | my | your | our | of | some | me | i | you | im | id | its |
        just | really | maybe | perhaps | well | so | hmm | um | uh | oh | ok | okay |
        actually | now | then | can | could | would | will | do | does | to | for | there |
        here | one | ones | something | anything | thing | things | stuff | item | items |
        product | products | bit | little | as | sound | look | work | sounds | looks | kind |
        sort | very | much | total | overall | altogether | all in | each | apiece | per item |
        absolute | absolutely | whole | entire | current | new | about it | i think | i guess |
        guess | think | probably | possibly | even | still | again | today | if possible |
        exactly | roughly | say | like | only | at | in | is | be | was | were | are | by |
        on | with | from | us | we | ill | ive
    """,
    "BUT": """
        but | however | though | although | while | whereas | yet | then | and then |
        after that | also | oh and | and also
    """,
    "AND": "and | & | / | or | nor | and also | and / or | along with",
    "NOTHING_ELSE": "instead",
}  # fmt: skip

FIELD_OF = {
    "F_COLORS": "colors",
    "F_BRANDS": "brands",
    "F_SIZES": "sizes",
    "F_CATEGORIES": "categories",
    "F_ATTRIBUTES": "attributes",
    "F_RATING": "rating",
    "F_SALE": "sale",
    "F_COUNT": "count",
    "F_ALL": "all",
    "PRICE": "price",
    "FLOOR": "price_lower",
    "CEIL": "price_upper",
    "F_LIMIT": "price",
}
"""Class of a noun -> the family of limits that it names."""
