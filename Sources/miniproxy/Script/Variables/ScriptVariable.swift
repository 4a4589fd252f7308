import SIPKit

/// `$ru`, `$var(x)`, `$(hdr(Via)[1])`, `$(ru{uri.user}{s.len})`: what a script may read, and some of it write
/// (LANGUAGE.md §14).
struct ScriptVariable: Sendable, Equatable {
    var name: Name
    var index = Index.first
    var transformations: [Transformation] = []

    enum Name: Sendable, Equatable {
        case known(Known)
        /// `$hdr(X)`.
        case header([UInt8])
        /// `$avp(x)`.
        case attribute(AttributeList.Name)
        /// `$var(x)`: a variable of the script's own, for one message.
        case script([UInt8])
        case null
    }

    /// Which of several values, as `[1]`, `[-1]` and `[*]` say.
    enum Index: Sendable, Equatable {
        case first
        case at(Int)
        case all
    }

    /// The variables without an argument, by the letters that a script writes.
    enum Known: String, Sendable, CaseIterable {
        case requestURI = "ru"
        case requestUser = "rU"
        case requestHost = "rd"
        case requestPort = "rp"
        case requestTransport = "rP"
        case requestScheme = "rz"
        case originalURI = "ou"
        case originalUser = "oU"
        case originalHost = "od"
        case originalPort = "op"
        case method = "rm"
        case status = "rs"
        case reason = "rr"
        case fromURI = "fu"
        case fromUser = "fU"
        case fromHost = "fd"
        case fromName = "fn"
        case fromTag = "ft"
        case toURI = "tu"
        case toUser = "tU"
        case toHost = "td"
        case toName = "tn"
        case toTag = "tt"
        case callID = "ci"
        case sequence = "cs"
        case contact = "ct"
        case contentType = "cT"
        case contentLength = "cl"
        case body = "rb"
        case userAgent = "ua"
        case sourceAddress = "si"
        case sourcePort = "sp"
        case receivedAddress = "Ri"
        case receivedPort = "Rp"
        case transport = "proto"
        case family = "af"
        case destinationURI = "du"
        case destinationHost = "dd"
        case destinationPort = "dp"
        case messageKind = "mt"
        case messageNumber = "mi"
        case messageLength = "ml"
        case messageText = "mb"
        case messageFlags = "mf"
        case processID = "pp"
        case seconds = "Ts"
        case time = "Tf"
        case returnCode = "rc"
        case authorizedUser = "au"
        case branchNumber = "T_branch_idx"
        case replyCode = "T_reply_code"

        /// Other spellings of the same.
        static let aliases: [String: Known] = ["retcode": .returnCode, "?": .returnCode, "pr": .transport]

        init?(name: String) {
            guard let known = Known(rawValue: name) ?? Self.aliases[name] else { return nil }
            self = known
        }
    }

    /// Whether a script may write to it.
    var isSettable: Bool {
        guard self.transformations.isEmpty else { return false }
        switch self.name {
        case .known(let known):
            switch known {
            case .requestURI, .requestUser, .requestHost, .requestPort, .destinationURI: return self.index == .first
            default: return false
            }
        case .attribute: if case .at = self.index { return false } else { return true }
        case .script: return self.index == .first
        case .header, .null: return false
        }
    }

    /// Whether writing to it changes where the request goes.
    var decidesTarget: Bool {
        switch self.name {
        case .known(.requestURI), .known(.requestHost), .known(.requestPort), .known(.destinationURI): true
        default: false
        }
    }
}

/// Why a text names no variable.
struct VariableError: Error, Equatable {
    let message: String
    let help: String?

    init(_ message: String, help: String? = nil) {
        self.message = message
        self.help = help
    }
}
