import Glibc
internal import SIPKit

/// The part of a text trace that is in memory: a window that moves over the input. It is so small that what was read still
/// lies in the core's own cache when its lines are looked for; it grows for a block that is longer.
///
/// The text is restored where it lies (a `.` becomes the CR that it stands for), so the window owns its bytes.
struct TextWindow: ~Copyable {
    private(set) var bytes: [UInt8]
    /// The first byte that has not been used up.
    private(set) var start = 0
    /// Behind the last byte that has been read.
    private(set) var end = 0
    /// Whether the input has no more bytes than the window.
    private(set) var atEnd = false
    /// Where the window's first byte stands in the input.
    private var base = 0
    let source: TextSource

    static let size = 128 << 10
    /// A block that has no end within this many bytes is cut there.
    static let maxBlock = 8 << 20
    /// Blocks up to this size are found without looking for more input halfway.
    static let lookahead = 32 << 10

    init(_ source: TextSource) {
        self.source = source
        self.bytes = []
    }

    var count: Int { self.end &- self.start }
    /// Where a place in the window stands in the input.
    func offset(of place: Int) -> Int { self.base &+ place }

    @inline(__always)
    subscript(place: Int) -> UInt8 {
        get { self.bytes[place] }
        set { self.bytes[place] = newValue }
    }

    /// Where a place in the input stands in the window, when it is still there.
    func place(of offset: Int) -> Int { offset &- self.base }
    /// Goes back to a place that has been used up but is still in memory.
    mutating func rewind(to place: Int) { if place >= 0, place <= self.end { self.start = place } }

    mutating func advance(to place: Int) { self.start = min(max(place, self.start), self.end) }

    /// Sees to it that a usual block lies in the window as a whole.
    @inline(__always)
    mutating func prepare() {
        if self.count < Self.lookahead, !self.atEnd { self.fill() }
    }

    /// Reads on, with more room where the window is full.
    ///
    /// - Returns: false when there is nothing more, or the limit for one block is reached.
    mutating func grow() -> Bool {
        guard !self.atEnd, self.count < Self.maxBlock else { return false }
        if self.count > self.bytes.count / 2 {
            self.bytes.append(contentsOf: repeatElement(0, count: self.bytes.count))
        }
        let before = self.count
        self.fill()
        return self.count > before
    }

    private mutating func fill() {
        if self.bytes.isEmpty { self.bytes = [UInt8](repeating: 0, count: Self.size + Self.lookahead) }
        if self.start > 0 {
            let (from, kept) = (self.start, self.count)
            self.bytes.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress, kept > 0 else { return }
                _ = memmove(base, base + from, kept)
            }
            self.base += from
            self.start = 0
            self.end = kept
        }
        while self.end < self.bytes.count, !self.atEnd {
            let (filled, source) = (self.end, self.source)
            let got = self.bytes.withUnsafeMutableBytes { bytes in
                source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]))
            }
            self.end += got
            if got == 0 { self.atEnd = true }
        }
    }

    /// Asks the source again after its end.
    mutating func goOn() { self.atEnd = false }

    mutating func withBytes(_ change: (inout [UInt8]) -> Void) { change(&self.bytes) }

    // MARK: Lines

    /// The place of the next LF, or the window's end.
    @inline(__always)
    func lineEnd(from place: Int) -> Int { self.find(ASCII.lf, from: place, to: self.end) ?? self.end }

    /// The first place of a byte, or `nil`.
    @inline(__always)
    func find(_ byte: UInt8, from: Int, to: Int) -> Int? {
        guard from >= 0, from < to, to <= self.bytes.count else { return nil }
        return self.bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, let hit = memchr(base + from, Int32(byte), to &- from) else {
                return nil
            }
            return UnsafeRawPointer(hit) - base
        }
    }

    /// Whether the line is only hash marks (ngrep's sign for a packet), or the glued `##exit` at the end of a run.
    func isMarkLine(_ from: Int, _ to: Int) -> Bool {
        guard from < to, self.bytes[from] == 0x23 else { return false }
        var at = from
        while at < to, self.bytes[at] == 0x23 { at &+= 1 }
        while at < to, self.bytes[at] == ASCII.cr || ASCII.isBlank(self.bytes[at]) { at &+= 1 }
        if at == to { return true }
        return to - at >= 4 && self.bytes.span.equals(ByteRange(at, at + 4), "exit")
    }
}
