/// Changes to a message that has come in, written in one pass: original bytes, edits, original bytes (DESIGN §2).
///
/// A header nobody touched leaves as the bytes that came in, in its place. Edits are kept in the order of their
/// places. At one place insertions stand before what is replaced or removed there, and among themselves in the order
/// in which they were made. Reuse one value for many messages.
public struct MessageEdits: Sendable {
    struct Edit: Sendable {
        /// What is taken out of the original; empty where something is only put in.
        var original: ByteRange
        /// What comes instead, in ``scratch``.
        var replacement: ByteRange
        /// How many edits had been made before this one.
        var order: UInt32

        func stands(before other: Edit) -> Bool {
            if self.original.lower != other.original.lower { return self.original.lower < other.original.lower }
            return self.original.isEmpty && !other.original.isEmpty
        }
    }

    var edits: [Edit] = []
    /// The new text of all edits.
    public private(set) var scratch: [UInt8] = []
    private var made: UInt32 = 0

    public init() {
        self.edits.reserveCapacity(16)
        self.scratch.reserveCapacity(1024)
    }

    public var isEmpty: Bool { self.edits.isEmpty }
    public var count: Int { self.edits.count }

    public mutating func clear() {
        self.edits.removeAll(keepingCapacity: true)
        self.scratch.removeAll(keepingCapacity: true)
        self.made = 0
    }

    /// A moment in the making of edits, to return to.
    public struct Mark: Sendable {
        let order: UInt32
        let scratch: Int
    }
    public var mark: Mark { Mark(order: self.made, scratch: self.scratch.count) }

    /// Forgets the edits made since the mark: for a branch that adds its own to the common ones.
    public mutating func truncate(to mark: Mark) {
        self.edits.removeAll { $0.order >= mark.order }
        self.scratch.removeLast(Swift.max(0, self.scratch.count - mark.scratch))
        self.made = mark.order
    }

    // MARK: Making edits

    /// Puts text in front of the byte at `offset`.
    public mutating func insert(at offset: Int, _ write: (inout [UInt8]) -> Void) {
        self.replace(ByteRange(offset, offset), write)
    }

    public mutating func remove(_ range: ByteRange) { self.replace(range) { _ in } }

    /// Puts text in the place of `range`.
    public mutating func replace(_ range: ByteRange, _ write: (inout [UInt8]) -> Void) {
        let start = self.scratch.count
        write(&self.scratch)
        let edit = Edit(original: range, replacement: ByteRange(start, self.scratch.count), order: self.made)
        self.made += 1
        // Most edits come in the order of their places.
        guard let last = self.edits.last, edit.stands(before: last) else {
            self.edits.append(edit)
            return
        }
        var place = self.edits.count
        while place > 0, edit.stands(before: self.edits[place - 1]) { place -= 1 }
        self.edits.insert(edit, at: place)
    }

    // MARK: Writing

    /// How long the edited message is.
    public func length(of count: Int) -> Int {
        var length = count
        var at = 0
        for edit in self.edits {
            // An edit inside a piece that an earlier one took out is passed over, as in writing.
            guard edit.original.start >= at, edit.original.end <= count else { continue }
            length += edit.replacement.count - edit.original.count
            at = edit.original.end
        }
        return length
    }

    /// Writes the edited message.
    ///
    /// - Parameter output: memory for at least ``length(of:)`` bytes.
    /// - Returns: how many bytes were written.
    public func write(_ original: UnsafeRawBufferPointer, to output: UnsafeMutableRawPointer) -> Int {
        guard let source = original.baseAddress else { return 0 }
        return self.scratch.withUnsafeBytes { new in
            var at = 0
            var written = 0
            for place in 0..<self.edits.count {
                let edit = self.edits[place]
                guard edit.original.start >= at, edit.original.end <= original.count else { continue }
                let kept = edit.original.start &- at
                (output + written).copyMemory(from: source + at, byteCount: kept)
                written &+= kept
                let added = edit.replacement.count
                if added > 0, let base = new.baseAddress {
                    (output + written).copyMemory(from: base + edit.replacement.start, byteCount: added)
                    written &+= added
                }
                at = edit.original.end
            }
            (output + written).copyMemory(from: source + at, byteCount: original.count &- at)
            return written &+ original.count &- at
        }
    }

    /// The edited message as a new array.
    public func apply(to original: [UInt8]) -> [UInt8] {
        original.withUnsafeBytes { source in
            [UInt8](unsafeUninitializedCapacity: self.length(of: source.count)) { output, count in
                guard let base = output.baseAddress else { return }
                count = self.write(source, to: UnsafeMutableRawPointer(base))
            }
        }
    }
}
