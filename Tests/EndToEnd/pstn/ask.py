#!/usr/bin/env python3
"""One request over UDP; prints the status line of its final answer.

ask.py SOURCE PROXY_PORT METHOD URI FROM [HEADER ...]
A header "To: ..." replaces the one that is made up.
"""
import os
import socket
import sys

source, port, method, uri, sender, *headers = sys.argv[1:]
own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
own.bind((source, 0))
own.settimeout(1)
address = "%s:%d" % own.getsockname()
branch = os.urandom(6).hex()
lines = [
    "%s %s SIP/2.0" % (method, uri),
    "Via: SIP/2.0/UDP %s;branch=z9hG4bK%s;rport" % (address, branch),
    "Max-Forwards: 70",
    "From: <%s>;tag=%s" % (sender, branch),
    "Call-ID: %s" % branch,
    "CSeq: 1 %s" % method,
    "Contact: <sip:ask@%s>" % address,
]
if not any(header.startswith("To:") for header in headers):
    lines.append("To: <%s>" % uri)
lines += headers + ["Content-Length: 0", "", ""]
request = "\r\n".join(lines).encode()
status = "nothing"
for attempt in range(8):
    if attempt == 0 or status == "nothing":
        own.sendto(request, ("127.0.0.1", int(port)))
    try:
        answer = own.recv(65536).decode(errors="replace")
    except socket.timeout:
        continue
    status = answer.split("\r\n")[0]
    if status.startswith("SIP/2.0") and not status.startswith("SIP/2.0 1"):
        if method == "INVITE":
            to = next(line for line in answer.split("\r\n") if line.lower().startswith("to:"))
            ack = [lines[0].replace("INVITE", "ACK", 1), lines[1], lines[2], lines[3], to, lines[4], "CSeq: 1 ACK"]
            own.sendto("\r\n".join(ack + ["Content-Length: 0", "", ""]).encode(), ("127.0.0.1", int(port)))
        break
print(status)
