"""What a customer is about to buy."""

from app.errors import EmptyCart
from app.money import rounded
from app.store import product


def line_total(line):
    item = product(line["sku"])
    return item["price"] * line["count"]


def total(cart):
    lines = cart["lines"]
    if not lines:
        raise EmptyCart(cart["id"])
    net = sum(line_total(line) for line in lines)
    return rounded(net - discount(cart, net))


def discount(cart, net):
    code = cart.get("code")
    if code is None:
        return 0
    return net * cart["rates"][code] / 100


def weight(cart):
    grams = sum(line.get("grams", 0) for line in cart["lines"])
    return grams / 1000
