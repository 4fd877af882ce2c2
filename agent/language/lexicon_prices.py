"""The words and phrases in which people speak of what they can spend, by what they mean.

In the notation of `agent.language.lexicon`.
"""

from __future__ import annotations

NOT = (
    "(dont|do not|doesnt|does not|didnt|did not|isnt|is not|aint|arent|are not|wont|will not|"
    "wouldnt|would not|cant|cannot|can not|couldnt|could not|shouldnt|should not|mustnt|must not|"
    "neednt|need not|oughtnt|ought not|ought not to|oughtnt to|shant)"
)

PRICE_CLASSES: dict[str, str] = {
    # -- bounds ---------------------------------------------------------------------------------
    "UPPER": """
        (dont|do not|never|not|cant|wont|shouldnt|mustnt)
        (go|going|climb|rise|get|be|creep|move|venture) (any)?
        (higher than|over|above|beyond|past|more than|dearer than|further than) |
        (less|lower|smaller|cheaper) than or (equal|the same|equal to) (to|as)? | (must|should|has
        to|needs to) (be|stay|remain)? (at most|below|under) | (must not|should
        not|shouldnt|mustnt|not to|do not|dont) (exceed|cross|surpass|go
        (over|above|beyond|past)|be (over|above|more than)|cost (more than|over|above)) | never to
        exceed | (no|not|never|nothing|none|nowhere|not a penny|not a cent) (any|much|a lot|even)?
        (more|higher|dearer|
        pricier|steeper|costlier|greater|bigger|further|farther|larger|over|above|beyond|past) than
        | no further than | (as|so) long as (its|it is|theyre|they are) (under|below|less
        than|within|cheaper than) | (not|dont|never) (wanna|want to|wish to|going to|gonna)
        (go|spend|pay) (over|above|beyond|past|more than) | at or (under|below) |
        (nothing|not|never|no|none) (north of|upwards of|in excess of|dearer than| costlier
        than|steeper than|higher than|more than|past|beyond) | no (dearer|costlier|steeper) than |
        on the (right|good|low|cheap|lower|cheaper) side of | this side of | (comes?|coming|came)
        in (at)? (under| below|at or under|less than) | stays (under|below|within) |
        (stretch|stretching|push|pushing) (up)? to | all the way up to | anywhere up to |
        (going|go|goes) up to | up as (far|high) as | as far up as | anything (under|below|less
        than|cheaper than|beneath|short of) | (a)? (ceiling|cap|limit| top|max|maximum) (of|at) |
        lid (on it)? (of|at) | beneath | (spend|pay|spending|paying|cost|costs|costing)
        (any|much|way|a lot)? (less|lower) than | under | below | beneath | less than | lower than
        | fewer than | smaller than | cheaper than | no (more|higher|greater|pricier|dearer) than |
        not (more|higher|greater| pricier) than | not (over|above|exceeding|beyond|past) | no more
        expensive than | not more expensive than | at (most|the most|maximum|max|the very most|the
        outside) | max | maximum | maximum of | max of | a (maximum|max) of | up to | upto | up
        until | within | inside of | south of | sub | (capped|topped|maxed) (out)? at |
        (cap|caps|tops| topping|maxing) (out)? at | ceiling of | not (a)? (penny|cent) (more
        than|over|above) | as (high|much) as | as far as | up to and including | anything up to |
        anything up to and including | (<|≤) (=)? | less expensive than | lower priced than | short
        of | shy of | to a maximum of | tops | stay(ing)? (under|below|within) | keep(ing)?
        (it|this|that|them|things)? (under|below|within) | without (going|being| spending)?
        (over|above|more than|past|beyond) | or less than | never (more than|over| above) | nothing
        (over|above|beyond|past|more than|pricier than|exceeding) | nothing (that costs)? more
        expensive than | nothing (that is|thats) (over|above) | nothing costing more than |
        (and|but|or|and also) (no|not) (more|higher|greater| pricier|dearer) than | (and|but)
        (not|nothing|never) (over|above|beyond|exceeding| past) | inferior to | lesser than | equal
        to or less than
    """,
    "LOWER": """
        (dont|do not|never|not|cant|wont|shouldnt|mustnt)
        (go|going|dip|drop|fall|sink|get|be|move) (any)?
        (lower than|under|below|beneath|cheaper than|less than) |
        (greater|more|higher|larger) than or (equal|the same|equal to) (to|as)? | equal to or
        (more|greater|higher) than | no smaller than | (at|from) a minimum of | (must|should|has
        to|needs to) (be)? (at least|above|over) | exceeding | (no|not|never|nothing|none)
        (any|much|a lot|even)? (less|lower|cheaper|smaller) than | at or (above|over) |
        (nothing|none) (south of|cheaper than|beneath|less than) | anything (over| above|more
        than|north of|from) | (a)? (floor|minimum) (of|at) | not a (penny|cent) less than |
        (the|my)? (bottom|low|lower|lowest) (end|bound|limit|price)? (of|at|is) | from upwards of |
        (spend|pay|spending|paying|cost|costs|costing) (any|much|way|a lot)? (more|higher) than |
        over | above | more than | greater than | higher than | pricier than | dearer than | beyond
        | at (least|the least|minimum|min|the very least) | min | minimum | minimum of | min of | a
        (minimum|min) of | no (less|lower|fewer|cheaper) than | not (less|lower| cheaper) than |
        not (under|below|beneath) | upward(s)? of | north of | exceeding | exceeds | in excess of |
        (starting|starts|start|beginning) (at|from) | (>|≥) (=)? | more expensive than | from
        upwards of | nothing (under|below|less than|cheaper than| lower than) | never (less
        than|under|below) | nothing (that is|thats) (under|below) | past | superior to | floor of |
        not beneath | (and|but|or) (no|not) (less|lower| cheaper) than | (and|but)
        (not|nothing|never) (under|below|beneath) | upwards from | costing over | priced over |
        from at least
    """,
    "AROUND": """
        in and around | thereabout | in the order of | (in)? the neighbourhood of | somewhere in
        the region of | somewhere in the (area|ballpark|neighborhood) of | somewhere (like|in the
        order of) | roughly speaking | approaching | bang on | just about | something like |
        something around | on the order of | (in the)? ballpark (of)? | around | about | roughly |
        approximately | approx | circa | ~ | more or less | give or take | in the
        (region|neighborhood|neighbourhood|vicinity|ballpark|area) of | somewhere
        (around|near|about) | close to | near | nearly | almost | like | ish | or so | or
        thereabouts | thereabouts | in that (region|area|ballpark) | ± | plus or minus | + / - |
        pretty much | or something
    """,
    "OR_LESS": """
        or (anything|something|whatever|even) (less|under|below|lower|cheaper|beneath|smaller) |
        or (thereunder|thereabouts or less|beneath) | or (any|a) (lower|smaller|cheaper)
        (price|amount|sum) |
        (is|are) (my|the|our) (line in the sand|upper bound|breaking point|pain threshold|red
        line|stopping point| end point|final (answer|offer)|outer limit|glass
        ceiling|budget|number|figure|spending limit|price limit| threshold|cut off
        point|boundary|comfort zone) | is my line in the sand | is the line | is all thats in the
        (kitty|pot|bank|purse|wallet) | at a (push|stretch|pinch) | if (pushed|pressed|i
        stretch|need be|i must) | top whack | (and)? not a (penny|cent|dime) (more|over) | and no
        higher | (is|thats|its) (as far as|as high as|where) (ill|id|i can|i will|i could|im
        (willing|prepared) to|i draw the line|i stop) (go|stretch)? | (is|thats|its) my
        (absolute|hard|upper|outside|very)? (limit|cap|ceiling|maximum|max|cutoff|cut off|
        top|most) | tops | (is|thats) (the|my) (top|cutoff|cut off|outside) | or (cheaper|lower) |
        limit | ceiling | and (under|below) | (is|was|would be|are|will be) the
        (absolute|very|outright) (maximum|max|limit|cap|ceiling|most) | or
        (less|under|below|lower|cheaper|fewer|lesser|within) | and (under|below|less|lower|
        cheaper) | max | maximum | tops | at (most|the most|the very most|max|maximum| the outside)
        | or (a bit)? below that | as (the|a|my)? (maximum|max|limit|cap|ceiling| upper limit) |
        (upper)? (limit|cap|ceiling) | (is|was|would be|are|will be) (the|my| our) (absolute)?
        (maximum|max|limit|cap|ceiling|most|upper limit) | is (the|my)? (most| as high as|as much
        as|as far as) | and no (more|higher) | and not (more|a penny more| a cent more) | (and|but)
        (not|no|nothing) (a penny|a cent)? (more|higher|over|above) | and (that is|thats) it | is
        (all|about all) (i have|ive got|i can (afford|spend|pay| do)|i want to (spend|pay)) | tops
        max | or (not) more | maximal | downwards | and downwards | and down | not more | no more
    """,
    "OR_MORE": """
        or (anything|something|even) (more|over|above|higher|dearer) |
        or (dearer|pricier|north) | and (north|dearer|pricier) | as a (minimum|floor|starting
        point) | (is|thats|its) my (absolute|lower)? (minimum|floor|least) | and not less | and not
        lower | or (more|above|over|higher|up|upwards|better|greater) | and (up|above|over|upwards|
        higher|more|beyond|greater|better) | plus | + | upwards | upward | minimum | min | at
        (least|minimum|the least) | or (a bit)? above that | as (the|a|my)? (minimum|min|
        floor|lower limit) | (is|as) (the|my) (minimum|least) | onwards | is the (least| minimum) |
        and no less | not less | no less
    """,
    "BETWEEN": """
        between | anywhere between | somewhere between | from | in between | ranging from |
        anything from | anywhere from | range of | range from | range is | range between | range
    """,
    "AS_MUCH": """
        as (much|high|big|large) (as (now|that|this|before|it is))? | (that|this) much
    """,
    "TO": """
        to | till | until | thru | through | up to | and up to | and at most | and no more than
    """,
    "BY": "by | by (like|about|around|roughly|maybe|say|another|a further|an extra|some|at least)",
    "GIVE_TAKE": "give or take | plus or minus | plus / minus | plus minus | + / - | ± | + or -",
    "EITHER_SIDE": """
        (to|on|in)? (either|each|both) (side|sides|way|ways|direction|directions) (of (that|it))? |
        give or take | (of)? (leeway|wiggle room|tolerance) (either way|each way)? | above (or|and)
        below (that|it)? | up or down
    """,
    # -- moving a limit -------------------------------------------------------------------------
    "RAISE": """
        (i|we|you) (can|could|will|might|may) (also|just)? add |
        lends (me)? | gives me | gave me | lent me | adds | contributes | chips in | throws in |
        donates | borrow(ed)? | lend | scrounge | cadge | can get hold of | wangle | magic up |
        (lift|relax|loosen|open up|extend|widen|stretch) (the|my|that|this) | beef (up)? | pump up
        | hoist(ed)? | notch (it)? up | kick (it)? up | dial (it)? up | ease (it)? up | creep up |
        elevate(d)? | increment | ratchet up | stick | slap | whack | lob | sling | shift(ed)? up |
        (bring|take|move|nudge|push|pull|scale|turn|crank|bump|shift|drag|put|ease|inch)
        (it|that|this|the (budget| limit|cap|ceiling|price|max|maximum|top|figure)|my
        (budget|limit|cap|max|maximum)|things) up (a bit)? | come up | spare | dig out | scrape
        together | scrape up | rustle up | rais(e|ed|ing) | increas(e|ed|ing) | up | upped | upping
        | bump(ed|ing)? (up|it up)? | boost(ed|ing)? | stretch(ed|ing)? | extend(ed|ing)? |
        expand(ed|ing)? | lift(ed|ing)? | hik(e|ed|ing) | jack up | go(ing)? up | went up | went
        higher | grew | grown | rose | risen | rise | climb(ed)? | jump(ed)? | swell | allow |
        push(ed|ing)? | ramp up | widen(ed|ing)? | add(ed|ing)? | go(ing)? higher | move(d)? up |
        scale up | crank up | top up | loosen(ed)? | relax(ed)? | grow | enlarge(d)? | turn up |
        nudge(d)? up | throw in | chip in | put in | kick in | tack on | chuck in | inch up | could
        find | found | came (up with|into) | get me | bring up | take up | pull up | put up |
        tolerate | step up
    """,
    "CUT": """
        ease (it)? down | notch (it)? down | slic(e|ed|ing) (off)? | skim (off)? | strip (off)? |
        peel off | claw back | squeeze (it)? down | whittle (down)? | ratchet down | decrement |
        shift(ed)? down | clip |
        (bring|take|move|nudge|push|pull|scale|turn|shift|drag|put|ease|inch|drop|come|cut|trim|lower)
        (it|that|this| the (budget|limit|cap|ceiling|price|max|maximum|top|figure)|my
        (budget|limit|cap|max|maximum)|things) (down|in) (a bit)? | lower it | trim it | cut it |
        rein (it|things)? in | lop | knock it down | come off | tone (it)? down | shrink it | crop
        | axe | drop(ped|ping)? (the|my|that|this) | (pull|dial|scale|bring|take|rein|wind|cut)
        (it|that|this|things) (back|down|in) | lower(ed|ing)? | reduc(e|ed|ing) | cut(ting)?
        (down|back|it back|it down)? | decreas(e| ed|ing) | shav(e|ed|ing) (off)? | knock(ed|ing)?
        (off)? | trim(med|ming)? (off)? | slash(ed|ing)? | bring(ing)? down | brought down |
        drop(ped|ping)? (down|it)? | down | tighten(ed)? | go(ing)? down | go(ing)? lower | fell |
        fallen | fall | shrank | shrunk | sank | dipped | cut back | came down | come down | went
        down | went lower | tak(e|ing) off | took off | take away | subtract(ed)? | deduct(ed)? |
        minus | scale (back|down) | pull (back|down) | dial (back|down) | shrink | lessen | chop
        (off)? | save (me)? | saved | sav(e|ing) | pare (down)? | bring it down | take it down |
        nudge(d)? down | move(d)? down | scrape off | lop (off)? | dock | shed | turn down | step
        down | less
    """,
    "MORE": """
        worth of (wiggle room|headroom|leeway|slack|room|freedom|extra) | (of)? (breathing)? room |
        (of)? (extra|additional|more|spare)? (wiggle room|headroom|leeway|slack) | on top of
        (what|whatever) (i|we) (said|had) | heavier | steeper | costlier | further | up on that |
        dearer than (that|before|now) | over what i said | above what i said | over the odds |
        upwards | north | in the upward direction | to the
        (budget|limit|cap|max|maximum|price|ceiling|figure) | (a bit|a little|slightly)? more |
        higher | extra | additional | on top | on top of (that|it|this) | pricier | dearer | more
        expensive | upwards? more | up | over (that|it|this|budget|my budget|the budget|the
        limit|my limit|what i said) | above (that|it|this|budget|my budget|the budget|the limit|my
        limit|what i said) | over and above | bigger | up from (that|there) | more than
        (that|this|before|now| i said|what i said|the budget|my budget|planned) | higher than
        (that|this|before|now| the budget|my budget) | beyond (that|it|my budget|the budget) |
        additionally | greater | increase | raise | bump | larger
    """,
    "LESS": """
        lighter | south | (off|from) (the|my|that|this)
        (budget|limit|cap|max|maximum|price|ceiling|figure|top| amount|upper limit) | knocked off |
        shaved off | taken off | cut off | beneath that | shy of that | downwards | to the bad | (a
        bit|a little|slightly)? less | lower | cheaper | less expensive | fewer | under
        (that|it|this|budget|my budget|the budget) | below (that|it|this|budget| my budget|the
        budget|what i said) | off (that|it|this|my budget|the budget|the limit| the price|the
        top|of it|of that|of my budget|my limit|the maximum) | less than (that| this|before|now|i
        said|what i said|the budget|my budget|planned) | down | smaller | decrease | reduction |
        cut | lower than (that|this|before|now|the budget|my budget) | cheaper than
        (that|this|before|now) | from (that|my budget|the budget|it|the limit| the top) | out of
        (my budget|the budget)
    """,
    "NEG": f"""
        {NOT} | not | never | no | nothing | without | refuse to | hate to | nor | unable to | wary
        of | unwilling to | no way
    """,
    "EXCEED": """
        breaking | busting | blowing | bust | topping | passing | exceed(ed|ing)? |
        (can|could|may|might)? (go|going) (over|above|past|beyond) | overshoot |
        (go|going|went|goes) (over|above|past|beyond|higher than|much over| much above) | overspend
        | break | surpass | top
    """,
    "TO_SPEND": """
        burning a hole in my (pocket|wallet|purse) | to (put (towards|toward|down|in)|part
        with|hand| burn through|get rid of|give|offer|contribute|lavish|dedicate) (on|to)?
        (it|this|that)? | in (hand|savings| change|notes|vouchers) | going spare | spare | set
        aside | put by | put aside | kicking around | lying around | to (spend|play with|work
        with|burn|blow|use|invest|splash|splurge|go on|pay|spare|drop| spend on) | in (my|the)
        (pocket|wallet|bank|account|budget|kitty) | at my disposal | left (over)? (to spend)? |
        saved (up)? | on me | in cash | is (what|all) (i|ive) (have| got|can spend|can do|can
        afford|want to spend|want to pay) | budget | price (limit|cap| range|bracket|point) |
        available | (is|are) doable | is (fine|ok|okay|affordable|doable| manageable) | would be
        (ok|fine|doable|possible) | is more my (range|budget) | spending limit | price
    """,
    "VOUCHER": """
        voucher(s)? | coupon(s)? | promo code | discount code | gift card(s)? | giftcard | cashback
        | valid (only)? when | only valid | total price | fixed discount | percentage discount |
        discount of | store credit | loyalty points | salary | i earn
    """,
    "SHIPPING": """
        (free|complimentary)? (shipping|delivery|postage) (on|for|from)? (cost|costs|fee|fees|
        charge|charges|orders|order)? | retails for | used to cost | was listed at
    """,
    "CORRECT": """
        (ive|i have|i)? (changed|change) my mind (about that|again|on that)? | on reflection | on
        second thought | come to think of it | thinking about it | let me think | my mistake | my
        bad | i misspoke | no no | hang on | no actually | oops | whoops | rather | er no | um no |
        no sorry | i take that back | actually | no wait | wait | sorry | i mean | i meant | make
        that | or rather | correction | on second thoughts? | scratch that | hmm | hold on | nope |
        better | well actually | instead | let me rephrase | no make it | no sorry
    """,
    "EXTRA": """
        (of)? extra (headroom|room|leeway|slack|wiggle room) | (an|another|some|a further|a)?
        (extra|additional) | another | a further | further | + | plus | yet another
    """,
    "OFF": "off | discount | reduction | markdown",
    "DOUBLE": "double(d)? | doubling | twice | two times | twofold | 2 x | x 2",
    "TRIPLE": "triple(d)? | tripling | three times | threefold | thrice | 3 x | x 3",
    "QUADRUPLE": "quadruple(d)? | four times | 4 x | x 4",
    "HALVE": "halve(d)? | halving | in half | by half | half | one half | in two",
    "THIRD": "(a|one) third",
    "QUARTER": "(a|one)? quarter",
    "FIFTH": "(a|one) fifth",
    "TENTH": "(a|one) tenth",
    "TWO_THIRDS": "two thirds",
    "THREE_QUARTERS": "three quarters",
    "AGAIN_HALF": "half as much again | half again | (one|1) and a half times",
    # -- what is talked about -------------------------------------------------------------------
    "PRICE": """
        (price|cost|budget) (level|class|tier|segment|group|category|point)(s)? |
        (price|budget|cost|money|spending|spend|cash)
        (cap|ceiling|roof|maximum|max|barrier|limits|caps) |
        (the|both)? (min|minimum|lower|bottom|low|floor) (limit|price|end|bound)? (and|or|&)
        (the|my)?
        (max|maximum|upper|top|high|ceiling) (limit|price|end|bound|limits|prices)? |
        (pay|paying|cost|money)
        (limit|cap|ceiling|range) |
        (grand)? total (price|cost|amount|budget)? | sum | total sum | totals | range | ranges |
        (both|either)? (ends|sides|bounds) (of the (range|price|budget|bracket))? |
        (price|budget|cost|money|spending)
        (filter|preference|choice|scheme|restriction|limit|wish|idea|thing|stuff|bit|part|rule|request|criterion|criteria|setting|requirement|constraint|condition|business|question|issue|selection|demand|specification|spec)(s)?
        | the range | my range | price limits | financially | moneywise | money wise | price wise |
        pricewise | budget wise | budgetwise | cost wise | cash wise | funds | spend
        (limit|cap|ceiling)? | kitty | purse | wallet | pot | figure | what (ive|i have|i had)
        (got)? to spend | outlay | price bracket | price window | asking price | pricing | price
        brackets | pounds and pence | budget(s)? | price(s)? | cost(s)? | price
        (range|limit|cap|ceiling|tag|point|bracket| filter|constraint|restriction|max|band) |
        spending (limit|cap)? | money | spend limit | budget
        (limit|range|cap|max|constraint|restriction) | (upper|lower)? price limit | spending |
        price limits | wallet | budgeted | financial limit | cash | amount | buget | budgit | prize
        range | what i (pay|spend)
    """,
    "LIMIT": """
        boundary | boundaries | maximum | top figure | bounds | limit(s)? | cap | ceiling | upper
        limit | upper bound | threshold | top end | upper end | constraint(s)? | restriction(s)? |
        filter(s)? | requirement(s)? | criteria | preference(s)?
    """,
    "FLOOR": """
        start price | entry level | entry point | lower (edge|side|figure|mark) | bottom
        (edge|figure) |
        bottom | the bottom | low end | the low end | bottom limit | bottom price | lowest price |
        lowest i | least price | lower end | the least (i (want|would|will|d) (to)? (pay|spend))? |
        lowest (i (want|would| will) (to)? (pay|spend))? | lower price | low figure | cheapest end
        | lower bound | starting point | entry price | minimum amount | floor | lower
        (limit|bound|end) | bottom end | minimum price | price floor | min price | low end |
        minimum spend | lower price limit | minimum budget | the minimum | the lower limit |
        starting price | my minimum
    """,
    "CEIL": """
        upper (edge|side|mark) | (top|high) (edge|mark) |
        upper (bound|ceiling|threshold|cap|max|maximum|price) | top | the top | top figure | top
        price | the (high|upper|higher|top) (end|limit|bound|figure|price) | highest price | high
        end figure | ceiling price | most (i (want|would|will|d|can|could) (to)?
        (pay|spend|go|do|manage|stretch to))? | the most (i (want|would|will|d|can|could|ll) (to)?
        (pay|spend|go|do| manage|afford|stretch to))? | upper figure | hard limit | hard cap |
        absolute limit | budget ceiling | budget cap | upper limit | upper bound | upper price |
        top end | upper end | maximum price | max price | price ceiling | price cap | max spend |
        maximum spend | max budget | maximum budget | spending cap | upper price limit | my maximum
        | the maximum | my max | the max
    """,
    "SPEND": """
        drop | blow | lay down | put down | put (towards|toward) | part with | stump up | fork over
        | dish out | throw at | sink | stretch (to)? | (can|could) (just)? (about|only|just)?
        (manage|do|swing|afford) | set aside | put aside | put by | dropping | blowing | earmarked
        | allocated | allotted | come to | came to | goes for | going for | price tag of | price of
        | priced (at|around) | valued at | for the price of | swing | budgeting | budgeted | outlay
        of | spend | spent | pay | paid | afford | shell out | fork out | cough up | part with |
        lay out | invest | splash out | cost | costs | costing | priced | price at | go for |
        comfortable (with|at|paying|spending) | budget for | willing to (go|pay|spend) | cost me |
        sell for | selling for | listed (at|for) | run me | worth | retail(ing|s)? | splurge |
        splash | come in at | set me back | retailing at | to (spend|pay|splash| invest|splurge) |
        spend(ing)? (only)?
    """,
    "HAVE": """
        been given | was given | managed to save | saved up | saved | inherited | won | landed |
        scraped together | theres | there is | weve got | we have | weve | have | had | (i|we) had
        | id had | ive got | i got | got | with | working with | having | have got | i ve | ive
    """,
    "IT_IS": """
        it is then | it is | it shall be | it will be | it would be | itll be | is the
        (number|figure|one|new limit| new budget|new max|new maximum|new cap|new ceiling|magic
        number|sweet spot) | (is|are) what (i|we) (have| got|can do|can manage|can afford|want) |
        is where i (am|want to be) | would be (better|wiser|safer|smarter| more sensible|more like
        it|about right|ideal) | might be (better|wiser|safer|smarter|more sensible|more like
        it|about right) | is (better|wiser|safer|smarter|more sensible|more like it|about
        right|final|plenty| enough) | sounds (about right|better|right|good|fair|more like it) |
        feels (about right|better|right|more comfortable) | then | final offer | is my final
        (offer|answer) | and thats (final|that) | tops
    """,
    "SET": """
        what (do|would) you (think|say) (about|to|of) | how (do|would) you feel about |
        (think|thinking|talk|talking) about | (thoughts|views) on | how does (it|this|that|things)
        (look|change)
        (for|at|with) | on to | onto |
        (call|say) it | (lets|let us) (say|call it|go|do|try|aim for|make that|keep it|set it|stick
        with|settle (on|for|at)|shoot for|work with|think) | settle (on|for|at) | aim for | shoot
        for | target(ing)? | aiming for | go | going |
        (bring|take|move|push|pull|nudge|bump|raise|lower|drop|cut|reduce|increase|shift|take|trim|
        stretch|up|extend|knock) (it|that|this|things|the
        (budget|limit|cap|price|max|maximum|ceiling|top|figure)| my
        (budget|limit|cap|max|maximum))? (up|down|back|over|out)? to | (how|what) (about|abt) |
        make do with | redo (it|that)? (with|at|for) | rerun (it|that)? (with|at|for) | (can|could)
        (we|you|i) (do|make it|try|go for| go|see) | show me (what)? (you (have|get|got))? (for|at)
        | what (would|could|can|do|will) (i|we|you) (get| have|find|buy|afford|see)
        (for|at|with|if)? | (what|whats) (there|available|out there) (for|at|under) | revise
        (it|that)? to | amend (it|that)? to | modify (it|that)? to | update to | ends up (at|being)
        | becomes | turned into | turns into | is now | should have been | shouldve been | ought to
        be | has (become|changed to| gone (up|down) to|moved to) | went (up|down) to | (now|today)
        (its|it is) | resets? to | just | make | more like | closer to | make (it|that|this|them)?
        | set (it|that|this)? (at|to)? | change (it|that| this)? (to)? | say | lets say | call it |
        how about | what about | lets (do|go|try|use| make it|go with|go for) | what if | suppose |
        supposing | if | imagine | assuming | assume | go (with|for) | switch (to|it to)? | update
        (it|that)? (to)? | adjust (it| that)? (to)? | move (it|that)? (to)? | put (it|that)?
        (at|to)? | try (with|it with)? | with | now | instead | fix (it)? at | cap (it|that|this)?
        (at)? | limit (it|that|this| myself|me|the price|my budget)? (to|at)? | max out at | top
        out at | hold (it| that)? (at|to)? | bump (it)? to | correct (it|that)? to | i meant | i
        mean | should be | could be | were | was | is | are | be | would be | will be | actually |
        rather | use | stop at | stick (to|with) | keep (it|that|this)? (at|to) | draw the line at
        | can (do| manage) | could (do|manage) | able to (do|manage|pay|spend) | how
        (does|would|do) | hows | go to | go as (high|far) as | goes to | went to | at
    """,
    "BUDGET_OF": "budget of | a budget of | on a budget of | within a budget of | for",
}  # fmt: skip
