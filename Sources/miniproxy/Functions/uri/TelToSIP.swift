import SIPKit

extension FunctionBodies {
    /// `tel2sip()`: `tel:+49-30-123` becomes `sip:+4930123@HOST;user=phone` (RFC 3261 §19.1.6); HOST is that of From. True,
    /// and without effect, where the Request-URI is no `tel:`.
    static let telToSIP = Body { arguments, context throws(ParseError) in
        // The form with a result (Kamailio) writes to a variable, which no argument can be here.
        guard arguments.count == 0 else { return .no }
        let uri = context.requestURIBytes
        let parts = try URIRanges(parsing: uri.span, ByteRange(0, uri.count))
        guard parts.scheme == .tel else { return .yes }
        let from = try URIRanges(parsing: context.memory.span, context.from.uri)
        guard !from.host.isEmpty else { return .no }
        // Visual separators say nothing (RFC 3966 §3).
        let number = uri.span.copy(parts.user).filter { !"-.()".utf8.contains($0) }
        var sip: [UInt8] = []
        sip.append("sip:")
        sip += number
        sip.append(ASCII.at)
        sip += context.memory.span.copy(from.host)
        sip.append(";user=phone")
        context.setRequestURI(sip)
        return .yes
    }
}
