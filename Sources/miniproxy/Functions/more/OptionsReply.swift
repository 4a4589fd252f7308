import SIPKit

extension FunctionBodies {
    /// `options_reply()`: what this server can do, for an OPTIONS to the server itself (RFC 3261 §11.2).
    static let optionsReply = Body { _, context throws(ParseError) in
        guard context.index.method == .options, context.isMyself(.request) == true else { return .no }
        let hasUser = try context.withRequestURI { (bytes) throws(ParseError) in
            try URIRanges(parsing: bytes, ByteRange(0, bytes.count)).hasUser
        }
        guard !hasUser else { return .no }
        var headers: [UInt8] = []
        headers.append(
            "Accept: */*\r\nAccept-Encoding: identity\r\nAccept-Language: en\r\nSupported: path\r\n" as StaticString)
        context.reply(200, "OK", headers: headers)
        return .yes
    }
}
