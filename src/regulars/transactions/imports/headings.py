# SPDX-License-Identifier: Apache-2.0
"""Which column of a file is what, as its headings say in four languages. Pure; a proposal, which a person looks at."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from regulars.accounts.directory import AccountConfig, FieldConfig
from regulars.accounts.fields import CUSTOM, PREDEFINED

TARGET_OF_FIELD = {"zip": "postal_code"}
"""Predefined fields that a batch's column calls otherwise."""

CUSTOMERS: Mapping[str, str] = {
    "code": "code; customer code; customer id; client id; id; customer number; member number; codigo; codigo de cliente;"
            " code client; numero client; kundennummer; kundencode; kunden nr",
    "card_number": "card number; card; card no; card #; loyalty card; numero de tarjeta; tarjeta; numero de carte; carte;"
                   " kartennummer; karte; karten nr",
    "first_name": "first name; firstname; given name; forename; nombre; prenom; vorname",
    "last_name": "last name; lastname; surname; family name; apellido; apellidos; nom; nom de famille; nachname; name;"
    " familienname",
    "email": "email; e mail; mail; email address; e mail address; correo; correo electronico; courriel; adresse e mail;"
             " e mail adresse",
    "phone": "phone; telephone; mobile; phone number; mobile phone; cell; cell phone; tel; telefono; movil; celular; portable;"
             " telefon; handy; telefonnummer; mobil",
    "custom_date": "birthday; date of birth; birth date; dob; born; cumpleanos; fecha de nacimiento; anniversaire;"
                   " date de naissance; geburtstag; geburtsdatum",
    "street1": "street; address; address 1; address line 1; street 1; street address; direccion; calle; adresse; adresse 1;"
               " rue; strasse; anschrift",
    "street2": "address 2; address line 2; street 2; adresse 2; direccion 2; adresszusatz; complement d adresse",
    "city": "city; town; ciudad; poblacion; ville; ort; stadt; wohnort",
    "state": "state; province; region; county; estado; provincia; bundesland; departement",
    "postal_code": "zip; zip code; postal code; postcode; post code; codigo postal; code postal; plz; postleitzahl; cp",
    "country": "country; pais; pays; land",
    "customer_username": "username; user name; login; usuario; nom d utilisateur; benutzername",
    "customer_password": "password; contrasena; mot de passe; passwort; kennwort",
    "customer_PIN": "pin; customer pin",
    "auto_add": "auto add; opening balance; balance; points; opening points; starting balance; saldo; puntos; saldo inicial;"
                " solde; solde initial; punkte; guthaben; anfangsbestand; startguthaben",
}  # fmt: skip
TRANSACTIONS: Mapping[str, str] = {
    "campaign_id": "campaign id; campaign; campaign number; campana; id de campana; campagne; kampagne; kampagnen id",
    "code": CUSTOMERS["code"] + "; customer; client; cliente; kunde",
    "card_number": CUSTOMERS["card_number"],
    "redeemed": "redeemed; redeem; redemption; canjeado; canje; echange; eingeloest; einloesung; eingelost; einlosung",
    "amount": "amount; value; total; points; quantity; sum; sale; purchase; importe; monto; cantidad; puntos; montant; valeur;"
              " quantite; betrag; wert; menge; umsatz; summe; punkte",
    "date": "date; day; datetime; date and time; time; transaction date; fecha; datum; tag; zeitpunkt",
    "authorization": "authorization; description; note; notes; comment; receipt; autorizacion; descripcion; nota;"
                     " autorisation; commentaire; beschreibung; bemerkung; notiz; beleg",
    "service_product": "service product; item; product; service; articulo; producto; article; produit; artikel; produkt",
    "reference": "reference; ref; reference number; referencia; referenz; order number; order id; invoice; bestellnummer",
}  # fmt: skip


def plain(text: str) -> str:
    """Return a heading in small letters, without accents, signs and doubled blanks."""
    folded = unicodedata.normalize("NFKD", text.replace("_", " ").replace("ß", "ss")).casefold()
    letters = "".join(sign if sign.isalnum() else " " for sign in folded if not unicodedata.combining(sign))
    return " ".join(letters.split())


def guess_targets(account: AccountConfig, kind: str, headings: Sequence[str], labels: Mapping[str, str]) -> tuple[str, ...]:
    """
    Return for each heading the column of a batch that it seems to be, each once; "" = none.

    ``labels``: what the account calls its fields, by target; its own words go before ours.
    """
    known: dict[str, str] = {}
    for target, words in (CUSTOMERS if kind == "customers" else TRANSACTIONS).items():
        for word in (target, *words.split(";")):
            known.setdefault(plain(word), target)
    known |= {plain(label): target for target, label in labels.items()}
    known |= {plain(f"{CUSTOM}{number}"): f"{CUSTOM}{number}" for number in _fields(account, kind)}
    taken: set[str] = set()
    targets = []
    for heading in headings:
        target = known.get(plain(heading), "")
        targets.append("" if target in taken else target)
        taken.add(target)
    return tuple(targets)


def own_labels(account: AccountConfig, kind: str, predefined: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Return the labels of the account's fields by target; ``predefined``: (name, label) of those that every account has."""
    labels = {TARGET_OF_FIELD.get(name, name): label for name, label in predefined if name in PREDEFINED}
    return labels | {f"{CUSTOM}{number}": field.label for number, field in _fields(account, kind).items()}


def looks_like_headings(cells: Sequence[str]) -> bool:
    """Whether a first line names its columns rather than being somebody: no cell is empty-headed, a number or an address."""
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and not any(
        "@" in cell
        or (any(sign.isdigit() for sign in cell) and len(cell) > 12)
        or cell.strip().lstrip("+-").replace(".", "").replace(",", "").isdigit()
        for cell in filled
    )


def _fields(account: AccountConfig, kind: str) -> Mapping[int, FieldConfig]:
    return account.customer_fields if kind == "customers" else account.transaction_fields
