# After a deploy, jobs start and none of them ends; no line says so.
log  -3d +60 6             INFO api: request {n} served in {n} ms
task -3d +0  2 0.99 40     INFO worker: job {n} started -> INFO worker: job {n} done
task +0  +60 2 0    40     INFO worker: job {n} started -> INFO worker: job {n} done
task -3d +60 1 0.97 90     INFO mail: delivery {n} accepted -> INFO mail: delivery {n} sent
deploy +0 v1.8.2

expect +1  none job
expect +6  finding stall confirmed started
expect +20 finding stall confirmed started
expect +20 incident open
expect +20 laid v1.8.2 started
expect +50 none delivery
expect +50 verdict regressed
screen +20 80x24 stall-80x24.txt
