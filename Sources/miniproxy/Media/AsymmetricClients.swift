import SIPKit

/// mediaproxy's files of phones that send from another port than they listen on, media or SIP: a regular expression for
/// User-Agent a line, `#` for comments (seed 002, chapter 8).
enum AsymmetricClients {
    /// - Parameter parameter: `rtp_asymmetrics` or `sip_asymmetrics`.
    static func patterns(_ script: CheckedScript, _ parameter: String, _ log: ProxyLog) -> [PatternMatcher] {
        guard let path = script.setting("mediaproxy", parameter)?.text else { return [] }
        guard let file = try? ScriptFile.read(path) else {
            log(1, "mediaproxy: no file \(path): no phone counts as asymmetric")
            return []
        }
        return Self.patterns(file.bytes) { line, reason in log(-1, "\(path):\(line): \(reason); the line is left out") }
    }

    static func patterns(_ bytes: [UInt8], _ refused: (Int, String) -> Void) -> [PatternMatcher] {
        var patterns: [PatternMatcher] = []
        for (number, line) in bytes.split(separator: ASCII.lf, omittingEmptySubsequences: false).enumerated() {
            let text = Array(line.drop(while: ASCII.isLWS).reversed().drop(while: ASCII.isLWS).reversed())
            guard let first = text.first, first != UInt8(ascii: "#") else { continue }
            do throws(PatternError) {
                patterns.append(try PatternMatcher(extended: text, .ignoringCase))
            } catch {
                refused(number + 1, "\(error)")
            }
        }
        return patterns
    }
}
