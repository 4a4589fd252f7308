import SIPKit

/// The original's lines about one request and its answers, at each verbosity.
///
/// Scripts read them (SmokePing, Nagios plugins, kamailio-tests), so their bytes are fixed; `docs/sipsak.md` has the table
/// and Tests/sipsakTests the transcripts.
struct ReplyPrinter {
    let session: Session
    private var console: any Console { self.session.console }
    private var verbosity: Int { self.session.verbosity }

    /// At `-vvv`, before the first request.
    func begin(_ draft: Draft) {
        guard self.verbosity > 2 else { return }
        self.console.out("fqdnhostname: \(self.session.factory.host)\n")
        if let via = draft.value(.via) {
            self.console.out("our Via-Line: Via: \(self.console.line(via))\r\n\n")
            self.console.out("New message with Via-Line:\n")
        }
        self.console.out(message: draft.bytes())
        self.console.out("\n")
    }

    func sent(_ bytes: [UInt8], to place: SocketAddress) {
        guard self.verbosity > 2 else { return }
        self.console.out("\nrequest:\n")
        self.console.out(message: bytes)
        self.console.out("\nsend to: \(self.session.wire.transport.viaName):\(place)\n")
    }

    /// Something arrived for a mode that announces it.
    func arrived(_ reply: Probe.Reply) {
        guard self.verbosity > 1 else { return }
        self.console.out("\nmessage received")
        self.console.out(
            self.verbosity > 2 ? "\nreceived from: \(self.session.wire.transport.viaName):\(reply.source)\n" : ":\n")
    }

    /// The original looks for its own CSeq in the wrong text when it makes the next request, and says so; scripts that
    /// compare whole outputs have the line.
    func nextRequest() {
        if self.verbosity > 1 { self.console.out("'CSeq' not found in reply\n") }
    }

    func authorizing(_ reply: Probe.Reply) {
        guard self.verbosity > 1 else { return }
        self.console.out("authorizing\n")
        if self.verbosity > 2 {
            self.console.out("\nreceived:\n")
            self.console.out(message: reply.message.bytes)
            self.console.out("\n")
        }
        self.nextRequest()
    }

    func redirected(_ reply: Probe.Reply) {
        guard self.session.options.printsText else { return }
        var text = "** received redirect "
        if self.session.options.extractsIP, let agent = HopAgent(reply.message)?.host { text += "from \(agent) " }
        self.console.out(text + "\n")
        self.nextRequest()
    }

    /// The whole answer with its times, as `-vv` shows it.
    func times(_ reply: Probe.Reply, probe: (first: MonotonicTime, last: MonotonicTime, sends: Int), isFinal: Bool) {
        self.console.out(message: reply.message.bytes)
        self.console.out("\n")
        guard self.verbosity > 1 else { return }
        let sinceLast = Milliseconds.text(reply.arrived - probe.last)
        if probe.sends == 1 {
            self.console.out("\n** reply received after \(sinceLast) ms **\n")
        } else {
            let sinceFirst = Milliseconds.text(reply.arrived - probe.first)
            self.console.out(
                "\n** reply received \(sinceFirst) ms after first send\n   and \(sinceLast) ms after last send **\n")
        }
        self.console.out("   \(self.console.line(reply.message.startLine))\n")
        self.console.out(
            isFinal ? "   final received\n" : "   provisional received; still waiting for a final response\n")
    }

    /// `send failure: Connection refused`, as the original's perror writes it.
    func unreachable(_ code: Int32) {
        let what = self.session.wire.transport.isReliable ? "connection lost" : "send failure"
        self.console.err("\(what): \(SocketText.error(code))\n")
    }

    /// Why a challenge could not be answered; the texts are the original's where it has one.
    func refused(_ refusal: DigestClient.Refusal?, _ reply: Probe.Reply) {
        switch refusal {
        case nil:
            self.console.fail(
                "received \(reply.message.statusCode) but there is no user name: give one in -s or with -u")
        case .noChallenge:
            self.console.fail("couldn't find a Digest challenge in the \(reply.message.statusCode) response")
        case .unsupported: self.console.fail("unsupported authentication algorithm or qop in the challenge")
        case .rejected, .staleAgain:
            self.console.err("request:\n")
            self.console.err(message: reply.request)
            self.console.err("\nresponse:\n")
            self.console.err(message: reply.message.bytes)
            self.console.err(
                "\nerror: authorization failed\n"
                    + "       request already contains (Proxy-) Authorization, but received 40[1|7], see above\n")
        }
    }
}

extension SIPMessage {
    /// The start line without its line end.
    var startLine: ArraySlice<UInt8> {
        let start = self.bytes.firstIndex { $0 != ASCII.cr && $0 != ASCII.lf } ?? 0
        let end = self.bytes[start...].firstIndex { $0 == ASCII.cr || $0 == ASCII.lf } ?? self.bytes.count
        return self.bytes[start..<end]
    }
}
