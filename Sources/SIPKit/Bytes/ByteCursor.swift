import CBytes

/// A place in some bytes that moves forward: what every header value is read from.
///
/// It is a view (`~Escapable`): it cannot outlive the bytes, copies nothing and never reads past its end.
/// Offsets are absolute in the bytes it was made over, so that ranges and errors can be used with the whole message.
@frozen
public struct ByteCursor: ~Escapable {
    public let bytes: Span<UInt8>
    /// The next byte to be read.
    public var offset: Int
    /// One past the last byte that may be read.
    public let end: Int

    @inlinable @inline(__always)
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
        self.offset = 0
        self.end = bytes.count
    }

    /// Reads only `range` of the bytes; a range that reaches too far is cut.
    @inlinable @inline(__always)
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>, _ range: ByteRange) {
        self.bytes = bytes
        self.end = Swift.min(range.end, bytes.count)
        self.offset = Swift.min(range.start, self.end)
    }

    @inlinable @inline(__always) public var isAtEnd: Bool { self.offset >= self.end }
    @inlinable @inline(__always) public var remaining: Int { self.end &- self.offset }

    /// The next byte without moving, or `nil` at the end.
    @inlinable @inline(__always)
    public var peek: UInt8? { self.offset < self.end ? self.bytes[unchecked: self.offset] : nil }

    @inlinable @inline(__always)
    @_lifetime(self: copy self)
    public mutating func next() -> UInt8? {
        guard self.offset < self.end else { return nil }
        let byte = self.bytes[unchecked: self.offset]
        self.offset &+= 1
        return byte
    }

    /// Moves past `byte` when it is the next one.
    @inlinable @inline(__always)
    @_lifetime(self: copy self)
    public mutating func skip(_ byte: UInt8) -> Bool {
        guard self.offset < self.end, self.bytes[unchecked: self.offset] == byte else { return false }
        self.offset &+= 1
        return true
    }

    /// Moves past blanks and line ends (a folded value's LWS).
    @inlinable @inline(__always)
    @_lifetime(self: copy self)
    public mutating func skipLWS() {
        while self.offset < self.end, ASCII.isLWS(self.bytes[unchecked: self.offset]) { self.offset &+= 1 }
    }

    /// Takes bytes while they satisfy the condition.
    @inlinable @inline(__always)
    @_lifetime(self: copy self)
    public mutating func take(while condition: (UInt8) -> Bool) -> ByteRange {
        let start = self.offset
        while self.offset < self.end, condition(self.bytes[unchecked: self.offset]) { self.offset &+= 1 }
        return ByteRange(start, self.offset)
    }

    @inlinable @inline(__always)
    @_lifetime(self: copy self)
    public mutating func takeToken() -> ByteRange { self.take(while: ASCII.isToken) }

    /// Takes what is left, without blanks at its end.
    @_lifetime(self: copy self)
    public mutating func takeRest() -> ByteRange {
        var last = self.end
        while last > self.offset, ASCII.isLWS(self.bytes[unchecked: last &- 1]) { last &-= 1 }
        let range = ByteRange(self.offset, last)
        self.offset = self.end
        return range
    }

    /// Takes a quoted string, both quotes included; a backslash escapes the byte after it (RFC 3261 §25.1).
    ///
    /// - Returns: `nil` when the next byte is no quote or the string has no end; the cursor has not moved then.
    @_lifetime(self: copy self)
    public mutating func takeQuoted() -> ByteRange? {
        guard self.peek == ASCII.quote else { return nil }
        var at = self.offset &+ 1
        while true {
            at = self.bytes.firstPlace(in: ByteRange(at, self.end)) {
                cbytes_either($0, ASCII.quote, ASCII.backslash)
            }
            guard at < self.end else { return nil }
            if self.bytes[unchecked: at] == ASCII.quote {
                let range = ByteRange(self.offset, at &+ 1)
                self.offset = at &+ 1
                return range
            }
            at &+= 2
        }
    }

    /// Reads decimal digits up to a limit; never traps and never accepts a sign.
    ///
    /// - Returns: `nil` when there is no digit or the number is over `limit`; the digits have been passed in both cases.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func takeNumber(limit: UInt64 = UInt64(UInt32.max)) -> UInt64? {
        let start = self.offset
        var value: UInt64 = 0
        while self.offset < self.end {
            let digit = self.bytes[unchecked: self.offset] &- 0x30
            guard digit < 10 else { break }
            value = value &* 10 &+ UInt64(digit)
            self.offset &+= 1
        }
        switch self.offset &- start {
        case 0: return nil
        // Nineteen digits fit into 64 bits: no step has overflowed.
        case ...19: return value <= limit ? value : nil
        default: return ASCII.number(self.bytes, ByteRange(start, self.offset), limit: limit)
        }
    }

    /// The bytes of a range, copied: for errors and for values that live on.
    public func copy(_ range: ByteRange) -> [UInt8] { self.bytes.copy(range) }

    /// What has not been read yet, copied.
    public var rest: [UInt8] { self.copy(ByteRange(self.offset, self.end)) }
}

extension ASCII {
    /// The number that the digits of `range` write, or `nil` when a byte is no digit, none is there, or it is over `limit`.
    @inlinable
    public static func number(_ bytes: Span<UInt8>, _ range: ByteRange, limit: UInt64) -> UInt64? {
        guard !range.isEmpty, range.end <= bytes.count else { return nil }
        var value: UInt64 = 0
        var at = range.start
        if range.count <= 19 {
            // Nineteen digits fit into 64 bits: no step can overflow.
            while at < range.end {
                let digit = bytes[unchecked: at] &- 0x30
                guard digit < 10 else { return nil }
                value = value &* 10 &+ UInt64(digit)
                at &+= 1
            }
            return value <= limit ? value : nil
        }
        while at < range.end {
            let digit = bytes[unchecked: at] &- 0x30
            guard digit < 10 else { return nil }
            let (product, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(UInt64(digit))
            guard !over, !carried, sum <= limit else { return nil }
            value = sum
            at &+= 1
        }
        return value
    }
}
