/// Writes JSON: objects and lists in the order given, text escaped, nothing unknown as null.
///
/// A value that is not known is left out by its writer, so there is no way to write null here.
struct JSONWriter {
    private(set) var text = ""
    private var needsComma = [false]

    private mutating func separate() {
        if self.needsComma[self.needsComma.count - 1] { self.text += "," }
        self.needsComma[self.needsComma.count - 1] = true
    }

    private mutating func key(_ name: String?) {
        self.separate()
        guard let name else { return }
        self.string(name)
        self.text += ":"
    }

    mutating func object(_ name: String? = nil, _ fill: (inout JSONWriter) -> Void) {
        self.key(name)
        self.nest("{", "}", fill)
    }

    mutating func list(_ name: String? = nil, _ fill: (inout JSONWriter) -> Void) {
        self.key(name)
        self.nest("[", "]", fill)
    }

    private mutating func nest(_ open: String, _ close: String, _ fill: (inout JSONWriter) -> Void) {
        self.text += open
        self.needsComma.append(false)
        fill(&self)
        self.needsComma.removeLast()
        self.text += close
    }

    mutating func value(_ name: String? = nil, _ value: Int?) {
        guard let value else { return }
        self.key(name)
        self.text += String(value)
    }

    /// A number with at most `decimals` places.
    mutating func value(_ name: String? = nil, _ value: Double?, decimals: Int) {
        guard let value, value.isFinite else { return }
        self.key(name)
        self.text += NumberText.fixed(value, decimals)
    }

    mutating func value(_ name: String? = nil, _ value: String?) {
        guard let value else { return }
        self.key(name)
        self.string(value)
    }

    mutating func value(_ name: String? = nil, _ value: Bool) {
        self.key(name)
        self.text += value ? "true" : "false"
    }

    private mutating func string(_ value: String) {
        self.text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": self.text += "\\\""
            case "\\": self.text += "\\\\"
            case "\n": self.text += "\\n"
            case "\r": self.text += "\\r"
            case "\t": self.text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                self.text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: self.text.unicodeScalars.append(scalar)
            }
        }
        self.text += "\""
    }
}
