/// Text that grows at its end, in memory that one owner keeps and fills again and again.
///
/// What `[UInt8]` does, without asking at every piece whether the memory is shared: nobody else can have it. It is for
/// the message path; what is handed around is an array.
public struct TextBuffer: ~Copyable {
    // `used <= capacity`, and `start` is an allocation of `capacity` bytes whose first `used` are set. Only `room`
    // moves `used` up, after it has made place, and every caller sets the bytes that it asked for.
    @usableFromInline var start: UnsafeMutablePointer<UInt8>
    @usableFromInline var capacity: Int
    @usableFromInline var used = 0

    /// How many bytes the text has.
    @inlinable public var count: Int { self.used }

    public init(capacity: Int) {
        self.capacity = Swift.max(16, capacity)
        self.start = .allocate(capacity: self.capacity)
    }

    deinit { self.start.deallocate() }

    public var isEmpty: Bool { self.count == 0 }

    /// Forgets the text and keeps the memory.
    @inline(__always)
    public mutating func clear() { self.used = 0 }

    /// The text; to be looked at before the next change.
    public var bytes: UnsafeBufferPointer<UInt8> {
        mutating get { UnsafeBufferPointer(start: self.start, count: self.count) }
    }

    // MARK: Appending

    @inlinable @inline(__always)
    mutating func room(_ more: Int) -> UnsafeMutablePointer<UInt8> {
        if more > self.capacity &- self.used { self.grow(more) }
        let place = self.start + self.used
        self.used &+= more
        return place
    }

    @usableFromInline @inline(never)
    mutating func grow(_ more: Int) {
        let larger = Swift.max(self.capacity * 2, self.used + more)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: self.start, count: self.used)
        self.start.deallocate()
        self.start = moved
        self.capacity = larger
    }

    @inlinable @inline(__always)
    public mutating func append(_ byte: UInt8) { self.room(1).pointee = byte }

    /// Inlined, so that the copy of a literal becomes a few stores of constants.
    @inlinable @inline(__always)
    public mutating func append(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        self.room(count).update(from: text.utf8Start, count: count)
    }

    /// The bytes of a range; a range outside is cut.
    public mutating func append(_ source: Span<UInt8>, _ range: ByteRange) {
        let end = Swift.min(range.end, source.count)
        let first = Swift.min(range.start, end)
        guard first < end else { return }
        unsafe source.withUnsafeBufferPointer {
            self.room(end &- first).update(from: $0.baseAddress! + first, count: end &- first)
        }
    }

    public mutating func append(contentsOf bytes: [UInt8]) { self.append(bytes.span, ByteRange(0, bytes.count)) }

    @_disfavoredOverload
    public mutating func append(contentsOf bytes: some Sequence<UInt8>) {
        for byte in bytes { self.append(byte) }
    }

    /// A number in decimal digits.
    public mutating func append(decimal number: UInt64) {
        if number < 10 {
            self.append(ASCII.zero &+ UInt8(truncatingIfNeeded: number))
        } else if number < 1_000 {
            self.append(short: UInt32(truncatingIfNeeded: number))
        } else if number < 100_000 {
            // A port.
            var rest = UInt32(truncatingIfNeeded: number)
            var at = rest < 10_000 ? 4 : 5
            let place = self.room(at)
            while at > 0 {
                at &-= 1
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                place[at] = ASCII.zero &+ UInt8(truncatingIfNeeded: digit)
                rest = quotient
            }
        } else {
            self.append(long: number)
        }
    }

    /// Two or three digits: the bytes of an address.
    @inline(__always)
    private mutating func append(short number: UInt32) {
        let (hundreds, rest) = number.quotientAndRemainder(dividingBy: 100)
        let (tens, ones) = rest.quotientAndRemainder(dividingBy: 10)
        var place = self.room(hundreds > 0 ? 3 : 2)
        if hundreds > 0 {
            place.pointee = ASCII.zero &+ UInt8(truncatingIfNeeded: hundreds)
            place += 1
        }
        place[0] = ASCII.zero &+ UInt8(truncatingIfNeeded: tens)
        place[1] = ASCII.zero &+ UInt8(truncatingIfNeeded: ones)
    }

    private mutating func append(long number: UInt64) {
        var size = 1
        var limit: UInt64 = 10
        while size < 20, number >= limit {
            size &+= 1
            limit = size < 20 ? limit &* 10 : .max
        }
        let place = self.room(size)
        var rest = number
        var at = size
        while at > 0 {
            at &-= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            place[at] = ASCII.zero &+ UInt8(truncatingIfNeeded: digit)
            rest = quotient
        }
    }

    /// A number as eight hexadecimal digits.
    public mutating func append(hex number: UInt32) {
        UnsafeMutableRawPointer(self.room(8)).storeBytes(of: HexWord.encode(number).littleEndian, as: UInt64.self)
    }

    /// A number as hexadecimal digits, as many as `width` says (at most 16).
    public mutating func append(hex number: UInt64, width: Int) {
        let count = Swift.max(0, Swift.min(width, 16))
        if count == 16 {
            self.append(hex: UInt32(truncatingIfNeeded: number &>> 32))
            self.append(hex: UInt32(truncatingIfNeeded: number))
            return
        }
        let place = self.room(count)
        for at in 0..<count {
            place[at] = ASCII.hexDigit(UInt8(truncatingIfNeeded: number &>> UInt64((count &- 1 &- at) &* 4)))
        }
    }
}
