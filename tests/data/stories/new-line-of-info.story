# The new version logs something new, and much more of something old, at its ease: listed, and no failure.
log -7d +60 6     INFO api: request {n} served in {n} ms
log +3  +60 2     INFO orders: order {n} priced anew
log -7d +0  0.5   DEBUG cache: warmed {n} entries
log +0  +60 9     DEBUG cache: warmed {n} entries
deploy +0 v1.8.2

expect +30 finding new confirmed priced anew
expect +30 finding rise confirmed warmed
expect +30 verdict healthy
