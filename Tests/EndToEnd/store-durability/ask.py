"""Sends one request and prints the status of its final answer, with `Retry-After` behind it where there is one.

    ask.py PORT METHOD USER [SECONDS]
"""

import random, socket, sys

port, method, user = int(sys.argv[1]), sys.argv[2], sys.argv[3]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
udp.settimeout(float(sys.argv[4]) if len(sys.argv) > 4 else 5)
mine = udp.getsockname()[1]
name = "%x" % random.getrandbits(64)
contact = "Contact: <sip:%s@127.0.0.1:9>\r\n" % user if method == "REGISTER" else ""
udp.sendto(
    (
        "%s sip:%s@127.0.0.1:%d SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"
        "From: <sip:%s@127.0.0.1>;tag=1\r\nTo: <sip:%s@127.0.0.1>\r\nCall-ID: %s\r\nCSeq: 1 %s\r\n%sContent-Length: 0\r\n\r\n"
        % (method, user, port, mine, name, user, user, name, method, contact)
    ).encode(),
    ("127.0.0.1", port),
)
try:
    while True:
        text = udp.recv(65536).decode()
        status = text.split()[1]
        if status >= "200":
            print(status + (" Retry-After" if "\r\nRetry-After:" in text else ""))
            break
except TimeoutError:
    print("nothing")
