"""The words that stand beside personal data, and those that say a number is something else."""

from __future__ import annotations

import re

_ORDER_WORDS = (
    r"order|purchase order|bestell(?:ung|nummer|nr)?|auftrag(?:s?nummer|s?nr)?|commande|pedido"
    r"|ordine|encomenda|zamówieni[ea]|sipariş|bestelling|bestelnummer|beställning|ordernummer"
    r"|objednávk[ay]|booking|reservation|confirmation|tracking|sendungs?nummer|sendung|suivi"
    r"|shipment|consignment|awb|invoice|rechnung(?:snummer)?|facture|factura|fattura|fatura|faktura"
    r"|customer|kunden?|client|cliente|account|konto|membership|member|loyalty"
    r"|kundennummer|kontonummer|return|rma|receipt"
)
_NUMBER_WORDS = (
    r"number|num|no|nr|id|ref(?:erence)?|code|n[°ºo]|nummer|numéro|número|numero|numer|numarası"
    r"|číslo|#"
)
ORDER_LABEL = re.compile(
    rf"(?i)(?<![^\W_])(?:(?:{_ORDER_WORDS})\W{{0,3}}(?:de |du |d'|del |di |dell')?"
    rf"(?:(?:{_ORDER_WORDS})\W{{0,2}})?(?:{_NUMBER_WORDS})?(?![^\W_])"
    rf"|(?:n[°ºo]|numéro|número|numero|numer|nr)\W{{0,3}}(?:de |du |d'|del |di |dell')?\W?"
    rf"(?:{_ORDER_WORDS})(?![^\W_])|注文番号|ご注文番号|订单号|訂單編號|注文|送り状番号|お客様番号|주문번호)"
)
"""Before an order, booking, tracking, invoice or customer number."""

EXPLICIT = re.compile(rf"(?i)(?:{_NUMBER_WORDS}|nummer|番号|号)\W*$|[:#]\s*$")
"""A label that ends so cannot be the beginning of a sentence such as "order within 2 hours"."""

PRODUCT_LABEL = re.compile(
    r"(?i)(?:\b(?:ean|gtin|upc|isbn|issn|asin|sku|mpn|jan|model|modell|modèle|modelo|modello|item"
    r"|artikel(?:nummer|nr)?|art|article|artículo|articolo|part|style|product|produkt|produit"
    r"|producto|prodotto|barcode|barkod|serial|s/n|p/n|batch|lot|version|firmware|item model)"
    r"\b[\s.:#-]*(?:number|no|nr|num|code|id|n[°ºo]|ref|reference)?\b[\s.:#-]*|型番|品番|商品コード)$"
)
"""What stands before a number that belongs to a product."""

PHONE_LABEL = re.compile(
    r"(?i)(?<![^\W_])(?:tele?(?:phone|fon|fono|foon|phon)?e?(?:n?ummer|nr)?|téléphone|teléfono"
    r"|phone(?: number| no)?|mobile?(?: number| no| phone)?|mobil(?:e|telefon|nummer)?"
    r"|handy(?:nummer)?"
    r"|móvil|celular|cell(?:ulare)?(?: phone)?|portable|telemóvel|telefone|contact (?:no|number)"
    r"|contact|whatsapp|sms|fax|rufnummer|telefon(?:nummer|numarası)?|gsm|cep(?: telefonu)?|komórka"
    r"|電話(?:番号)?|携帯(?:電話)?(?:番号)?|手机(?:号码?)?|전화(?:번호)?|휴대폰|फ़ोन|☎|📞)(?![^\W_])"
)

CARD_LABEL = re.compile(
    r"(?i)\b(?:(?:credit|debit|payment|gift|bank)?\s?card(?:\s?(?:number|no|nr))?|karten?nummer"
    r"|kreditkarte(?:nnummer)?|num[ée]ro de (?:la )?(?:carte|tarjeta)|n[°º] de (?:carte|tarjeta)"
    r"|número do cartão|cartão|numero (?:della )?carta|numer karty|kart numarası|kaartnummer"
    r"|kortnummer|tarjeta)\b|カード番号|卡号|카드번호"
)
SECRET_LABEL = re.compile(
    r"(?i)(?<![^\W_])(?:cvv2?|cvc2?|cv2|csc|card verification|security code|prüfnummer"
    r"|kartenprüfnummer"
    r"|cryptogramme|código de segurança|código de seguridad|codice di sicurezza|セキュリティコード"
    r"|pin|otp|one[- ]time (?:code|password)|passw(?:or|ö)[dr]t?|passwort|kennwort|mot de passe"
    r"|contraseña|senha|wachtwoord|hasło|lösenord|şifre|パスワード|expir(?:y|es|ation)(?: date)?"
    r"|valid (?:thru|until)|gültig bis|ablaufdatum|date d'expiration|vencimiento|validade|scadenza"
    r"|有効期限|vervaldatum|data ważności|iban|bic|swift)(?![^\W_])"
)
EMAIL_LABEL = re.compile(
    r"(?i)(?<![^\W_])(?:e[- ]?mail(?: address|[- ]adresse)?|mail|courriel|correo(?: electrónico)?"
    r"|posta elettronica|メール(?:アドレス)?|邮箱|이메일|e-posta)(?![^\W_])"
)
POSTCODE_LABEL = re.compile(
    r"(?i)(?<![^\W_])(?:post(?:al)?\s?code|zip(?:\s?code)?|pin\s?code|pincode|plz|postleitzahl"
    r"|code postal|código postal|c[.]?p[.]?|cap|cep|código postal|postcode|kod pocztowy|posta kodu"
    r"|postnummer|postnr|psč|郵便番号|〒|邮编|우편번호)(?![^\W_])"
)
ADDRESS_LABEL = re.compile(
    r"(?i)(?<![^\W_])(?:(?:ship(?:ping|s|ped)?|deliver(?:y|ing|s|ed)?|send|bill(?:ing|ed)?|sold"
    r"|invoice|dispatch(?:ed)?|home|your)\s(?:to|address)(?:\s(?:address|to))?(?=$|[\s:,])"
    r"|(?:liefer|rechnungs|versand|post)(?:adresse|anschrift)|anschrift|liefern an|lieferung an"
    r"|adresse(?: de (?:livraison|facturation))?|livré à|livrer à|livraison à"
    r"|direcci[óo]n(?: de (?:env[íi]o|entrega|facturaci[óo]n))?|enviar a|entregar en"
    r"|indirizzo(?: di (?:spedizione|consegna|fatturazione))?|spedire a|consegna a"
    r"|endereço(?: de (?:entrega|cobrança))?|entregar em|enviar para|morada"
    r"|(?:bezorg|aflever|factuur|verzend)adres|adres(?: dostawy| do wysyłki)?|bezorgen (?:bij|op)"
    r"|leverans ?adress|teslimat adresi|fatura adresi|recipient|empfänger|destinataire"
    r"|destinatario|お届け先|配送先|ご請求先|住所|收货地址|배송지|address)(?![^\W_])"
)

FIELD_LABEL = re.compile(
    r"(?i)^\W*(?:(?:first|last|full|given|family|middle|sur|your|cardholder'?s?|recipient'?s?"
    r"|customer)[ -]?name|name(?: on (?:the )?card)?|(?:street |shipping |billing "
    r"|delivery )?address"
    r"(?: ?(?:line )?\d)?|street(?: (?:address|and (?:house )?number|name))?|house (?:number|no)"
    r"|apartment|apt|flat|building|landmark|city|town|suburb|county|postcode|zip|state|locality"
    r"|city/town"
    r"|town/city|date of birth|birth ?date|dob|company"
    r"|(?:vor|nach|familien)name|name des karteninhabers|karteninhaber|straße|strasse|hausnummer"
    r"|ort"
    r"|straße(?: und| &|,)? (?:haus)?(?:nr|nummer)|stadt|wohnort|geburtsdatum"
    r"|nom(?: de famille| complet| du titulaire| sur la carte)?|prénom|rue|ville|date de naissance"
    r"|nombre(?: y apellidos| completo| del titular)?|apellidos?|calle|ciudad|población|provincia"
    r"|localidad|fecha de nacimiento|nome(?: completo| e cognome| no cartão)?|cognome|via|città"
    r"|comune"
    r"|sobrenome|rua|número|bairro|cidade|complemento|localidade|apelido|cpf|cnpj|dni|nif|nie|ssn"
    r"|nino"
    r"|(?:voor|achter)naam|naam|straat|huisnummer|plaats|woonplaats|imię|nazwisko|imię i nazwisko"
    r"|ulica"
    r"|miasto|miejscowość|förnamn|efternamn|namn|gata|adress|stad|ad|soyad|ad soyad|şehir|il|ilçe"
    r"|mahalle"
    r"|お名前|氏名|名前|住所|市区町村|番地|都道府県|姓|名|姓名|이름|주소)\W*$"
)
"""A label of a form's field, standing alone, whose value is the shopper's own."""

NOT_PERSONAL_FIELD = re.compile(
    r"(?i)search|such(?:e|en)|recherch|buscar|cerca|procurar|zoek|szukaj|quantity|qty|menge"
    r"|quantité"
    r"|cantidad|coupon|voucher|promo|gutschein|discount|gift ?card ?code|min(?:imum)?$"
    r"|max(?:imum)?$"
    r"|price|preis|prix|precio|size|colou?r|sort(?!\W?code)|filter|rating|brand|category|keyword"
)
"""In the name or label of an input: what the shopper looks for, not who the shopper is."""
