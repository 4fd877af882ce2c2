"""A general vocabulary of what shops sell: words in titles, searches and breadcrumbs -> category.

Each category has one wider department. The vocabulary follows the upper levels of public product
taxonomies (GS1, Google product taxonomy, 2021) as far as ordinary nouns name them; it knows no
shop. The last matching noun of a title's head names the product ("case for iPhone" is a case).
"""

from __future__ import annotations

import re
from functools import cache

_TABLE = """
mobile phone | electronics | smartphone, mobile, mobiles, phone, phones, cell phone, cellphone, iphone, handy, celular, téléphone, telefon, 5g, スマートフォン
phone case | electronics | phone case, back cover, case cover, phone cover, mobile cover, cases & covers, screen protector, tempered glass, mobile cases
tablet case | electronics | folio, tablet case, ipad case, smart folio, keyboard folio, smart cover, ipad accessories
tablet | electronics | tablet, tablets, ipad
laptop | electronics | laptop, laptops, notebook computer, macbook, chromebook, ultrabook, thinkpad
computer | electronics | desktop, computer, computers, pc, imac, workstation, mini pc
monitor | electronics | monitor, monitors, computer screen
graphics card | electronics | graphics card, graphics cards, gpu, geforce, radeon, video card
computer accessory | electronics | keyboard, mouse, webcam, usb hub, ssd, hard drive, memory card, router, printer, pen drive, motherboard, processor, ram module
television | electronics | tv, television, smart tv, fernseher, televisor
headphones | electronics | headphone, headphones, headset, over-ear, kopfhörer, fones de ouvido
earbuds | electronics | earbuds, earbud, earphones, earphone, airpods, buds, in-ear, true wireless, tws, galaxy buds
speaker | electronics | speaker, speakers, subwoofer, soundbar, sound bar, lautsprecher
camera | electronics | camera, cameras, dslr, mirrorless, camcorder, action cam, lens, kamera
smartwatch | electronics | smartwatch, smart watch, fitness tracker, fitness band, apple watch
game console | electronics | console, playstation, ps4, ps5, xbox, nintendo, video game, gamepad, video games
charger | electronics | charger, power bank, charging cable, usb cable, adapter, cable
electronics | electronics | electronics, electronic, gadget, gadgets, eletrônicos, elektronik, elektronika
drone | electronics | drone, quadcopter
refrigerator | appliances | refrigerator, fridge, freezer, kühlschrank, geladeira, buzdolabı
washing machine | appliances | washing machine, washer, dryer, waschmaschine, dishwasher
espresso machine | appliances | espresso machine, coffee machine, coffee maker, coffeemaker, espresso machines, coffee machines, espresso & cappuccino machines
kitchen appliance | appliances | blender, toaster, kettle, microwave, oven, air fryer, mixer, juicer, rice cooker, cooker, stove
vacuum cleaner | appliances | vacuum, vacuum cleaner, robot vacuum, staubsauger
air conditioner | appliances | air conditioner, fan, heater, air purifier, humidifier
appliances | appliances | appliance, appliances, haushaltsgeräte
sofa | furniture | sofa, sofas, couch, couches, sectional, loveseat, sleeper, settee, sofá, canapé, futon, sofa bed, kanepe
chair | furniture | chair, chairs, armchair, recliner, stuhl, cadeira, silla, chaise, office chair, gaming chair
stool | furniture | stool, ottoman, pouf, puff, bench, hocker
table | furniture | table, tables, desk, nightstand, mesa, tisch, coffee table, dining table, masa, sideboard
bed | furniture | bed, beds, mattress, bed frame, headboard, bett, cama, matratze, yatak
storage | furniture | shelf, bookcase, cabinet, dresser, wardrobe, rack, drawer, schrank, estante, kommode, tv stand
rug | furniture | rug, rugs, carpet, tapete, teppich, halı
lamp | furniture | lamp, lamps, lighting, chandelier, pendant light, lampe, light fixture
furniture | furniture | furniture, möbel, móveis, muebles, mobilya, living room furniture
curtain | home | curtain, curtains, blinds, drapes
bedding | home | bedding, sheets, duvet, pillow, pillows, blanket, comforter, quilt, cushion
cookware | home | cookware, pan, pot, frying pan, skillet, saucepan, pans
tableware | home | plate, bowl, mug, cup, cups, glassware, cutlery, tumbler, bottle, water bottle
wall art | home | wall art, art print, print, poster, painting, canvas print, prints, wall decor, digital prints
home decor | home | vase, candle, candles, mirror, decor, home decor, clock, photo frame, ornament, dekoration
plant | home | plant, plants, flower, flowers, bouquet, succulent
tool | home improvement | drill, tool, tools, screwdriver, saw, hammer, wrench, ladder
home improvement | home improvement | paint, tiles, faucet, hardware
garden | garden | garden, lawn mower, grill, barbecue, bbq, patio, outdoor furniture
dress | clothing | dress, dresses, gown, kleid, vestido, robe, elbise, frock
t-shirt | clothing | t-shirt, t-shirts, tee, tees, tshirt, t shirt, tank top, camiseta
shirt | clothing | shirt, shirts, blouse, polo, hemd, camisa, tunic, top, tops
jersey | clothing | jersey
kurta | clothing | kurta, kurti, saree, sari, lehenga, salwar
trousers | clothing | trousers, pants, chinos, leggings, joggers, hose, calça, pantalon
jeans | clothing | jeans, denim
shorts | clothing | shorts
skirt | clothing | skirt, skirts, rock, falda, saia
jacket | clothing | jacket, jackets, coat, coats, parka, blazer, jacke, mantel, chaqueta, anorak, windbreaker, mont
sweater | clothing | sweater, hoodie, sweatshirt, pullover, cardigan, jumper, fleece, hoodies
suit | clothing | suit, suits, tuxedo
swimwear | clothing | swimsuit, bikini, swimwear, swimming, swim, trunks
underwear | clothing | underwear, bra, boxer, briefs, lingerie, socks, sock
sportswear | clothing | sportswear, activewear, tracksuit, sports bra
clothing | clothing | clothing, clothes, apparel, fashion, outfit, wear, bekleidung, roupas, ropa, giyim, women's clothing, men's clothing, vêtements, formal wear
sneakers | shoes | sneaker, sneakers, trainers, running shoes, running shoe, running, dunk, dunks, air force, air max, jordan, vapormax, yeezy, tênis, turnschuhe
boots | shoes | boot, boots, stiefel
sandals | shoes | sandal, sandals, slippers, slides, flip flops, flip-flops
heels | shoes | heels, pumps, stilettos
shoes | shoes | shoe, shoes, footwear, loafers, schuhe, sapatos, zapatos, chaussures, ayakkabı, clogs, oxford
bag | accessories | bag, bags, handbag, handbags, backpack, backpacks, tote, purse, clutch, luggage, suitcase, rucksack, tasche, mochila, duffel, satchel, sling
wallet | accessories | wallet, wallets, card holder
watch | accessories | watch, watches, wristwatch, uhr, relógio, reloj, montre, chronograph
jewellery | accessories | jewellery, jewelry, ring, necklace, earrings, earring, studs, bracelet, pendant, bangle, schmuck, joias, anklet, jhumka
sunglasses | accessories | sunglasses, sunglass, eyeglasses, glasses, spectacle
hat | accessories | hat, cap, caps, beanie, beanies
belt | accessories | belt, scarf, gloves, tie
perfume | beauty | perfume, fragrance, cologne, eau de toilette, eau de parfum, deodorant, parfum
make-up | beauty | lipstick, mascara, foundation, eyeshadow, eyeliner, makeup, make-up, concealer, blush, nail polish, powder
skin care | beauty | moisturizer, moisturiser, serum, sunscreen, face wash, cleanser, lotion, skin care, skincare, face cream, body wash, toner
shaving cream | beauty | shaving cream, rasiercreme, rasur creme, razor, shaver, shaving, after shave
hair care | beauty | shampoo, conditioner, hair oil, hair dryer, straightener, trimmer
beauty | beauty | beauty, cosmetics, kosmetik, beleza
vitamins | health | vitamin, vitamins, supplement, supplements, protein powder, whey, capsules, tablets of
health | health | mask, thermometer, first aid, massager, health
food | food | food, snack, snacks, chocolate, cookies, biscuits, rice, pasta, bread, cheese, cereal, noodles, grocery, groceries, salad, smoothie, burger, pizza, curry, サラダ, スムージー, カレー, プレート, ボール, meal, sandwich, cake, meat, chicken, fish, milk, honey, sauce
fruit | food | fruit, fruits, vegetables, apple fruit, banana, bananas, tomato, tomatoes, potato, onion, orange fruit, mango
drink | food | coffee beans, tea, juice, water, soda, wine, beer, whisky, drink, drinks, vodka
pet supplies | pets | dog, cat, pet, pets, pet food, leash, aquarium, kitten, puppy
toy | toys | toy, toys, lego, doll, puzzle, board game, action figure, plush, teddy, figure, brinquedos, spielzeug
baby | baby | baby, stroller, diapers, diaper, crib, car seat
book | books | book, books, novel, paperback, hardcover, buch, bücher, livro, livros, libro, livre, kitap, textbook, guide, handbook
music | books | vinyl, album, cd
arts and crafts | arts and crafts | beads, craft, crafts, paint pens, markers, acrylic, yarn, knitting, sewing, fabric, face paint, face body paint, crayons, colored pencils, paint markers, arts and crafts, arts & crafts
office products | office | paper, printer paper, pen, pens, stapler, notebook, binder, envelope, desk pad, packing tape, office products, office supplies, stationery, tape, folder, calendar, planner
bicycle | sports | bike, bicycle, bikes, cycling, fahrrad, bicicleta
fitness equipment | sports | dumbbell, dumbbells, treadmill, yoga mat, kettlebell, gym, weights, barbell
sports | sports | football, basketball, tennis, racket, cricket, golf, soccer ball, ball, sports, tent, camping, fishing
musical instrument | music | guitar, piano, keyboard piano, drum, violin, ukulele, musical instruments
car | vehicles | car, cars, suv, sedan, truck, vehicle, motorcycle, motorbike, scooter, auto
car accessory | vehicles | car accessories, tyre, tire, car charger, seat cover, engine oil, motor oil
house | real estate | house, home for sale, apartment, condo, bedroom, bds, sqft, townhouse, villa, real estate, rental, studio apartment
gift card | gift cards | gift card, gift cards, voucher card, gutscheinkarte
software | software | software, license, antivirus, subscription
hotel | travel | hotel, hotels, hostel, resort, room
flight | travel | flight, flights, airline ticket
"""


@cache
def _terms() -> dict[str, tuple[str, str]]:
    table: dict[str, tuple[str, str]] = {}
    for line in _TABLE.strip().splitlines():
        name, wider, words = (part.strip() for part in line.split("|"))
        for word in words.split(","):
            table.setdefault(word.strip().casefold(), (name, wider))
    return table


@cache
def _pattern() -> re.Pattern[str]:
    words = sorted(_terms(), key=len, reverse=True)
    latin = [w for w in words if w.isascii() or not re.match(r"[\u3040-\u9fff]", w)]
    other = [w for w in words if w not in latin]
    return re.compile(
        r"(?<![\w-])(" + "|".join(map(re.escape, latin)) + r")(?![\w-])|(" + "|".join(other) + ")",
        re.I,
    )


def categories_in(text: str) -> list[str]:
    """The categories that the nouns of a text name, in order of appearance."""
    found = []
    for match in _pattern().finditer(text.casefold()):
        found.append(_terms()[match.group(0)][0])
    return found


def category_of_title(title: str) -> str | None:
    """The category of a product by the head of its title; None where no noun is known.

    The head ends at the first comma, bracket, bar or preposition ("for", "with", "by"); its last
    noun names the thing: in "wood grain portable subwoofer mini speaker with charging cable" the
    speaker.
    """
    head = re.split(
        r"[,(\[|;:&]|\s[-–—]\s|\b(?:for|with|by|compatible|from|für|mit|para|pour|con|avec|per)\b",
        title,
    )[0]
    found = categories_in(head)
    if found:
        # A specific noun beats the name of a department ("Running Shoes" are sneakers).
        specific = [c for c in found if c not in departments()]
        if found[-1] in departments() and specific:
            return specific[-1]
        return found[-1]
    rest = categories_in(title)
    return rest[0] if rest and rest[0] not in departments() else None


@cache
def departments() -> frozenset[str]:
    """The names that stand for a whole department."""
    return frozenset(wider for _, wider in _terms().values())


@cache
def department_of(category: str) -> str:
    """The department of a category (the name itself where it is unknown)."""
    return next((wider for name, wider in _terms().values() if name == category), category)
