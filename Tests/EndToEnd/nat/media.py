"""Two phones on loopback that make calls through a proxy with a media relay, step by step, and look what arrives:
`media.py PROXY_PORT CASE …`. Media are real packets: each step says who must hear whom, and who must not."""
import re, select, socket, sys, time

PROXY = int(sys.argv[1])


class Message:
    def __init__(self, data):
        head, _, self.body = data.decode(errors="replace").partition("\r\n\r\n")
        lines = head.split("\r\n")
        self.start = lines[0]
        self.lines = [line.partition(":") for line in lines[1:]]

    def all(self, name):
        return [value.strip() for key, _, value in self.lines if key.strip().lower() == name.lower()]

    def get(self, name):
        return (self.all(name) or [""])[0]

    @property
    def code(self):
        return int(self.start.split()[1]) if self.start.startswith("SIP/") else 0

    @property
    def method(self):
        return self.get("CSeq").split()[-1]

    def streams(self):
        """[(kind, address, port)] of the SDP."""
        session, found = "", []
        for line in self.body.split("\r\n"):
            if line.startswith("c="):
                address = line.split()[2]
                if found:
                    found[-1] = (found[-1][0], address, found[-1][2])
                else:
                    session = address
            elif line.startswith("m="):
                found.append((line[2:].split()[0], session, int(line.split()[1])))
        return found


class Phone:
    """A phone with one socket for SIP and as many for media as it likes."""

    def __init__(self, name, ip):
        self.name, self.ip = name, ip
        self.family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        self.proxy = ("::1" if ":" in ip else "127.0.0.1", PROXY)
        self.sip = socket.socket(self.family, socket.SOCK_DGRAM)
        self.sip.bind((ip, 0))
        self.port = self.sip.getsockname()[1]
        self.host = "[%s]" % ip if ":" in ip else ip
        self.tag = name + "tag%d" % time.time_ns()
        self.waiting = []

    def media(self):
        """A pair of sockets for RTP and RTCP."""
        while True:
            rtp, rtcp = (socket.socket(self.family, socket.SOCK_DGRAM) for _ in range(2))
            rtp.bind((self.ip, 0))
            port = rtp.getsockname()[1]
            try:
                if port % 2:
                    continue
                rtcp.bind((self.ip, port + 1))
                return rtp, rtcp
            except OSError:
                continue

    def description(self, media, address=None, attribute="sendrecv", off=()):
        kind = "IP6" if ":" in (address or self.ip) else "IP4"
        text = "v=0\r\no=- %d 1 IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n" % (
            time.time_ns() // 1000000000, kind, self.ip, kind, address or self.ip)
        for number, (word, pair) in enumerate(media):
            text += "m=%s %d RTP/AVP %d\r\na=%s\r\n" % (
                word, 0 if number in off else pair[0].getsockname()[1], 0 if word == "audio" else 31, attribute)
        return text

    def send(self, start, headers, body=""):
        if body:
            headers = headers + ["Content-Type: application/sdp"]
        text = "\r\n".join([start] + headers + ["Content-Length: %d" % len(body), "", body])
        self.sip.sendto(text.encode(), self.proxy)

    def take(self, wanted, what, seconds=5):
        end = time.time() + seconds
        while True:
            for message in self.waiting:
                if wanted(message):
                    self.waiting.remove(message)
                    return message
            left = end - time.time()
            if left <= 0 or not select.select([self.sip], [], [], left)[0]:
                sys.exit("%s waits for %s in vain; it has %s" % (self.name, what, [m.start for m in self.waiting]))
            data = self.sip.recv(65536)
            if data.strip(b"\0\r\n"):
                self.waiting.append(Message(data))

    def request(self, method):
        return self.take(lambda m: m.code == 0 and m.start.startswith(method + " "), method)

    def status(self, code, method):
        return self.take(lambda m: m.code == code and m.method == method, "%d to %s" % (code, method))

    def answer(self, request, code, body="", tag=None):
        to = request.get("To")
        if ";tag=" not in to and code > 100:
            to += ";tag=" + (tag or self.tag)
        headers = ["Via: " + via for via in request.all("Via")]
        headers += ["Record-Route: " + route for route in request.all("Record-Route")]
        headers += ["From: " + request.get("From"), "To: " + to, "Call-ID: " + request.get("Call-ID"),
                    "CSeq: " + request.get("CSeq"), "Contact: <sip:%s@%s:%d>" % (self.name, self.host, self.port)]
        self.send("SIP/2.0 %d Answer" % code, headers, body)

    def register(self, user, q="1.0"):
        self.send("REGISTER sip:127.0.0.1 SIP/2.0", [
            "Via: SIP/2.0/UDP %s:%d;branch=z9hG4bK%d;rport" % (self.host, self.port, time.time_ns()),
            "From: <sip:%s@127.0.0.1>;tag=r" % user, "To: <sip:%s@127.0.0.1>" % user, "Max-Forwards: 70",
            "Call-ID: r%s%d" % (user, self.port), "CSeq: 1 REGISTER", "Expires: 600",
            "Contact: <sip:%s@%s:%d>;q=%s" % (user, self.host, self.port, q)])
        self.status(200, "REGISTER")


class Call:
    """One dialog, as the caller sees it."""

    def __init__(self, caller, user):
        self.caller = caller
        self.id = "call%d" % time.time_ns()
        self.uri = self.to = "sip:%s@127.0.0.1" % user
        self.to_tag, self.routes, self.sequence, self.branch = "", [], 0, ""

    def send(self, method, body="", sequence=None):
        if method not in ("ACK", "CANCEL"):
            self.sequence += 1
        if method != "CANCEL":
            self.branch = "z9hG4bK%d" % time.time_ns()
        phone = self.caller
        headers = ["Via: SIP/2.0/UDP %s:%d;branch=%s;rport" % (phone.host, phone.port, self.branch)]
        headers += ["Route: " + route for route in self.routes]
        headers += ["From: <sip:%s@127.0.0.1>;tag=%s" % (phone.name, phone.tag),
                    "To: <%s>%s" % (self.to, ";tag=" + self.to_tag if self.to_tag else ""),
                    "Call-ID: " + self.id, "CSeq: %d %s" % (self.sequence, method), "Max-Forwards: 70",
                    "Contact: <sip:%s@%s:%d>" % (phone.name, phone.host, phone.port)]
        phone.send("%s %s SIP/2.0" % (method, self.uri), headers, body)

    def answered(self, code=200):
        """Takes the answer to INVITE and, where it makes the dialog, follows it."""
        answer = self.caller.status(code, "INVITE")
        if code < 300:
            self.to_tag = re.search(";tag=([^;]+)", answer.get("To")).group(1)
            self.uri = re.search("<([^>]+)>", answer.get("Contact")).group(1)
            if not self.routes:
                for line in answer.all("Record-Route"):
                    self.routes += [route.strip() for route in line.split(",")]
                self.routes.reverse()
        return answer

    def end(self, callee):
        self.send("BYE")
        callee.answer(callee.request("BYE"), 200)
        self.caller.status(200, "BYE")


def drain(*sockets):
    for one in sockets:
        while select.select([one], [], [], 0)[0]:
            one.recv(65536)


counter = 0


def passes(sender, place, receiver, expected=True, what="media"):
    """Whether packets that `sender` sends to `place` (address and port) arrive at `receiver`."""
    global counter
    counter += 1
    marker = b"packet %d" % counter
    drain(receiver)
    heard = False
    for number in range(10 if expected else 5):
        sender.sendto(b"\x80\0" + number.to_bytes(2, "big") + b"\0" * 8 + marker, place)
        end = time.time() + (0.2 if expected else 0.05)
        while not heard and select.select([receiver], [], [], max(0, end - time.time()))[0]:
            heard = receiver.recv(65536).endswith(marker)
        if heard:
            break
    if heard != expected:
        sys.exit("%s: %s" % (what, "does not arrive" if expected else "arrives"))


def both_ways(a, for_a, b, for_b, what):
    """for_a: the streams that `a` was told of, for_b: those of `b`; RTP and RTCP of every stream, both ways."""
    for number, ((_, pair_a), (_, pair_b)) in enumerate(zip(a, b)):
        if not for_a[number][2] or not for_b[number][2]:
            continue
        for kind in (0, 1):
            to_a = (for_b[number][1], for_b[number][2] + kind)
            to_b = (for_a[number][1], for_a[number][2] + kind)
            label = "%s: stream %d, %s" % (what, number, ("RTP", "RTCP")[kind])
            passes(pair_a[kind], to_b, pair_b[kind], True, label + " of the caller")
            passes(pair_b[kind], to_a, pair_a[kind], True, label + " of the callee")


def relayed(message, *phones):
    """Every stream that is on goes to the relay: to none of the phones' own ports."""
    for kind, address, port in message.streams():
        own = [s.getsockname()[1] for phone in phones for s in phone]
        if port and port in own:
            sys.exit("%s tells of a phone's own port: %s" % (message.start, message.body))
    if int(message.get("Content-Length")) != len(message.body):
        sys.exit("Content-Length of %s is wrong" % message.start)


def ports(media):
    return [pair[0] for _, pair in media]


def established(caller, callee, user, a, b):
    call = Call(caller, user)
    call.send("INVITE", caller.description(a))
    offer = callee.request("INVITE")
    relayed(offer, ports(a))
    callee.answer(offer, 180)
    callee.answer(offer, 200, callee.description(b))
    answer = call.answered()
    relayed(answer, ports(b))
    call.send("ACK")
    callee.request("ACK")
    return call, offer, answer


def again(call, callee, a, b, offered, replied):
    """A re-INVITE of the caller."""
    call.send("INVITE", offered)
    offer = callee.request("INVITE")
    callee.answer(offer, 200, replied)
    answer = call.answered()
    call.send("ACK")
    callee.request("ACK")
    return offer, answer


def pair(callee_ip="127.0.0.22", caller_ip="127.0.0.21", user="bob"):
    caller, callee = Phone("alice", caller_ip), Phone(user, callee_ip)
    callee.register(user)
    return caller, callee


def three(user, other):
    """A caller and two phones of these users, and one stream of voice for each."""
    caller, first = pair(user=user)
    second = Phone(other, "127.0.0.23")
    second.register(other)
    return [caller, first, second] + [[("audio", phone.media())] for phone in (caller, first, second)]


def case_video():
    caller, callee = pair()
    a = [("audio", caller.media()), ("video", caller.media())]
    b = [("audio", callee.media()), ("video", callee.media())]
    call, offer, answer = established(caller, callee, "bob", a, b)
    assert len({port for _, _, port in offer.streams() + answer.streams()}) == 4, "streams share ports"
    both_ways(a, answer.streams(), b, offer.streams(), "audio and video")
    # Video is taken away, then it comes back from other ports.
    offer, answer = again(call, callee, a, b, caller.description(a, off=[1]), callee.description(b, off=[1]))
    assert offer.streams()[1][2] == 0 and answer.streams()[1][2] == 0, "a stream that is off has a port"
    both_ways(a, answer.streams(), b, offer.streams(), "without video")
    a[1] = ("video", caller.media())
    offer, answer = again(call, callee, a, b, caller.description(a), callee.description(b))
    both_ways(a, answer.streams(), b, offer.streams(), "video again")
    call.end(callee)
    # The relay has forgotten the call.
    place = answer.streams()[0]
    passes(a[0][1][0], (place[1], place[2]), b[0][1][0], False, "after BYE")


def case_hold():
    caller, callee = pair()
    a, b = [("audio", caller.media())], [("audio", callee.media())]
    call, offer, answer = established(caller, callee, "bob", a, b)
    both_ways(a, answer.streams(), b, offer.streams(), "before")
    # sendonly: music for who waits.
    offer, answer = again(call, callee, a, b, caller.description(a, attribute="sendonly"),
                          callee.description(b, attribute="recvonly"))
    assert "a=sendonly" in offer.body and "a=recvonly" in answer.body
    passes(a[0][1][0], tuple(answer.streams()[0][1:]), b[0][1][0], True, "music on hold")
    offer, answer = again(call, callee, a, b, caller.description(a, attribute="inactive"),
                          callee.description(b, attribute="inactive"))
    relayed(offer, ports(a))
    # The old way: nobody's address. It has to arrive as it is, or the callee would not know.
    offer, answer = again(call, callee, a, b, caller.description(a, address="0.0.0.0"), callee.description(b))
    assert offer.streams()[0][1] == "0.0.0.0", "hold does not arrive: " + offer.body
    relayed(answer, ports(b))
    # On again, from another port of the caller's: the old one is not heard any more.
    old = a[0][1][0]
    a[0] = ("audio", caller.media())
    offer, answer = again(call, callee, a, b, caller.description(a), callee.description(b))
    relayed(offer, ports(a))
    both_ways(a, answer.streams(), b, offer.streams(), "after hold")
    passes(old, tuple(answer.streams()[0][1:]), b[0][1][0], False, "the port that was left")
    call.end(callee)


def case_late_offer():
    caller, callee = pair()
    a, b = [("audio", caller.media())], [("audio", callee.media())]
    call = Call(caller, "bob")
    call.send("INVITE")
    offer = callee.request("INVITE")
    assert not offer.body
    callee.answer(offer, 200, callee.description(b))
    answer = call.answered()
    relayed(answer, ports(b))
    call.send("ACK", caller.description(a))
    ack = callee.request("ACK")
    relayed(ack, ports(a))
    both_ways(a, answer.streams(), b, ack.streams(), "late offer")
    call.end(callee)


def case_forked():
    """Two phones ring with early media of their own; the second takes the call."""
    caller, first, second, a, b, c = three("fork", "fork")
    call = Call(caller, "fork")
    call.send("INVITE", caller.description(a))
    offers = [phone.request("INVITE") for phone in (first, second)]
    for offer in offers:
        relayed(offer, ports(a))
    heard = {}
    for phone, offer, media in ((first, offers[0], b), (second, offers[1], c)):
        phone.answer(offer, 183, phone.description(media), tag="of" + phone.ip.replace(".", ""))
        early = caller.status(183, "INVITE")
        relayed(early, ports(media))
        passes(media[0][1][0], tuple(offer.streams()[0][1:]), a[0][1][0], True, "early media of " + phone.ip)
    second.answer(offers[1], 200, second.description(c), tag="of127" + "0023")
    answer = call.answered()
    call.send("ACK")
    second.request("ACK")
    first.answer(first.request("CANCEL"), 200)
    first.answer(offers[0], 487, tag="of1270022")
    first.request("ACK")
    both_ways(a, answer.streams(), c, offers[1].streams(), "the one who took it")
    passes(b[0][1][0], tuple(offers[0].streams()[0][1:]), a[0][1][0], False, "the one who did not")
    call.end(second)


def case_serial():
    """The first phone is busy, after it was heard; a failure block sends the call to another."""
    caller, first, second, a, b, c = three("serial", "second")
    call = Call(caller, "serial")
    call.send("INVITE", caller.description(a))
    offer = first.request("INVITE")
    relayed(offer, ports(a))
    first.answer(offer, 183, first.description(b), tag="one")
    caller.status(183, "INVITE")
    passes(b[0][1][0], tuple(offer.streams()[0][1:]), a[0][1][0], True, "early media of the first")
    first.answer(offer, 486, tag="one")
    first.request("ACK")
    offer = second.request("INVITE")
    relayed(offer, ports(a))
    assert offer.body.count("m=audio") == 1 and offer.body.count("c=IN") == 1, offer.body
    second.answer(offer, 200, second.description(c), tag="two")
    answer = call.answered()
    call.send("ACK")
    second.request("ACK")
    both_ways(a, answer.streams(), c, offer.streams(), "the second phone")
    passes(b[0][1][0], tuple(offer.streams()[0][1:]), a[0][1][0], False, "the first phone")
    call.end(second)


def case_families():
    for caller_ip, callee_ip in (("127.0.0.21", "::1"), ("::1", "127.0.0.22")):
        caller, callee = pair(callee_ip, caller_ip, "six" if ":" in callee_ip else "four")
        a = [("audio", caller.media()), ("video", caller.media())]
        b = [("audio", callee.media()), ("video", callee.media())]
        call, offer, answer = established(caller, callee, callee.name, a, b)
        for message, ip in ((offer, callee_ip), (answer, caller_ip)):
            family = "IP6" if ":" in ip else "IP4"
            assert "c=IN %s " % family in message.body, "%s hears of another family: %s" % (ip, message.body)
            assert all((":" in address) == (":" in ip) for _, address, _ in message.streams())
        both_ways(a, answer.streams(), b, offer.streams(), "%s and %s" % (caller_ip, callee_ip))
        call.end(callee)


for name in sys.argv[2:]:
    globals()["case_" + name]()
    print(name, "ok", flush=True)
