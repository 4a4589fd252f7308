public import SIPKit

/// What a message in a trace is with regard to those before it.
public enum Passage: Sendable, Equatable {
    /// Seen for the first time.
    case first
    /// A message that was seen before on another hop: a server has passed it on.
    case relayed(of: UInt32)
    /// The sender has sent it again, this long after its first time.
    case repeated(of: UInt32, after: Int64)
    /// The capture has the same packet twice (a mirror port, two interfaces).
    case duplicate(of: UInt32)
}

/// Recognises relayed copies and repeats, so that a message counts once however often it passes the capture.
///
/// Rules, from the bytes alone:
/// - the same message on the same hop again is a repeat; within 5 ms and equally long, a duplicate of the capture;
/// - the same message end to end with another number of Vias is a relayed copy;
/// - a 100 is never relayed (RFC 3261 §16.7 step 5), so two of them are two messages;
/// - what a server sends to itself is a message of its own: it neither comes in nor goes out.
///
/// Hops are remembered for 40 to 80 s of the trace's time, which covers all of RFC 3261's repeats.
public struct PassageTracker: Sendable, Codable {
    private struct Hop: Sendable, Codable {
        var number: UInt32
        var length: UInt32
        var time: Int64
    }
    private struct Message: Sendable, Codable {
        var number: UInt32
        var viaCount: UInt16
        var path: UInt64
    }
    private var hops: GenerationTable<Hop>
    private var messages: GenerationTable<Message>

    public static let duplicateWindow: Int64 = 5_000_000

    public init(limit: Int = 200_000) {
        self.hops = GenerationTable(lifetime: 40_000_000_000, limit: limit)
        self.messages = GenerationTable(lifetime: 40_000_000_000, limit: limit)
    }

    /// Messages that may have been forgotten too early because the table was full.
    public var evicted: Int { self.hops.evicted }

    /// Asks for the memory that ``see(_:statusCode:length:from:to:time:number:)`` will look at: the tables are larger than
    /// a core's cache, and a message that comes soon is known already.
    @inline(__always)
    public func expect(_ identity: MessageIdentity) {
        self.hops.expect(identity.hop)
        self.messages.expect(identity.endToEnd)
    }

    /// - Parameters:
    ///   - time: nanoseconds, or `nil` where the trace has no times; nothing is a duplicate then.
    ///   - number: the message's number in the trace, which later passages name.
    public mutating func see(
        _ identity: MessageIdentity, statusCode: Int, length: Int, from source: SocketAddress,
        to destination: SocketAddress, time: Int64?, number: UInt32
    ) -> Passage {
        self.hops.advance(to: time ?? 0)
        self.messages.advance(to: time ?? 0)
        if var hop = self.hops[identity.hop] {
            let after = (time ?? 0) &- hop.time
            let isDuplicate =
                time != nil && after >= 0 && after <= Self.duplicateWindow
                && hop.length == UInt32(truncatingIfNeeded: length)
            let first = hop.number
            hop.length = UInt32(truncatingIfNeeded: length)
            self.hops[identity.hop] = hop
            return isDuplicate ? .duplicate(of: first) : .repeated(of: first, after: after)
        }
        self.hops[identity.hop] = Hop(number: number, length: UInt32(truncatingIfNeeded: length), time: time ?? 0)
        guard statusCode != 100, identity.bottomBranch != 0, source != destination else { return .first }
        var path = IdentityHash(seed: identity.topBranch)
        path.mix(source)
        path.mix(destination)
        if let message = self.messages[identity.endToEnd] {
            if message.viaCount != UInt16(truncatingIfNeeded: identity.viaCount) || message.path != path.value {
                self.messages[identity.endToEnd] = message
                return .relayed(of: message.number)
            }
        }
        self.messages[identity.endToEnd] = Message(
            number: number, viaCount: UInt16(truncatingIfNeeded: identity.viaCount), path: path.value)
        return .first
    }
}
