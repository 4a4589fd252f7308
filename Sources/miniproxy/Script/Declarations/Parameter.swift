/// One parameter of a script function: what the checker accepts, and what the manual says.
struct Parameter: Sendable {
    let name: String
    let kind: Kind
    let sentence: String
    /// A call may end before it.
    let isOptional: Bool

    init(_ name: String, _ kind: Kind, _ sentence: String, optional: Bool = false) {
        self.name = name
        self.kind = kind
        self.sentence = sentence
        self.isOptional = optional
    }

    /// What an argument must be. Numbers may be written with or without quotes.
    enum Kind: Sendable {
        case integer(ClosedRange<Int>)
        /// Any text.
        case text
        /// One of these words, in either case.
        case word([String])
        /// A POSIX extended expression, ignoring case; with `lines` as `search()` reads it (`REG_NEWLINE`).
        case pattern(lines: Bool)
        /// `/expression/replacement/flags`.
        case substitution
        /// A flag, 0 to 31.
        case flag
        /// The name of a block of this kind; "0" means none.
        case block(BlockKind)
        /// A code of a reply.
        case status(ClosedRange<Int>)
        /// Letters of this set.
        case letters(String)
        /// `s:name`, `i:number`, `$alias` or a name, `/g` behind it; with `source` also `$ruri`, `$from`, `$to`.
        case attribute
        /// A text with `%` or `$` specifiers.
        case format
        /// A text that the function reads itself: no variables are filled in.
        case literal
        case host, port, hostPort, uri, q
    }
}
