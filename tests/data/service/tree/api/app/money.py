"""Amounts in cents."""


def rounded(amount):
    return int(round(amount))


def shown(amount, currency="EUR"):
    return f"{amount / 100:.2f} {currency}"


def split(amount, parts):
    share = amount // parts
    rest = amount - share * parts
    return [share + 1] * rest + [share] * (parts - rest)
