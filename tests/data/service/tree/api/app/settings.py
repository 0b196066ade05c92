"""Settings, read once."""

import tomllib


def load(path):
    with open(path, "rb") as file:
        return tomllib.load(file)


settings = {}


def mail_sender():
    return settings["mail"]["sender"]
