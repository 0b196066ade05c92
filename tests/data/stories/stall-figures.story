# Two jobs a minute of two minutes each, as usual: half to three halves of that. Since one deploy a fifth never ends.
log -3d +40 6 INFO api: request {n} served in {n} ms
task -3d +0 2 1.0 120 INFO worker: job {n} started -> INFO worker: job {n} done
task +0 +40 2 0.8 120 INFO worker: job {n} started -> INFO worker: job {n} done
deploy +0 v1.8.2

expect +3 none job
expect +20 finding stall confirmed job <*> started
expect +20 incident open
