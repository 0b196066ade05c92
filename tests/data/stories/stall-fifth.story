# After a deploy, one in five jobs never ends: the count of ends hardly tells, the open ones do.
log  -3d +60 6             INFO api: request {n} served in {n} ms
task -3d +0  2 1    40     INFO worker: job {n} started -> INFO worker: job {n} done
task +0  +60 2 0.8  40     INFO worker: job {n} started -> INFO worker: job {n} done
deploy +0 v1.8.2

expect +12 finding stall confirmed started
expect +20 incident open
expect +20 none done
