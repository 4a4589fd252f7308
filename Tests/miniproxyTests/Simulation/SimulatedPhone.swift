import SIPKit
import SIPNet

/// A user agent of the simulation, written from RFC 3261 alone: it repeats what it has to repeat, and shares no code with
/// the transactions under test.
final class SimulatedPhone: MemoryNetwork.Endpoint {
    /// A request of ours that waits for its answer.
    final class Outgoing {
        let request: Glimpse
        let bytes: [UInt8]
        var hasProvisional = false
        /// The final answers, once each by their To tag: several only where an INVITE was forked.
        var finals: [(status: Int, tag: String)] = []
        var isGivenUp = false
        var onProvisional: (Glimpse) -> Void = { _ in }
        /// Called for each new final answer.
        var onFinal: (Glimpse) -> Void = { _ in }
        var onTimeout: () -> Void = {}

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            self.request = Glimpse(bytes)!
        }
    }

    /// A request that has come, and its answer.
    final class Incoming {
        let request: Glimpse
        let tag: String
        var status = 0
        var lastAnswer: [UInt8] = []
        var isAcknowledged = false

        init(_ request: Glimpse, tag: String) {
            self.request = request
            self.tag = tag
        }
    }

    static let t1 = 500
    static let t2 = 4_000
    static let patience = 32_000

    let name: String
    let address: SocketAddress
    let proxy: SocketAddress
    unowned let network: MemoryNetwork
    /// What to do with an INVITE; a phone without a plan never answers.
    var onInvite: (Incoming) -> Void = { _ in }
    /// The status for requests outside of calls: MESSAGE and the like; 0 says nothing.
    var otherStatus = 200
    private(set) var outgoing: [String: Outgoing] = [:]
    private(set) var incoming: [String: Incoming] = [:]
    /// What went wrong here, in words.
    var complaints: [String] = []
    private var schedule: [(time: MonotonicTime, number: Int, action: () -> Void)] = []
    private var count = 0

    init(_ name: String, _ address: SocketAddress, proxy: SocketAddress, _ network: MemoryNetwork) {
        self.name = name
        self.address = address
        self.proxy = proxy
        self.network = network
        network.attach(address, self)
    }

    /// A number that this phone has not used before.
    func fresh() -> Int {
        self.count += 1
        return self.count
    }

    // MARK: Time

    var nextDeadline: MonotonicTime? { self.schedule.map(\.time).min() }

    func after(_ milliseconds: Int, _ action: @escaping () -> Void) {
        self.schedule.append((self.network.now.adding(milliseconds: Int64(milliseconds)), self.fresh(), action))
    }

    func tick(now: MonotonicTime) {
        while let place = self.schedule.indices.min(by: { self.isEarlier($0, $1) }), self.schedule[place].time <= now {
            self.schedule.remove(at: place).action()
        }
    }

    private func isEarlier(_ one: Int, _ other: Int) -> Bool {
        (self.schedule[one].time, self.schedule[one].number) < (self.schedule[other].time, self.schedule[other].number)
    }

    // MARK: Requests of ours

    /// Sends a request and repeats it as §17.1 wants.
    @discardableResult
    func send(_ text: String) -> Outgoing {
        let request = Outgoing(Array(text.utf8))
        self.outgoing[request.request.transaction] = request
        self.network.send(request.bytes, from: self.address, to: self.proxy)
        self.repeatLater(request, after: Self.t1)
        self.after(Self.patience) {
            guard request.finals.isEmpty, !request.isGivenUp else { return }
            // Who rings may ring on.
            if request.request.method == "INVITE", request.hasProvisional { return }
            request.isGivenUp = true
            request.onTimeout()
        }
        return request
    }

    private func repeatLater(_ request: Outgoing, after interval: Int) {
        self.after(interval) {
            guard request.finals.isEmpty, !request.isGivenUp else { return }
            let isInvite = request.request.method == "INVITE"
            if isInvite, request.hasProvisional { return }
            self.network.send(request.bytes, from: self.address, to: self.proxy)
            let next = isInvite ? interval * 2 : request.hasProvisional ? Self.t2 : min(interval * 2, Self.t2)
            self.repeatLater(request, after: next)
        }
    }

    /// Sends what gets no answer.
    func sendOnce(_ text: String) { self.network.send(Array(text.utf8), from: self.address, to: self.proxy) }

    // MARK: Messages that come

    func receive(_ bytes: [UInt8], from source: SocketAddress, at local: SocketAddress, now: MonotonicTime) {
        guard let message = Glimpse(bytes), message.isWhole else {
            self.complaints.append("\(self.name) got something unreadable: \(String(decoding: bytes, as: UTF8.self))")
            return
        }
        if message.isRequest { self.receive(request: message) } else { self.receive(response: message) }
    }

    private func receive(response: Glimpse) {
        guard let request = self.outgoing[response.transaction] else {
            self.complaints.append("\(self.name) got an answer to nothing: \(response.startLine)")
            return
        }
        let isInvite = request.request.method == "INVITE"
        if response.status < 200 {
            guard request.finals.isEmpty else { return }
            request.hasProvisional = true
            request.onProvisional(response)
            return
        }
        if isInvite, response.status >= 300 { self.sendOnce(self.acknowledgement(of: request, response)) }
        let tag = String(response.toTag)
        let isKnown = request.finals.contains { $0.tag == tag && $0.status == response.status }
        if !isKnown {
            // Several answers are right only where all are 2xx of a forked INVITE.
            if let first = request.finals.first,
                !(isInvite && first.status < 300 && response.status < 300 && first.tag != tag)
            {
                self.complaints.append(
                    "\(self.name) got \(response.status) (\(tag)) to \(request.request.startLine) after \(first.status) (\(first.tag))"
                )
            }
            request.finals.append((response.status, tag))
            if !request.isGivenUp || isInvite { request.onFinal(response) }
        } else if isInvite, response.status < 300 {
            request.onFinal(response)
        }
    }

    /// The ACK of the hop (§17.1.1.3).
    private func acknowledgement(of request: Outgoing, _ response: Glimpse) -> String {
        let invite = request.request
        return "ACK \(invite.uri) SIP/2.0\r\nVia: \(invite["Via"])\r\nMax-Forwards: 70\r\nFrom: \(invite["From"])\r\n"
            + "To: \(response["To"])\r\nCall-ID: \(invite["Call-ID"])\r\nCSeq: \(invite.cSeq) ACK\r\n"
            + "Content-Length: 0\r\n\r\n"
    }

    private func receive(request: Glimpse) {
        let key = request.transaction
        if request.method == "ACK" {
            let acknowledged = self.incoming.values.first {
                $0.request.method == "INVITE" && $0.request["Call-ID"] == request["Call-ID"]
                    && $0.request.cSeq == request.cSeq && (request.toTag == $0.tag)
            }
            guard let acknowledged else {
                self.complaints.append("\(self.name) got an ACK of nothing: \(request.startLine)")
                return
            }
            acknowledged.isAcknowledged = true
            return
        }
        if let known = self.incoming[key] {
            if known.status > 0, known.status < 200 || known.status >= 300 || request.method != "INVITE" {
                self.network.send(known.lastAnswer, from: self.address, to: self.proxy)
            }
            return
        }
        let incoming = Incoming(request, tag: "\(self.name)\(self.fresh())")
        self.incoming[key] = incoming
        switch request.method {
        case "INVITE": self.onInvite(incoming)
        case "CANCEL":
            let invite = self.incoming["\(request.branch) INVITE"]
            self.answer(incoming, invite == nil ? 481 : 200)
            if let invite, invite.status < 200 { self.answer(invite, 487) }
        case "BYE", "PRACK": self.answer(incoming, 200)
        default: if self.otherStatus > 0 { self.answer(incoming, self.otherStatus) }
        }
    }

    // MARK: Answers of ours

    func answer(_ incoming: Incoming, _ status: Int, headers: String = "") {
        guard incoming.status < 200 else { return }
        incoming.status = status
        let request = incoming.request
        var text = "SIP/2.0 \(status) \(status < 300 ? "Yes" : "No")\r\n"
        for header in request.headers where header.name == "Via" || (header.name == "Record-Route" && status < 300) {
            text += "\(header.name): \(header.value)\r\n"
        }
        let tag = request.toTag.isEmpty ? ";tag=\(incoming.tag)" : ""
        text += "From: \(request["From"])\r\nTo: \(request["To"])\(tag)\r\nCall-ID: \(request["Call-ID"])\r\n"
        text += "CSeq: \(request["CSeq"])\r\nContact: <sip:\(self.name)@\(self.address)>\r\n"
        incoming.lastAnswer = Array((text + headers + "Content-Length: 0\r\n\r\n").utf8)
        self.network.send(incoming.lastAnswer, from: self.address, to: self.proxy)
        // Every final answer to INVITE until its ACK (§13.3.1.4, §17.2.1).
        if request.method == "INVITE", status >= 200 { self.repeatAnswer(incoming, after: Self.t1, total: 0) }
    }

    private func repeatAnswer(_ incoming: Incoming, after interval: Int, total: Int) {
        guard total + interval < Self.patience else { return }
        self.after(interval) {
            guard !incoming.isAcknowledged else { return }
            self.network.send(incoming.lastAnswer, from: self.address, to: self.proxy)
            self.repeatAnswer(incoming, after: min(interval * 2, Self.t2), total: total + interval)
        }
    }
}
