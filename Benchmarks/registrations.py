"""REGISTER requests as fast as they are acknowledged, and how long a registrar takes to be back.

    registrations.py load PORT SECONDS WINDOW      acknowledged REGISTER/s: so many requests are on their way at any time
    registrations.py fill FILE COUNT               bindings of COUNT users, into the table `location` of an SQLite file
    registrations.py ready PORT USER SECONDS       seconds until an OPTIONS to the user is answered with 200
"""

import select, socket, sqlite3, sys, time


def request(method, user, port, mine, cseq):
    contact = "Contact: <sip:%s@127.0.0.1:%d>\r\nExpires: 3600\r\n" % (user, mine) if method == "REGISTER" else ""
    target = "sip:127.0.0.1:%d" % port if method == "REGISTER" else "sip:%s@127.0.0.1:%d" % (user, port)
    return (
        "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%s-%d\r\nMax-Forwards: 70\r\n"
        "From: <sip:%s@127.0.0.1>;tag=1\r\nTo: <sip:%s@127.0.0.1>\r\nCall-ID: %s\r\nCSeq: %d %s\r\n%s"
        "Content-Length: 0\r\n\r\n" % (method, target, mine, user, cseq, user, user, user, cseq, method, contact)
    ).encode()


def client():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    udp.bind(("127.0.0.1", 0))
    return udp, udp.getsockname()[1]


def load(port, seconds, window):
    udp, mine = client()
    waiting = {}  # user -> when it was sent, with which CSeq
    acknowledged = refused = repeated = 0
    cseq = {}
    spare = ["u%d" % number for number in range(20_000)]
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        now = time.monotonic()
        while len(waiting) < window:
            user = spare.pop()
            cseq[user] = cseq.get(user, 0) + 1
            waiting[user] = now
            udp.sendto(request("REGISTER", user, port, mine, cseq[user]), ("127.0.0.1", port))
        ready, _, _ = select.select([udp], [], [], 0.05)
        while ready:
            try:
                text = udp.recv(65536, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            user = text.split(b"\r\nCall-ID: ", 1)[1].split(b"\r\n", 1)[0].decode()
            if text.startswith(b"SIP/2.0 1") or user not in waiting:
                continue
            if b"\r\nCSeq: %d " % cseq[user] not in text:
                continue
            acknowledged += text.startswith(b"SIP/2.0 200")
            refused += not text.startswith(b"SIP/2.0 200")
            del waiting[user]
            spare.insert(0, user) if len(spare) < 64 else spare.append(user)
        for user in [user for user, sent in waiting.items() if now - sent > 1]:
            waiting[user] = now
            repeated += 1
            udp.sendto(request("REGISTER", user, port, mine, cseq[user]), ("127.0.0.1", port))
    print("%.0f %d %d" % (acknowledged / (time.monotonic() - begun), refused, repeated))


def fill(path, count):
    database = sqlite3.connect(path)
    with database:
        database.executemany(
            "INSERT INTO location (ruid, username, contact, expires, q, callid, cseq, last_modified, user_agent, received)"
            " VALUES (?, ?, ?, '2030-01-01 00:00:00', -1.0, ?, 7, '2026-01-01 00:00:00', 'Phone 1.0', ?)",
            (
                ("r-%d" % number, "u%d" % number, "sip:u%d@10.%d.%d.%d:5060" % (number, number >> 16, number >> 8 & 255,
                 number & 255), "call-%d" % number, "sip:192.0.2.%d:%d" % (number & 127, 1024 + number % 60_000))
                for number in range(count)
            ),
        )
    database.close()


def ready(port, user, seconds):
    udp, mine = client()
    begun = time.monotonic()
    number = 0
    while time.monotonic() - begun < seconds:
        number += 1
        udp.sendto(request("OPTIONS", user, port, mine, number), ("127.0.0.1", port))
        if select.select([udp], [], [], 0.005)[0]:
            try:
                if udp.recv(65536).startswith(b"SIP/2.0 200"):
                    print("%.2f" % (time.monotonic() - begun))
                    return
            except ConnectionRefusedError:
                pass
    sys.exit("no answer in %d s" % seconds)


if __name__ == "__main__":
    what = sys.argv[1]
    if what == "load":
        load(int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
    elif what == "fill":
        fill(sys.argv[2], int(sys.argv[3]))
    elif what == "ready":
        ready(int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
