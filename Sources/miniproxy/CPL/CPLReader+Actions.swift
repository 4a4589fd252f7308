import SIPKit

/// Locations and signalling actions (RFC 3880 §5 and §6).
extension CPLReader {
    mutating func location(_ element: XMLElement) throws(CPLError) -> CPLNode {
        try self.check(element, attributes: ["url", "priority", "clear"])
        let url = Array(try self.required("url", element).utf8)
        let clears = try self.yesNo("clear", element)
        var priority = 1000
        if let text = element["priority"] {
            let digits = Array(text.utf8)
            guard let value = QValue(parsing: digits.span, ByteRange(0, digits.count)) else {
                throw CPLError("priority of <location> is a number from 0 to 1, here it is \"\(text)\"", at: element)
            }
            priority = Int(value.thousandths)
        }
        try self.checkAddress(url, "url", element)
        return .location(
            CPLLocation(url: url, priority: priority, clears: clears), next: try self.node(in: element))
    }

    mutating func removeLocation(_ element: XMLElement) throws(CPLError) -> CPLNode {
        try self.check(element, attributes: ["location", "param", "value"])
        // `param` and `value` belonged to caller preferences in the draft; nobody ever ran them.
        return .removeLocation(element["location"].map { Array($0.utf8) }, next: try self.node(in: element))
    }

    mutating func lookup(_ element: XMLElement) throws(CPLError) -> CPLNode {
        try self.check(element, attributes: ["source", "timeout", "use", "ignore", "clear"])
        let source = try self.required("source", element)
        _ = try self.number("timeout", element, in: 0...86_400)
        var lookup = CPLLookup(
            source: source == "registration" ? .registration : .other(source),
            clears: try self.yesNo("clear", element))
        var seen: Set<String> = []
        for output in element.children {
            try self.check(output, attributes: [])
            guard seen.insert(output.name).inserted else { throw CPLError("<\(output.name)> stands twice", at: output) }
            switch output.name {
            case "success": lookup.success = try self.node(in: output)
            case "notfound": lookup.notFound = try self.node(in: output)
            case "failure": lookup.failure = try self.node(in: output)
            default:
                throw CPLError(
                    "<lookup> has the outputs <success>, <notfound> and <failure>, not <\(output.name)>", at: output)
            }
        }
        return .lookup(lookup)
    }

    mutating func proxy(_ element: XMLElement) throws(CPLError) -> CPLNode {
        try self.check(element, attributes: ["timeout", "recurse", "ordering"])
        var proxy = CPLProxy(
            timeout: try self.number("timeout", element, in: 1...86_400),
            recurses: element["recurse"] == nil ? true : try self.yesNo("recurse", element),
            ordering: try self.word("ordering", element, CPLProxy.Ordering.self) ?? .parallel, outputs: [:])
        for output in element.children {
            try self.check(output, attributes: [])
            if output.name == "default" {
                guard proxy.fallback == nil else { throw CPLError("<default> stands twice", at: output) }
                proxy.fallback = CPLProxy.Output(node: try self.node(in: output))
                continue
            }
            guard let outcome = CPLProxy.Outcome(rawValue: output.name) else {
                throw CPLError(
                    "<proxy> has the outputs <busy>, <noanswer>, <redirection>, <failure> and <default>, not <\(output.name)>",
                    at: output)
            }
            guard proxy.outputs[outcome] == nil else { throw CPLError("<\(output.name)> stands twice", at: output) }
            proxy.outputs[outcome] = CPLProxy.Output(node: try self.node(in: output))
        }
        return .proxy(proxy)
    }

    mutating func redirect(_ element: XMLElement) throws(CPLError) -> CPLNode {
        try self.check(element, attributes: ["permanent"])
        try self.mustBeEmpty(element)
        return .redirect(isPermanent: try self.yesNo("permanent", element))
    }

    mutating func reject(_ element: XMLElement) throws(CPLError) -> CPLNode {
        try self.check(element, attributes: ["status", "reason"])
        try self.mustBeEmpty(element)
        let words = ["busy": 486, "notfound": 404, "reject": 603, "error": 500]
        let text = try self.required("status", element)
        var status = words[text]
        if status == nil, let number = try? self.number("status", element, in: 400...699) { status = number }
        guard let status else {
            throw CPLError(
                "status of <reject> is busy, notfound, reject, error or a number from 400 to 699, here it is \"\(text)\"",
                at: element)
        }
        let reason = element["reason"].map { Array($0.utf8) }
        // The phrase goes into a status line as it stands.
        if let reason, reason.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw CPLError("reason of <reject> is one line of text", at: element)
        }
        return .reject(status: status, reason: reason)
    }

    private func checkAddress(_ url: [UInt8], _ name: String, _ element: XMLElement) throws(CPLError) {
        let text = String(decoding: url, as: UTF8.self)
        let parts = try? URIRanges(parsing: url.span, ByteRange(0, url.count))
        guard let parts, parts.isSIP || parts.scheme == .tel, !url.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw CPLError(
                "\(name) of <\(element.name)> is a sip:, sips: or tel: address, here it is \"\(text)\"", at: element)
        }
    }
}
