internal import SIPKit

/// Takes back what archives of mailing lists do to addresses: `(a)` and ` at ` for `@`, HTML entities, `=3D`.
///
/// Only where the surroundings say that it is an address: text may hold such things by itself.
enum AddressRepair {
    /// - Returns: whether anything was changed.
    static func apply(_ bytes: inout [UInt8]) -> Bool {
        guard bytes.contains(where: { $0 == ASCII.openParen || $0 == 0x26 || $0 == ASCII.equals || $0 == ASCII.space })
        else { return false }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var at = 0
        var changed = false
        while at < bytes.count {
            if let (byte, length) = Self.replacement(bytes, at, output) {
                output.append(byte)
                at += length
                changed = true
            } else {
                output.append(bytes[at])
                at += 1
            }
        }
        if changed { bytes = output }
        return changed
    }

    private static func replacement(_ bytes: [UInt8], _ at: Int, _ before: [UInt8]) -> (UInt8, Int)? {
        let first = bytes[at]
        guard first == ASCII.openParen || first == 0x26 || first == ASCII.space else { return nil }
        let span = bytes.span
        func stands(_ text: StaticString) -> Bool {
            span.equals(ByteRange(at, min(at + text.utf8CodeUnitCount, bytes.count)), text)
        }
        let isBetween = { (length: Int) -> Bool in
            at > 0 && at + length < bytes.count && Self.isAddressByte(bytes[at - 1])
                && Self.isAddressByte(bytes[at + length])
        }
        switch first {
        case ASCII.openParen:
            return stands("(a)") && isBetween(3) || stands("(at)") && isBetween(4)
                ? (ASCII.at, stands("(a)") ? 3 : 4) : nil
        case ASCII.space: return stands(" at ") && isBetween(4) && Self.isInAddressLine(before) ? (ASCII.at, 4) : nil
        default:
            if stands("&#64;") { return (ASCII.at, 5) }
            if stands("&lt;") { return (ASCII.less, 4) }
            if stands("&gt;") { return (ASCII.greater, 4) }
            if stands("&quot;") { return (ASCII.quote, 6) }
            if stands("&amp;") { return (0x26, 5) }
            return nil
        }
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || byte == ASCII.minus || byte == ASCII.dot || byte == 0x5F
    }

    /// Whether what was written so far ends inside of a URI or of a Call-ID.
    private static func isInAddressLine(_ bytes: [UInt8]) -> Bool {
        var start = bytes.count
        while start > 0, bytes[start - 1] != ASCII.lf { start -= 1 }
        let span = bytes.span
        if span.equalsIgnoringCase(ByteRange(start, min(start + 8, bytes.count)), "call-id:") { return true }
        var place = bytes.count
        while place > start, bytes[place - 1] != ASCII.space, bytes[place - 1] != ASCII.less { place -= 1 }
        return span.equalsIgnoringCase(ByteRange(place, min(place + 4, bytes.count)), "sip:")
    }
}
