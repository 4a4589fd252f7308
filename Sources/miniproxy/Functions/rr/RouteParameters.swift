import SIPKit

extension FunctionBodies {
    /// `add_rr_param(";nat=yes")`: a parameter of our Record-Route, before or behind `record_route()`.
    static let addRecordRouteParameter = Body { arguments, context in
        context.addRecordRouteParameter(arguments.text(0))
        return .yes
    }

    /// `check_route_param("nat=yes")`: whether the parameters of our own Route URI match.
    static let checkRouteParameter = Body { arguments, context in
        guard let pattern = arguments.pattern(0), let uri = context.ownRoute() else { return .no }
        let bytes = context.memory.span
        return pattern.matches(bytes.extracting(uri.parameters.indices)) ? .yes : .no
    }

    /// `is_direction("upstream")`: from the callee to the caller, which our `ftag` tells.
    static let isDirection = Body { arguments, context in
        let bytes = context.memory.span
        guard let uri = context.ownRoute(), let tag = uri.parameter("ftag", in: bytes) else { return .no }
        let isDownstream = bytes.equals(tag, bytes, context.from.tag)
        let wanted = arguments.text(0).first.map { $0 | 0x20 } == UInt8(ascii: "d")
        return isDownstream == wanted ? .yes : .no
    }
}

extension RouteContext {
    mutating func addRecordRouteParameter(_ parameter: [UInt8]) {
        self.recordRouteParameters += parameter
        // Where the line stands already, it grows before its last three bytes.
        _ = self.edits.rewrite(self.recordRouteLine) { line in
            if line.count > 3 { line.insert(contentsOf: parameter, at: line.count - 3) }
        }
    }

    /// Our own URI on top of the Route that the message came with.
    mutating func ownRoute() -> URIRanges? {
        guard let value = self.index.first(.route) else { return nil }
        let bytes = self.memory.span
        var cursor = ByteCursor(bytes, value)
        guard let address = try? AddressRanges(parsing: &cursor),
            let uri = try? URIRanges(parsing: bytes, address.uri), self.shared.selves.contains(bytes, uri)
        else { return nil }
        return uri
    }
}
