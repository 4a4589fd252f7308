"""Sends the messages of RFC 4475 and RFC 5118 to a running server and looks whether each is answered as the RFC lets it be.

    torture.py udp|tcp SERVER PORT CLIENT RFC4475-FOLDER RFC5118-FOLDER

UDP comes from the port that the message's Via has: the answer to a Via without rport goes there (RFC 3261 §18.2.2). Each transport wants a server of its own, which has not seen the messages' branches yet.
"""
import glob, os, re, socket, sys

transport, host, port, client, rfc4475, rfc5118 = sys.argv[1:]
port = int(port)

SILENCE = "silence"
# Anything but "I do not understand this": the message was read, and a script decided about the rest.
ACCEPTED = "accepted"
NOT_UNDERSTOOD = {400, 416, 420, 501, 505, 513}

# By expected.tsv: what a registrar and proxy may say. The second set is TCP's, where it differs.
rules = {
    "wsinv": ({ACCEPTED},), "esc01": ({ACCEPTED},), "esc02": ({ACCEPTED, 501},), "longreq": ({ACCEPTED},),
    "semiuri": ({ACCEPTED},), "mpart01": ({ACCEPTED},), "noreason": ({SILENCE},),
    # Over TCP the rest of the body may still come.
    "clerr": ({400}, {SILENCE, 400}),
    "scalar02": ({400},), "quotbal": ({400},), "lwsruri": ({400},), "trws": ({400, ACCEPTED},),
    "baddate": ({400, ACCEPTED},), "badaspec": ({400, ACCEPTED},), "badvers": ({505},), "mismatch02": ({501, 400},),
    "badbranch": ({400, ACCEPTED},), "unkscm": ({416},), "unksm2": ({400, ACCEPTED},), "invut": ({ACCEPTED, 415},),
    "multi01": ({400},), "bcast": ({SILENCE},), "cparam01": ({200},), "regescrt": ({200},),
    # Without Content-Length nothing says where it ends on a stream.
    "inv2543": ({400, ACCEPTED}, {400, ACCEPTED, SILENCE}),
}


def status(reply):
    match = re.match(rb"SIP/2\.0 (\d\d\d)", reply)
    return int(match.group(1)) if match else SILENCE


def final(receive):
    """The first answer that is no 100; 100 where the request went on to somebody who is not there."""
    answer = SILENCE
    try:
        for _ in range(5):
            answer = status(receive())
            if answer != 100:
                break
    except (socket.timeout, ConnectionError):
        pass
    return answer


def over_udp(message, patience):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sent_by = re.search(rb"^(?:Via|v)\s*:\s*SIP\s*/\s*2.0\s*/\s*UDP\s+(?:\[[^]]*\]|[^\s:;]+)\s*:\s*(\d+)", message, re.I | re.M)
        channel.bind((client, int(sent_by.group(1)) if sent_by else 5060))
        channel.settimeout(patience)
        channel.sendto(message, (host, port))
        return final(lambda: channel.recv(65535))


def over_tcp(message, patience):
    with socket.create_connection((host, port)) as channel:
        channel.settimeout(patience)
        channel.sendall(message)
        return final(lambda: channel.recv(65535))


def alive():
    probe = (
        f"OPTIONS sip:{host}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {client};branch=z9hG4bK{os.urandom(6).hex()};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:probe@{host}>;tag=1\r\nTo: <sip:{host}:{port}>\r\n"
        f"Call-ID: {os.urandom(6).hex()}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
    return over_udp(probe.encode(), 1) != SILENCE


cases = []
for path in sorted(glob.glob(rfc4475 + "/*.dat")):
    name = os.path.basename(path)[:-4]
    if name not in rules:
        sys.exit(f"{name}: the table says nothing of it")
    cases.append((name, path, rules[name]))
for path in sorted(glob.glob(rfc5118 + "/*.wire")):
    name = os.path.basename(path)[:-5]
    with open(path, "rb") as file:
        isResponse = file.read(8) == b"SIP/2.0 "
    accepted = {400} if name == "ipv6-bad" else {SILENCE} if isResponse else {ACCEPTED}
    cases.append((name, path, (accepted,)))

wrong = 0
for name, path, rule in cases:
    with open(path, "rb") as file:
        message = file.read()
    allowed = rule[-1] if transport == "tcp" else rule[0]
    answer = (over_tcp if transport == "tcp" else over_udp)(message, 1.5)
    isAllowed = answer in allowed or ACCEPTED in allowed and answer != SILENCE and answer not in NOT_UNDERSTOOD
    print(f"{'ok   ' if isAllowed else 'WRONG'} {transport} {name}: {answer}")
    wrong += not isAllowed
    if not alive():
        sys.exit(f"after {name} over {transport} the server is silent")
print(f"{len(cases)} messages over {transport}, {wrong} wrong")
sys.exit(1 if wrong else 0)
