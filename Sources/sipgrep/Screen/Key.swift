/// What was pressed, free of any terminal library.
enum Key: Equatable, Sendable {
    /// A printable ASCII character.
    case character(UInt8)
    case control(UInt8)
    case function(Int)
    case up, down, left, right, pageUp, pageDown, home, end
    case enter, escape, tab, backspace, delete
    /// The window has another size.
    case resize

    /// `.char("q")` reads better than a number.
    static func char(_ scalar: Unicode.Scalar) -> Key { .character(UInt8(truncatingIfNeeded: scalar.value)) }
}
