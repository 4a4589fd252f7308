import SIPKit

/// One thing that is measured. `run` does it `count` times and gives back something that depends on all of them, so
/// that the optimizer keeps them.
struct Case: Sendable {
    let name: String
    let run: @Sendable (_ count: Int) -> Int
}

enum Cases {
    static let all = [
        Case(name: "parse-table", run: parseTable), Case(name: "parse-values", run: parseValues),
        Case(name: "parse-and-judge", run: parseAndJudge), Case(name: "relay-edit", run: relayEdit),
        Case(name: "framing", run: framing), Case(name: "transaction-pass", run: transactionPass),
        Case(name: "transaction-key", run: transactionKey), Case(name: "digest", run: digest),
    ]

    /// Start line and header table only.
    static func parseTable(_ count: Int) -> Int {
        let bytes = Sample.invite
        var index = MessageIndex()
        var sum = 0
        for _ in 0..<count {
            try? index.parse(bytes.span)
            sum &+= index.bodyStart
        }
        return sum
    }

    /// The table and every value that a proxy needs: top Via, From, To, CSeq, Call-ID, Max-Forwards, Request-URI,
    /// Contact, Content-Length.
    static func parseValues(_ count: Int) -> Int {
        let bytes = Sample.invite
        var index = MessageIndex()
        var sum = 0
        for _ in 0..<count {
            try? index.parse(bytes.span)
            sum &+= values(bytes.span, index)
        }
        return sum
    }

    @inline(never)
    private static func values(_ bytes: Span<UInt8>, _ index: borrowing MessageIndex) -> Int {
        guard let viaValue = index.first(.via), let fromValue = index.first(.from), let toValue = index.first(.to),
            let cSeqValue = index.first(.cSeq), let callID = index.first(.callID), let hops = index.first(.maxForwards),
            let contact = index.first(.contact)
        else { return 0 }
        do {
            var cursor = ByteCursor(bytes, viaValue)
            let via = try ViaRanges(parsing: &cursor)
            cursor = ByteCursor(bytes, fromValue)
            let from = try AddressRanges(parsing: &cursor)
            cursor = ByteCursor(bytes, toValue)
            let to = try AddressRanges(parsing: &cursor)
            cursor = ByteCursor(bytes, cSeqValue)
            let cSeq = try CSeq(parsing: &cursor)
            cursor = ByteCursor(bytes, hops)
            let maxForwards = try MaxForwards(parsing: &cursor)
            cursor = ByteCursor(bytes, contact)
            let target = try AddressRanges(parsing: &cursor)
            let uri = try URIRanges(parsing: bytes, index.requestURI)
            let length = try index.contentLength(bytes) ?? 0
            return via.branch.count &+ from.tag.count &+ to.uri.count &+ Int(cSeq.number) &+ Int(maxForwards.hops)
                &+ target.uri.count &+ uri.host.count &+ length &+ callID.count
        } catch { return 0 }
    }

    /// The table, the same values and the judgement whether the request is in order.
    static func parseAndJudge(_ count: Int) -> Int {
        let bytes = Sample.invite
        var index = MessageIndex()
        var core = CoreHeaders()
        var sum = 0
        for _ in 0..<count {
            try? index.parse(bytes.span)
            if MessageSanity.examine(bytes.span, index, into: &core) == nil { sum &+= core.via.branch.count }
        }
        return sum
    }

    /// A forwarded INVITE: our Via and Record-Route, received and rport for the sender's Via, Max-Forwards, and the
    /// one copy that goes out.
    static func relayEdit(_ count: Int) -> Int {
        let bytes = Sample.invite
        var index = MessageIndex()
        var edits = MessageEdits()
        let output = UnsafeMutableRawPointer.allocate(byteCount: 2_048, alignment: 16)
        defer { output.deallocate() }
        guard (try? index.parse(bytes.span)) != nil, let viaValue = index.first(.via),
            let hops = index.first(.maxForwards)
        else { return 0 }
        var cursor = ByteCursor(bytes.span, viaValue)
        guard let via = try? ViaRanges(parsing: &cursor) else { return 0 }
        var sum = 0
        for round in 0..<count {
            edits.clear()
            edits.insert(at: index.headersStart) { text in
                text.append("Via: SIP/2.0/UDP 192.0.2.200:5060;branch=z9hG4bK")
                text.append(decimal: UInt64(round))
                text.append("\r\nRecord-Route: <sip:192.0.2.200;lr>\r\n")
            }
            edits.insert(at: via.hostPort.end) { text in text.append(";received=192.0.2.1") }
            edits.replace(via.rportWhole) { text in text.append(";rport=5062") }
            edits.replace(hops) { text in text.append(decimal: 68) }
            sum &+= bytes.withUnsafeBytes { edits.write($0, to: output) }
        }
        return sum
    }

    /// A message cut out of a stream that holds one after the other.
    static func framing(_ count: Int) -> Int {
        var framer = StreamFramer()
        var sum = 0
        for _ in 0..<count {
            framer.feed(Sample.invite)
            if case .message(let message)? = try? framer.next() { sum &+= message.count }
        }
        return sum
    }

    /// A call as a stateful proxy sees it: server and client machine of the INVITE (two provisional answers and a 200), and both of the BYE.
    static func transactionPass(_ count: Int) -> Int {
        let timers = TransactionTimers()
        var actions = TransactionActions()
        var sum = 0
        for _ in 0..<count {
            actions.clear()
            var server = InviteServerTransaction(over: false)
            _ = server.responded(status: 100, timers, &actions)
            var client = InviteClientTransaction(over: false, timers, &actions)
            for status in stride(from: 100, through: 200, by: 50) {
                sum &+= actions.count
                actions.clear()
                client.received(status: status, timers, &actions)
                _ = server.responded(status: status, timers, &actions)
            }
            sum &+= actions.count
            actions.clear()
            var byeServer = NonInviteServerTransaction(over: false)
            var byeClient = NonInviteClientTransaction(over: false, timers, &actions)
            byeClient.received(status: 200, timers, &actions)
            _ = byeServer.responded(status: 200, timers, &actions)
            sum &+= actions.count
        }
        return sum
    }

    /// Finding out which transaction a request belongs to.
    static func transactionKey(_ count: Int) -> Int {
        let bytes = Sample.invite
        var index = MessageIndex()
        var core = CoreHeaders()
        guard (try? index.parse(bytes.span)) != nil, MessageSanity.examine(bytes.span, index, into: &core) == nil else {
            return 0
        }
        let secret = KeyedHash(key: (0x1234, 0x5678))
        var sum = 0
        for _ in 0..<count {
            let key = TransactionKey.hash(
                bytes.span, via: core.via, method: index.method, index: index, fromTag: core.from.tag,
                cSeq: core.cSeq.number,
                under: secret)
            sum &+= Int(truncatingIfNeeded: key.low)
        }
        return sum
    }

    /// What a registrar does for each REGISTER: reads the credentials, looks at the nonce, and computes the response
    /// with a user's HA1.
    static func digest(_ count: Int) -> Int {
        var issuer = NonceIssuer(key: (0x1234, 0x5678), tracked: 64)
        let nonce = issuer.issueBytes(at: 1, to: nil)
        let ha1 = DigestAlgorithm.md5.hex(Array("alice:example.com:secret".utf8))
        let ha2 = DigestAlgorithm.md5.hex(Array("REGISTER:sip:example.com".utf8))
        let response = DigestAlgorithm.md5.hex(ha1 + [ASCII.colon] + nonce + Array(":00000001:abc:auth:".utf8) + ha2)
        var text = Array("Digest username=\"alice\", realm=\"example.com\", uri=\"sip:example.com\", nonce=\"".utf8)
        text += nonce + Array("\", qop=auth, nc=00000001, cnonce=\"abc\", response=\"".utf8) + response
        text.append(ASCII.quote)
        let method = Array("REGISTER".utf8)
        var sum = 0
        for _ in 0..<count {
            var cursor = ByteCursor(text.span)
            guard let credentials = try? DigestRanges(parsing: &cursor),
                issuer.check(text.span, credentials.nonce, at: 2, from: nil) != nil
            else { return 0 }
            sum &+=
                credentials.verify(text.span, method: method.span, ha1: ha1.span) == true ? credentials.realm.count : 0
        }
        return sum
    }
}
