# Killed and started again in mid-watch, twice: nothing is lost, nothing is counted twice.
log -2d +60 6     INFO api: request {n} served in {n} ms
log -2d +0  0.2   ERROR payment: gateway declined order {n}
log +0  +60 3     ERROR payment: gateway declined order {n}
deploy +0 v1.8.2
restart +7
restart +12

expect +20 count 636 gateway declined
expect +20 finding rise confirmed gateway declined
expect +20 incident open
