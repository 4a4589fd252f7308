/// Records of one kind at stable places, found by number; a freed place is used again under a new generation.
///
/// The number and the generation travel in our Via branch, so a reply finds its transaction without a search, and a
/// reply that comes too late finds nothing. Memory grows in blocks and is kept.
struct Slab<Record: BitwiseCopyable>: ~Copyable {
    private static var blockBits: Int { 10 }
    private static var blockSize: Int { 1 << Self.blockBits }

    private struct Entry {
        var generation: UInt32
        var isLive: Bool
        var nextFree: UInt32
        var record: Record
    }

    private var blocks: [UnsafeMutablePointer<Entry>] = []
    private var free = UInt32.max
    private let blank: Record
    private(set) var liveCount = 0
    let limit: Int

    /// - Parameter limit: how many records there may be at once; `insert` answers `nil` then.
    init(blank: Record, limit: Int) {
        self.blank = blank
        self.limit = limit
    }

    deinit { for block in self.blocks { block.deallocate() } }

    /// A place for a new record, filled with the blank one; `nil` when the limit is reached.
    mutating func insert() -> UInt32? {
        guard self.liveCount < self.limit else { return nil }
        if self.free == .max { self.grow() }
        let number = self.free
        let entry = self.entry(number)
        self.free = entry.pointee.nextFree
        entry.pointee.isLive = true
        entry.pointee.record = self.blank
        self.liveCount &+= 1
        return number
    }

    mutating func remove(_ number: UInt32) {
        let entry = self.entry(number)
        guard entry.pointee.isLive else { return }
        entry.pointee.isLive = false
        entry.pointee.generation &+= 1
        entry.pointee.nextFree = self.free
        self.free = number
        self.liveCount &-= 1
    }

    /// The record at a place that is known to be live.
    @inline(__always)
    subscript(number: UInt32) -> UnsafeMutablePointer<Record> {
        UnsafeMutableRawPointer(self.entry(number))
            .advanced(by: MemoryLayout<Entry>.offset(of: \Entry.record)!)
            .assumingMemoryBound(to: Record.self)
    }

    @inline(__always)
    func generation(_ number: UInt32) -> UInt32 { self.entry(number).pointee.generation }

    /// Whether the number, which may come from a stranger, names a live record of this generation.
    @inline(__always)
    func isLive(_ number: UInt32, generation: UInt32) -> Bool {
        guard Int(number) < self.blocks.count &<< Self.blockBits else { return false }
        let entry = self.entry(number)
        return entry.pointee.isLive
            && entry.pointee.generation & Self.generationMask == generation & Self.generationMask
    }

    /// As many bits of a generation as a branch carries.
    static var generationMask: UInt32 { 0xFF_FFFF }

    @inline(__always)
    private func entry(_ number: UInt32) -> UnsafeMutablePointer<Entry> {
        self.blocks[Int(number) &>> Self.blockBits] + (Int(number) & (Self.blockSize &- 1))
    }

    /// The numbers of all live records: a walk over the whole slab, for what is rare.
    func liveNumbers(where condition: (UnsafeMutablePointer<Record>) -> Bool) -> [UInt32] {
        var numbers: [UInt32] = []
        for place in 0..<UInt32(self.blocks.count << Self.blockBits) where self.entry(place).pointee.isLive {
            if condition(self[place]) { numbers.append(place) }
        }
        return numbers
    }

    private mutating func grow() {
        let block = UnsafeMutablePointer<Entry>.allocate(capacity: Self.blockSize)
        let first = UInt32(self.blocks.count << Self.blockBits)
        for place in 0..<Self.blockSize {
            let next = place + 1 < Self.blockSize ? first + UInt32(place) + 1 : UInt32.max
            (block + place).initialize(to: Entry(generation: 0, isLive: false, nextFree: next, record: self.blank))
        }
        self.blocks.append(block)
        self.free = first
    }
}
