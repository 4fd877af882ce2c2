"""Made-up people of eleven countries: what they type into shops, each kind in its local shape."""

# ruff: noqa: E501 - style sheets, scripts and tables of addresses are clearer whole
from __future__ import annotations

import random
from dataclasses import dataclass

from agent.capture.personal.numbers import luhn


@dataclass(frozen=True)
class Country:
    """How a country writes names, addresses and numbers; `#` stands for a digit, `@` a letter."""

    code: str
    names: tuple[str, ...]
    streets: tuple[str, ...]
    """`{n}` is the house number."""
    towns: tuple[str, ...]
    """The line with postcode and town."""
    postcode: str
    """The form of the postcode, as in `towns`."""
    phones: tuple[str, ...]
    iban: str | None
    """Country, then one letter per place of the account: d digit, a capital letter."""
    orders: tuple[str, ...]
    labels: dict[str, str]
    """Kind -> what stands beside it."""
    price: str


def _labels(line: str) -> dict[str, str]:
    keys = ("name", "email", "phone", "card", "iban", "address", "postcode", "town", "order", "ship",
            "pay", "contact")  # fmt: skip
    return dict(zip(keys, (part.strip() for part in line.split("|")), strict=True))


COUNTRIES = (
    Country("GB", ("Amelia Hartley", "Oliver Penrose"),
        ("{n} Station Road", "{n} Maple Avenue", "Flat 4, {n} Castle Street", "{n} Willow Close"),
        ("Leeds LS# #AB", "London SW#A #AA", "Bristol BS## #QT", "Norwich NR# #JD"), "LS# #AB",
        ("07### ######", "+44 7### ######", "020 7### ####", "0113 496 ####"), "GBaaaadddddddddddddd",
        ("###-#######-#######", "GB########", "W-######"),
        _labels("Full name|Email address|Mobile number|Card number|IBAN|Address line "
                "1|Postcode|Town|"
                "Order number|Delivery address|Payment|Contact"), "£{}"),
    Country("US", ("Grace Miller", "Ethan Brooks"),
        ("{n} Oak Street", "{n} N Lincoln Ave", "{n} Sunset Boulevard", "{n} Pine Dr"),
        ("Springfield, IL 6####", "Austin, TX 787##", "Portland, OR 972##-####"), "6####",
        ("(###) 555-####", "###-555-####", "+1 ### 555 ####", "###.555.####"), None,
        ("###-#######-#######", "#########", "US-####-####"),
        _labels("Full name|Email|Phone number|Credit card number|IBAN|Street address|ZIP code|City|"
                "Order #|Ship to|Payment method|Contact"), "${}"),
    Country("DE", ("Annika Vogel", "Jonas Brandt"),
        ("Lindenstraße {n}", "Am Alten Markt {n}", "Goethestr. {n}", "Berliner Allee {n}"),
        ("1#### Berlin", "8#### München", "2#### Hamburg"), "1####",
        ("030 #######", "0171 #######", "+49 171 #######", "040/######"), "DEdddddddddddddddddd",
        ("#########", "DE-####-#####", "B#######"),
        _labels("Vor- und Nachname|E-Mail-Adresse|Telefonnummer|Kartennummer|IBAN|Straße und "
                "Hausnummer|"
                "PLZ|Ort|Bestellnummer|Lieferadresse|Zahlung|Kontakt"), "{} €"),
    Country("FR", ("Camille Laurent", "Hugo Girard"),
        ("{n} rue des Lilas", "{n} avenue Victor Hugo", "{n} bis rue Pasteur", "{n} boulevard "
                                                                               "Voltaire"),
        ("7500# Paris", "69### Lyon", "33### Bordeaux"), "7500#",
        ("06 ## ## ## ##", "07.##.##.##.##", "+33 6 ## ## ## ##", "01########"),
        "FRddddddddddddddddddddddd", ("#########", "FR######", "C-########"),
        _labels("Nom complet|Adresse e-mail|Téléphone|Numéro de carte|IBAN|Adresse|Code "
                "postal|Ville|"
                "Numéro de commande|Adresse de livraison|Paiement|Contact"), "{} €"),
    Country("ES", ("Lucía Romero", "Marcos Ortega"),
        ("Calle Mayor {n}", "Avenida de la Paz, {n}", "C/ Alcalá {n}, 3º B", "Plaza España {n}"),
        ("280## Madrid", "080## Barcelona", "410## Sevilla"), "280##",
        ("6## ### ###", "+34 6## ### ###", "6########", "91# ## ## ##"), "ESdddddddddddddddddddd",
        ("#########", "ES-#######", "P########"),
        _labels("Nombre y apellidos|Correo electrónico|Teléfono|Número de tarjeta|IBAN|Dirección|"
                "Código postal|Ciudad|Número de pedido|Dirección de envío|Pago|Contacto"), "{} €"),
    Country("IT", ("Giulia Ferri", "Matteo Greco"),
        ("Via Garibaldi {n}", "Corso Italia, {n}", "Piazza Dante {n}", "Viale Monza {n}"),
        ("001## Roma", "201## Milano", "501## Firenze"), "001##",
        ("3## ### ####", "+39 3## #######", "3#########", "06 ########"), "ITaddddddddddaaaaaaaaaaaa",
        ("#########", "IT-######", "####-####-##"),
        _labels("Nome e cognome|Indirizzo email|Telefono|Numero di carta|IBAN|Indirizzo|CAP|Città|"
                "Numero ordine|Indirizzo di spedizione|Pagamento|Contatto"), "{} €"),
    Country("NL", ("Sanne Visser", "Daan Bakker"),
        ("Keizersgracht {n}", "Dorpsstraat {n}", "Prinsenlaan {n}-B", "Van Gogh plein {n}"),
        ("10## AB Amsterdam", "35## KL Utrecht", "30## XZ Rotterdam"), "10## AB",
        ("06 ########", "06-########", "+31 6 ########", "020 ### ####"), "NLaaaadddddddddd",
        ("##########", "NL######", "#-###-###-###"),
        _labels("Volledige naam|E-mailadres|Telefoonnummer|Kaartnummer|IBAN|Straat en "
                "huisnummer|Postcode|"
                "Woonplaats|Bestelnummer|Bezorgadres|Betaling|Contact"), "€ {}"),
    Country("BR", ("Beatriz Moraes", "Rafael Teixeira"),
        ("Rua das Flores, {n}", "Avenida Paulista, {n}", "Travessa do Sol, {n}", "Rua Augusta {n}"),
        ("São Paulo - SP, 01###-###", "Rio de Janeiro, 20###-###", "Curitiba - PR 80###-###"), "01###-###",
        ("(11) 9####-####", "+55 11 9####-####", "(21) ####-####", "11 9####-####"), None,
        ("#########", "BR-########", "v########"),
        _labels("Nome completo|E-mail|Telefone|Número do cartão|IBAN|Endereço|CEP|Cidade|"
                "Número do pedido|Endereço de entrega|Pagamento|Contato"), "R$ {}"),
    Country("PL", ("Zofia Nowicka", "Jakub Lis"),
        ("ul. Długa {n}", "ul. Marszałkowska {n}/7", "al. Jerozolimskie {n}", "os. Słoneczne {n}"),
        ("00-### Warszawa", "30-### Kraków", "80-### Gdańsk"), "00-###",
        ("6## ### ###", "+48 6## ### ###", "+48 5########", "22 ### ## ##"), "PLdddddddddddddddddddddddd",
        ("########", "PL/####/##", "Z-########"),
        _labels("Imię i nazwisko|Adres e-mail|Telefon|Numer karty|IBAN|Ulica|Kod pocztowy|Miasto|"
                "Numer zamówienia|Adres dostawy|Płatność|Kontakt"), "{} zł"),
    Country("IN", ("Ananya Pillai", "Rohan Desai"),
        ("{n}, MG Road", "Flat No {n}, Lake View Apartments", "{n}/2 Gandhi Nagar", "#{n}, 4th "
                                                                                    "Cross"),
        ("Bengaluru 5600##", "Mumbai - 4000##", "New Delhi 1100##"), "5600##",
        ("9#### #####", "+91 9#### #####", "9#########", "+91-9#########"), None,
        ("OD############", "###-#######-#######", "#########"),
        _labels("Full name|Email|Mobile number|Card number|IBAN|Address|Pincode|City|"
                "Order ID|Deliver to|Payment|Contact"), "₹{}"),
    Country("SE", ("Elsa Lindqvist", "Nils Berg"),
        ("Storgatan {n}", "Kungsgatan {n}", "Ringvägen {n} B", "Skolgränd {n}"),
        ("11# ## Stockholm", "41# ## Göteborg", "21# ## Malmö"), "11# ##",
        ("070-### ## ##", "+46 70 ### ## ##", "073 ### ## ##", "08-### ### ##"), "SEdddddddddddddddddddd",
        ("########", "SE-######", "#######"),
        _labels("Namn|E-post|Mobilnummer|Kortnummer|IBAN|Adress|Postnummer|Stad|"
                "Ordernummer|Leveransadress|Betalning|Kontakt"), "{} kr"),
)  # fmt: skip

_DOMAINS = ("example.com", "mail.example.org", "gmail.com", "post.example.net", "outlook.com")
_CARDS = (("4", 16), ("51", 16), ("2720", 16), ("37", 15), ("6011", 16), ("3528", 16), ("36", 14))


def filled(pattern: str, draw: random.Random) -> str:
    """The pattern with digits for `#`."""
    return "".join(str(draw.randint(1, 9)) if c == "#" else c for c in pattern)


def card(draw: random.Random) -> str:
    """A payment card number that checks, grouped as people and shops write it."""
    prefix, length = draw.choice(_CARDS)
    body = prefix + "".join(str(draw.randint(0, 9)) for _ in range(length - len(prefix) - 1))
    digits = next(body + str(last) for last in range(10) if luhn(body + str(last)))
    groups = [4, 6, 5] if length == 15 else [4, 6, 4] if length == 14 else [4, 4, 4, 4]
    parts, at = [], 0
    for size in groups:
        parts.append(digits[at : at + size])
        at += size
    return draw.choice((" ", " ", "-", "")).join(parts)


def iban(country: Country, draw: random.Random) -> str | None:
    """An account number that checks, in fours or in one run; None where there are none."""
    if country.iban is None:
        return None
    code, form = country.iban[:2], country.iban[2:]
    body = "".join(
        str(draw.randint(0, 9)) if c == "d" else draw.choice("ABCDEFGHKLMNPRSTUVWXYZ") for c in form
    )
    number = int("".join(str(int(c, 36)) for c in body + code + "00"))
    whole = f"{code}{98 - number % 97:02}{body}"
    if draw.random() < 0.25:
        return whole
    return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def email(name: str, draw: random.Random) -> str:
    """An e-mail address for a name."""
    ascii_name = name.lower().translate(str.maketrans("áíúüöäåéłóęąńśżź", "aiuuoaaeloeanszz"))
    first, last = ascii_name.split()[0], ascii_name.split()[-1]
    form = draw.choice(("{f}.{l}", "{f}{n}", "{f}_{l}{n}", "{l}+shop"))
    return form.format(f=first, l=last, n=draw.randint(10, 99)) + "@" + draw.choice(_DOMAINS)


def ean(draw: random.Random) -> str:
    """A thirteen-digit article number that checks (GS1)."""
    body = "40" + "".join(str(draw.randint(0, 9)) for _ in range(10))
    total = sum(int(d) * (3 if at % 2 else 1) for at, d in enumerate(body))
    return body + str(-total % 10)
