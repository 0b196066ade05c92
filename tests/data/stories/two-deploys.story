# Two deploys in one hour: the first breaks payments, the second breaks search.
log -7d +80 6     INFO api: request {n} served in {n} ms
log -7d +0  0.2   ERROR payment: gateway declined order {n}
log +0  +80 3     ERROR payment: gateway declined order {n}
log -7d +20 0.2   ERROR search: index lookup {n} failed
log +20 +80 4     ERROR search: index lookup {n} failed
deploy +0  v1.8.2
deploy +20 v1.8.3

expect +15 finding rise confirmed gateway declined
expect +15 none index lookup
expect +40 finding rise confirmed index lookup
expect +40 laid v1.8.2 gateway declined
expect +40 laid v1.8.3 index lookup
expect +40 with v1.8.2 95 gateway declined
expect +40 with v1.8.3 90 index lookup
screen +40 80x24 two-deploys-80x24.txt
screen +40 200x60 two-deploys-200x60.txt
restart +41
expect +45 laid v1.8.2 gateway declined
expect +45 with v1.8.2 95 gateway declined
expect +45 with v1.8.3 90 index lookup
