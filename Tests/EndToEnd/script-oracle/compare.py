#!/usr/bin/env python3
"""Asks two SIP servers that run the same script the same things, and compares what they say.

    compare.py make SINK > script        the script, made of the lists beside this file
    compare.py run PORT PORT SINK        the comparison: miniproxy, Kamailio, and a port of our own that requests go to
"""
import difflib
import os
import re
import select
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def lines(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if line.strip() and not line.startswith("#")]


def script(sink):
    text = "#!KAMAILIO\nchildren=1\n"
    for module in "tm tmx sl rr maxfwd pv textops siputils usrloc registrar".split():
        text += f'loadmodule "{module}.so"\n'
    text += 'modparam("maxfwd", "max_limit", 70)\n'
    text += 'request_route {\n    $var(number) = 7; $var(zero) = 0; $var(text) = "abc"; setflag(1);\n'
    text += '    if (is_method("REGISTER")) { save("location"); exit; }\n'
    text += '    if ($hdr(X-Ask) == "where") {\n        if (lookup("location")) { append_to_reply("X-Value: [$ru]\\r\\n"); }\n'
    text += '        sl_send_reply("200", "OK");\n        exit;\n    }\n'
    for number, condition in enumerate(lines("conditions.txt")):
        text += f'    if ($hdr(X-Ask) == "c{number}") {{\n'
        text += f'        if ({condition}) {{ sl_send_reply("200", "yes"); }} else {{ sl_send_reply("200", "no"); }}\n'
        text += "        exit;\n    }\n"
    for number, value in enumerate(lines("values.txt")):
        text += f'    if ($hdr(X-Ask) == "v{number}") {{ $var(x) = {value}; append_to_reply("X-Value: [$var(x)]\\r\\n"); '
        text += 'sl_send_reply("200", "OK"); exit; }\n'
    for number, edit in enumerate(lines("edits.txt")):
        text += f'    if ($hdr(X-Ask) == "e{number}") {{\n        {edit}\n'
        text += f'        $du = "sip:127.0.0.1:{sink}";\n        t_relay();\n        exit;\n    }}\n'
    text += '    sl_send_reply("404", "What?");\n}\n'
    text += "route[YES] { return 1; }\nroute[NO] { return -1; }\nroute[TWO] { return 2; }\n"
    text += "route[ENDS] { if (1) { return -1; } append_hf(\"P-hint: not reached\\r\\n\"); }\n"
    text += 'branch_route[MARK] { append_hf("P-hint: branch $T_branch_idx\\r\\n"); }\n'
    return text


def requests(port):
    """Requests that differ in what scripts look at."""
    sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
    plain = dict(uri="sip:bob@127.0.0.1", to="<sip:bob@127.0.0.1>", extra="", body="")
    yield "plain", plain
    yield "myself", dict(plain, uri=f"sip:bob@127.0.0.1:{port};transport=udp")
    yield "dialog", dict(
        plain, to="<sip:bob@127.0.0.1>;tag=t2", extra=f"Route: <sip:127.0.0.1:{port};lr>\r\nUser-Agent: test 1\r\n",
        body=sdp)
    yield "route", dict(
        plain, to="<sip:bob@127.0.0.1>;tag=t2",
        extra=f"Route: <sip:127.0.0.1:{port};lr>, <sip:127.0.0.2:5062;lr>\r\nContact: <sip:alice@127.0.0.1:6001>\r\n")


class Peer:
    """One of the two servers, and the socket that asks it."""

    def __init__(self, port):
        self.port = port
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.count = 0

    def register(self, user, call, cseq, headers):
        """Sends a REGISTER; its branch tells its answer from others."""
        self.count += 1
        self.call = f"{self.port}{self.count:06d}"
        own = self.socket.getsockname()[1]
        text = (
            f"REGISTER sip:127.0.0.1:{self.port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK{self.call}\r\n"
            f"Max-Forwards: 50\r\nFrom: <sip:{user}@127.0.0.1>;tag=f1\r\nTo: <sip:{user}@127.0.0.1>\r\n"
            f"Call-ID: register-{user}-{call}\r\nCSeq: {cseq} REGISTER\r\n"
            + "".join(line + "\r\n" for line in headers)
            + "Content-Length: 0\r\n\r\n"
        )
        self.socket.sendto(text.encode(), ("127.0.0.1", self.port))

    def send(self, kind, ask, uri=None):
        """Sends a request, with a Call-ID of digits that no edit changes and no other request has."""
        parts = dict(dict(requests(self.port))[kind])
        if uri:
            parts["uri"] = uri
        self.count += 1
        self.call = f"{self.port}{self.count:06d}"
        own = self.socket.getsockname()[1]
        content = "Content-Type: application/sdp\r\n" if parts["body"] else ""
        text = (
            f"OPTIONS {parts['uri']} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK{self.call}\r\n"
            f'Max-Forwards: 50\r\nFrom: "Alice" <sip:alice@127.0.0.1>;tag=f1\r\nTo: {parts["to"]}\r\n'
            f"Call-ID: {self.call}\r\nCSeq: 7 OPTIONS\r\nX-Ask: {ask}\r\nSubject: good News\r\n"
            f"X-Two: one\r\nX-Two: two\r\nX-List: a;b=1;c=2\r\n{parts['extra']}{content}"
            f"Content-Length: {len(parts['body'])}\r\n\r\n{parts['body']}"
        )
        self.socket.sendto(text.encode(), ("127.0.0.1", self.port))

    def plain(self, text):
        """Without what two servers can only write differently."""
        return text.replace(self.call, "CALL").replace(str(self.port), "PORT")


def wait(peers, sink):
    """What each of the peers does with the request that it was sent last: the request that arrives at the sink, or its own
    final answer, whichever comes first."""
    found = {}
    end = time.monotonic() + 4
    while len(found) < len(peers) and time.monotonic() < end:
        ready, _, _ = select.select([sink] + [peer.socket for peer in peers], [], [], 0.1)
        for one in ready:
            data, back = one.recvfrom(65536)
            text = data.decode(errors="replace")
            for peer in peers:
                if peer.call not in text:
                    continue
                if one is sink:
                    if not text.startswith("SIP/2.0"):
                        sink.sendto(answer(text), back)
                        found.setdefault(peer, ("request", peer.plain(text)))
                elif one is peer.socket and not text.startswith("SIP/2.0 1"):
                    found.setdefault(peer, ("answer", peer.plain(text)))
    return [found.get(peer, ("nothing", "")) for peer in peers]


def answer(text):
    """A 200; the names of headers may have been edited as well."""
    head = text.split("\r\n\r\n", 1)[0].split("\r\n")
    wanted = {"via": "Via", "from": "From", "to": "To", "call-id": "Call-ID", "cseq": "CSeq"}
    kept = [
        wanted[name.lower()] + ":" + value
        for name, _, value in (line.partition(":") for line in head[1:])
        if name.lower() in wanted
    ]
    return ("SIP/2.0 200 OK\r\n" + "\r\n".join(kept) + "\r\nContent-Length: 0\r\n\r\n").encode()


def said(what, text):
    """Yes or no, or the value."""
    if what != "answer":
        return what
    value = re.search(r"^X-Value: (.*)\r$", text, re.M)
    return value.group(1) if value else text.split("\r\n", 1)[0]


def registered(what, text):
    """The status and the contacts. A second may pass between two answers."""
    contacts = re.findall(r"^(?:Contact|m): (.*)\r$", text, re.M)
    contacts = [re.sub(r"expires=(\d+)", lambda m: f"expires={(int(m.group(1)) + 2) // 5 * 5}", line) for line in contacts]
    return "\n".join([what + " " + text.split("\r\n", 1)[0]] + contacts)


def relayed(what, text):
    """The request behind the server, Via aside; or the line of the answer."""
    if what != "request":
        return what + " " + text.split("\r\n", 1)[0]
    return "\n".join(line for line in text.split("\r\n") if not line.lower().startswith("via:"))


def run(ours, theirs, sink_port):
    peers = [Peer(ours), Peer(theirs)]
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind(("127.0.0.1", sink_port))
    listed = {}
    for line in lines("differences.txt"):
        kind, rest = line.split("|", 1)
        kind, what, why = [part.strip() for part in (kind, *rest.rsplit("|", 1))]
        listed[(kind, what)] = why
    seen, failed, compared = set(), 0, 0

    def compare(name, what, kind, show):
        nonlocal failed, compared
        a, b = [show(*found) for found in wait(peers, sink)]
        compared += 1
        if a == b:
            return
        if (name, what) in listed:
            seen.add((name, what))
            return
        failed += 1
        print(f"{name}: {what}   ({kind})")
        print("\n".join(difflib.unified_diff(b.split("\n"), a.split("\n"), "Kamailio", "miniproxy", lineterm="", n=1)))
        print()

    for name, letter in (("conditions", "c"), ("values", "v"), ("edits", "e")):
        for number, what in enumerate(lines(f"{name}.txt")):
            for kind in dict(requests(0)):
                for peer in peers:
                    peer.send(kind, f"{letter}{number}")
                compare(name, what, kind, relayed if letter == "e" else said)
    for what in lines("registrations.txt"):
        user, call, headers = [part.strip() for part in what.split("|")]
        call, cseq = call.split()
        for peer in peers:
            peer.register(user, call, cseq, [line.strip() for line in headers.split(";;") if line.strip()])
        compare("registrations", what, "REGISTER", registered)
        for peer in peers:
            peer.send("plain", "where", f"sip:{user}@127.0.0.1")
        compare("registrations", what, "lookup", said)
    for name, what in listed:
        if (name, what) not in seen:
            failed += 1
            print(f"listed as different, and is not: {name}: {what}")
    print(f"{compared} comparisons, {len(seen)} of the listed differences seen, {failed} others")
    return failed == 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        print(script(int(sys.argv[2])), end="")
    else:
        sys.exit(0 if run(*map(int, sys.argv[2:5])) else 1)
