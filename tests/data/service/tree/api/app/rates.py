"""Tax by country."""


def _shares():
    known = (("austria", 20), ("france", 20), ("italy", 22))
    return {country: share for country, share in known}


def _names():
    return {"austria": "Austria", "france": "France", "italy": "Italy"}


SHARES = _shares()
NAMES = _names()


def tax(country, net):
    return net * SHARES[country] // 100


def charged(country, net):
    return net + tax(country, net)


def receipt(country, net):
    if country in SHARES:
        return f"{charged(country, net)} with tax"
    return f"{net} without tax"


def shown(country):
    return NAMES.get(country, country)
