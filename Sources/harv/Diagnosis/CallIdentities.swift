import SIPKit
import SIPTrace

/// Who and what a conversation is about, as hashes that ledgers can keep.
extension CallContext {
    /// User and host of a URI: what registrations and calls have in common.
    static func identity(_ bytes: Span<UInt8>, _ uri: URIRanges, seed: UInt64) -> UInt64 {
        Self.identity(bytes, user: uri.user, host: uri.host, seed: seed)
    }

    static func identity(_ bytes: Span<UInt8>, user: ByteRange, host: ByteRange, seed: UInt64) -> UInt64 {
        var hash = IdentityHash(seed: seed)
        hash.mix(bytes, user)
        // Hosts are compared in any case, eight letters at a time.
        var (word, count): (UInt64, Int) = (0, 0)
        for place in host.indices {
            word = word << 8 | UInt64(ASCII.lowercased(bytes[place]))
            count &+= 1
            if count & 7 == 0 {
                hash.mix(word)
                word = 0
            }
        }
        hash.mix(word)
        hash.mix(UInt64(truncatingIfNeeded: count))
        return hash.value
    }

    /// The identity of the URI of an address header; `nil` without a user.
    func identity(_ place: Int, _ header: HeaderID, seed: UInt64) -> UInt64? {
        guard let message = self.message(place), let address = try? message.address(header),
            let uri = try? URIRanges(parsing: message.span, address.uri), !uri.user.isEmpty
        else { return nil }
        return Self.identity(message.span, uri, seed: seed)
    }

    /// The identity of whom a request asks for.
    func targetIdentity(_ place: Int, seed: UInt64) -> UInt64? {
        guard let message = self.message(place), message.isRequest,
            let uri = try? URIRanges(parsing: message.span, message.requestURI), !uri.user.isEmpty
        else { return nil }
        return Self.identity(message.span, uri, seed: seed)
    }

    /// Answers that the server made itself, as places.
    func localAnswers() -> [Int] {
        self.records.indices.filter { !self.records[$0].isRequest && self.isLocalAnswer(self.records[$0]) }
    }

    func isLocalAnswer(_ record: ExchangeRecord) -> Bool {
        !record.isRequest && record.isFirst && self.isOut(record) && record.viaCount == 1
    }
}
