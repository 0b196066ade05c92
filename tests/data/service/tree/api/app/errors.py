"""What can be wrong with a request."""


class EmptyCart(Exception):
    pass


class UnknownProduct(Exception):
    pass


class NotAllowed(Exception):
    pass
