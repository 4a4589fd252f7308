/// Attribute-value pairs of a message: a name or a number on the left, text or number on the right, several of one name.
///
/// They go into the transaction with the message and come back in its reply and failure blocks. The last one set is found
/// first, as in SER.
struct AttributeList: Sendable, Equatable {
    enum Name: Hashable, Sendable {
        case number(Int)
        case text([UInt8])
    }
    enum Value: Hashable, Sendable {
        case number(Int)
        case text([UInt8])
    }

    private(set) var pairs: [(name: Name, value: Value)] = []
    static let limit = 256

    var isEmpty: Bool { self.pairs.isEmpty }

    mutating func clear() { if !self.pairs.isEmpty { self.pairs.removeAll() } }

    /// The value of a variable; nothing is no value.
    mutating func add(_ name: Name, of value: ScriptValue) -> Bool {
        switch value {
        case .null: false
        case .number(let number): self.add(name, Value.number(number))
        case .text(let text): self.add(name, Value.text(text))
        }
    }

    /// - Returns: `false` when there are too many already.
    mutating func add(_ name: Name, _ value: Value) -> Bool {
        guard self.pairs.count < Self.limit else { return false }
        self.pairs.append((name, value))
        return true
    }

    /// The value that was set last under this name.
    func first(_ name: Name) -> Value? { self.pairs.last { $0.name == name }?.value }
    /// All values of this name, the last one set first.
    func all(_ name: Name) -> [Value] { self.pairs.reversed().filter { $0.name == name }.map(\.value) }

    mutating func remove(_ name: Name, all: Bool = true) -> Bool {
        let before = self.pairs.count
        if all {
            self.pairs.removeAll { $0.name == name }
        } else if let place = self.pairs.lastIndex(where: { $0.name == name }) {
            self.pairs.remove(at: place)
        }
        return self.pairs.count < before
    }

    static func == (left: AttributeList, right: AttributeList) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0.name == $1.name && $0.value == $1.value }
    }
}
