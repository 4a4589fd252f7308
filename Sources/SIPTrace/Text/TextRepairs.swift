/// What had to be done to a message of a text trace before it was SIP again.
public struct TextRepairs: OptionSet, Sendable, Hashable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Dots were taken for the line ends (or other control bytes) that ngrep prints so. Every ngrep text needs it.
    public static let lineEnds = TextRepairs(rawValue: 1 << 0)
    /// Rows of fixed width were joined (`-W normal`).
    public static let rows = TextRepairs(rawValue: 1 << 1)
    /// Lines that a mail program had wrapped were joined.
    public static let wrapping = TextRepairs(rawValue: 1 << 2)
    /// The block header and the start line stood in one line, or the header in two.
    public static let header = TextRepairs(rawValue: 1 << 3)
    /// `(a)`, ` at ` or an HTML entity became `@`, `<`, `>`.
    public static let addresses = TextRepairs(rawValue: 1 << 4)
    /// Marks of quoted mail (`> `) or the indentation of old versions were taken off.
    public static let indentation = TextRepairs(rawValue: 1 << 5)
    /// The bytes were read from hexadecimal digits; they are exact.
    public static let hexadecimal = TextRepairs(rawValue: 1 << 6)
    /// The body is as long as Content-Length says: with ``wrapping``, the proof that the repair is right.
    public static let lengthAgrees = TextRepairs(rawValue: 1 << 7)

    /// Whether somebody had changed the text after ngrep wrote it.
    public var isMangled: Bool { !self.isDisjoint(with: [.wrapping, .addresses, .header]) }
}
