"""Kills a proxy at random moments under load and looks whether it has kept its word.

    kill.py KILLS RATE PORT SOCKET COMMAND ...

COMMAND starts the proxy on 127.0.0.1:PORT with its control socket at SOCKET. Users register and take their registration
away, RATE times a second all together. What was answered with 200 before the kill must be so after the restart: present
with at least the CSeq that was acknowledged, or absent. What was on its way may be either.
"""

import json, os, random, select, signal, socket, subprocess, sys, time

kills, rate, port, control = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
command = sys.argv[5:]
USERS = 400


class User:
    def __init__(self, number):
        self.name = "u%d" % number
        self.cseq = 0
        self.known = None  # The CSeq of the acknowledged binding, or None.
        self.pending = None  # CSeq and whether it registers.


def request(user, mine):
    cseq, registers = user.pending
    return (
        "REGISTER sip:127.0.0.1:%d SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%s-%d\r\nMax-Forwards: 70\r\n"
        "From: <sip:%s@127.0.0.1>;tag=1\r\nTo: <sip:%s@127.0.0.1>\r\nCall-ID: %s\r\nCSeq: %d REGISTER\r\n"
        "Contact: <sip:%s@127.0.0.1:9>\r\nExpires: %d\r\nContent-Length: 0\r\n\r\n"
        % (port, mine, user.name, cseq, user.name, user.name, user.name, cseq, user.name, 3600 if registers else 0)
    ).encode()


def start():
    log = open(os.path.join(os.environ.get("WORK", "/tmp"), "killed.log"), "a")
    process = subprocess.Popen(command, stdout=log, stderr=log)
    end = time.time() + 20
    while time.time() < end:
        try:
            return process, dump()
        except OSError:
            time.sleep(0.01)
    sys.exit("the proxy does not start")


def dump():
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(10)
        client.connect(control)
        client.sendall(b'{"jsonrpc":"2.0","method":"ul.dump","params":["location"],"id":1}\n')
        answer = b""
        while not answer.endswith(b"\n"):
            answer += client.recv(1 << 20)
    users = json.loads(answer)["result"][0]["users"]
    return {user["aor"]: user["contacts"][0]["cseq"] for user in users}


users = [User(number) for number in range(USERS)]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
udp.setblocking(False)
mine = udp.getsockname()[1]
byname = {user.name: user for user in users}
acknowledged = lost = resurrected = refused = 0
process, there = start()
slowest = 0.0

for kill in range(kills):
    end = time.time() + random.uniform(0.2, 1.0)
    begun, sent = time.time(), 0
    while time.time() < end:
        while sent < (time.time() - begun) * rate:
            user = random.choice(users)
            sent += 1
            if user.pending:
                continue
            user.cseq += 1
            user.pending = (user.cseq, user.known is None or random.random() < 0.6)
            udp.sendto(request(user, mine), ("127.0.0.1", port))
        select.select([udp], [], [], 0.001)
        while True:
            try:
                text = udp.recv(65536).decode()
            except BlockingIOError:
                break
            lines = dict(line.split(": ", 1) for line in text.split("\r\n")[1:] if ": " in line)
            user = byname[lines["Call-ID"]]
            cseq = int(lines["CSeq"].split()[0])
            if not user.pending or user.pending[0] != cseq:
                continue
            if text.startswith("SIP/2.0 200"):
                acknowledged += 1
                user.known = cseq if user.pending[1] else None
                user.pending = None
            elif not text.startswith("SIP/2.0 1"):
                refused += 1
    process.send_signal(signal.SIGKILL)
    process.wait()
    # Answers that were sent before the end still count.
    time.sleep(0.01)
    while True:
        try:
            text = udp.recv(65536).decode()
        except (BlockingIOError, ConnectionRefusedError):
            break
        lines = dict(line.split(": ", 1) for line in text.split("\r\n")[1:] if ": " in line)
        user = byname[lines["Call-ID"]]
        if user.pending and user.pending[0] == int(lines["CSeq"].split()[0]) and text.startswith("SIP/2.0 200"):
            acknowledged += 1
            user.known = user.pending[0] if user.pending[1] else None
            user.pending = None
    moment = time.time()
    process, there = start()
    slowest = max(slowest, time.time() - moment)
    for user in users:
        now = there.get(user.name)
        if user.pending:
            cseq, registers = user.pending
            is_new = now == cseq if registers else now is None
            if not is_new and now != user.known:
                lost += 1
                print("lost or changed:", user.name, "known", user.known, "pending", user.pending, "found", now)
        elif user.known is not None and now != user.known:
            lost += 1
            print("lost:", user.name, "acknowledged with", user.known, "found", now)
        elif user.known is None and now is not None:
            resurrected += 1
            print("resurrected:", user.name, now)
        user.known, user.pending = now, None

process.terminate()
process.wait()
print(
    "%d kills, %d acknowledged, %d refused, %d lost, %d resurrected, slowest restart %.2f s"
    % (kills, acknowledged, refused, lost, resurrected, slowest)
)
sys.exit(0 if lost == resurrected == 0 and acknowledged > kills * 20 else 1)
