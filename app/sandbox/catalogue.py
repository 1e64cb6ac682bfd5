"""What the pretend store sells, and the discount codes that it takes."""

from __future__ import annotations

from dataclasses import dataclass

from app.sandbox.discounts import FIXED_AMOUNT, PERCENTAGE, Discount

TAX_PERCENT = {"Ceramics": 10}


@dataclass(frozen=True)
class SellingPlan:
    """A way to buy something again and again, at the same price each time."""

    plan_id: int
    name: str


@dataclass(frozen=True)
class Product:
    """One thing for sale, in one variant, at once or by one of its plans."""

    handle: str
    title: str
    category: str
    price_minor: int
    blurb: str
    story: str
    number: int
    compare_at_minor: int | None = None
    tags: tuple[str, ...] = ()
    grams: int = 0
    gift_card: bool = False
    plans: tuple[SellingPlan, ...] = ()

    @property
    def product_id(self) -> int:
        """Return the id by which the store's messages name the product."""
        return 8_412_905_098_200 + self.number

    @property
    def variant_id(self) -> int:
        """Return the id of its only variant."""
        return 46_120_377_221_100 + self.number

    @property
    def sku(self) -> str:
        """Return the stock number."""
        return f"KB-{self.number:03d}"

    @property
    def tax_percent(self) -> int:
        """Return the tax added to its price."""
        return TAX_PERCENT.get(self.category, 0)


MONTHLY = SellingPlan(3_688_104_601, "Every month")

PRODUCTS = (
    Product(
        "house-blend",
        "House Blend",
        "Coffee",
        1250,
        "250 g, whole bean. Cocoa, toasted hazelnut, brown sugar.",
        "The bag we open first every morning. Slow roasted in small drums, rested for "
        "five days, and as happy in a moka pot as in a filter.",
        1,
        grams=250,
        plans=(MONTHLY,),
    ),
    Product(
        "guji-natural",
        "Guji Natural",
        "Coffee",
        1690,
        "250 g, whole bean. Blueberry, jasmine, soft citrus.",
        "A single lot from the hills of Guji, dried whole on raised beds. Bright, "
        "fragrant, and best brewed a little cooler than you think.",
        2,
        grams=250,
    ),
    Product(
        "evening-decaf",
        "Evening Decaf",
        "Coffee",
        1190,
        "250 g, whole bean. Caramel, fig, a long quiet finish.",
        "Decaffeinated with spring water, roasted for the hour after dinner. On sale "
        "while the new harvest is on its way.",
        3,
        compare_at_minor=1390,
        tags=("sale",),
        grams=250,
    ),
    Product(
        "morning-mug",
        "Morning Mug",
        "Ceramics",
        2400,
        "Stoneware, 320 ml. Thrown by hand, glazed in oat.",
        "A mug with a thumb rest where your thumb already is. Each one is thrown, "
        "turned and glazed by hand, so no two are quite alike.",
        4,
        grams=410,
    ),
    Product(
        "espresso-pair",
        "Espresso Pair",
        "Ceramics",
        2999,
        "Two porcelain cups, 70 ml, with saucers.",
        "Thick walls keep the shot warm, thin lips keep it pleasant. One cup in clay, "
        "one in sage.",
        5,
        grams=520,
    ),
    Product(
        "drip-cone",
        "Drip Cone",
        "Ceramics",
        3850,
        "Pour-over dripper for one or two cups.",
        "Deep ribs, one wide hole, and a flat base that sits on any mug or jug. Takes "
        "the paper filters that every shop has.",
        6,
        grams=480,
    ),
    Product(
        "low-bowl",
        "Low Bowl",
        "Ceramics",
        3400,
        "Stoneware, 22 cm. For pasta, salad and late breakfasts.",
        "Wide and shallow, with a speckled glaze that runs a little at the rim. Safe "
        "in the oven and the dishwasher.",
        7,
        grams=760,
    ),
    Product(
        "gift-card",
        "Gift Card",
        "Gifts",
        2500,
        "25 euros of coffee or clay, sent by e-mail.",
        "For the friend who already has a favourite mug. It never expires, and it is "
        "as pretend as everything else here.",
        8,
        gift_card=True,
    ),
    Product(
        "huila-harvest",
        "Huila Harvest",
        "Coffee",
        1790,
        "250 g, whole bean. Red apple, panela, a little cinnamon.",
        "The first sacks of this year's crop from Huila. We roast them light and in "
        "small lots, and when they are gone, they are gone.",
        9,
        tags=("new harvest",),
        grams=250,
    ),
    Product(
        "pour-over-set",
        "Pour-Over Set",
        "Ceramics",
        5900,
        "Drip Cone, glass jug and forty filters.",
        "All that a slow cup asks for but the kettle. The cone is ours, the jug is "
        "plain glass, and the filters are of the sort that every shop has.",
        10,
        tags=("brewing",),
        grams=940,
    ),
    Product(
        "club-card",
        "Kiln Club",
        "Gifts",
        3900,
        "A year of 10 % off, free shipping and half as many points again.",
        "A clay token for your key ring, pressed by hand. For a year from the day you "
        "buy it, everything here costs a tenth less and is sent for nothing.",
        11,
        grams=30,
    ),
)

OPENED_AT = "2020-01-01T09:00:00+00:00"
DISCOUNTS = tuple(
    Discount(*sort, starts_at=OPENED_AT, created_at=OPENED_AT)
    for sort in (
        ("WELCOME10", PERCENTAGE, 10, "10 % off your order"),
        ("FIVEOFF", FIXED_AMOUNT, 500, "5 euros off your order"),
    )
)

SHIPPING_TITLE = "Standard"
SHIPPING_MINOR = 490
FREE_SHIPPING_FROM_MINOR = 6000


def find(handle: str) -> Product | None:
    """Return the product with this handle."""
    return next((item for item in PRODUCTS if item.handle == handle), None)


def choice(product: Product, plan: SellingPlan | None = None) -> str:
    """Return by what a cart knows a product, or one that is bought by a plan."""
    return f"{product.handle}:{plan.plan_id}" if plan else product.handle


def chosen(choice: str) -> tuple[Product, SellingPlan | None] | None:
    """Return the product of a choice and its plan, None where there is none such."""
    handle, _, plan_id = choice.partition(":")
    product = find(handle)
    if product is None:
        return None
    plans = (None, *product.plans)
    wished = (plan for plan in plans if str(plan.plan_id if plan else "") == plan_id)
    return next(((product, plan) for plan in wished), None)


def find_by_id(product_id: int | None) -> Product | None:
    """Return the product with this id."""
    return next((item for item in PRODUCTS if item.product_id == product_id), None)


def find_discount(code: str) -> Discount | None:
    """Return the discount with this code, written in any case."""
    wanted = code.strip().upper()
    return next((item for item in DISCOUNTS if item.code == wanted), None)
