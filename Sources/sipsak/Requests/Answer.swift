import SIPKit

/// Our answers to requests that come in: what a response copies, and a tag of our own (RFC 3261 §8.2.6).
enum Answer {
    static func bytes(
        to request: SIPMessage, _ code: Int, _ reason: String, tag: String, contact: String? = nil,
        body: (bytes: [UInt8], type: String)? = nil
    ) -> [UInt8] {
        var builder = MessageBuilder(status: code, reason: reason)
        builder.copy(.via, from: request)
        builder.copy(.recordRoute, from: request)
        builder.copy(.from, from: request)
        let hasTag = (try? request.to())?.tag.isEmpty == false
        let to = request.text(.to) ?? ""
        builder.header(.to, hasTag ? to : "\(to);tag=\(tag)")
        builder.copy(.callID, from: request)
        builder.copy(.cSeq, from: request)
        if let contact { builder.header(.contact, contact) }
        builder.header(.userAgent, RequestFactory.userAgent)
        if let body { builder.body(body.bytes, type: body.type) }
        return builder.bytes()
    }
}
