# Two jobs a minute of two minutes each, and since the deploy none ends; a tool that every agent called is called no more.
log -3d +40 6 INFO api: request {n} served in {n} ms
task -3d +0 2 1.0 120 INFO worker: job {n} started -> INFO worker: job {n} done
task +0 +40 2 0.0 120 INFO worker: job {n} started -> INFO worker: job {n} done
task -3d +0 2 1.0 20 INFO agent: run {n} begins -> INFO agent: run {n} tool search called -> INFO agent: run {n} ends
task +0 +40 2 1.0 20 INFO agent: run {n} begins -> INFO agent: run {n} ends
deploy +0 v1.8.2

expect +4 finding skip confirmed tool search called
expect +6 finding stall candidate job <*> started
expect +7 finding stall confirmed job <*> started
expect +7 incident open
