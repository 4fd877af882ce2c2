"""What colour words mean beside other words: shades, patterns, and what is no colour at all."""

from __future__ import annotations

from agent.language.wordsets import words

PATTERNS = (
    "floral", "camo", "camouflage", "leopard", "leopard print", "cheetah", "cheetah print", "zebra",
    "zebra print", "tie dye", "plaid", "striped", "stripes", "polka dot", "checkered", "gingham",
    "paisley", "clear", "transparent", "neon colored", "pastel", "color block", "colour block",
    "colorblock",
    "multi color", "multi colour", "multi colored", "two tone", "ombre", "marble", "houndstooth",
    "tartan", "argyle", "animal print", "pinstripe", "tortoiseshell", "iridescent", "holographic",
)  # fmt: skip
"""Patterns that shoppers name like colours."""
UNSURE = words(
    "cream wine coffee stone sand steel coral lemon snow chalk rust apricot salmon denim "
    "linen brick jet amber espresso cherry braun noir midnight platinum ash slate plum "
    "peach raspberry chocolate lime ocean honey canary copper bronze pearl rose sage forest "
    "moss hunter walnut oak teak mahogany caramel champagne oatmeal sky ruby emerald jade "
    "multi natural titanium pewter graphite heather raven onyx obsidian saffron pistachio "
    "rainbow assorted starlight camel hazel orchid eggplant negro preto rosa laranja azul "
    "verde rojo rot gris cinza marrom bege branco blanco weiss grun grau gelb blau lila "
    "roxo morado naranja amarillo amarelo mint"
)
"""Words that name a colour only beside a colour cue or another colour."""
LEADS = words(
    "light dark bright pale deep neon matte pastel hot baby royal navy sky army forest mint "
    "lime olive rose dusty burnt electric off ice powder midnight cobalt steel slate "
    "metallic shiny glossy brushed antique ivory cream vivid fluorescent jet oil rubbed "
    "medium pure blush sage teal charcoal wine lemon mustard champagne emerald cherry coral "
    "monochromatic gun reddish bluish greenish yellowish brownish pinkish hunter kelly "
    "turquoise heather"
)
"""Words before a colour that belong to it ("light blue")."""
TAILS = words("marble polkadot drab camo leopard plaid floral tint ish toned checkered")
"""Words after a colour that belong to it ("pink marble")."""
_IDIOMS = {
    first: words(seconds)
    for first, seconds in {
        "white": "board boards noise sox house rabbit christmas "
        "wedding trash paper wine rice bread "
        "bean beans chocolate sugar vinegar pepper sage fang "
        "collar cube castle walker flag oak stag "
        "tea musk label water sand russian fish elephant hat blood vinegar zinfandel",
        "black": "friday panther widow mirror sabbath history hair pepper tea bean beans out light "
        "magic adam ops hole box clover sails market mass seed flag lagoon series "
        "diamond rifle hawk label swan cat eye belt lives walnut canyon cherry forest licorice",
        "red": "sox wings riding wine bull dot velvet pepper onion hat cross dead devil dwarf "
        "lobster romaine wing river sea light lentils bean beans cabbage clover robin nose heifer "
        "raspberry delicious snapper tape thread bud hots hot eye",
        "green": "day tea bay lantern arrow beans bean onion "
        "goblin screen light peas pea mile giant "
        "smoothie card energy coffee machine hornet chef mountain toys works apple apples olives",
        "blue": "ray light tooth jay jays cheese diamond moon "
        "buffalo yeti man bird sky whale rhino "
        "ox crab lizard heron ridge bloods velvet tape dog",
        "yellow": "pepper pages stone submarine jacket onion mustard wallpaper",
        "brown": "rice sugar bear butter eggs girl recluse noise",
        "pink": "floyd panther salt himalayan lady ranger",
        "purple": "heart rain haze mattress potatoes",
        "orange": "juice county peel county is blossom chicken theory",
        "gold": "bond coast fish rush standard digger glove class toe star medal leaf",
        "golden": "retriever girls gate state sand globe eye",
        "silver": "lake spoon surfer dollar dollars age fox linings bullet fish coin coins",
        "gray": "matter wolf anatomy",
        "grey": "goose anatomy matter wolf",
        "rose": "water quartz hip hips bush toy oil garden petals bowl tea",
        "cream": "cheese soda puff pie",
        "wine": "glass glasses opener rack racks pourer "
        "cooler bottle bottles holder charms stopper "
        "decanter cellar fridge cork tumbler chiller aerator bag",
        "coffee": "maker table mug mugs cup cups pot grinder beans pods filter filters machine bar",
        "neon": "sign signs lights light",
        "rainbow": "six dash high fish trout loom",
        "long": "sleeve sleeves sleeved johns john lasting "
        "island haired beach board distance handle",
        "short": "sleeve sleeves sleeved circuit story",
        "small": "talk business batch breed",
        "medium": "roast hair",
        "chocolate": "chip chips bar bars cake milk",
        "cherry": "tree tomato tomatoes blossom pie",
        "lemon": "juice tree oil squeezer verbena",
        "amber": "alert heard",
        "lavender": "oil vanilla essential",
        "ivory": "soap",
        "olive": "oil oils tree branch garden wood oyl",
        "charcoal": "grill grills mask filter powder pencil pencils starter soap briquettes bbq",
        "turtle": "neck necks tank",
    }.items()
}


def is_idiom(word: str, follower: str) -> bool:
    """Whether a colour or size word belongs to a fixed expression: white noise, red wine."""
    return follower in _IDIOMS.get(word, ())
