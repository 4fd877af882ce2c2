"""The words and phrases in which people speak of limits, by what they mean.

Every class is written in a small notation: one entry a line or after a bar, alternatives in
parentheses, `?` for what may be left out. Words are lower case without apostrophes.
"""

from __future__ import annotations

from agent.language.lexicon_letting_go import DOESNT, LETTING_GO
from agent.language.lexicon_prices import NOT, PRICE_CLASSES

CLASSES: dict[str, str] = {
    **PRICE_CLASSES,
    **LETTING_GO,
    # -- values ---------------------------------------------------------------------------------
    "NO": f"""
        (gone|going|went) off | (is|are|s)? (not)? past caring about | not having | cant abide |
        cant bear | no time for | no fan of | against | (not|isnt|arent|never|aint)
        (made|produced|manufactured|branded|sold) (by|from) | (not|never) (of|under) the
        (brand|make|label) | (stay|steer|keep) (well)? (clear|away) (of|from) | {NOT}
        (be|ever|also|necessarily)? (wearing|buying|doing| having|getting|showing|taking|touching)
        (any|anything)? (in|from|by)? | (anything|everything|something| whatever|anyone)
        (but|bar|save|except|excepting| excluding|minus|barring) (for)? | wouldnt be seen dead in |
        not one for | havent (got)? (any)? time for | no to | spare me | leave (out|off) | i
        (really|absolutely)? (loathe|detest|despise|abhor|hate) | (looks| look)
        (awful|terrible|dreadful|horrible|bad) | as long as (its|it is|theyre|they are)
        (not|no|never) (in|from|by)? | so long as (its|it is|theyre) (not|no) (in|from|by)? |
        provided (its| it is|theyre) (not|no) (in|from|by)? | just not (in|from|by)? | only not
        (in|from|by)? | not (in| from|by|a|an|any|the) | isnt (in|from|by)? | arent (in|from|by)? |
        thats not | that isnt (in|from|by)? | that arent (in|from|by)? | which isnt | never
        (in|from|by)? | keep (the)? (away|out) | count out | had it with | off (the)? (list|table)
        | not feeling (the)? | (done|finished|through) with | (anyone|anybody) (but|except|besides)
        | no | not | none | never | without (any)? | w / o | except (for)? | excepting | excluding
        | exclude(d|s)? | excl | avoid(ing)? | minus | sans | bar | barring | besides | apart from
        | aside from | other than | save for | anything but | everything but | all but | any but |
        anything (except|besides|other than|apart from| excluding) (for)? | everything
        (except|besides|other than|apart from|excluding) (for)? | {NOT}
        (really|particularly|actually|even)? (want|like|love|need|show|show me|include| care
        for|fancy|wear|trust|do|give|give me|suggest|recommend|buy|see|have|stand|be|use|
        consider|eat|think|put|send|offer|pick|choose|get|go for|go with|like the look of|bring|
        add) (to see|to have|me|any|anything|to wear|to buy)? (in|from|by|with|that is|thats)? |
        nothing (in|from|by|made by|with|that is|thats|which is)? | steer clear of | stay away from
        | keep away from | hate(s)? | dislike(s)? | detest | loathe | cant stand | allergic to |
        rule out | ruling out | cut out | leave out | filter out | weed out | exclude anything |
        take out | sick of | tired of | fed up with | not (a)? (big|huge)? (fan|into|keen on|fond
        of|interested in|crazy about| mad about) (of)? | no more | enough (of|with)? | had enough
        of | boycott | block | hide | dont (you)? dare | skip (the|any|all|anything)? (in|from|by)?
        | isnt | arent | is not | are not | nor | neither | eliminate | banish | ban | omit | less
        of the | anything thats not | anything not | none of the | not a fan of | over the | get
        rid of | lose the | i dont do | nix | scratch
    """,
    "NOT_REQUIRED": f"""
        {DOESNT} (filter|restrict|limit|search|narrow|sort|screen|select)
        (it|this|them|things|results)?
        (on|by|for|to|down to) |
        (im|i am|were|we are)? not (really|particularly|that|too)?
        (tied|wedded|married|attached|committed|limited|
        restricted|bound|glued|set|fixated|hooked|sold|fixed|stuck) (to|on|with) | (stray|depart|
        deviate|move on|move away|switch|get away) from | other than just | as well as just | aside
        from just | (isnt|is not|aint) (the)? only (one|option|brand|colour|color)? | (any|another)
        (alternative|alternatives) to | no longer (only|just) | (doesnt|does not|dont|do
        not|neednt|need not|doesnt really|dont really|no longer) (have| need|has|needs) to be
        (just|only|a|an|in|from|by)? | (neednt|need not) be (a|an|in|from| by)? | not necessarily |
        no need (for|to be) (a|an|in)? | (no need|dont have| doesnt have|dont need|doesnt
        need|neednt|no reason) (to)? (stick with|stick to|keep to| limit it to|limit to|restrict it
        to|restrict to|stay with|insist on|only be|only show) | stop
        (limiting|restricting|filtering|sticking|narrowing) (it|this|them|things| the results)?
        (to|by|down to)? | no longer (need|needs|want|wants|have to be|has to be| must be) | not
        just | not only | doesnt need to be | isnt a must | not limited to | not restricted to |
        beyond just | forget about (the|it being)? | dont need (it to be| the)? | never mind
        (the|it being) | no longer necessary | {DOESNT} only (show| have to be) (me)?
    """,
    "ONLY": f"""
        nothing (other than|except|but|apart from|besides) (in|from|by)? | only (ever|really)? (
        wear|buy|use|want|like|do|trust|touch|go for|have) (from|by|in)? | just
        (the|in|from|by|those from|ones from| stuff from|things from|those by|show me (the)?|give
        me (the)?) | has to come from | it (must|has to|needs to) be (a|an|in|from|by|made by)? |
        (must|has to|have to|needs to|need to|got to|gotta) be (a|an|in|from|by|made by)? | none
        other than | the only (brand|colour|color|size|one) (i|im|ill)
        (want|like|wear|after|have|take| trust|buy|need) (is)? | (im|i am|we are|were)
        (strictly|purely|only) (a|an|after|into|about)? | insist(ing)? on | it (better|had better|d
        better) be (a|an|in|from|by)? | limit (the)? (brand|brands|colour|colours|color|
        colors|size|sizes) to | loyal to | die hard | devoted to | only (show|show
        me|want|see|interested in|from|by|in|consider|looking for|looking at|
        wear|trust|buy|need|like)? | just (show|show me|want|the|from|in|by)? | exclusively |
        solely | purely | strictly | nothing but | none but | nothing (except|other than| besides)
        | none other than | no one but | no(thing)? else (but|than) | limit (it|this|
        that|them|yourself|the (search|results|selection|list|choice)|everything|things)? to |
        restrict (it|this|that|them|the (search|results|selection|list)|everything)? to | narrow
        (it|this|that|things|the (search|results|selection|list|choice))? (down)? to | confine
        (it|yourself)? to | filter (by|for|to|on|it to)? | stick(ing)? (to|with) | must (be|have) |
        has to (be|have) | have to (be|have) | got to be | needs to be | need(s)? it to be | insist
        on | as long as its | so long as its | make sure its | make sure they(re)? (are)? | keep
        (it|them) to | loyal to | all of them | entirely | {NOT} (show me|want|consider|look
        at|need|give me|buy|wear|trust)? anything (but| except|other than|besides) | {NOT}
        (want|consider|accept) any other (brand|colour| color|size)? than
    """,
    "ONLY_AFTER": """
        only | exclusively | alone | or nothing | and nothing else | nothing else | and (only|
        just) that | and (that is|thats) it | or bust | and no other | no substitutes | no
        exceptions | and nothing but | period
    """,
    "ADD": """
        (could|would|will|can|might) (also|equally) (do|be|take|have|live with|go
        for|wear|consider| include) (also|too)? (in)? | (or|and)
        (even|also|maybe|perhaps|possibly|equally) (in|from|by)? | (you|we|i) (can|could|may|might)
        (also)? (add|include|throw in|show|look at|consider|try) (in| from|by)? | on top of that |
        not just (that)? but (also)? | to go with | alongside | not averse to | not opposed to |
        wouldnt say no to | partial to | similarly | equally | as well as | also | add | include |
        including | plus | as well as | additionally | and maybe | or maybe | along with | together
        with | on top of | even | too | in addition to | throw in | allow | bring in | mix in |
        open to | consider | im also (ok|fine|happy| open) (with|to) | add in | extend to | widen
        to | expand to | broaden to | dont mind | wouldnt mind | happy with | fine with | ok with |
        okay with | im fine with
    """,
    "ADD_AFTER": """
        (would|will|could|might|can|is|are) (also|equally|just as) (do|work|fine|good|ok|okay|be
        fine|be good|be ok|be okay|suit|be nice|be great) (too|as well)? | (is|are|would be|s)
        (also|equally|just as) (fine| good|ok|okay|nice|acceptable) | (is|are|would be)
        (ok|okay|fine|alright|acceptable|good|an option| a possibility) (too|as well|also)? (for
        me|by me|with me)? | into the mix | on the list | too | as well | also | (is|are|would
        be|works) (also)? (fine|ok|okay|good|alright| acceptable|cool) (too|as well)? | works
        (too|as well)? | (is|are) (acceptable|welcome| allowed) (too|as well)? | would (also)?
        (work|do|be fine|be ok|be okay) (too)? | in addition | to the (list|mix)
    """,
    "INSTEAD_OF": """
        (is|are|looks|would be)? (better|nicer|prettier|preferable|preferred|smarter|cooler)
        (than|to) | in preference to | ahead of | as against | instead of | rather than | in place
        of | in lieu of | as opposed to | and not | but not | not
    """,
    "SWAP": "swap | replace | exchange | trade | change | substitute | switch",
    "FOR": "for | with | to | by | into",
    "INSTEAD": "instead | rather | this time | for a change | now",
    "SOFT": """
        at best | if there is one | if youve got it | if you have it | if its available | not a
        must | (would|it) be (a)? (bonus|plus) | for choice | by preference | given the choice |
        all else being equal | all things being equal | in an ideal world | wherever possible |
        leaning (to|toward) | i lean | more inclined to | rather have | nice but not essential | if
        at all | ideally | preferably | if possible | if you can | would be
        (nice|great|good|lovely| ideal) | nice to have | prefer | id prefer | i prefer | i would
        prefer | id rather | id like it if | id love | leaning towards? | favou?r | if at all
        possible | hopefully | where possible | as a preference | for preference | if available |
        not essential
    """,
    "ALLOW": """
        dont mind | wouldnt mind | do not mind | can live with | happy with | fine with | ok with |
        okay with | open to | im fine with | im ok with | is fine | are fine | is ok
    """,
    # -- fields ---------------------------------------------------------------------------------
    "BRAND_FREE": """
        (who|whoever|whomever) (makes|made|produces|manufactures|its by|its made by)
        (it|them|this|these)? (really|actually)? (doesnt|does not|dont|isnt|is not|no longer)
        (really|actually)? (matter|matters| bother me|important|fuss me|count|interest me|worry me)
        (to me)? | whoevers? name is on it | (any|whichever|whatever)
        (name|maker|marque|firm|manufacturer) (is fine|will do|works|goes)? | (dont|do not)
        (really)? (care|mind|fuss) (about)? (who|whose name) (makes|made|is on|its from|its by)
        (it| them)? | (by|from) (whoever|whomever|any maker|any firm|any company|all brands|every
        brand) | (doesnt matter|does not matter|dont care|i dont care|dont mind|i dont mind|no
        matter) who (makes|made|produces) (it|them|this)? | whoever makes (it|them) | (by|from)
        (anyone| anybody)
    """,
    "LIKING": """
        (dont|do not|doesnt|really|just)? (like|love|hate|fancy|suit|suits|enjoy|adore|prefer)
        (the|that|this|its| their|those)? | happy with | not (sure|keen|mad|crazy|certain|decided)
        (about|on)? | wrong | the right | off
    """,
    "F_COLORS": """
        (colour|color|shade|coloring|colouring)
        (filter|preference|choice|scheme|restriction|limit|wish|idea|thing|stuff|bit|part|rule|request|criterion|criteria|setting|requirement|constraint|condition|business|question|issue|selection|demand|specification|spec)(s)?
        | colourwise | colorwise | colour wise | color wise | pattern | colour(s|ed)? |
        color(s|ed)? | colouring | coloring | shade(s)? | hue(s)? | tone(s)? | colorway(s)? |
        colourway(s)? | (colour|color) (filter|preference|choice|scheme| restriction|limit)(s)? |
        tint(s)? | finish | colour way(s)? | culor | coulor
    """,
    "F_BRANDS": """
        (brand|label|maker|manufacturer|make|designer)
        (filter|preference|choice|scheme|restriction|limit|wish|idea|thing|stuff|bit|part|rule|request|criterion|criteria|setting|requirement|constraint|condition|business|question|issue|selection|demand|specification|spec)(s)?
        | brandwise | brand wise | brand thing | label thing | maker | named brand | designer name
        | marques | branding | make of | makes | brand(s|ed)? | brand name(s)? | make | make(rs|r)
        | manufacturer(s)? | label(s)? | designer(s)? | (brand|label)
        (filter|preference|restriction|requirement|choice|limit| loyalty)(s)? | company | companies
        | producer(s)? | marque
    """,
    "F_SIZES": """
        (size|sizing)
        (filter|preference|choice|scheme|restriction|limit|wish|idea|thing|stuff|bit|part|rule|request|criterion|criteria|setting|requirement|constraint|condition|business|question|issue|selection|demand|specification|spec)(s)?
        | sizewise | size wise | fit | size(s)? | sizing | (size)
        (filter|preference|requirement|limit|restriction)(s)? | dimensions | measurements
    """,
    "F_CATEGORIES": """
        categor(y|ies) | department(s)? | product type(s)? | type of (product|item) | kind of
        (product|item)
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
    "F_LIMIT": """
        (the|my|that|this|both|all|any)? (limits|caps|ceilings) | (the|my|that|this)?
        (limit|limits|cap|ceiling) (back)?
    """,
    "F_ALL": """
        everything | all (of)? (it|them|that|my limits|the limits|my filters|the filters) | the lot
        | whole thing | all limits | all filters | all of the above
    """,
    "ON_SALE": """
        half price | half off | on sale | on offer | discounted | reduced | marked down | on
        clearance | clearance | in the sale | on special | on promotion | with (a| some)? discount
        | on discount | sale items (only)? | deals only | only deals | special offers? | bargains
        only | (something|anything) with money off | at a discount | promo items
    """,
    # -- the rest -------------------------------------------------------------------------------
    "COUNT_FREE": """
        as many as (you (like|want|have|please| can|got)|possible|there are) | however many (you
        (like|want|have|please)|there are)? | any number (of
        (them|items|results|suggestions|options))? | no (limit|cap) (on|to) (the)? (number|how
        many|quantity| count) (of (items|options|results|suggestions))? | (dont|doesnt)
        (matter|mind|care) how many | (the)? number (of (items|options|results|suggestions))?
        (doesnt matter|is up to you|does not matter) | how many (doesnt matter|is up to you)
    """,
    "CHEAPER": """
        (a bit|a little|slightly|much|way|somewhat|even|lot|far)? cheaper (ones|one|options|
        option|alternatives|stuff|things|version)? | less expensive | less pricey | less costly |
        more affordable | more economical | more reasonable | lower priced? | lower in price |
        lower cost | lower price | (more)? budget friendly | bring the price down | bring down the
        price | spend (a bit|a little|slightly| much)? less | pay (a bit|a little|slightly|much)?
        less | too (expensive|pricey|dear| costly|much|rich|steep) | out of my (budget|price range)
        | over my budget | above my budget | not so expensive | easier on the wallet | something
        for less | less money
    """,
    "PRICIER": """
        (a bit|a little|slightly|much|way|somewhat|even)? (pricier|dearer|more expensive| costlier)
        (ones|one|options|option|alternatives)? | higher end | high end | upmarket | up market |
        more upscale | more premium | fancier | posher | more luxurious | spend (a bit|a
        little|slightly|somewhat|much|a lot)? more | pay (a bit|a little| slightly|somewhat|much|a
        lot)? more | (go|stretch) (a bit|a little|slightly|somewhat| much|a lot)?
        (higher|more|further) | a (bit|little|tad|touch) (more|higher) | (slightly|
        somewhat|marginally) (more|higher) | higher budget | bigger budget | more money | too cheap
        | higher price
    """,
    "HYPOTHETICAL": """
        what if | suppose | supposing | imagine | what would happen if | what happens if | if i |
        would it help if | hypothetically | assuming | say i | what would change if | how would
    """,
    "WH_FACT": """
        how many | how much (is|are|does|do|would|for) | what (brands?|colou?rs?|sizes?|
        categories|makes?) (do|are|does|have|is|can) | which (brands?|colou?rs?|sizes?|
        categories|makes?) (do|are|does|have|is|can) | whats (the|your) (cheapest| most
        expensive|price range|lowest|highest|least expensive|best rated|dearest|priciest) | what is
        (the|your) (cheapest|most expensive|price range|lowest|highest|least expensive| best
        rated|dearest|priciest) | which is (the)? (cheapest|most expensive|dearest) | do you
        (sell|carry|stock|deal in|offer) | (are|is) there (any|a|an) | what do you
        (sell|have|carry|stock) | what have you got | do you even (sell|carry| have) | have you got
        | whats in stock | is it in stock | price range of | how big is your | list (of|all)
        (brands|colou?rs|sizes|categories) | what kinds? of | what types? of | who makes | whats
        the price of | what does (it|this|that|the) | what are the (brands|colou?rs|sizes|prices)
    """,
    "WHY": """
        why | how come | explain | what makes | whats the reason | what is the reason | reason for
        | justify | on what basis | how did you (choose|pick|decide|select) | whats wrong with |
        what was wrong with | tell me why
    """,
    "COMPARE": """
        compare | comparison | difference(s)? between | which (one)? is better | which of
        (the|these|those) (two)? | versus | vs | how do they (compare|differ) | how does
        (it|this|that|the) compare | better than the | side by side | pros and cons
    """,
    "SEARCH": """
        search (for)? | look up | lookup | browse | list | do you have | show me everything | find
        (me)? all | show (me)? all
    """,
    "WISH": """
        let me (have|see|get|try|look at|check|view|know) | let us (have|see|get|try) | id rather
        (have|see|get|go for) | could (i|we) (have|see|get) | can (i|we) (have|see|get) | may i
        (have|see) | display | pull up | bring up | give us | gimme | lemme (see|get|have) | dig up
        | fetch | bring me | present | id go for | ill have | ill take | ill go for | ill go with |
        grab me | grab | after a | be nice to see | shopping around for | on the lookout for |
        fancy | keen on | hoping (for|to find|to get) | desire | require | wish for | in need of |
        searching | looking for | look for | i need | i want | need | want | searching for | in the
        market for | shopping for | find | find me | show me | show | recommend | suggest | buy |
        get me | get | help me (find|choose|pick|locate)? | id like | i would like | im after |
        after | hunting for | on the hunt for | interested in | give me | can you
        (find|show|recommend|suggest) (me)? | seeking | purchase | order | pick out | lets see |
        see | let me see | id love
    """,
    "GREETING": """
        hi | hello | hey | hiya | good (morning|evening|afternoon|day) | howdy | yo | greetings
    """,
    "THANKS": """
        thanks (a lot|so much|very much|again)? | thank you (so much|very much)? | thx | ty |
        cheers | great | perfect | awesome | cool | ok | okay | got it | sounds good | lovely |
        brilliant | nice | bye | goodbye | see you | see ya | thats all | that is all | looks good
        | love it | well done | yes | yep | yeah | sure | no problem
    """,
    "THIS": "it | this | that | these | those | them | they",
    "FILLER": """
        (would|could|might|does|do)? (make|makes|making) (more|any|some)? sense |
        u | ur | r | his | her | their | hers | whose | dear | assistant | hello there | shop
        assistant | cheap and cheerful | let | lemme | such | version | versions | option | these
        days | youd | youll | both | it is | tad | smidge | smidgen | touch | quite | rather |
        fairly | simply | basically | literally | honestly | perchance | kindly | mate | pal | bro
        | dude | sir | madam | maam | love | dear | tho | though | lol | haha | ha | tbh | ngl |
        imo | innit | yeah | ya | gonna | wanna | gotta | kinda | sorta | figure | eh | er | erm |
        ah | ooh | oo | alright | right | go on | come on | fine | so to speak | you know | you see
        | i mean | i suppose | i reckon | reckon | id say | as it were | if you like | if you
        please | if you would | if thats ok | if thats okay | if thats alright | for now | at the
        moment | right now | this time | in fact | to be honest | to be fair | you know what |
        after all | am | whats | thats | theyre | who | where | when | else | what | which | please
        | pls | plz | the | a | an | my | your | our | of | some | me | i | you | im | id | its |
        just | really | maybe | perhaps | well | so | hmm | um | uh | oh | ok | okay | actually |
        now | then | can | could | would | will | do | does | to | for | there | here | one | ones
        | something | anything | thing | things | stuff | item | items | product | products | bit |
        little | as | sound | look | work | sounds | looks | kind | sort | very | much | total |
        overall | altogether | all in | each | apiece | per item | absolute | absolutely | whole |
        entire | current | new | about it | i think | i guess | guess | think | probably | possibly
        | even | still | again | today | if possible | exactly | roughly | say | like | only | at |
        in | is | be | was | were | are | by | on | with | from | us | we | ill | ive
    """,
    "BUT": """
        but | however | though | although | while | whereas | yet | then | and then | after that |
        also | oh and | and also
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
