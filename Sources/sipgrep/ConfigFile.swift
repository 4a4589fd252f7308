import SIPKit

/// `--config FILE`: options that are given every time, one a line, as they stand on a command line.
///
/// ```
/// # What I always want.
/// --names /etc/sip-hosts
/// -t
/// --filter method != OPTIONS
/// ```
///
/// A line is an option and, behind the first blank, its value to the end of the line: no quotes are needed. What stands on the
/// command line comes behind it, and so wins where an option counts once.
enum ConfigFile {
    static func expand(_ arguments: [String]) throws(Failure) -> [String] {
        var rest = arguments
        let path: String
        if let at = rest.firstIndex(of: "--config") {
            guard at + 1 < rest.count else { throw Failure("--config needs the name of a file") }
            path = rest[at + 1]
            rest.removeSubrange(at...at + 1)
        } else if let at = rest.firstIndex(where: { $0.hasPrefix("--config=") }) {
            path = String(rest[at].dropFirst("--config=".count))
            rest.remove(at: at)
        } else {
            return arguments
        }
        return try Self.words(FilterFile.text(of: path, for: "--config"), path) + rest
    }

    static func words(_ text: String, _ path: String) throws(Failure) -> [String] {
        var words: [String] = []
        // Bytes: to Swift a CR and its LF are one character.
        let lines = text.utf8.split(separator: ASCII.lf, omittingEmptySubsequences: false)
        for (number, bytes) in lines.enumerated() {
            var line = Substring(bytes.last == ASCII.cr ? bytes.dropLast() : bytes)
            line = line.drop { $0 == " " || $0 == "\t" }
            guard !line.isEmpty, line.first != "#" else { continue }
            guard line.hasPrefix("-") else {
                let place = "\(Printable.text(path.utf8)):\(number + 1)"
                let found = Printable.text(line.utf8)
                throw Failure("--config \(place): a line begins with an option, here is \"\(found)\"")
            }
            let parts = line.split(separator: " ", maxSplits: 1)
            words.append(String(parts[0]))
            var value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
            while value.last == " " { value.removeLast() }
            if !value.isEmpty { words.append(String(value)) }
        }
        return words
    }
}
