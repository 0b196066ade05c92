# After a deploy, an agent's tasks finish without the search that they used to call; no line says so. It is taken back
# at minute 25; the process is started again in between.
log  -3d +70 6           INFO api: request {n} served in {n} ms
task -3d +0  2 0.99 30   INFO agent: task {n} started -> INFO tool: search called by task {n} -> INFO agent: task {n} finished
task +0  +25 2 0.99 30   INFO agent: task {n} started -> INFO agent: task {n} finished
task +25 +70 2 0.99 30   INFO agent: task {n} started -> INFO tool: search called by task {n} -> INFO agent: task {n} finished
deploy +0 v1.8.2
restart +15
remedy +25 search called
restart +27

expect +1  none search called
expect +5  finding skip confirmed search called
expect +5  none started
expect +20 finding skip confirmed search called
expect +20 incident open
expect +20 laid v1.8.2 search called
expect +28 incident recovering
expect +50 incident closed
