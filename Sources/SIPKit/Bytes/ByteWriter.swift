/// Bytes that grow at the end: what every header value is written to.
///
/// `clear()` keeps the memory, so one writer can serve a whole run.
public struct ByteWriter: Sendable {
    public private(set) var bytes: [UInt8]

    public init(capacity: Int = 0) {
        self.bytes = []
        self.bytes.reserveCapacity(capacity)
    }

    public var count: Int { self.bytes.count }

    public mutating func clear() { self.bytes.removeAll(keepingCapacity: true) }

    @inlinable public mutating func write(byte: UInt8) { self.append(byte) }
    @usableFromInline mutating func append(_ byte: UInt8) { self.bytes.append(byte) }

    public mutating func write(_ text: StaticString) {
        text.withUTF8Buffer { self.bytes.append(contentsOf: $0) }
    }
    @_disfavoredOverload
    public mutating func write(_ text: String) { self.bytes.append(contentsOf: text.utf8) }
    public mutating func write(_ bytes: [UInt8]) { self.bytes.append(contentsOf: bytes) }
    public mutating func write(_ bytes: ArraySlice<UInt8>) { self.bytes.append(contentsOf: bytes) }

    public mutating func write(_ source: Span<UInt8>, _ range: ByteRange) {
        let end = Swift.min(range.end, source.count)
        let start = Swift.min(range.start, end)
        guard start < end else { return }
        unsafe source.withUnsafeBufferPointer { self.bytes.append(contentsOf: $0[start..<end]) }
    }

    /// A number in decimal digits.
    public mutating func write(number: some BinaryInteger) {
        self.bytes.append(contentsOf: String(number).utf8)
    }

    /// Bytes as lower-case hexadecimal digits.
    public mutating func write(hex bytes: some Sequence<UInt8>) {
        for byte in bytes {
            self.bytes.append(ASCII.hexDigit(byte >> 4))
            self.bytes.append(ASCII.hexDigit(byte))
        }
    }

    public var string: String { String(decoding: self.bytes, as: UTF8.self) }
}
