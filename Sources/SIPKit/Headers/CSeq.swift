/// The number and the method of a CSeq (RFC 3261 §20.16).
public struct CSeq: Sendable, Equatable, BitwiseCopyable {
    /// Less than 2^31 (§8.1.1.5); larger numbers up to 2^32-1 are read, because peers send them.
    public var number: UInt32
    public var method: SIPMethod
    /// The method's text in the message; empty for a CSeq that was made here.
    public var methodRange: ByteRange

    public init(_ number: UInt32, _ method: SIPMethod) {
        self.number = number
        self.method = method
        self.methodRange = .none
    }

    /// Reads the header's value, without its name.
    ///
    /// - Throws: ``ParseError`` "CSeq": `.outOfRange` for a number over 2^32-1, `.malformed` for the rest.
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        if let usual = Self.usual(cursor.bytes, cursor.offset, cursor.end) {
            self = usual
            cursor.offset = cursor.end
            return
        }
        cursor.skipLWS()
        let start = cursor.offset
        let digits = cursor.take(while: ASCII.isDigit)
        guard let number = ASCII.number(cursor.bytes, digits, limit: UInt64(UInt32.max)) else {
            throw ParseError(
                digits.isEmpty ? .malformed : .outOfRange, "CSeq", expected: "a number below 2^32",
                found: cursor.copy(ByteRange(start, cursor.end)), at: start)
        }
        guard let next = cursor.peek, ASCII.isLWS(next) else {
            throw ParseError(
                .malformed, "CSeq", expected: "a blank behind the number", found: cursor.rest, at: cursor.offset)
        }
        cursor.skipLWS()
        let name = cursor.takeToken()
        cursor.skipLWS()
        guard !name.isEmpty, cursor.isAtEnd else {
            throw ParseError(.malformed, "CSeq", expected: "a method", found: cursor.rest, at: cursor.offset)
        }
        self.number = UInt32(truncatingIfNeeded: number)
        self.method = SIPMethod(parsing: cursor.bytes, name)
        self.methodRange = name
    }

    /// Up to nine digits, one space, a known method and nothing else: what nearly everybody writes.
    @inline(__always)
    private static func usual(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> CSeq? {
        var at = start
        var number: UInt32 = 0
        while at < end, at &- start < 9 {
            let digit = bytes[unchecked: at] &- ASCII.zero
            guard digit < 10 else { break }
            number = number &* 10 &+ UInt32(digit)
            at &+= 1
        }
        guard at > start, at < end, bytes[unchecked: at] == ASCII.space else { return nil }
        let name = ByteRange(at &+ 1, end)
        let method = SIPMethod(parsing: bytes, name)
        guard method != .other else { return nil }
        var value = CSeq(number, method)
        value.methodRange = name
        return value
    }

    /// Writes number and method. A method that nobody here knows has its text only in the message it was read from:
    /// pass that message's bytes, or the method is left out.
    public func write(to output: inout ByteWriter, from bytes: Span<UInt8>) {
        guard self.method == .other else { return self.write(to: &output) }
        output.write(number: self.number)
        output.write(byte: ASCII.space)
        output.write(bytes, self.methodRange)
    }

    /// Writes number and method, which is one of those known by name.
    public func write(to output: inout ByteWriter) {
        output.write(number: self.number)
        output.write(byte: ASCII.space)
        output.write(self.method.name)
    }
}
