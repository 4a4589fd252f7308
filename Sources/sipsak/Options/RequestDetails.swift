import SIPKit

/// Headers and addresses that options put into generated requests.
struct RequestDetails: Equatable, Sendable {
    /// Where To is not the Request-URI.
    var to: String?
    var event: String?
    var referTo: String?
    var userAgent: String?
    var isCompact = false
    /// Route headers, in the order in which the request passes them.
    var routes: [String] = []
    /// What Via and Contact name as our address.
    var viaHost: String?
    var viaPort: UInt16?
    /// `$NAME$` and what comes in its place (`--set`).
    var marks: [MarkReplacement] = []

    /// Changes a generated request.
    func dress(_ draft: inout Draft) {
        if let to { draft.set(.to, RequestFactory.bracketed(to)) }
        if let event { draft.set(.event, event) }
        if let referTo { draft.set(.referTo, RequestFactory.bracketed(referTo)) }
        if let userAgent { draft.set(.userAgent, userAgent) }
        for route in self.routes.reversed() {
            draft.insertFirst("Route", Array(Self.loose(route).utf8))
        }
        if self.isCompact { draft.shortenNames() }
    }

    /// A route without `lr` would be a strict one, which no element of today wants (RFC 3261 §16.12.1.1).
    private static func loose(_ route: String) -> String {
        if route.utf8.contains(ASCII.less) { return route }
        let parameters = route.split(separator: ";").dropFirst()
        let hasLR = parameters.contains { $0 == "lr" || $0.hasPrefix("lr=") }
        return "<\(route)\(hasLR ? "" : ";lr")>"
    }
}
