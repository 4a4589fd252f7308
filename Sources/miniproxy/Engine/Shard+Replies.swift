import SIPKit
import SIPNet

/// Answers of our own: layout of FUNCTIONS.md §0, destination of RFC 3261 §18.2.2 and RFC 3581.
extension Shard {
    /// Where the answer to the request in work goes.
    mutating func replyPeer() -> Peer {
        var peer = self.context.peer
        guard !peer.transport.isReliable else {
            peer.reply = self.context.replyConnection
            return peer
        }
        if self.state.settings.repliesToVia,
            let ip = IPAddress(parsing: self.context.memory.span, self.context.via.host)
        {
            peer.address = SocketAddress(ip, self.context.via.port ?? 5060)
            return peer
        }
        if !self.context.via.hasRport && !self.context.forcesRport {
            peer.address.port = self.context.via.port ?? 5060
        }
        return peer
    }

    mutating func replyStateless(_ status: Int, _ reason: ByteRange, _ headers: ByteRange) {
        self.writeReply(status, reason, headers)
        if (100..<700).contains(status) { self.statistics.statelessReplies[status] += 1 }
        if status >= 200 { self.noteForKeepAlives(status) }
        var buffer = self.buffer()
        self.send(buffer, to: self.replyPeer())
        self.pool.give(&buffer)
    }

    /// What was asked for with `nat_keepalive` begins with a 2xx.
    mutating func noteForKeepAlives(_ status: Int) {
        guard let book = self.state.keepAlives, let callID = self.context.index.first(.callID) else { return }
        book.answered(
            Array(self.context.memory[callID.indices]), self.context.cSeq.method, status, now: self.now)
    }

    mutating func replyStateful(_ number: UInt32, _ status: Int, _ reason: ByteRange, _ headers: ByteRange) {
        self.writeReply(status, reason, headers)
        self.statistics.repliedLocally += 1
        let buffer = self.buffer()
        self.respond(number, status: status, buffer)
    }

    /// Writes the answer into ``scratch``; reason and headers are ranges of the context's texts.
    private mutating func writeReply(_ status: Int, _ reason: ByteRange, _ headers: ByteRange) {
        let bytes = self.context.memory.span
        let texts = self.context.texts
        self.scratch.clear()
        self.scratch.append("SIP/2.0 ")
        self.scratch.append(decimal: UInt64(status))
        self.scratch.append(ASCII.space)
        self.scratch.append(texts.span, reason)
        self.scratch.append("\r\n")
        var isTop = true
        let copiesRoute = status > 100 && status < 300
        // Of a line that may stand once, the first is copied: who wrote two is refused, and gets back what is in order.
        var (hasTo, hasFrom, hasCallID, hasCSeq) = (false, false, false, false)
        for slot in self.context.index.slots {
            switch slot.id {
            case .via:
                self.scratch.append("Via: ")
                if isTop {
                    isTop = false
                    self.appendTopVia()
                    // What follows in the same line behind the first value.
                    let rest = ByteRange(self.context.via.whole.end, slot.value.end)
                    if !rest.isEmpty { self.scratch.append(bytes, rest) }
                } else {
                    self.scratch.append(bytes, slot.value)
                }
            case .recordRoute:
                guard copiesRoute else { continue }
                self.scratch.append("Record-Route: ")
                self.scratch.append(bytes, slot.value)
            case .to where !hasTo:
                hasTo = true
                self.scratch.append("To: ")
                self.scratch.append(bytes, slot.value)
                if status >= 180, self.context.to.tag.isEmpty {
                    self.scratch.append(";tag=")
                    self.appendOwnTag()
                }
            case .from where !hasFrom:
                hasFrom = true
                self.scratch.append("From: ")
                self.scratch.append(bytes, slot.value)
            case .callID where !hasCallID:
                hasCallID = true
                self.scratch.append("Call-ID: ")
                self.scratch.append(bytes, slot.value)
            case .cSeq where !hasCSeq:
                hasCSeq = true
                self.scratch.append("CSeq: ")
                self.scratch.append(bytes, slot.value)
            case .timestamp where status == 100:
                self.scratch.append("Timestamp: ")
                self.scratch.append(bytes, slot.value)
            default: continue
            }
            self.scratch.append("\r\n")
        }
        self.scratch.append(texts.span, headers)
        let body = self.context.replyBody
        if body.isEmpty {
            self.scratch.append(contentsOf: self.replyEnd)
        } else {
            self.scratch.append("Content-Length: ")
            self.scratch.append(decimal: UInt64(body.count))
            self.scratch.append("\r\n")
        }
        if self.state.settings.sipWarning { self.appendWarning() }
        self.scratch.append("\r\n")
        if !body.isEmpty { self.scratch.append(contentsOf: body) }
    }

    /// Our caller's Via with `received` and a filled-in `rport`, where RFC 3261 §18.2.1 and RFC 3581 want them.
    private mutating func appendTopVia() {
        let bytes = self.context.memory.span
        let via = self.context.via
        let source = self.context.peer.address
        if via.hasRport, via.rport.isEmpty {
            self.scratch.append(bytes, ByteRange(via.whole.start, via.rportWhole.end))
            if bytes[via.rportWhole.end - 1] != ASCII.equals { self.scratch.append(ASCII.equals) }
            self.scratch.append(decimal: UInt64(source.port))
            self.scratch.append(bytes, ByteRange(via.rportWhole.end, via.whole.end))
        } else {
            self.scratch.append(bytes, via.whole)
        }
        if self.context.needsReceived {
            self.scratch.append(";received=")
            self.appendAddress(source.ip)
        }
        if !via.hasRport, self.context.forcesRport {
            self.scratch.append(";rport=")
            self.scratch.append(decimal: UInt64(source.port))
        }
    }

    /// An address without brackets, as `received` has it (RFC 5118 §4.5).
    mutating func appendAddress(_ ip: IPAddress) {
        switch ip.family {
        case .v4: self.scratch.append(host: ip)
        case .v6: self.scratch.append(contentsOf: ip.description.utf8)
        }
    }

    /// What we know of the request, for those who look for their messages' way (CONTROL.md §5).
    private mutating func appendWarning() {
        let bytes = self.context.memory.span
        self.scratch.append("Warning: 392 ")
        self.scratch.append(host: self.context.destination.ip)
        self.scratch.append(ASCII.colon)
        self.scratch.append(decimal: UInt64(self.context.destination.port))
        self.scratch.append(" \"Noisy feedback tells:  pid=")
        self.scratch.append(decimal: UInt64(self.policy.processID))
        self.scratch.append(" req_src_ip=")
        self.appendAddress(self.context.peer.address.ip)
        self.scratch.append(" req_src_port=")
        self.scratch.append(decimal: UInt64(self.context.peer.address.port))
        self.scratch.append(" in_uri=")
        Self.append(quotable: bytes, self.context.index.requestURI, to: &self.scratch)
        self.scratch.append(" out_uri=")
        if self.context.isRewritten {
            let uri = self.context.rewrittenURI
            Self.append(quotable: uri.span, ByteRange(0, uri.count), to: &self.scratch)
        } else {
            Self.append(quotable: bytes, self.context.index.requestURI, to: &self.scratch)
        }
        self.scratch.append(" via_cnt==")
        var count: UInt64 = 0
        for slot in self.context.index.slots where slot.id == .via {
            count += 1
            var at = slot.value.start
            while let comma = bytes.firstIndex(of: ASCII.comma, in: ByteRange(at, slot.value.end)) {
                count += 1
                at = comma + 1
            }
        }
        self.scratch.append(decimal: count)
        self.scratch.append("\"\r\n")
    }

    /// Appends text that stands between quotes, without the bytes that would end them.
    private static func append(quotable bytes: Span<UInt8>, _ range: ByteRange, to text: inout TextBuffer) {
        if bytes.firstControlOrSpace(in: range) == nil, bytes.firstIndex(of: ASCII.quote, in: range) == nil,
            bytes.firstIndex(of: ASCII.backslash, in: range) == nil
        {
            text.append(bytes, range)
            return
        }
        for place in range.indices {
            let byte = bytes[place]
            if byte == ASCII.quote || byte == ASCII.backslash || byte < ASCII.space { continue }
            text.append(byte)
        }
    }

    // MARK: Tags

    /// A tag that is the same for every repeat of the request, and that we know again in its ACK.
    private mutating func appendOwnTag() {
        self.scratch.append("mp-")
        self.scratch.append(hex: self.ownTag(), width: 16)
    }

    private mutating func ownTag() -> UInt64 {
        let bytes = self.context.memory.span
        var hash = self.tagSecret
        hash.combine(bytes, self.context.callID)
        hash.combine(bytes, self.context.from.tag)
        hash.combine(UInt64(self.context.cSeq.number))
        return hash.value.low
    }

    /// Whether a To tag is the one that our own answers to this request have.
    mutating func isOwnTag(_ tag: ByteRange) -> Bool {
        let bytes = self.context.memory.span
        guard tag.count == 19, bytes.equals(ByteRange(tag.start, tag.start + 3), "mp-") else { return false }
        var wanted: [UInt8] = []
        wanted.append(hex: self.ownTag(), width: 16)
        return bytes.equals(ByteRange(tag.start + 3, tag.end), wanted.span, ByteRange(0, 16))
    }
}

extension RouteContext {
    /// Whether the source address differs from what the Via says (§18.2.1), or is to be written at any rate.
    var needsReceived: Bool {
        mutating get {
            if self.forcesRport || self.via.hasRport { return true }
            guard let said = IPAddress(parsing: self.memory.span, self.via.host) else { return true }
            return said != self.peer.address.ip
        }
    }
}
