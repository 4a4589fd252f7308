import Glibc

/// Colours for people: on a terminal, unless NO_COLOR or `--color` say otherwise.
struct Palette: Sendable {
    let isOn: Bool

    enum Tone: String, Sendable {
        case good = "32"
        case warning = "33"
        case bad = "31"
        case dim = "2"
        case bold = "1"
    }

    init(_ choice: SipsakOptions.ColorChoice, isTerminal: Bool) {
        self.isOn =
            switch choice {
            case .always: true
            case .never: false
            case .auto: isTerminal && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
            }
    }

    func paint(_ text: String, _ tone: Tone) -> String { self.isOn ? "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m" : text }
}
