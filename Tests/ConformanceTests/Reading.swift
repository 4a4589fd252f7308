import SIPKit
import SIPKitProperties
import Testing

/// What the library makes of some bytes, in the words of the tables in this folder.
enum Reading: Equatable, CustomStringConvertible {
    case reads
    /// Not SIP at all: the tolerant reader already gives up.
    case notSIP
    /// Read, and refused by the judgement of ``MessageSanity``.
    case refuses(Int, MessageSanity.Verdict.Fault, String)

    init(_ bytes: [UInt8]) {
        guard let message = try? SIPMessage(parsing: bytes) else {
            self = .notSIP
            return
        }
        guard let verdict = MessageSanity.examine(message) else {
            self = .reads
            return
        }
        self = .refuses(verdict.status, verdict.fault, "\(verdict.element)")
    }

    var description: String {
        switch self {
        case .reads: "reads"
        case .notSIP: "not SIP"
        case .refuses(let status, let fault, let element): "refuses \(status) \(element) \(fault)"
        }
    }
}

/// Compares a table of readings with the folder it is about, both ways, so that no file is forgotten.
func compare(_ table: [(String, Reading)], with folder: String, extension suffix: String = "") {
    let names = Corpus.files(folder).map { String($0.dropFirst(folder.count + 1)) }
    let expected = Dictionary(table.map { ($0.0 + suffix, $0.1) }, uniquingKeysWith: { first, _ in first })
    for name in names {
        guard let bytes = Corpus.bytes("\(folder)/\(name)") else {
            Issue.record("\(name) cannot be read")
            continue
        }
        guard let wanted = expected[name] else {
            Issue.record("\(name) is in the folder and not in the table; it \(Reading(bytes))")
            continue
        }
        #expect(Reading(bytes) == wanted, "\(name)")
    }
}
