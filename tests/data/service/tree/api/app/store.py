"""The database."""

import os

from app.errors import UnknownProduct

POOL_SIZE = 20


def connect(driver):
    url = os.environ["SHOP_DATABASE_URL"]
    return driver.connect(url, pool_size=POOL_SIZE, timeout=5)


PRODUCTS = {}


def product(sku):
    try:
        return PRODUCTS[sku]
    except KeyError:
        raise UnknownProduct(sku)


def orders_of(connection, customer):
    rows = connection.execute("SELECT id, state, total FROM orders WHERE customer_id = %s", [customer])
    return [dict(row) for row in rows]


def save_order(connection, order):
    connection.execute(
        "INSERT INTO orders (id, customer_id, state, total) VALUES (%s, %s, %s, %s)",
        [order["id"], order["customer"], "open", order["total"]],
    )
