/// A message kept for sending again: memory from a ``BufferPool``.
struct Buffer: BitwiseCopyable {
    var memory: UnsafeMutableRawPointer?
    var count: UInt32
    var sizeClass: UInt8

    static var empty: Buffer { Buffer(memory: nil, count: 0, sizeClass: 0) }
    @inline(__always) var isEmpty: Bool { self.memory == nil }
    @inline(__always) var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: UnsafeRawPointer(self.memory), count: Int(self.count))
    }
}

/// Memory for messages in a few sizes, from free lists.
///
/// A freed buffer is used again only after ``recycle()``: it may still stand in the queue of what is to be sent.
struct BufferPool: ~Copyable {
    private static var smallest: Int { 512 }
    /// 512, 1024, … 128 KiB; a message is at most 65,535 bytes over UDP and grows by the headers we add.
    private static var classes: Int { 9 }

    private var free = InlineArray<9, UnsafeMutableRawPointer?>(repeating: nil)
    private var pending = Batch<Buffer>(capacity: 256)
    private var blocks: [UnsafeMutableRawPointer] = []
    /// Bytes taken from the system, and bytes in use.
    private(set) var reserved = 0
    private(set) var inUse = 0

    deinit { for block in self.blocks { block.deallocate() } }

    /// Memory for `count` bytes; `nil` for more than the largest size.
    mutating func take(_ count: Int) -> Buffer? {
        var sizeClass = 0
        while Self.smallest &<< sizeClass < count {
            sizeClass &+= 1
            if sizeClass == Self.classes { return nil }
        }
        if self.free[sizeClass] == nil { self.grow(sizeClass) }
        guard let memory = self.free[sizeClass] else { return nil }
        self.free[sizeClass] = memory.load(as: UnsafeMutableRawPointer?.self)
        self.inUse &+= Self.smallest &<< sizeClass
        return Buffer(memory: memory, count: UInt32(truncatingIfNeeded: count), sizeClass: UInt8(sizeClass))
    }

    /// Gives a buffer back and leaves `.empty` in its place.
    mutating func give(_ buffer: inout Buffer) {
        guard buffer.memory != nil else { return }
        self.pending.append(buffer)
        buffer = .empty
    }

    /// Makes what was given back usable again: when everything queued has been sent.
    mutating func recycle() {
        guard !self.pending.isEmpty else { return }
        for buffer in self.pending.elements {
            guard let memory = buffer.memory else { continue }
            let sizeClass = Int(buffer.sizeClass)
            memory.storeBytes(of: self.free[sizeClass], as: UnsafeMutableRawPointer?.self)
            self.free[sizeClass] = memory
            self.inUse &-= Self.smallest &<< sizeClass
        }
        self.pending.clear()
    }

    private mutating func grow(_ sizeClass: Int) {
        let size = Self.smallest << sizeClass
        let count = Swift.max(1, 65_536 / size)
        let block = UnsafeMutableRawPointer.allocate(byteCount: size * count, alignment: 16)
        self.blocks.append(block)
        self.reserved += size * count
        for place in 0..<count {
            let memory = block + place * size
            memory.storeBytes(of: self.free[sizeClass], as: UnsafeMutableRawPointer?.self)
            self.free[sizeClass] = memory
        }
    }
}
