/// `--compat sipcapture`: the letters of the other program of this name, in the words of this one.
///
/// Those that mean the same here stay; those that would send something are refused.
enum Compatibility {
    /// Whether the arguments or the environment ask for it; the request itself is taken out.
    static func translate(_ arguments: [String], environment: String?) throws(Failure) -> [String] {
        var rest = arguments
        var isWanted = environment == "sipcapture"
        if let at = rest.firstIndex(of: "--compat") {
            guard at + 1 < rest.count, rest[at + 1] == "sipcapture" else {
                throw Failure("--compat: sipcapture is known, and nothing else")
            }
            isWanted = true
            rest.removeSubrange(at...at + 1)
        } else if let at = rest.firstIndex(of: "--compat=sipcapture") {
            isWanted = true
            rest.remove(at: at)
        }
        return isWanted ? try Self.sipcapture(rest) : rest
    }

    private static let withValue: Set<Character> = [
        "f", "t", "c", "P", "H", "Q", "q", "z", "K", "j", "d", "I", "O", "n", "A", "s", "S", "F",
    ]

    private static func sipcapture(_ arguments: [String]) throws(Failure) -> [String] {
        var result: [String] = []
        var words: [String] = []
        var (ports, followsDialogs, form): (String?, Bool, String?) = (nil, true, "byline")
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            guard argument.hasPrefix("-"), !argument.hasPrefix("--"), argument.count > 1 else {
                if argument.hasPrefix("--") { result.append(argument) } else { words.append(argument) }
                continue
            }
            var letters = argument.dropFirst()
            while let letter = letters.popFirst() {
                var value: String?
                if Self.withValue.contains(letter) {
                    if !letters.isEmpty {
                        value = String(letters)
                        letters = ""
                    } else if index < arguments.count {
                        value = arguments[index]
                        index += 1
                    } else {
                        throw Failure("-\(letter) needs a value")
                    }
                }
                switch letter {
                case "f": result += ["--from", value ?? ""]
                case "t": result += ["--to", value ?? ""]
                case "c": result += ["--contact", value ?? ""]
                case "P": ports = value
                case "m": followsDialogs = false
                case "q": result += ["--stop", value ?? ""]
                case "z":
                    result += ["--stats", value ?? ""]
                    form = nil
                case "G", "g":
                    result += ["--report", "text"]
                    form = nil
                case "C", "x": break  // No colours and no notes: there are none.
                case "J", "j", "K": throw Failure("-\(letter): sipgrep only watches; it answers nobody")
                default:
                    result.append("-\(letter)")
                    if let value { result.append(value) }
                }
            }
        }
        if let form { result += ["-W", form, "-t", "-q"] }
        if followsDialogs, form != nil { result.append("-g") }
        let range = (ports ?? "5060-5061")
        if words.count <= 1 { words = (words.isEmpty ? [""] : words) + ["portrange \(range)"] }
        return result + words
    }
}
