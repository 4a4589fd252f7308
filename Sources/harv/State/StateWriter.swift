import Glibc

/// Writes what a run keeps for the next one (`--state`) as bytes: values one after another, in the order in which their types
/// declare them, without names.
///
/// The compiler writes each type's `encode(to:)`, so a property that is added to a table cannot be forgotten here. Values
/// without references, and lists of such, are written as they lie in memory: who changes a type that is kept changes
/// ``StateFile/format``. Only ``StateReader`` of the same program reads it.
final class StateWriter: Encoder {
    private(set) var bytes: [UInt8] = []

    static func bytes(of value: some Encodable) throws -> [UInt8] {
        let writer = StateWriter()
        try writer.write(value)
        return writer.bytes
    }

    // MARK: Values

    func write<Value: Encodable>(_ value: Value) throws {
        // Whether a type is made of nothing but bits is known to the compiler; in a generic function one has to ask.
        if _isPOD(Value.self) {
            self.writeRaw(value)
        } else if let text = value as? String {
            self.write(text)
        } else if let compound = value as? any StateCompound {
            try compound.write(to: self)
        } else {
            self.bytes.append(Self.mark)
            try value.encode(to: self)
        }
    }

    /// Stands in front of each compound value: a reader that lost its place finds something else here.
    static let mark: UInt8 = 0xA7

    func write(flag: Bool) { self.bytes.append(flag ? 1 : 0) }
    func write(count: Int) { self.writeRaw(UInt64(count)) }

    func write(_ text: String) {
        self.write(count: text.utf8.count)
        self.bytes.append(contentsOf: text.utf8)
    }

    private func writeRaw<Value>(_ value: Value) {
        withUnsafeBytes(of: value) { self.bytes.append(contentsOf: $0) }
    }

    /// A list of values without references.
    func writeRaw<Value>(_ values: [Value]) {
        self.write(count: values.count)
        self.write(count: MemoryLayout<Value>.stride)
        values.withUnsafeBytes { self.bytes.append(contentsOf: $0) }
    }

    // MARK: Encoder

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(Fields<Key>(writer: self))
    }
    func unkeyedContainer() -> any UnkeyedEncodingContainer { Row(writer: self) }
    func singleValueContainer() -> any SingleValueEncodingContainer { Row(writer: self) }

    private struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let writer: StateWriter
        var codingPath: [any CodingKey] { [] }

        func encodeNil(forKey key: Key) { self.writer.write(flag: false) }
        func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try self.writer.write(value) }

        // What may be absent says first whether it is there. One for each of the standard library's own: they would write
        // nothing for what is absent, and the order would be lost.
        private func some<Value: Encodable>(_ value: Value?) throws {
            self.writer.write(flag: value != nil)
            if let value { try self.writer.write(value) }
        }
        func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws { try self.some(value) }
        func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try self.some(value) }
        func encodeIfPresent(_ value: String?, forKey key: Key) throws { try self.some(value) }
        func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try self.some(value) }
        func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try self.some(value) }
        func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try self.some(value) }
        func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try self.some(value) }
        func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try self.some(value) }
        func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try self.some(value) }
        func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try self.some(value) }
        func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try self.some(value) }
        func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try self.some(value) }
        func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try self.some(value) }
        func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try self.some(value) }
        func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try self.some(value) }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> { self.writer.container(keyedBy: type) }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { self.writer.unkeyedContainer() }
        func superEncoder() -> any Encoder { self.writer }
        func superEncoder(forKey key: Key) -> any Encoder { self.writer }
    }

    private struct Row: UnkeyedEncodingContainer, SingleValueEncodingContainer {
        let writer: StateWriter
        var codingPath: [any CodingKey] { [] }
        var count: Int { 0 }

        func encodeNil() { self.writer.write(flag: false) }
        func encode<Value: Encodable>(_ value: Value) throws { try self.writer.write(value) }
        func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
            self.writer.container(keyedBy: type)
        }
        func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { self }
        func superEncoder() -> any Encoder { self.writer }
    }
}

/// What is made of other values: written in one piece where they have no references.
protocol StateCompound {
    func write(to writer: StateWriter) throws
    static func read(from reader: StateReader) throws -> Self
}

extension Array: StateCompound where Element: Codable {
    func write(to writer: StateWriter) throws {
        if _isPOD(Element.self) { return writer.writeRaw(self) }
        writer.write(count: self.count)
        for element in self { try writer.write(element) }
    }

    static func read(from reader: StateReader) throws -> [Element] {
        if _isPOD(Element.self) { return try reader.readRawList() }
        let count = try reader.readCount()
        var list: [Element] = []
        list.reserveCapacity(count)
        for _ in 0..<count { list.append(try reader.read(Element.self)) }
        return list
    }
}

extension Dictionary: StateCompound where Key: Codable, Value: Codable {
    func write(to writer: StateWriter) throws {
        try Array(self.keys).write(to: writer)
        try Array(self.values).write(to: writer)
    }

    static func read(from reader: StateReader) throws -> [Key: Value] {
        let keys = try [Key].read(from: reader)
        let values = try [Value].read(from: reader)
        guard keys.count == values.count else { throw StateReader.Failure.nonsense }
        return Dictionary(zip(keys, values)) { first, _ in first }
    }
}

extension Set: StateCompound where Element: Codable {
    func write(to writer: StateWriter) throws { try Array(self).write(to: writer) }
    static func read(from reader: StateReader) throws -> Set<Element> { Set(try [Element].read(from: reader)) }
}

extension Optional: StateCompound where Wrapped: Codable {
    func write(to writer: StateWriter) throws {
        writer.write(flag: self != nil)
        if let value = self { try writer.write(value) }
    }

    static func read(from reader: StateReader) throws -> Wrapped? {
        try reader.readFlag() ? try reader.read(Wrapped.self) : nil
    }
}
