import Glibc

/// Reads what ``StateWriter`` wrote, in the same order.
///
/// The bytes must be those that were written: ``StateFile`` looks at their checksum first. What does not fit all the same
/// (another layout of a type) ends with a ``Failure`` as soon as it shows.
final class StateReader: Decoder {
    enum Failure: Error { case nonsense }

    private let bytes: ArraySlice<UInt8>
    private var place: Int

    private init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        self.place = bytes.startIndex
    }

    /// - Throws: ``Failure``, or what a type's own reading throws.
    static func value<Value: Decodable>(_ type: Value.Type, of bytes: ArraySlice<UInt8>) throws -> Value {
        let reader = StateReader(bytes)
        let value = try reader.read(type)
        guard reader.place == bytes.endIndex else { throw Failure.nonsense }
        return value
    }

    // MARK: Values

    func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if _isPOD(type) { return try self.readRaw(type) }
        if type == String.self, let text = try self.readText() as? Value { return text }
        if let compound = type as? any StateCompound.Type {
            guard let value = try compound.read(from: self) as? Value else { throw Failure.nonsense }
            return value
        }
        guard try self.readByte() == StateWriter.mark else { throw Failure.nonsense }
        return try Value(from: self)
    }

    private func readByte() throws -> UInt8 {
        guard self.place < self.bytes.endIndex else { throw Failure.nonsense }
        defer { self.place += 1 }
        return self.bytes[self.place]
    }

    func readFlag() throws -> Bool {
        switch try self.readByte() {
        case 0: return false
        case 1: return true
        default: throw Failure.nonsense
        }
    }

    /// How many values follow: never more than there are bytes left.
    func readCount() throws -> Int {
        let count = try self.readRaw(UInt64.self)
        guard count <= UInt64(self.bytes.endIndex - self.place) else { throw Failure.nonsense }
        return Int(count)
    }

    private func readText() throws -> String {
        let count = try self.readCount()
        defer { self.place += count }
        return String(decoding: self.bytes[self.place..<self.place + count], as: UTF8.self)
    }

    private func readRaw<Value>(_ type: Value.Type) throws -> Value {
        let size = MemoryLayout<Value>.size
        guard size <= self.bytes.endIndex - self.place else { throw Failure.nonsense }
        let from = self.place - self.bytes.startIndex
        self.place += size
        return self.bytes.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { room in
                UnsafeMutableRawBufferPointer(room).copyBytes(from: bytes[from..<from + size])
                return room[0]
            }
        }
    }

    /// A list of values without references.
    func readRawList<Value>() throws -> [Value] {
        let count = try self.readRaw(UInt64.self)
        let stride = MemoryLayout<Value>.stride
        guard try self.readRaw(UInt64.self) == UInt64(stride), count <= UInt64(self.bytes.endIndex - self.place),
            Int(count) * stride <= self.bytes.endIndex - self.place
        else { throw Failure.nonsense }
        let from = self.place - self.bytes.startIndex
        let length = Int(count) * stride
        self.place += length
        return [Value](unsafeUninitializedCapacity: Int(count)) { room, filled in
            self.bytes.withUnsafeBytes { bytes in
                UnsafeMutableRawBufferPointer(room).copyBytes(from: bytes[from..<from + length])
            }
            filled = Int(count)
        }
    }

    // MARK: Decoder

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Fields<Key>(reader: self))
    }
    func unkeyedContainer() -> any UnkeyedDecodingContainer { Row(reader: self) }
    func singleValueContainer() -> any SingleValueDecodingContainer { Row(reader: self) }

    private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let reader: StateReader
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { [] }

        func contains(_ key: Key) -> Bool { true }
        func decodeNil(forKey key: Key) throws -> Bool { try !self.reader.readFlag() }
        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            try self.reader.read(type)
        }

        private func some<Value: Decodable>(_ type: Value.Type) throws -> Value? {
            try self.reader.readFlag() ? try self.reader.read(type) : nil
        }
        func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
            try self.some(type)
        }
        func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try self.some(type) }
        func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try self.some(type) }
        func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try self.some(type) }
        func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { try self.some(type) }
        func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try self.some(type) }
        func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { try self.some(type) }
        func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try self.some(type) }
        func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try self.some(type) }
        func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try self.some(type) }
        func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try self.some(type) }
        func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { try self.some(type) }
        func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { try self.some(type) }
        func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { try self.some(type) }
        func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { try self.some(type) }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedDecodingContainer<Nested> { self.reader.container(keyedBy: type) }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer { self.reader.unkeyedContainer() }
        func superDecoder() -> any Decoder { self.reader }
        func superDecoder(forKey key: Key) -> any Decoder { self.reader }
    }

    private struct Row: UnkeyedDecodingContainer, SingleValueDecodingContainer {
        let reader: StateReader
        var codingPath: [any CodingKey] { [] }
        var count: Int? { nil }
        var isAtEnd: Bool { false }
        var currentIndex: Int { 0 }

        func decodeNil() -> Bool { false }
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try self.reader.read(type) }
        func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedDecodingContainer<Nested> {
            self.reader.container(keyedBy: type)
        }
        func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { self }
        func superDecoder() -> any Decoder { self.reader }
    }
}
