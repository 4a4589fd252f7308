/// A line of text that is being typed.
enum TextField {
    static let longest = 500

    static func handle(_ key: Key, _ text: inout String) {
        switch key {
        case .character(let byte) where text.utf8.count < Self.longest: text.unicodeScalars.append(Unicode.Scalar(byte))
        case .backspace, .delete: if !text.isEmpty { text.removeLast() }
        case .control(0x15): text = ""
        default: break
        }
    }
}
