# A remedy is executed at minute 15; the error goes back to its baseline and the incident closes by itself.
# At minute 45 it rises again, and the incident is reopened.
log -7d +80 6     INFO api: request {n} served in {n} ms
log -7d +0  0.2   ERROR payment: gateway declined order {n}
log +0  +15 3     ERROR payment: gateway declined order {n}
log +15 +45 0.2   ERROR payment: gateway declined order {n}
log +45 +80 3     ERROR payment: gateway declined order {n}
deploy +0 v1.8.2
remedy +15 gateway declined

expect +14 incident open
expect +16 incident recovering
expect +40 incident closed
expect +60 incident open
