import SIPKit

/// Builds the requests of every mode, with the header order of the original.
struct RequestFactory: Sendable {
    static let version = "1.0.0"
    static let userAgent = "sipsak \(version)"

    /// How we call ourselves in Via, From and Contact: a name, an IPv4 address, an IPv6 address in brackets.
    let host: String
    let port: UInt16
    let transport: TransportProtocol
    /// Whether we are reached over TLS all the way: a request to a SIPS URI needs a Contact that is one (RFC 3261 §8.1.1.8).
    var isSecure = false
    var ids: Identifiers
    /// Goes up over the whole run, as the original's does.
    private(set) var sequence: UInt32 = 0

    init(host: String, port: UInt16, transport: TransportProtocol = .udp, ids: Identifiers) {
        self.host = host
        self.port = port
        self.transport = transport
        self.ids = ids
    }

    /// What a new Call-ID and From tag share.
    struct Call: Sendable, Equatable {
        let number: UInt32
        let host: String
        var callID: String { "\(self.number)@\(self.host)" }
        var tag: String { String(self.number, radix: 16) }
    }

    mutating func newCall() -> Call { Call(number: self.ids.call(), host: self.host) }

    mutating func nextSequence() -> UInt32 {
        self.sequence = self.sequence >= 0x7FFF_FFFF ? 1 : self.sequence + 1
        return self.sequence
    }

    /// The value of our Via.
    mutating func via() -> String {
        "SIP/2.0/\(self.transport.viaName) \(self.host):\(self.port);branch=\(self.ids.branch());rport;alias"
    }

    var contact: String { self.contact(of: "sipsak") }

    /// Where we can be reached as this user, over the transport that we use.
    func contact(of user: String) -> String {
        let transport: String =
            switch self.transport {
            case .udp: ""
            case .tls where self.isSecure: ""
            case .wss: ";transport=ws"
            default: ";transport=\(self.transport.parameterName)"
            }
        return "\(self.isSecure ? "sips" : "sip"):\(user)@\(self.host):\(self.port)\(transport)"
    }

    // MARK: Requests

    mutating func options(_ target: TargetURI, method: String = "OPTIONS", maxForwards: Int?) -> Draft {
        let call = self.newCall()
        var draft = Draft(method: method, uri: target.text)
        draft.append("Via", self.via())
        draft.append("From", "<\(self.contact)>;tag=\(call.tag)")
        draft.append("To", "<\(target.text)>")
        draft.append("Call-ID", call.callID)
        draft.append("CSeq", "\(self.nextSequence()) \(method)")
        draft.append("Contact", "<\(self.contact)>")
        draft.append("Content-Length", "0")
        draft.append("Max-Forwards", "\(maxForwards ?? 70)")
        draft.append("User-Agent", Self.userAgent)
        draft.append("Accept", "text/plain")
        return draft
    }

    /// `-F`: the original has no Accept here, and answers go to the discard port.
    mutating func flood(_ target: TargetURI, sequence: Int, maxForwards: Int?) -> Draft {
        let call = self.newCall()
        var draft = Draft(method: "OPTIONS", uri: target.text)
        draft.append("Via", self.via())
        draft.append("From", "<\(self.contact)>;tag=\(call.tag)")
        draft.append("To", "<\(target.text)>")
        draft.append("Call-ID", call.callID)
        draft.append("CSeq", "\(sequence) OPTIONS")
        draft.append("Contact", "<\(self.contact)>")
        draft.append("Content-Length", "0")
        draft.append("Max-Forwards", "\(maxForwards ?? 70)")
        draft.append("User-Agent", Self.userAgent)
        return draft
    }

    /// - Parameter contact: the header's value; `nil` asks which bindings there are.
    mutating func register(
        _ target: TargetURI, user: String, contact: String?, expires: Int?, maxForwards: Int?
    ) -> Draft {
        let call = self.newCall()
        let address = target.text(user: user)
        var draft = Draft(method: "REGISTER", uri: target.text(user: nil))
        draft.append("Via", self.via())
        draft.append("From", "<\(address)>;tag=\(call.tag)")
        draft.append("To", "<\(address)>")
        draft.append("Call-ID", call.callID)
        draft.append("CSeq", "\(self.nextSequence()) REGISTER")
        draft.append("Content-Length", "0")
        draft.append("Max-Forwards", "\(maxForwards ?? 70)")
        draft.append("User-Agent", Self.userAgent)
        if let expires { draft.append("Expires", "\(expires)") }
        if let contact { draft.append("Contact", contact) }
        return draft
    }

    mutating func message(
        _ target: TargetURI, user: String, from: String?, body: String, disposition: String?, maxForwards: Int?
    ) -> Draft {
        let call = self.newCall()
        let address = target.text(user: user)
        var draft = Draft(method: "MESSAGE", uri: address)
        draft.append("Via", self.via())
        draft.append("To", "<\(address)>")
        draft.append("Call-ID", call.callID)
        draft.append("CSeq", "\(self.nextSequence()) MESSAGE")
        draft.append("Content-Type", "text/plain")
        draft.append("Max-Forwards", "\(maxForwards ?? 70)")
        draft.append("User-Agent", Self.userAgent)
        draft.append("From", "\(Self.bracketed(from ?? self.contact));tag=\(call.tag)")
        draft.append("Content-Length", "\(body.utf8.count)")
        if let disposition { draft.append("Content-Disposition", disposition) }
        draft.body = Array(body.utf8)
        return draft
    }

    mutating func invite(_ target: TargetURI, user: String, from: String?, maxForwards: Int?) -> Draft {
        let call = self.newCall()
        let address = target.text(user: user)
        var draft = Draft(method: "INVITE", uri: address)
        draft.append("Via", self.via())
        draft.append("To", "<\(address)>")
        draft.append("Call-ID", call.callID)
        draft.append("CSeq", "\(self.nextSequence()) INVITE")
        draft.append("Content-Length", "0")
        draft.append("Contact", "<\(self.contact)>")
        draft.append("Subject", "DONT ANSWER this test call!")
        draft.append("Max-Forwards", "\(maxForwards ?? 70)")
        draft.append("User-Agent", Self.userAgent)
        draft.append("From", "\(Self.bracketed(from ?? self.contact));tag=\(call.tag)")
        return draft
    }

    /// Gives a generated request another From; its tag stays.
    func identify(_ draft: inout Draft, as from: String) {
        guard let value = draft.value(.from) else { return }
        var cursor = ByteCursor(value.span)
        let tag = (try? AddressRanges(parsing: &cursor)).map { value.span.string($0.tag) } ?? ""
        draft.set(.from, "\(Self.bracketed(from));tag=\(tag)")
    }

    /// A URI in angle brackets; what already has them stays.
    static func bracketed(_ uri: String) -> String { uri.utf8.contains(ASCII.less) ? uri : "<\(uri)>" }

    // MARK: Later requests of one exchange

    /// The same request once more: a new branch and the next number (an answered challenge, a redirect, another run).
    mutating func again(_ draft: Draft) -> Draft {
        var next = draft
        if draft.value(.via) != nil { next.replaceTopBranch(self.ids.branch()) }
        if draft.sequence != nil { next.sequence = self.nextSequence() }
        return next
    }

    /// Another call with the same content: Call-ID and tag are new as well.
    mutating func anew(_ draft: Draft) -> Draft {
        var next = self.again(draft)
        let call = self.newCall()
        if draft.value(.callID) != nil { next.set(.callID, call.callID) }
        next.replaceFromTag(call.tag)
        return next
    }

    /// Makes a generated request's Via and Contact name another port of this host.
    func readdress(_ draft: inout Draft, port: UInt16) {
        var other = RequestFactory(host: self.host, port: port, transport: self.transport, ids: self.ids)
        other.isSecure = self.isSecure
        draft.set(.via, other.via())
        if draft.value(.contact) != nil { draft.set(.contact, "<\(other.contact)>") }
    }

    /// A number was used outside (a file's own CSeq): later ones are higher.
    mutating func advance(past number: UInt32) {
        self.sequence = Swift.max(self.sequence, Swift.min(number, 0x7FFF_FFFE))
    }
}
