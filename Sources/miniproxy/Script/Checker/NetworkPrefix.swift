import SIPKit

/// An address, or a network as `10.0.0.0/8` or `10.0.0.0/255.0.0.0`, as `src_ip` is compared with.
struct NetworkPrefix: Sendable, Equatable {
    let address: IPAddress
    let length: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        self.address = address
        let bits = address.family == .v4 ? 32 : 128
        guard parts.count == 2 else {
            self.length = bits
            return
        }
        if let number = ASCII.number(Array(parts[1].utf8).span, ByteRange(0, parts[1].utf8.count), limit: UInt64(bits))
        {
            self.length = Int(number)
        } else if address.family == .v4, let mask = IPAddress(parts[1]), mask.family == .v4 {
            // A mask is ones, then zeros.
            let ones = (UInt32(truncatingIfNeeded: mask.low) ^ UInt32.max).leadingZeroBitCount
            guard mask.low == (ones == 0 ? 0 : UInt64(UInt32.max << UInt32(32 - ones))) else { return nil }
            self.length = ones
        } else {
            return nil
        }
    }

    func contains(_ other: IPAddress) -> Bool {
        other.unmapped.isInside(self.address, prefixLength: self.length)
    }
}
