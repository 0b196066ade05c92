"""From cart to order."""

import logging

from app import cart as carts
from app.settings import settings
from app.store import orders_of, save_order

log = logging.getLogger("app.orders")


def place(connection, cart, customer):
    amount = carts.total(cart)
    limit = settings["orders"]["max_total"]
    if amount > limit:
        log.error("order over limit refused for %s", customer)
        return None
    order = {"id": cart["id"], "customer": customer, "total": amount}
    save_order(connection, order)
    publish("order.placed", order)
    return order


def publish(topic, order):
    payload = {"order_id": order["id"], "total": order["total"], "customer": order["customer"]}
    QUEUE.append((topic, payload))


QUEUE = []


def history(connection, customer):
    orders = orders_of(connection, customer)
    newest = max(orders, key=lambda order: order["id"]) if orders else None
    return {"orders": orders, "newest": newest}
