/// What a text reader met besides messages, so that nothing is dropped without a number.
public struct TextStatistics: Sendable, Equatable, Codable {
    /// Blocks with a header that was understood.
    public var blocks = 0
    /// Blocks that held something else: ICMP, later fragments, IGMP.
    public var otherBlocks = 0
    /// ngrep's hash marks: one for each packet that passed its packet filter.
    public var marks = 0
    /// Lines outside blocks that are no marks: preamble, mail text.
    public var otherLines = 0
    /// Blocks that ran over the limit for one block and were cut.
    public var oversized = 0
    /// Blocks whose body is shorter or longer than its Content-Length.
    public var wrongLength = 0
    /// Messages that a mail program had changed.
    public var mangled = 0

    public init() {}

    /// Packets that met the filter and are not shown, as far as the marks tell (0 without marks).
    public var hidden: Int { max(0, self.marks - self.blocks) }
}
