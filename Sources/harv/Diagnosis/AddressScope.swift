import SIPKit

/// Whether an address means anything to somebody who is told it.
///
/// Classes as in RFC 1918, 6598, 3927, 4193: private, carrier and local addresses cannot be reached from public ones;
/// documentation ranges count as public; 0.0.0.0 is the old way to say "hold" and never private.
enum AddressScope {
    static func isHold(_ address: IPAddress) -> Bool { address.isAny }

    static func isPublic(_ address: IPAddress) -> Bool {
        !address.isPrivate && !address.isLoopback && !address.isAny && !address.isMulticast
    }

    /// Out of scope for the receiver: private or local, and the receiver is public.
    static func isOutOfScope(_ address: IPAddress, for receiver: IPAddress) -> Bool {
        guard !Self.isHold(address), address != receiver else { return false }
        return (address.isPrivate || address.isLoopback) && Self.isPublic(receiver)
    }
}
