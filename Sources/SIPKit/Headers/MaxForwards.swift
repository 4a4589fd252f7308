/// How many more hops a request may take (RFC 3261 §20.22).
///
/// Old user agents leave the header out. That is `nil` at the call site, not a default in here: only an element that
/// forwards has to write a number, and it chooses which.
public struct MaxForwards: Sendable, Equatable, BitwiseCopyable {
    public var hops: UInt8

    public init(hops: UInt8) { self.hops = hops }

    /// Reads the header's value, without its name. Leading zeros are read, because phones send them.
    ///
    /// - Throws: ``ParseError`` "Max-Forwards": `.malformed` for anything but digits, `.outOfRange` above 255.
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        cursor.skipLWS()
        let digits = cursor.take(while: ASCII.isDigit)
        cursor.skipLWS()
        guard !digits.isEmpty, cursor.isAtEnd else {
            throw ParseError(
                .malformed, "Max-Forwards", expected: "digits only", found: cursor.copy(digits) + cursor.rest,
                at: digits.start)
        }
        guard let hops = ASCII.number(cursor.bytes, digits, limit: 255) else {
            throw ParseError(
                .outOfRange, "Max-Forwards", expected: "0 to 255", found: cursor.copy(digits), at: digits.start)
        }
        self.hops = UInt8(truncatingIfNeeded: hops)
    }

    public func write(to output: inout ByteWriter) { output.write(number: self.hops) }

    /// What the next hop gets, or `nil` where the request is answered with 483 instead.
    public var afterOneHop: MaxForwards? { self.hops == 0 ? nil : MaxForwards(hops: self.hops - 1) }
}
