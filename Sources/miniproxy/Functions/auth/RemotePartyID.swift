import SIPKit

extension FunctionBodies {
    /// `append_rpid_hf()`: `Remote-Party-ID: ` with the user's identity from the AVP and what is set around it.
    static let appendRPID = Body { arguments, context in
        let settings = context.shared.settings.remotePartyID
        guard let value = context.attributes.first(settings.attribute) else { return .no }
        let prefix = arguments.count > 0 ? arguments.text(0) : settings.prefix
        let suffix = arguments.count > 1 ? arguments.text(1) : settings.suffix
        let text = prefix + value.text + suffix
        // One header line: what a database holds must not begin another.
        guard !text.contains(ASCII.cr), !text.contains(ASCII.lf) else { return .no }
        context.appendLine { line in
            line.append("Remote-Party-ID: ")
            line += text
            line.append("\r\n")
        }
        return .yes
    }

    /// `is_rpid_user_e164()`: whether the user in it is a telephone number: `+`, then digits.
    static let isRPIDUserE164 = Body { _, context in
        guard let value = context.attributes.first(context.shared.settings.remotePartyID.attribute) else { return .no }
        let text = value.text
        let start = text.firstIndex(of: ASCII.less).map { $0 + 1 } ?? 0
        let end = text[start...].firstIndex(of: ASCII.greater) ?? text.count
        var user = ByteRange(start, end)
        if let uri = try? URIRanges(parsing: text.span, user) { user = uri.user }
        let number = text[user.indices]
        let digits = number.dropFirst()
        return number.first == ASCII.plus && (1...15).contains(digits.count) && digits.allSatisfy(ASCII.isDigit)
            ? .yes : .no
    }
}

/// What the auth module puts around a Remote-Party-ID (FUNCTIONS.md §7).
struct RemotePartyIDSettings: Sendable {
    var attribute = AttributeList.Name.text(Array("rpid".utf8))
    var prefix: [UInt8] = []
    var suffix = Array(";party=calling;id-type=subscriber;screen=yes".utf8)
}
