import SIPKit

/// One question to the domain name system.
public struct DNSQuestion: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: UInt16, Hashable, Sendable {
        case a = 1
        case aaaa = 28
        case srv = 33
        case naptr = 35
    }
    public var name: DNSName
    public var kind: Kind

    public init(_ name: DNSName, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }

    public var description: String {
        let kind =
            switch self.kind {
            case .a: "A"
            case .aaaa: "AAAA"
            case .srv: "SRV"
            case .naptr: "NAPTR"
            }
        return "\(kind) \(self.name)"
    }
}

/// One record of an answer, of the kinds that RFC 3263 asks for.
public enum DNSRecord: Hashable, Sendable {
    case address(IPAddress)
    /// `target` is `nil` where the record says that there is no such service (`.`, RFC 2782).
    case srv(priority: UInt16, weight: UInt16, port: UInt16, target: DNSName?)
    case naptr(order: UInt16, preference: UInt16, flags: String, service: String, replacement: DNSName?)
}

/// What became of a question.
public struct DNSAnswer: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        /// The name is known; there may be no records of this kind.
        case records([DNSRecord])
        /// There is no such name (NXDOMAIN).
        case noSuchName
        /// Nobody answered, or with an error: a sentence.
        case failed(String)
    }
    public var outcome: Outcome
    /// Seconds for which it holds, also for "no".
    public var lifetime: UInt32

    public init(_ outcome: Outcome, lifetime: UInt32) {
        self.outcome = outcome
        self.lifetime = lifetime
    }

    /// The records; none where there are none for whatever reason.
    public var records: [DNSRecord] {
        if case .records(let records) = self.outcome { return records }
        return []
    }

    public var addresses: [IPAddress] {
        self.records.compactMap { if case .address(let ip) = $0 { return ip } else { return nil } }
    }
}
