"""The web API."""

import json

from app import orders
from app.errors import EmptyCart, NotAllowed, UnknownProduct

ROUTES = {}


def route(path):
    def add(handler):
        ROUTES[path] = handler
        return handler
    return add


@route("/v1/orders")
def create_order(request, connection):
    body = json.loads(request.body)
    try:
        order = orders.place(connection, body["cart"], request.customer)
    except EmptyCart:
        return 422, {"error": "the cart is empty"}
    except UnknownProduct as error:
        return 404, {"error": f"no product {error}"}
    return 201, order


@route("/v1/orders/history")
def order_history(request, connection):
    return 200, orders.history(connection, request.customer)


@route("/v1/session")
def session(request, connection):
    token = request.headers["Authorization"].removeprefix("Bearer ")
    if len(token) < 20:
        raise NotAllowed("token is too short")
    return 200, {"customer": request.customer}
