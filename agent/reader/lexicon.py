"""The words that shops print around prices, buttons and ratings, in the languages they use most.

Patterns are matched against a line in lower case; each says what the line or the amount beside it
is, never what it is worth.
"""

from __future__ import annotations

import re


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.I)


OLD_PRICE = _any(
    r"\bm\.?\s?r\.?\s?p\b\.?", r"\bwas\b", r"\blist( price)?\s*:", r"\blist price", r"\bstatt\b",
    r"\buvp\b", r"\btypical( price)?\b", r"\br\.?r\.?p\b", r"\bm\.?s\.?r\.?p\b",
    r"\breg(ular)?\.?( price)?\s*:", r"\bregular price", r"\boriginal(ly)?( price)?\s*:?$",
    r"\bold price", r"\bbefore\b", r"\bcompare at", r"\bretail( price)?\s*:",
    r"\binstead of", r"^de:?$", r"^de r\$", r"(?<!partir )\bde\s*:?\s*$", r"\bavant\b",
    r"prix conseill", r"\bancien prix", r"\bprix (normal|habituel)", r"\bau lieu de",
    r"\b(precio|preço|prezzo) (normal|original|habitual|originale|di listino|de tabela)",
    r"\bnormalpreis", r"\bregulärer preis", r"\bsonst\b",
    # Nordic, Polish, Czech, Hungarian, Romanian, Russian, Vietnamese, Indonesian.
    r"\bför(r|e)?\b", r"\bfør\b", r"\bord(inarie)?\.? pris", r"\btidigare( pris)?",
    r"\bnormalpris", r"\bvejl(\.|edende)? pris", r"\bveil(\.|edende)? pris", r"\bnorm\.? hinta",
    r"\bcena regularna", r"\bnajniższa cena", r"\bstara cena", r"\bpoprzednia cena",
    r"\bběžná cena", r"\bpůvodní cena", r"\beredeti ár", r"\bpre[țt]( vechi| ini[țt]ial)",
    r"\bстарая цена", r"\bgiá (cũ|gốc)", r"\bharga (asli|normal|coret)",
    r"\bantes\b", r"\bpvpr?\b", r"precio anterior", r"\bprezzo (consigliato|precedente)",
    r"\bbisher\b", r"\bvorher\b", r"\bursprünglich", r"\bniedrigster preis",
    r"30[- ](tage|day)[- ](best|lowest)", r"\bvan\b\s*$", r"\badviesprijs", r"eski fiyat",
    r"liste fiyat", r"定価", r"通常価格", r"参考価格", r"メーカー希望", r"原价", r"\bprev(ious)?\b",
)  # fmt: skip
"""Words before an amount that make it the old, struck-through price."""

NOW_PRICE = _any(
    r"\bnow\b", r"\bjetzt\b", r"\bdeal price", r"\bsale price", r"\bour price", r"\bprice\s*:\s*$",
    r"\bpreis\s*:\s*$", r"\bpor\s*:?\s*r?\$?\s*$", r"\bahora\b", r"\boffer price",
    r"\bnu\b\s*:?\s*$", r"\bnå\b\s*:?\s*$", r"\bteraz\b", r"\bnyní\b", r"\bacum\b",
    r"\bmaintenant\b", r"\badesso\b", r"\baktionspreis", r"\bprix (promo|soldé)",
    r"\bprecio oferta", r"\bpreço promocional", r"特価", r"到手价",
    r"\bspecial price", r"セール価格", r"\bprix\s*:\s*$", r"\bprecio\s*:\s*$", r"\bpreço\s*:\s*$",
)  # fmt: skip

OTHER_BEFORE = _any(
    r"\bsave\b", r"\bsaving", r"\byou save", r"\bspar(en|st|e)?\b", r"economi[zs]", r"\bdesconto",
    r"\bahorr", r"\brisparmi", r"\bdiscount", r"\brabatt", r"\bindirim",
    r"\bsub-?\s?total", r"\btotal\b", r"\bsumme\b", r"\bgesamt", r"\bzwischensumme", r"\btotale\b",
    r"\btotaal\b", r"\btoplam\b", r"合計", r"小計",
    r"クーポン", r"ポイント", r"月々", r"最大", r"\bamount (due|payable)", r"\bbalance\b",
    r"\btax(es)?\b", r"\bvat\b", r"\bgst\b", r"\bmwst", r"\biva\b", r"\bkdv\b", r"消費税",
    r"\bshipping\b", r"\bdelivery\b", r"\bversand", r"\blieferung", r"\bfrete\b", r"\bentrega\b",
    r"\benv[ií]o\b", r"\blivraison", r"\bspedizione", r"\bkargo\b", r"\bverzend", r"送料",
    r"\bpostage", r"\bhandling\b", r"\bplatform fee", r"\bfee\b", r"\bsurcharge", r"\bgebühr",
    r"\bcoupons?\b", r"\bvoucher", r"\bgutschein", r"\bcup[oó]n", r"\bcupom", r"\bkupon",
    r"\bcode\b", r"\bcashback", r"\bbank offer", r"\bgift card\b", r"\brewards?\b", r"\bpoints?\b",
    r"\bexchange\b", r"\btrade[- ]in", r"\bemi\b", r"\binstal+ments?", r"\braten\b", r"\bparcel",
    r"\bcuotas?\b", r"\btaksit", r"\bfinanc", r"\bmonthly\b", r"\d\s*x\s+(de|of)\b",
    r"\binterest[- ]free", r"\bklarna", r"\bafterpay", r"\bclearpay", r"\bpaypal", r"\baffirm",
    r"\bover\b", r"\babove\b", r"\bbelow\b", r"\bunder\b", r"\bup to\b", r"\bupto\b", r"\bbis zu\b",
    r"\bat[ée] r?\$", r"\bhasta\b", r"\bjusqu", r"\borders? (of|over|from)", r"\bminimum\b",
    r"\bcompras\b", r"\bcommandes?\b", r"\bbestellungen\b", r"\bzamówie", r"\bfrakt\b",
    r"\bdostaw", r"\bdoprav", r"\bszállítás", r"\blivrare\b", r"\bgesamtsumme", r"\brazem\b",
    r"\bcelkem\b", r"\bsumma\b", r"\bi alt\b", r"\braty?\b", r"\bontvang", r"\bkorting",
    r"\bmin\b", r"\bmax\b", r"\bspend\b", r"\bab einem", r"\büber\b",
    r"\bwarranty", r"\bprotection", r"\binsurance", r"\bdeposit", r"\bmembership", r"\bprime\b.*@",
    r"\bextra\b\s*$", r"\bget\s*$", r"\bflat\s*$", r"\badditional\b", r"\bcart\s*[:(]?\s*$",
    r"\bbag total", r"\bgrand total", r"\border total", r"\bin your (cart|bag|basket)",
    r"\bprice range", r"\bfiltr?er?\b", r"\bbudget\b", r"\bbid\b", r"\bsalary\b",
    r"\bused\b", r"\bgebraucht", r"\bdealsfrom", r"\bcredit\b", r"\bper\s*$",
)  # fmt: skip
"""Words before an amount on its line, or on the label beside it, that make it no selling price."""

OTHER_AFTER = _any(
    r"^\s*\+?\s*(off|rabatt|indirim|de desconto|sconto|reducci|réduction)\b",
    r"^\s*(cash ?back|coupon|discount|savings?|saved|shipping|delivery|fee|deposit|voucher)\b",
    r"^\s*[/|]?\s*(a |per |por |pro |al |par )?(mo|month|mth|monat|mes|mês|mois|mese|ay|maand|"
    r"yr|year|"
    r"jahr|week|woche|day|night|nacht)\b\.?",
    r"^\s*(/|per|pro|por|je)\s*\d*\s*(kg|g|gr|100|ml|l|lb|oz|fl|m|cm|ft|sq|unit|stück|stk|count|"
    r"ct|"
    r"piece|pc|item|sheet|each)\b",
    r"^\s*x\s*\d", r"^\s*(product|order|purchase|cart)?\s*minimum",
    r"^\s*(or|and) (more|above|up)\b", r"^\s*(gutschein|off\b|extra)", r"^\s*\+\s*$",
    r"^\s*(items?|item\(s\))\b", r"^,?\s*\d+\s?items?\b",
    r"^\s*(total|subtotal)\b", r"^\s*to spend", r"^\s*(sold|reviews|ratings)\b",
    r"^\s*(interest|zinsen)", r"^\s*shipping", r"^\s*versand",
    r"^\s*(以上|以下|未満|引き|オフ|off|割引|クーポン|ポイント|まで|분|이상|할인|起送|优惠)",
    r"^\s*[/／]\s?月",
)  # fmt: skip
"""Words after an amount that make it no selling price."""

OTHER_LINE = _any(
    r"\bbank offer", r"\bexchange offer", r"\bno cost emi", r"\bemi (from|starts)", r"\bcoupons?\b",
    r"\binterest[- ]free", r"\binstal+ments?\b", r"\bin raten\b", r"\bratenzahlung", r"\bfinanzier",
    r"\bgutschein", r"\bvoucher", r"\bcash ?back", r"\bcup[oó]n\b", r"\bcupom\b", r"\bsubtotal",
    r"\bqualifying", r"\bmonthly\b", r"\bpromo code", r"\bfree (shipping|delivery)", r"\btaksit",
    r"\bmensualit", r"\bparcelas?\b", r"\bmonatlich",
)  # fmt: skip
"""Words anywhere on a line that make all of its amounts no selling prices."""

BUTTON = re.compile(
    r"^[^\w]*("
    r"add(ed)? to (cart|bag|basket|wish ?list|list|compare|favou?rites)|add|"
    r"buy( it)?( now)?|"
    r"view( (details?|product|more|all|item|cart|bag))?|quick (view|shop|add|look)|details?|"
    r"see (more|all|details|options|similar)( .{0,24})?|show (more|all|less)( .{0,20})?|"
    r"shop( now| all| it all| items?)?|"
    r"learn more|read more|more( info(rmation)?)?|select( options?)?|choose( options?)?|options|"
    r"checkout|(proceed to|go to|secure).{0,24}|place order|continue( shopping)?|keep shopping|"
    r"remove|delete|save for later|update( cart)?|edit|move to .{0,20}|apply( coupon)?|"
    r"clear.{0,12}|"
    r"sign ?(in|up|out)|log ?(in|out)|register|my account|account.{0,12}|wish ?list|compare|"
    r"share|search|go|menu|"
    r"home|cart|bag|basket|profile|filters?|sort( by)?.{0,24}|sponsored.?|new|sale|hot|featured|"
    r"in den (einkaufswagen|warenkorb)|jetzt kaufen|kaufen|auf die liste|details ansehen|"
    r"comprar( agora)?|adicionar( ao carrinho)?|finalizar|ver (mais|detalhes|produto)|"
    r"añadir.{0,20}|"
    r"ajouter.{0,20}|acheter|voir.{0,20}|aggiungi.{0,20}|acquista|sepete ekle|hemen al|satın al|"
    r"incele|"
    r"toevoegen.{0,20}|in winkelwagen|bestellen|"
    r"カートに(追加|入れる)|購入|詳細.{0,6}|検索|リセット|"
    r"subscribe|notify me|pre-?order|rent|book( now)?|enquire|contact.{0,12}|chat|help|"
    r"next|prev(ious)?|back( to .{0,20})?|close|ok|yes|no|\+|-|×|x"
    r")[^\w]*$",
    re.I,
)
"""A whole line that is a button or a link of the page, never a title."""

NOISE = re.compile(
    r"bought in (the )?past|bought this|in \d+ carts|people (are|have|bought)|"
    r"free (shipping|delivery|returns)|shipping|delivery|lieferung|entrega|livraison|"
    r"get it (by|today|tomorrow|in)|arrives|dispatch|ships? (from|to|in)|sold by|"
    r"in stock|out of stock|only \d+ left|left in stock|currently unavailable|unavailable|"
    r"auf lager|"
    r"em estoque|stokta|在庫|no rating|not rated|no reviews|limited time|"
    r"^\(?[\d.,]+\+?\s*(ratings?|reviews?|sold|orders|bewertungen|sternebewertungen|avaliaç)|"
    r"\bratings?\b.*\breviews?\b|colou?rs?/patterns|\+\d+ (colou?rs?|more|sizes?)|"
    r"more (colou?rs?|options|sizes)|"
    r"days? return|return available|quantity|^\s*qt[yd]\b|^\s*(size|colou?r|cor|tamanho|farbe|"
    r"größe|couleur|taille|talla|beden|renk)\s*:|"
    r"inclusive of all taxes|inkl\.? (mwst|ust)|tax included|incl\. vat|"
    r"this will be a gift|eligible for|fulfilled|climate pledge|visit the .{1,30}store|"
    r"besuche den|"
    r"variaç(ões|ão)|cart[ãa]o de cr[ée]dito|^crédito$|category\s*:|categoria\s*:|sku\b|item no|"
    r"model no|"
    r"^see more by|^by\s|^from\s*$|^starting at|^as low as|^ab\s*$|price and other details|"
    r"check each product|results? (for|found)|\d+ results?\b|\d+ products?\b|\d+ items?\b|"
    r"showing \d|"
    r"customers who|you may also|recommended|related|frequently bought|similar (items|products)|"
    r"copyright|©|cookies?|privacy|terms\b|T&C|newsletter|"
    r"best ?seller|amazon's choice|top rated|new arrivals?|star seller|"
    r"ends? in|^\d{1,2}:\d\d|view \d+ more|t&c|emi\b|^\W*prime\W*$|assured",
    re.I,
)
"""Lines around a product that are not its title."""

LABEL = re.compile(
    r"^\W*(unit price|price|total|sub-?total|line total|amount|qty|quantity|product( info)?|"
    r"products|items?|"
    r"actions?|description|details|reviews?|success!?|error!?|warning!?|summary|order (summary|"
    r"total)|"
    r"preço unitário|quantidade|produto|preis|menge|artikel|summe|precio|cantidad|"
    r"prix|quantité|"
    r"fiyat|adet|ürün|toplam|prezzo|quantità|value|image|name|stock|available|availability|"
    r"status|"
    r"with exchange|without exchange|buy (with|without) exchange|exchange offer.*|size|colou?r|"
    r"about this item|highlights|specifications?|overview|features?|free|deal|offers?)\W*$",
    re.I,
)
"""Table heads and labels of a page, never a title."""

RATING_WORDS = re.compile(
    r"(ratings?|reviews?|bewertung(en)?|sternebewertungen|avalia(ç|c)[õo]es|avaliação|"
    r"rese[ñn]as?|"
    r"opiniones|avis|recensioni|beoordelingen|yorum|değerlendirme|レビュー|件)",
    re.I,
)

CART_WORDS = _any(
    r"^\W*(your |my |the )?(shopping |online )?(cart|bag|basket|trolley)\W*(\(\d+.*\))?$",
    r"\bitems? in (your|my|the) (cart|bag|basket)", r"\bmeu carrinho", r"\bmon panier",
    r"\bmi (carrito|cesta)", r"\bsepetim\b", r"\bcarrello\b", r"\bwarenkorb$", r"\bcart subtotal",
    r"\badded to (your )?(cart|bag|basket)\b", r"ショッピングカート$", r"\bwinkelwagen$",
    r"\bunit price\b", r"\bproceed to (checkout|buy)", r"\bplace order\b", r"\bsecure checkout\b",
    r"\border summary\b", r"\bcart totals?\b", r"\bbag summary\b", r"\bprice details\b",
    r"\bresumo d[ao] (compra|pedido)", r"\bsave for later\b", r"^grand total\b",
)  # fmt: skip

SUGGESTIONS = _any(
    r"\byou (may|might) also", r"\brecommended\b", r"\bcustomers who", r"\bfrequently bought",
    r"\bsimilar (items|products)", r"\brelated (items|products)", r"\bsave extra when bought",
    r"\bmore like this", r"\bpeople also", r"\brecently viewed", r"\balso bought",
    r"\bcomplete the",
    r"\bgoes well with", r"\bkunden kauften", r"\bdas könnte", r"\bähnliche", r"\bquem viu",
    r"\btambém", r"\bvous aimerez", r"\btambién", r"\bbenzer ürün", r"関連", r"おすすめ",
    r"\bsponsored products", r"\binspired by", r"\bbuy it with", r"\bsaved for later",
)  # fmt: skip
"""Headings above what the shop suggests; that is neither opened nor chosen."""

ADD_TO_CART = _any(
    r"\badd to (cart|bag|basket)", r"\bbuy (it )?now\b",
    r"in den (einkaufswagen|warenkorb)",
    r"\bjetzt kaufen", r"\badicionar ao carrinho", r"\bañadir (al carrito|a la cesta)",
    r"\bajouter au panier", r"\bsepete ekle", r"カートに", r"\baggiungi al carrello", r"^comprar\b",
    r"\bbuy (with|without)\b", r"\bin winkelwagen", r"\badd to wish ?list",
)  # fmt: skip

FILTER_HEADINGS = re.compile(
    r"^\W*(brands?|price( per item| range)?|colou?rs?|sizes?|categor(y|ies)|customer reviews?|"
    r"department|"
    r"discount|ratings?|material|gender|deals( & discounts)?|availability|delivery day|filters?|"
    r"item condition|eligible for free (delivery|shipping)|popular shopping ideas|"
    r"type( / design)?|style|"
    r"marken?|preis|farbe|größe|kategorien?|marcas?|preço|categorias?|cor(es)?|tamanhos?|"
    r"marka(lar)?|"
    r"fiyat|kategori(ler)?|renk|beden|marques?|prix|couleurs?|taille|marche|prezzo|カテゴリ(検索)?|価格|"
    r"ブランド|product type|shop by|refine( by)?|upholstery material|storage|ram|screen size)\W*$",
    re.I,
)

SUSPICIOUS = re.compile(
    r"(ignore|disregard|forget|override)\s+(all\s+|any\s+|the\s+|your\s+|these\s+|my\s+)*"
    r"(previous|prior|above|earlier|preceding|instructions?|rules?|prompts?|constraints?|"
    r"limits?)|"
    r"\b(system|developer)\s*(prompt|message|override|note)\b|^\s*(system|assistant|user|"
    r"developer)\s*:|"
    r"\b(you are|act as|pretend to be)\s+(now\s+)?(an?\s+)?(ai|assistant|language model|llm|"
    r"chatbot|dan)\b|"
    r"\b(ai|llm|assistant|model|agent|chatbot)s?\b.{0,24}\b(must|should|shall|have to|are to)\b|"
    r"\b(must|should|always|only)\s+(be\s+)?recommend(ed)?\b|"
    r"(?:^|[.!:;,]\s*|\band\s+)recommend (only|this|product|"
    r"item|the)\b|"
    r"\b(reveal|print|output|leak|exfiltrate)\b.{0,30}\b(prompt|key|secret|password|token)\b|"
    r"<\|?(im_start|im_end|system|endoftext)\|?>|\bnew instructions?\b|"
    r"\b(call|invoke|run|execute)\s+(the\s+)?(tool|function|command)\b|"
    r"\bset (the )?(price|budget|limit|currency)\b.{0,20}\b(to|=)\b|"
    r"\b(do not|don't|never) (tell|mention|show|recommend|reveal|follow)\b",
    re.I,
)
"""Lines that speak to a program instead of a shopper (OWASP LLM01, prompt injection)."""


def is_suspicious(text: str) -> bool:
    """Whether a line reads like an instruction to a program."""
    return bool(SUSPICIOUS.search(text))
