from app import cart


def test_weight():
    assert cart.weight({"lines": [{"grams": 500}]}) == 0.5
