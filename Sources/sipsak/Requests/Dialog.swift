import SIPKit

/// What an answered INVITE set up, as far as the calling side needs it for ACK and BYE (RFC 3261 §12.1.2, §13.2.2.4).
struct Dialog: Sendable, Equatable {
    private let request: Draft
    /// The To header of the answer, with its tag.
    private let to: [UInt8]
    /// The peer's Contact; the Request-URI where there is none.
    private let target: [UInt8]
    /// Record-Route of the answer, the nearest hop first.
    private let routes: [[UInt8]]

    init?(request: Draft, reply: SIPMessage) {
        guard let to = reply.first(.to), request.sequence != nil else { return nil }
        self.request = request
        self.to = Array(reply[to])
        let contact = (try? reply.addresses(.contact))?.first
        self.target = contact.map { Array(reply[$0.uri]) } ?? request.uri
        let recorded = (try? reply.addresses(.recordRoute)) ?? []
        self.routes = recorded.reversed().map { Array(reply[$0.whole]) }
    }

    /// The ACK to a 2xx: a transaction of its own.
    func acknowledgement(branch: String) -> Draft {
        self.next("ACK", sequence: self.request.sequence ?? 1, branch: branch)
    }

    func bye(branch: String, sequence: UInt32) -> Draft { self.next("BYE", sequence: sequence, branch: branch) }

    /// Any further request of the calling side; its Content-Length is 0.
    func request(_ method: String, branch: String, sequence: UInt32) -> Draft {
        self.next(method, sequence: sequence, branch: branch)
    }

    /// The ACK to a refusal: it belongs to the INVITE's transaction and repeats its branch and routes (§17.1.1.3).
    func refusalAcknowledgement() -> Draft {
        var draft = Draft(method: "ACK", uri: String(decoding: self.request.uri, as: UTF8.self))
        if let via = self.request.value(.via) { draft.append("Via", String(decoding: via, as: UTF8.self)) }
        for route in self.request.values(.route) { draft.append("Route", String(decoding: route, as: UTF8.self)) }
        self.finish(&draft, sequence: self.request.sequence ?? 1, method: "ACK")
        return draft
    }

    private func next(_ method: String, sequence: UInt32, branch: String) -> Draft {
        var draft = Draft(method: method, uri: String(decoding: self.target, as: UTF8.self))
        if let via = self.request.value(.via) {
            draft.append("Via", String(decoding: via, as: UTF8.self))
            draft.replaceTopBranch(branch)
        }
        for route in self.routes { draft.append("Route", String(decoding: route, as: UTF8.self)) }
        self.finish(&draft, sequence: sequence, method: method)
        return draft
    }

    private func finish(_ draft: inout Draft, sequence: UInt32, method: String) {
        if let from = self.request.value(.from) { draft.append("From", String(decoding: from, as: UTF8.self)) }
        draft.append("To", String(decoding: self.to, as: UTF8.self))
        if let callID = self.request.value(.callID) { draft.append("Call-ID", String(decoding: callID, as: UTF8.self)) }
        draft.append("CSeq", "\(sequence) \(method)")
        draft.append("Max-Forwards", "70")
        draft.append("Content-Length", "0")
    }

    /// Where the next request goes: the first route, else the peer's Contact; `nil` when that is no SIP URI.
    var nextHop: TargetURI? {
        if let route = self.routes.first {
            var cursor = ByteCursor(route.span)
            guard let address = try? AddressRanges(parsing: &cursor) else { return nil }
            return try? TargetURI.sip(route.span.string(address.uri), spelling: "Record-Route")
        }
        return try? TargetURI.sip(String(decoding: self.target, as: UTF8.self), spelling: "Contact")
    }
}
