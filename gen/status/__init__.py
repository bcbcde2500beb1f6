"""Status: what the daemon does → answers to those who ask: health, metrics, routes, problems, a page; and systemd.

    board    what there is to tell, written by the daemon's thread, read by others
    counts   the proxy's own counters, asked for when somebody asks us
    metrics  both → Prometheus' text
    rows     a pass and a word → the routes to show, and their picture
    releases a release → its times, its changes, the difference of its files
    page     all of it → HTML, through the templates in pages/
    answers  a path → an answer
    server   answers on an address or a unix socket
    notify   systemd's protocol

Reading changes nothing and shows no secret; whatever stands in a label is text.
"""
