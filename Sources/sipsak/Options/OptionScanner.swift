import SIPKit

/// Takes a command line apart the way `getopt_long` does, so that every script written for the original works.
///
/// Letters bundle (`-vvUI`), values may be glued (`-e5`), long names may be cut to a unique beginning and take their value
/// behind `=` or as the next word, options and other words may be mixed, `--` ends the options. A beginning that is
/// unique among the original's names keeps its meaning however many names we have added.
enum OptionScanner {
    struct Scanned: Equatable, Sendable {
        struct Item: Equatable, Sendable {
            let id: OptionID
            let value: String?
            /// As it was written: `-e`, `--appendix-end`.
            let spelling: String
        }
        var items: [Item] = []
        /// Words that are no options, in their order.
        var operands: [String] = []
    }

    static func scan(_ words: [String], table: [OptionName] = OptionTable.all) throws(UsageError) -> Scanned {
        var result = Scanned()
        var at = 0
        while at < words.count {
            let word = words[at]
            at += 1
            if word == "--" {
                result.operands += words[at...]
                break
            }
            if word.hasPrefix("--") {
                try Self.long(word, words, &at, table, &result)
            } else if word.hasPrefix("-"), word.utf8.count > 1 {
                try Self.letters(word, words, &at, table, &result)
            } else {
                result.operands.append(word)
            }
        }
        return result
    }

    private static func letters(
        _ word: String, _ words: [String], _ at: inout Int, _ table: [OptionName], _ result: inout Scanned
    ) throws(UsageError) {
        let bytes = Array(word.utf8)
        var place = 1
        while place < bytes.count {
            let letter = bytes[place]
            place += 1
            let spelling = "-" + Printable.text([letter])
            guard let option = table.first(where: { $0.letter == letter }) else {
                throw UsageError("unknown option '\(spelling)'")
            }
            guard option.argument != .none else {
                result.items.append(.init(id: option.id, value: nil, spelling: spelling))
                continue
            }
            let value: String
            if place < bytes.count {
                value = String(decoding: bytes[place...], as: UTF8.self)
            } else if at < words.count {
                value = words[at]
                at += 1
            } else {
                throw UsageError("option '\(spelling)' needs a value")
            }
            result.items.append(.init(id: option.id, value: value, spelling: spelling))
            return
        }
    }

    private static func long(
        _ word: String, _ words: [String], _ at: inout Int, _ table: [OptionName], _ result: inout Scanned
    ) throws(UsageError) {
        let bytes = Array(word.utf8.dropFirst(2))
        let equals = bytes.firstIndex(of: ASCII.equals)
        let name = String(decoding: bytes[..<(equals ?? bytes.count)], as: UTF8.self)
        var value = equals.map { String(decoding: bytes[($0 + 1)...], as: UTF8.self) }
        let (option, full) = try Self.find(name, table)
        switch option.argument {
        case .none:
            guard value == nil else { throw UsageError("option '--\(full)' takes no value") }
        case .required where value == nil:
            guard at < words.count else { throw UsageError("option '--\(full)' needs a value") }
            value = words[at]
            at += 1
        case .required, .optional: break
        }
        result.items.append(.init(id: option.id, value: value, spelling: "--\(full)"))
    }

    private static func find(_ name: String, _ table: [OptionName]) throws(UsageError) -> (OptionName, String) {
        for option in table where option.names.contains(name) { return (option, name) }
        var original: [(OptionName, String)] = []
        var all: [(OptionName, String)] = []
        for option in table {
            guard let full = option.names.first(where: { $0.utf8.starts(with: name.utf8) }), !name.isEmpty else {
                continue
            }
            all.append((option, full))
            if option.origin == .original { original.append((option, full)) }
        }
        if original.count == 1 { return original[0] }
        if all.count == 1 { return all[0] }
        if all.isEmpty {
            let near = Self.nearest(name, table).map { " (did you mean '--\($0)'?)" } ?? ""
            throw UsageError("unknown option '--\(Printable.text(name.utf8))'\(near)")
        }
        // Several of the original's: scripts were refused before, and the old choices are the ones that help.
        let choices = (original.isEmpty ? all : original).map { "'--\($0.1)'" }.joined(separator: ", ")
        throw UsageError("option '--\(name)' is ambiguous: \(choices)")
    }

    /// The known name with the fewest letters to change, when that is at most a third of them.
    static func nearest(_ name: String, _ table: [OptionName] = OptionTable.all) -> String? {
        let wanted = Array(name.utf8.prefix(64))
        let scored = table.flatMap(\.names).map { ($0, Self.distance(wanted, Array($0.utf8))) }
        guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= Swift.max(1, wanted.count / 3) else { return nil }
        return best.0
    }

    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let cost = Swift.min(diagonal + (a == b ? 0 : 1), row[j] + 1, row[j + 1] + 1)
                diagonal = row[j + 1]
                row[j + 1] = cost
            }
        }
        return row[right.count]
    }
}
