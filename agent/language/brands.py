"""Brand names that a shopper may name in any shop, carried or not."""

from __future__ import annotations

from agent.language.wordsets import words

WELL_KNOWN = tuple(
    name.strip()
    for name in """
    Nike, Adidas, Puma, Reebok, Asics, New Balance, Skechers, Under Armour, The North Face,
    North Face, Columbia, Patagonia, Fila, Umbro, Crocs, Converse, Timberland, Birkenstock, Clarks,
    Dr Martens, Ugg, Hoka, Salomon, Merrell, Brooks Running, Saucony, Mizuno, Lululemon, Gymshark,
    Levi's, Levis, Wrangler, Calvin Klein, Tommy Hilfiger, Ralph Lauren, Hugo Boss, Lacoste, Gucci,
    Prada, Chanel, Hermes, Burberry, Versace, Armani, Louis Vuitton, Balenciaga, Michael Kors,
    Kate Spade, Zara, H&M, Uniqlo, Primark, Asos, Shein, Carhartt, Dickies, Barbour, Superdry,
    Ray-Ban, Oakley, Casio, Seiko, Citizen Watch, Rolex, Omega Watches, Swatch, Garmin, Fitbit,
    Pandora, Swarovski, Samsonite, Sony, Samsung, Philips, Bosch, IKEA, LG, Panasonic, Toshiba,
    Siemens, Miele, Electrolux, Whirlpool, Haier, Hisense, TCL, Dyson, iRobot, Roomba, Tefal,
    KitchenAid, Cuisinart, DeLonghi, Nespresso, Keurig, Breville, Vitamix, Le Creuset, Tupperware,
    Pyrex, Smeg, Kenwood, Braun, Oral-B, Gillette, Remington, Babyliss, Bose, JBL, Sennheiser,
    Beats, Sonos, Marshall, Jabra, Anker, Logitech, Razer, Corsair, Microsoft, Google, Xiaomi,
    Huawei, Oppo, OnePlus, Motorola, Nokia, Asus, Acer, Lenovo, Dell, HP, Intel, AMD, Nvidia,
    Canon, Nikon, Fujifilm, GoPro, DJI, Epson, Brother Printers, Kodak, Makita, DeWalt, Ryobi,
    Milwaukee, Stanley Tools, Black & Decker, Black and Decker, Karcher, Husqvarna, Lego, Hasbro,
    Mattel, Playmobil, Fisher-Price, Nintendo, PlayStation, Xbox, Wayfair, Ashley Furniture, Casper,
    Tempur, L'Oreal, Maybelline, Nivea, Garnier, Clinique, Lancome, Estee Lauder, Neutrogena,
    CeraVe, Pampers, Huggies, Nestle, Lindt, Colgate, Yeti, Hydro Flask, Thermos, Coleman, Osprey,
    Apple, Vans, Fossil, Guess, Gap, Mango, Coach, Champion, Diesel, Boss, Dove, Target, Next,
    Shark, Ninja
    """.replace("\n", " ").split(",")
    if name.strip()
)

COMMON_WORDS = words(
    "apple vans fossil guess gap mango coach champion diesel boss dove target next shark "
    "ninja only express tide gain all method delta orient citizen omega brother stanley "
    "beats marshall columbia brooks milwaukee red supreme free casper thermos generic rose "
    "hunter jet braun universal oem"
)
"""Names that are words as well; without a capital they count only beside a word of brand."""
