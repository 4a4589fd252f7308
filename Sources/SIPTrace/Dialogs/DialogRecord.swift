import SIPKit

/// What became of one call, registration or other exchange with one Call-ID.
public struct DialogRecord: Sendable {
    public enum State: UInt8, Sendable, CaseIterable {
        /// An INVITE without a final answer.
        case callSetup
        case inCall
        case completed
        case cancelled
        case busy
        case rejected
        case diverted
        /// Registered, delivered, accepted: what is no call and was answered with 2xx.
        case ok
        case failed
        /// No call, no final answer.
        case open

        public var name: StaticString {
            switch self {
            case .callSetup: "call setup"
            case .inCall: "in call"
            case .completed: "completed"
            case .cancelled: "cancelled"
            case .busy: "busy"
            case .rejected: "rejected"
            case .diverted: "diverted"
            case .ok: "ok"
            case .failed: "failed"
            case .open: "open"
            }
        }
    }

    public var firstTime: Int64
    public var lastTime: Int64
    public var source: SocketAddress
    public var destination: SocketAddress
    public var method: SIPMethod
    public var state: State
    public var messages: UInt32 = 0
    public var repeated: UInt32 = 0
    /// The last final status of the opening request; 0 while there is none.
    public var finalStatus: UInt16 = 0
    /// Nanoseconds after the first message; -1 where it did not happen.
    public var ringing: Int64 = -1
    public var answered: Int64 = -1
    public var ended: Int64 = -1
    /// Whether the side that called sent the BYE.
    public var endedByCaller = false
    var fromUser: Int32 = -1
    var toUser: Int32 = -1

    /// From the INVITE to the first ringing, or to the answer where nothing rang: post-dial delay.
    public var postDialDelay: Int64? { self.ringing >= 0 ? self.ringing : self.answered >= 0 ? self.answered : nil }
    /// From the INVITE to its 2xx.
    public var setupTime: Int64? { self.answered >= 0 ? self.answered : nil }
    /// From the 2xx to the BYE, or to the last message.
    public var talkTime: Int64? {
        guard self.answered >= 0 else { return nil }
        return (self.ended >= 0 ? self.ended : self.lastTime - self.firstTime) - self.answered
    }

    init(_ origin: MessageOrigin, method: SIPMethod) {
        self.firstTime = origin.time
        self.lastTime = origin.time
        self.source = origin.source
        self.destination = origin.destination
        self.method = method
        self.state = method == .invite ? .callSetup : .open
    }

    /// Moves by one message.
    mutating func take(_ origin: MessageOrigin, _ reading: MessageReading, method: SIPMethod) {
        self.lastTime = Swift.max(self.lastTime, origin.time)
        let elapsed = origin.time - self.firstTime
        if reading.isRequest {
            switch method {
            case .bye where self.answered >= 0:
                if self.ended < 0 {
                    self.ended = elapsed
                    self.endedByCaller = origin.source.ip == self.source.ip && origin.source.port == self.source.port
                }
                self.state = .completed
            case .cancel where self.state == .callSetup: self.state = .cancelled
            default: break
            }
            return
        }
        guard method == self.method else { return }
        let status = reading.status
        if self.method == .invite {
            self.takeInviteResponse(status, elapsed)
        } else if status >= 200 {
            self.finalStatus = UInt16(truncatingIfNeeded: status)
            // A challenge is not the end of it.
            if status != 401 && status != 407 { self.state = status < 300 ? .ok : .failed }
        }
    }

    private mutating func takeInviteResponse(_ status: Int, _ elapsed: Int64) {
        switch status {
        case 180...189 where self.ringing < 0: self.ringing = elapsed
        case 200...299:
            if self.answered < 0 { self.answered = elapsed }
            self.finalStatus = UInt16(truncatingIfNeeded: status)
            if self.state != .completed { self.state = .inCall }
        case 300...699:
            guard self.answered < 0 else { return }
            self.finalStatus = UInt16(truncatingIfNeeded: status)
            switch status {
            case 300...399: self.state = .diverted
            case 401, 407: break
            case 486, 600, 480: self.state = .busy
            case 487: self.state = .cancelled
            default: self.state = .rejected
            }
        default: break
        }
    }
}
