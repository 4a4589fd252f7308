/// One packet of a capture: what stands in the record's header, and where its bytes lie in the reader's block.
public struct PacketRecord: Sendable, Equatable {
    /// Nanoseconds since 1970.
    public var time: Int64
    /// Where the captured bytes begin in the block, and how many there are.
    public var start: Int
    public var count: Int
    /// How many bytes the packet had on the wire.
    public var wireLength: Int
    public var link: LinkType

    public init(time: Int64, start: Int, count: Int, wireLength: Int, link: LinkType) {
        self.time = time
        self.start = start
        self.count = count
        self.wireLength = wireLength
        self.link = link
    }
}
