import SIPKit

/// One call in a list: who, when, what became of it.
struct CallLine: Sendable, Equatable, Codable {
    var callID: String
    var time: Int64
    var caller: String
    var callee: String
    var status: Int
    /// Whether it ended in a next hop's silence.
    var isDead: Bool
    var ring: Int64?
    var setup: Int64?
    var duration: Int64?

    /// - Parameter message: the bytes of the first INVITE.
    init(_ facts: CallFacts, _ records: [ExchangeRecord], _ message: [UInt8]) {
        self.time = records[facts.firstInvite].time
        self.status = facts.status
        self.isDead = facts.isDead
        self.ring = facts.requestDelay(records)
        self.setup = facts.setupTime(records)
        self.duration = facts.duration(records)
        self.callID = ""
        self.caller = "?"
        self.callee = "?"
        guard let invite = try? SIPMessage(parsing: message) else { return }
        self.callID = Printable.text(invite.callID)
        self.caller = Self.user(invite, .from)
        self.callee = Self.user(invite, .to)
    }

    private static func user(_ message: SIPMessage, _ header: HeaderID) -> String {
        guard let address = try? message.address(header), let uri = try? URIRanges(parsing: message.span, address.uri)
        else { return "?" }
        return Printable.text(message[uri.user.isEmpty ? uri.host : uri.user])
    }
}
