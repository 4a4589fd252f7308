/// Takes bundled short options apart, as `getopt` would: `-qtW byline` is `-q -t -W byline`, `-n5` is `-n 5`.
///
/// People type `ngrep -qtW byline` from memory; the argument parser behind this reads single options only.
enum ArgumentSplitter {
    /// The letters that take a value.
    static let withValue: Set<Character> = [
        "I", "O", "n", "A", "s", "S", "W", "c", "P", "F", "d", "B", "Q", "L", "H", "Z", "K", "k",
    ]

    /// Long options whose value may be left out, with the values they take.
    static let optionalValues: [String: [String]] = [
        "--flow": FlowPrinter.Format.allCases.map(\.rawValue),
        "--report": ReportPrinter.Format.allCases.map(\.rawValue),
    ]

    /// Long options whose number may be left out, with the usual one; and one whose key may.
    static let numbers = ["--stats": "60", "--anonymise": ""]

    static func split(_ arguments: [String]) -> [String] {
        var result: [String] = []
        var index = arguments.startIndex
        while index < arguments.endIndex {
            let argument = arguments[index]
            index += 1
            if argument == "-V" {
                result.append("--version")
                continue
            }
            if argument == "--" {
                result += [argument] + arguments[index...]
                break
            }
            if let formats = Self.optionalValues[argument] {
                // The format may be left out: then it is text.
                let isGiven = index < arguments.endIndex && formats.contains(arguments[index])
                result += isGiven ? [argument, arguments[index]] : [argument, "text"]
                if isGiven { index += 1 }
                continue
            }
            if let usual = Self.numbers[argument] {
                // As above, for a number; and for a key, which must stand behind "=".
                let isGiven = index < arguments.endIndex && Int(arguments[index]) != nil && !usual.isEmpty
                result += [argument, isGiven ? arguments[index] : usual]
                if isGiven { index += 1 }
                continue
            }
            guard argument.hasPrefix("-"), !argument.hasPrefix("--"), argument.count > 1 else {
                result.append(argument)
                continue
            }
            var letters = argument.dropFirst()
            while let letter = letters.popFirst() {
                result.append("-\(letter)")
                guard Self.withValue.contains(letter) else { continue }
                if !letters.isEmpty {
                    // Joined to the letter by "=", so that a value such as "-" is taken as one.
                    result.append(String(letters))
                } else if index < arguments.endIndex {
                    result.append(arguments[index])
                    index += 1
                }
                break
            }
        }
        return result
    }
}
