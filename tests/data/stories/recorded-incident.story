# An incident that was recorded, and is over, teaches nothing: the next deploy is judged as if it had not been. The
# process is started again in between.
log -7d +140 6    INFO api: request {n} served in {n} ms
log -7d +0   0.5  ERROR payment: gateway declined order {n}
log +0  +30  6    ERROR payment: gateway declined order {n}
log +30 +90  0.5  ERROR payment: gateway declined order {n}
log +90 +140 2    ERROR payment: gateway declined order {n}
deploy +0  v1.8.2
deploy +90 v1.8.3
remedy +30 gateway declined
restart +60

expect +29 incident open
expect +59 incident closed
expect +89 incident closed
expect +91 verdict healthy
expect +110 verdict regressed
expect +110 finding rise confirmed gateway declined
