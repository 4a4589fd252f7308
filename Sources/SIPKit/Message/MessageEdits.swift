/// Changes to a message that has come in, written in one pass: original bytes, edits, original bytes (DESIGN §2).
///
/// A header nobody touched leaves as the bytes that came in, in its place. Edits are kept in the order of their
/// places. At one place insertions stand before what is replaced or removed there, and among themselves in the order
/// in which they were made. Reuse one value for many messages.
public struct MessageEdits: Sendable {
    struct Edit: Sendable {
        /// What is taken out of the original; empty where something is only put in.
        var original: ByteRange
        /// What comes instead, in ``texts``.
        var replacement: ByteRange
        /// How many edits had been made before this one.
        var order: UInt32

        func stands(before other: Edit) -> Bool {
            if self.original.lower != other.original.lower { return self.original.lower < other.original.lower }
            return self.original.isEmpty && !other.original.isEmpty
        }
    }

    /// In the order of their places; only the first ``count`` are in use, the others are room for the next message.
    var edits: [Edit] = []
    public private(set) var count = 0
    /// The new text of all edits, one piece behind the other; pieces of earlier messages may stand before them.
    private var texts: [UInt8] = []
    /// The new text of all edits.
    public var scratch: [UInt8] { (0..<self.count).flatMap { self.texts[self.edits[$0].replacement.indices] } }
    private var made: UInt32 = 0

    /// Text of earlier messages is thrown away when there is more of it: doing that for each message costs more.
    private static var enoughScratch: Int { 8_192 }

    public init() {
        self.edits.reserveCapacity(16)
        self.texts.reserveCapacity(2 * Self.enoughScratch)
    }

    public var isEmpty: Bool { self.count == 0 }

    /// A copy with room for these edits alone, to be kept while this value goes on to other messages.
    public func compacted() -> MessageEdits {
        var copy = self
        copy.edits = Array(self.edits[..<self.count])
        copy.texts = []
        for place in copy.edits.indices {
            let start = copy.texts.count
            copy.texts += self.texts[copy.edits[place].replacement.indices]
            copy.edits[place].replacement = ByteRange(start, copy.texts.count)
        }
        return copy
    }

    public mutating func clear() {
        self.count = 0
        self.made = 0
        if self.texts.count > Self.enoughScratch { self.texts.removeAll(keepingCapacity: true) }
    }

    /// A moment in the making of edits, to return to.
    public struct Mark: Sendable {
        let order: UInt32
        /// No edit at all.
        public static let none = Mark(order: .max)
    }
    public var mark: Mark { Mark(order: self.made) }

    /// The edits made between two moments.
    public struct Stretch: Sendable {
        let start: UInt32
        let end: UInt32
        public static let none = Stretch(start: 0, end: 0)

        init(start: UInt32, end: UInt32) {
            self.start = start
            self.end = end
        }
        public init(from start: Mark, to end: Mark) { self.init(start: start.order, end: end.order) }
    }

    /// Forgets the edits made between two moments, and keeps those made before and after.
    public mutating func forget(_ stretch: Stretch) {
        guard stretch.start < stretch.end else { return }
        var kept = 0
        for place in 0..<self.count
        where self.edits[place].order < stretch.start || self.edits[place].order >= stretch.end {
            if kept < place { self.edits[kept] = self.edits[place] }
            kept += 1
        }
        self.count = kept
    }

    /// Forgets the edits made since the mark: for a branch that adds its own to the common ones.
    public mutating func truncate(to mark: Mark) {
        var kept = 0
        for place in 0..<self.count where self.edits[place].order < mark.order {
            if kept < place { self.edits[kept] = self.edits[place] }
            kept += 1
        }
        self.count = kept
        self.made = mark.order
    }

    /// Forgets the edits of exactly this piece.
    mutating func forgetEdits(of range: ByteRange) {
        var kept = 0
        for place in 0..<self.count where self.edits[place].original != range {
            if kept < place { self.edits[kept] = self.edits[place] }
            kept += 1
        }
        self.count = kept
    }

    // MARK: Making edits

    /// Puts text in front of the byte at `offset`.
    public mutating func insert(at offset: Int, _ write: (inout [UInt8]) -> Void) {
        self.replace(ByteRange(offset, offset), write)
    }

    /// Puts a copy of finished text in front of the byte at `offset`.
    public mutating func insert(at offset: Int, copying text: UnsafeBufferPointer<UInt8>) {
        let start = self.texts.count
        // The array's own `append(contentsOf:)` takes three calls for what is one copy.
        self.texts.append(addingCapacity: text.count) { output in
            unsafe output.withUnsafeMutableBufferPointer { room, count in
                if let from = text.baseAddress, let to = room.baseAddress {
                    unsafe (to + count).update(from: from, count: text.count)
                    count += text.count
                }
            }
        }
        self.add(ByteRange(offset, offset), from: start)
    }

    public mutating func remove(_ range: ByteRange) { self.add(range, from: self.texts.count) }

    /// Puts text in the place of `range`.
    public mutating func replace(_ range: ByteRange, _ write: (inout [UInt8]) -> Void) {
        let start = self.texts.count
        write(&self.texts)
        self.add(range, from: start)
    }

    /// Puts a number in decimal digits in the place of `range`.
    public mutating func replace(_ range: ByteRange, decimal number: UInt64) {
        let start = self.texts.count
        if number < 100 {
            // A count of hops, nearly always.
            let (tens, ones) = number.quotientAndRemainder(dividingBy: 10)
            self.texts.append(addingCapacity: 2) { output in
                if tens > 0 { output.append(ASCII.zero &+ UInt8(truncatingIfNeeded: tens)) }
                output.append(ASCII.zero &+ UInt8(truncatingIfNeeded: ones))
            }
        } else {
            self.texts.append(decimal: number)
        }
        self.add(range, from: start)
    }

    /// Adds the edit whose text is all that stands in ``texts`` from `start` on, behind those that stand before it in the
    /// message.
    private mutating func add(_ range: ByteRange, from start: Int) {
        let edit = Edit(original: range, replacement: ByteRange(start, self.texts.count), order: self.made)
        self.made &+= 1
        let last = self.count
        self.count = last &+ 1
        if last == self.edits.count { self.edits.append(edit) }
        self.edits.withUnsafeMutableBufferPointer { edits in
            var place = last
            // Most edits come in the order of their places.
            while place > 0, edit.stands(before: edits[place &- 1]) {
                edits[place] = edits[place &- 1]
                place &-= 1
            }
            edits[place] = edit
        }
    }

    /// Puts other text in the place of what the edit made right after `mark` puts in, for one branch.
    ///
    /// - Returns: what to give to ``restore(_:_:)``; `nil` where there is no such edit.
    public mutating func rewrite(_ mark: Mark, _ change: (inout [UInt8]) -> Void) -> ByteRange? {
        guard let place = (0..<self.count).first(where: { self.edits[$0].order == mark.order }) else { return nil }
        let old = self.edits[place].replacement
        var text = Array(self.texts[old.indices])
        change(&text)
        let start = self.texts.count
        self.texts += text
        self.edits[place].replacement = ByteRange(start, self.texts.count)
        return old
    }

    /// Brings back the text that ``rewrite(_:_:)`` has replaced.
    public mutating func restore(_ mark: Mark, _ text: ByteRange) {
        guard let place = (0..<self.count).first(where: { self.edits[$0].order == mark.order }) else { return }
        self.edits[place].replacement = text
    }

    // MARK: Writing

    /// How long the edited message is.
    public func length(of count: Int) -> Int {
        var length = count
        var at = 0
        for place in 0..<self.count {
            let edit = self.edits[place]
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
        return self.texts.withUnsafeBytes { new in
            var at = 0
            var written = 0
            for place in 0..<self.count {
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
