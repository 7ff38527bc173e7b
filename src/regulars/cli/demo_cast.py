# SPDX-License-Identifier: Apache-2.0
"""Who plays in the demo business, and what its programmes are. Only data; ``cli/demo.py`` brings it to life."""

from __future__ import annotations

from dataclasses import dataclass

SEED = 20_110_401
"""Fixes every random id and token, so that the demo is the same on every machine: these tokens are no secrets."""
PASSWORD = "demo_2026"  # noqa: S105 (known to everybody, and meant to be)
ANCHOR_DAYS = 90
"""The demo begins at midnight UTC, so many days before it is made."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user of a demo account. ``campaign_kinds`` empty: all campaigns."""

    code: str
    role: str
    first_name: str
    last_name: str
    location: str = ""
    pin: str = ""
    campaign_kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Business:
    """
    A demo account. ``customer_count`` members, each with a code and a card.

    ``module``: coalition or two_tier, "" for neither. ``stores``: more points campaigns. ``apart``: of all campaigns, those
    that opted out of the coalition or of contributing. ``master``: where a tenth of all points go too.
    """

    code: str
    name: str
    city: str
    country: str
    currency: str
    timezone: str
    owner: tuple[str, str]
    email: str
    customer_count: int
    card_prefix: str
    people: tuple[Person, ...]
    campaign_names: dict[str, str]
    module: str = ""
    stores: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    master: str = ""


BEAN_AND_LEAF = Business(
    code="beanandleaf",
    name="Bean & Leaf",
    city="Portland",
    country="US",
    currency="USD",
    timezone="America/Los_Angeles",
    owner=("Alice", "Archer"),
    email="alice@beanandleaf.example",
    customer_count=28,
    card_prefix="6001",
    people=(
        Person("bl_admin", "A", "Ada", "Ames", "Office"),
        Person("bl_manager", "M", "Mira", "Moreno", "Pearl Street"),
        Person("bl_clerk", "K", "Bob", "Baker", "Pearl Street", pin="4711"),
        Person("bl_temp", "P", "Tess", "Temple", "Market Hall", pin="1234"),
        Person("bl_observer", "O", "Oscar", "Olin", "Office"),
        Person("bl_terminal7", "H", "Terminal", "Seven", "Market Hall", campaign_kinds=("points",)),
    ),
    campaign_names={
        "points": "Bean Points",
        "giftcard": "Bean Gift Card",
        "events": "Visits",
        "earned": "Bring Your Cup",
        "buyx": "Ten Cups, One Free",
    },
)

CAROLS_BOOKS = Business(
    code="carolsbooks",
    name="Carol's Books",
    city="Auckland",
    country="NZ",
    currency="NZD",
    timezone="Pacific/Auckland",
    owner=("Carol", "Carver"),
    email="carol@carolsbooks.example",
    customer_count=25,
    card_prefix="6002",
    people=(
        Person("cb_admin", "A", "Amy", "Ash"),
        Person("cb_manager", "M", "Max", "Mako"),
        Person("cb_clerk", "K", "Kiri", "Kaa", pin="8080"),
        Person("cb_temp", "P", "Pete", "Pohatu"),
        Person("cb_observer", "O", "Olive", "Otago"),
    ),
    campaign_names={
        "points": "Reader Points",
        "giftcard": "Book Token",
        "events": "Story Hour",
        "earned": "Bring Back a Book",
        "buyx": "Buy 5 Paperbacks",
    },
)

OLD_TOWN = Business(
    code="oldtown",
    name="Old Town Merchants",
    city="Kigali",
    country="RW",
    currency="RWF",
    timezone="Africa/Kigali",
    owner=("Odile", "Oyono"),
    email="odile@oldtown.example",
    customer_count=20,
    card_prefix="6003",
    people=(
        Person("ot_admin", "A", "Aline", "Akimana", "Office"),
        Person("ot_manager", "M", "Marc", "Mugisha", "Office"),
        Person("ot_bakery", "L", "Lea", "Lambert", "Bakery", campaign_kinds=("points", "buyx")),
        Person("ot_clerk", "K", "Keza", "Kamali", "Bakery", pin="5151"),
        Person("ot_temp", "P", "Paul", "Pinto", "Cafe"),
        Person("ot_observer", "O", "Olga", "Okoye"),
    ),
    campaign_names={
        "points": "Bakery",
        "giftcard": "Old Town Card",
        "events": "Market Days",
        "earned": "Bring Your Bag",
        "buyx": "Ten Loaves, One Free",
    },
    module="coalition",
    stores=("Cafe on the Square", "Book Corner", "Pharmacy"),
    apart=("Pharmacy",),
)

HARBOUR_MALL = Business(
    code="harbourmall",
    name="Harbour Mall",
    city="Montreal",
    country="CA",
    currency="CAD",
    timezone="America/Toronto",
    owner=("Hal", "Hansen"),
    email="hal@harbourmall.example",
    customer_count=20,
    card_prefix="6004",
    people=(
        Person("hm_admin", "A", "Anouk", "Abel", "Centre office"),
        Person("hm_manager", "M", "Malo", "Marchand", "Centre office"),
        Person("hm_clerk", "K", "Kim", "Kessler", "Shoes", pin="6161"),
        Person("hm_temp", "P", "Pia", "Poulin"),
        Person("hm_observer", "O", "Otis", "Osborne"),
    ),
    campaign_names={
        "points": "Shoes & Co",
        "giftcard": "Mall Gift Card",
        "events": "Parking Visits",
        "earned": "Walk In Reward",
        "buyx": "Food Court Lunch",
    },
    module="two_tier",
    stores=("Garden World", "Cinema"),
    apart=("Cinema",),
    master="Harbour Points",
)

BUSINESSES = (BEAN_AND_LEAF, CAROLS_BOOKS, OLD_TOWN, HARBOUR_MALL)

FIRST_NAMES = (
    "Ana", "Ben", "Chloe", "Dev", "Elif", "Finn", "Grace", "Hugo", "Iris", "Jun", "Kofi", "Lena", "Mateo", "Nora", "Omar",
    "Pia", "Quinn", "Rosa", "Sam", "Tara", "Uma", "Victor", "Wen", "Xenia", "Yusuf", "Zoe", "Åse", "Łukasz",
)  # fmt: skip
LAST_NAMES = (
    "Adler", "Byrne", "Costa", "Dahl", "Egan", "Fox", "Gray", "Hall", "Ito", "Jones", "Kim", "Lopez", "Meyer", "Nguyen",
    "O'Hara", "Patel", "Quist", "Reyes", "Smith & Co", "Tran", "Ueda", "Vance", "Weber", "Xu", "Young", "Zeller", "Müller",
    "Nowak",
)  # fmt: skip
