#!/usr/bin/env python3
"""Opens connections that say nothing, or a byte of a message now and then: half_open.py PORT COUNT

From several addresses of loopback, as strangers would. Prints how many are open, then holds them."""
import resource
import socket
import sys
import time

port, count = int(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_NOFILE, (count + 200, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
head = b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1\r\n"
held = []
for place in range(count):
    client = socket.socket()
    client.bind((f"127.0.1.{place % 8 + 1}", 0))
    client.connect(("127.0.0.1", port))
    # Every second one begins a message.
    if place % 2:
        client.send(head[:20])
    held.append(client)
print("open", len(held), flush=True)
at = 20
while True:
    time.sleep(0.5)
    for client in held[1::200]:
        try:
            client.send(head[at : at + 1])
        except OSError:
            pass
    at = min(at + 1, len(head) - 1)
