"""The details of a support message: order numbers, amounts, dates, shops. One message keeps to its own."""

import random
from datetime import datetime, timedelta

TOWNS = {
    "North": ("Leeds", "Hull", "Carlisle", "Durham", "Preston"),
    "Midlands": ("Derby", "Stoke", "Leicester", "Coventry", "Shrewsbury"),
    "South": ("Reading", "Exeter", "Brighton", "Croydon", "Poole"),
    "Scotland": ("Perth", "Dundee", "Stirling", "Oban"),
    "Ireland": ("Cork", "Galway", "Sligo", "Limerick"),
}
_WORDS = {
    "item": "kettle|desk lamp|raincoat|blender|tent|child seat|bookshelf|rucksack|coffee grinder|air fryer|duvet|"
    "wall clock|bike rack|baby monitor|garden hose|suitcase|bread maker|heater|yoga mat|keyboard|hedge trimmer|"
    "dog bed|pushchair|printer|paddling pool|jigsaw|fondue set|crème brûlée torch|café table|radio|wok|drill|"
    "bathroom cabinet|sleeping bag|games console|sewing machine|dehumidifier|telescope|lawnmower|rug|mirror|toaster",
    "gadget": "kettle|blender|heater|printer|hedge trimmer|baby monitor|radio|toaster|dehumidifier|drill|headset|"
    "electric toothbrush|hairdryer|tablet|fan|juicer",
    "garment": "raincoat|jumper|dress|wool coat|school blazer|dressing gown|football shirt|cardigan|wetsuit|handbag|"
    "waistcoat|hoodie|fleece",
    "furniture": "bed|wardrobe|sofa|dining table|fridge|washing machine|bookshelf|chest of drawers|cot|cooker",
    "shop": "Brightwick|Fenn Outdoor|Tolley's|Mokka Direct|Lampen & Co|Nook Home|Pedalshed|Hatch Toys|Orla Beauty|"
    "Ticketbarn|Greyfield|Stitch & Sole|Bücherwelt|Vinylcave|Kitchen Loft|Petpantry",
    "store": "the supermarket|the chemist|a petrol station|Hartley's|the garden centre|a café in {town}|the butcher's|"
    "the DIY store|the post office|Greyfield in {town}|the station kiosk|the school shop",
    "bank": "Westbrook Bank|my building society|the credit union|Norham Bank|my bank",
    "courier": "Parcelo|QuickVan|the courier|Swiftline|Redbox|the delivery firm",
    "utility": "the water company|Northgrid Energy|my broadband people|the council|the gas company|Telmo Mobile",
    "abroad": "Portugal|Spain|Morocco|Greece|Canada|Turkey|Denmark|Italy|Poland|Thailand",
    "device": "iPad|old Android|iPhone|laptop|tablet|work computer|Pixel|Chromebook",
    "odd": "ZLT*DIGITAL|QX MEDIA SVCS|HN8 TRADING|NORVIK TRADE OU|BLUEPEAK HLDG|EZ-STREAMBOX|WEB*LOTTO24|KJR GMBH|"
    "SUPERFIT APP|MNTH*VIPCLUB|LUMA CLOUD LTD|TRX 0044 COM",
    "name": "Sandra|Dev|Kirsty|Marek|Priya|Tom|Aoife|Luca|Grace|Owen|Nadia|Ruth",
    "me": "Joan|Peter|Amina|Zoë|Callum|Margaret|Raj|Bronagh|Stefan|Eleni|Keith|Chloe|Yusuf|Hanne|Rosie|Noel|Iris|Femi",
    "surname": "Whitlock|Adeyemi|Byrne|Kowalska|Pritchard|Sandhu|O'Dowd|Marsh|Fairley|Nguyen|Holt|Müller|Tanner|Quill",
    "code": "E-402|51|PX17|05|ERR_88|1013|T-9|0x3F",
}  # fmt: skip
_NUMBERS = ("", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


class Details:
    """What the slots of one message become; a slot that comes twice says the same twice."""

    def __init__(self, rng: random.Random, at: datetime, region: str) -> None:
        self._rng, self._at, self._region = rng, at, region
        self._said: dict[str, str] = {}
        self._date_style = rng.choice(["%-d %B", "%-d %b", "%-d/%-m", "%B %-d", "%d.%m", "the nth"])
        self._currency = "€" if region == "Ireland" else "£"
        self._paid = rng.choice([rng.randint(6, 60), rng.randint(15, 180), rng.randint(90, 900)])

    def __call__(self, slot: str) -> str:
        if slot not in self._said:
            self._said[slot] = self._new(slot)
        return self._said[slot]

    def _new(self, slot: str) -> str:
        if slot in _WORDS:
            taken = {self._said.get(other) for other in ("item", "shop")}
            word = self._rng.choice([word for word in _WORDS[slot].split("|") if word not in taken])
            return word.replace("{town}", self("town"))
        if slot == "item2":
            self("item")
            return self._new("item")
        if slot == "town":
            return self._rng.choice(TOWNS[self._region])
        return self._time(slot) or self._money(slot) or self._number(slot)

    def _time(self, slot: str) -> str:
        rng, at = self._rng, self._at
        if slot == "date":
            return self._written(at - timedelta(days=rng.randint(4, 20)))
        if slot == "later":
            return self._written(at + timedelta(days=rng.randint(3, 14)))
        if slot == "day":
            return rng.choice(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"])
        if slot == "month":
            return (at - timedelta(days=rng.randint(35, 150))).strftime("%B")
        return _nth(rng.randint(2, 27)) if slot == "nth" else ""

    def _written(self, day: datetime) -> str:
        if self._date_style == "the nth":
            return f"the {_nth(day.day)}"
        # not every system's strftime knows %-d
        style = self._date_style.replace("%-d", str(day.day)).replace("%-m", str(day.month))
        return day.strftime(style)

    def _money(self, slot: str) -> str:
        if slot not in ("amount", "amount2"):
            return ""
        pounds = self._paid if slot == "amount" else max(2, self._paid * self._rng.randint(8, 45) // 100)
        pence = self._rng.choice(["", "", ".50", ".99", ".95", f".{self._rng.randint(10, 98)}"])
        plain = f"{pounds}{pence}"
        return self._rng.choice([f"{self._currency}{plain}"] * 5 + [plain, f"{plain} {self._name_of_money(pence)}"])

    def _name_of_money(self, pence: str) -> str:
        return "euro" if self._currency == "€" else self._rng.choice(["pounds", "GBP"] if pence else ["pounds", "quid"])

    def _number(self, slot: str) -> str:
        rng = self._rng
        if slot == "order":
            number = rng.randint(20_000, 99_999)
            return rng.choice([f"#{number}", f"{number}", f"PL-{number}", f"no. {number}", f"PL{number}"])
        if slot == "ref":
            return rng.choice(
                [f"RT{rng.randint(10**7, 10**8)}", f"{rng.randint(2, 9)}F-{rng.randint(10**4, 10**5)}",
                 f"{rng.randint(100, 999)}/{rng.randint(1000, 9999)}"]
            )  # fmt: skip
        if slot in ("days", "weeks"):
            number = rng.randint(3, 12) if slot == "days" else rng.randint(2, 6)
            return _NUMBERS[number] if rng.random() < 0.3 else str(number)
        ranges = {"last4": (1000, 9999), "age": (79, 93), "house": (2, 60), "house2": (61, 140)}
        return str(rng.randint(*ranges[slot]))


def _nth(day: int) -> str:
    ending = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"
