import SIPKit

/// Turns a document into a script, and refuses what neither RFC 3880 nor the draft of SER's documents has.
///
/// What is refused is refused when the script is uploaded: a script that was taken runs.
struct CPLReader {
    /// The subactions so far: `sub` leads only to earlier ones, so a script ends.
    var subactions: [String: CPLSubaction] = [:]

    /// - Throws: ``CPLError``: not XML, an unknown element or attribute, a value that means nothing.
    static func read(_ bytes: [UInt8]) throws(CPLError) -> CPLScript {
        var reader = CPLReader()
        return try reader.script(XMLReader.read(bytes))
    }

    private mutating func script(_ root: XMLElement) throws(CPLError) -> CPLScript {
        guard root.name == "cpl" else {
            throw CPLError("the document's element is <cpl>, here it is <\(root.name)>", at: root)
        }
        // Names of the schema and of the namespace say nothing that we need.
        for attribute in root.attributes where attribute.name != "xmlns" && !attribute.name.contains(":") {
            throw CPLError("<cpl> has no attribute '\(attribute.name)'", at: root)
        }
        var script = CPLScript()
        var last = 0
        for child in root.children {
            let order = ["ancillary": 0, "subaction": 1, "outgoing": 2, "incoming": 3][child.name]
            guard let order else {
                throw CPLError(
                    "<\(child.name)> cannot stand directly in <cpl>: wrap it in <incoming> or <outgoing>", at: child)
            }
            guard order >= last else {
                throw CPLError(
                    "<\(child.name)> is too late: the order is ancillary, subaction, outgoing, incoming", at: child)
            }
            last = order
            switch child.name {
            case "ancillary":
                try self.check(child, attributes: [])
                if let inner = child.children.first { throw CPLError("<ancillary> is empty", at: inner) }
            case "subaction":
                try self.check(child, attributes: ["id"])
                let id = try self.required("id", child)
                guard self.subactions[id] == nil else {
                    throw CPLError("there are two subactions '\(id)'", at: child)
                }
                self.subactions[id] = CPLSubaction(id: id, node: try self.node(in: child))
            case "outgoing":
                try self.check(child, attributes: [])
                guard !script.hasOutgoing else { throw CPLError("<outgoing> stands twice", at: child) }
                script.hasOutgoing = true
                script.outgoing = try self.node(in: child)
            default:
                try self.check(child, attributes: [])
                guard !script.hasIncoming else { throw CPLError("<incoming> stands twice", at: child) }
                script.hasIncoming = true
                script.incoming = try self.node(in: child)
            }
        }
        return script
    }

    // MARK: Nodes

    /// The one node inside an output; none is the default action.
    mutating func node(in parent: XMLElement) throws(CPLError) -> CPLNode? {
        guard let first = parent.children.first else { return nil }
        if parent.children.count > 1 {
            throw CPLError(
                "<\(parent.name)> holds one node, here is a second one: <\(parent.children[1].name)>",
                at: parent.children[1])
        }
        return try self.node(first)
    }

    private mutating func node(_ element: XMLElement) throws(CPLError) -> CPLNode {
        switch element.name {
        case "address-switch": try self.addressSwitch(element)
        case "string-switch": try self.stringSwitch(element)
        case "language-switch": try self.languageSwitch(element)
        case "time-switch": try self.timeSwitch(element)
        case "priority-switch": try self.prioritySwitch(element)
        case "location": try self.location(element)
        case "lookup": try self.lookup(element)
        case "remove-location": try self.removeLocation(element)
        case "proxy": try self.proxy(element)
        case "redirect": try self.redirect(element)
        case "reject": try self.reject(element)
        case "mail": try self.mail(element)
        case "log": try self.log(element)
        case "sub": try self.sub(element)
        default: throw CPLError("there is no node <\(element.name)>", at: element)
        }
    }

    private mutating func sub(_ element: XMLElement) throws(CPLError) -> CPLNode {
        try self.check(element, attributes: ["ref"])
        try self.mustBeEmpty(element)
        let name = try self.required("ref", element)
        guard let subaction = self.subactions[name] else {
            throw CPLError("there is no subaction '\(name)' before this place", at: element)
        }
        return .sub(subaction)
    }

    private mutating func mail(_ element: XMLElement) throws(CPLError) -> CPLNode {
        try self.check(element, attributes: ["url"])
        let url = try self.required("url", element)
        guard url.lowercased().hasPrefix("mailto:"), url.utf8.count > 7 else {
            throw CPLError("url of <mail> is a mailto: address, here it is \"\(url)\"", at: element)
        }
        return .mail(url: url, next: try self.node(in: element))
    }

    private mutating func log(_ element: XMLElement) throws(CPLError) -> CPLNode {
        try self.check(element, attributes: ["name", "comment"])
        return .log(name: element["name"], comment: element["comment"], next: try self.node(in: element))
    }

    // MARK: Rules that all elements share

    func check(_ element: XMLElement, attributes allowed: Set<String>) throws(CPLError) {
        for attribute in element.attributes where !allowed.contains(attribute.name) {
            let names = allowed.isEmpty ? "none" : allowed.sorted().joined(separator: ", ")
            throw CPLError(
                "<\(element.name)> has no attribute '\(attribute.name)' (it has: \(names))", at: element)
        }
    }

    func required(_ name: String, _ element: XMLElement) throws(CPLError) -> String {
        guard let value = element[name], !value.isEmpty else {
            throw CPLError("<\(element.name)> needs the attribute '\(name)'", at: element)
        }
        return value
    }

    func mustBeEmpty(_ element: XMLElement) throws(CPLError) {
        if let child = element.children.first {
            throw CPLError("nothing can stand inside <\(element.name)>", at: child)
        }
    }

    /// An attribute that is one word of a list.
    func word<Word: RawRepresentable & CaseIterable>(
        _ name: String, _ element: XMLElement, _ type: Word.Type
    ) throws(CPLError) -> Word? where Word.RawValue == String {
        guard let value = element[name] else { return nil }
        guard let word = Word(rawValue: value) else {
            let words = type.allCases.map(\.rawValue).joined(separator: ", ")
            throw CPLError("\(name) of <\(element.name)> is one of \(words), here it is \"\(value)\"", at: element)
        }
        return word
    }

    func yesNo(_ name: String, _ element: XMLElement) throws(CPLError) -> Bool {
        switch element[name] {
        case nil, "no": return false
        case "yes": return true
        case .some(let value):
            throw CPLError("\(name) of <\(element.name)> is yes or no, here it is \"\(value)\"", at: element)
        }
    }

    func number(_ name: String, _ element: XMLElement, in range: ClosedRange<Int>) throws(CPLError) -> Int? {
        guard let value = element[name] else { return nil }
        let digits = Array(value.utf8)
        guard let number = ASCII.number(digits.span, ByteRange(0, digits.count), limit: UInt64(range.upperBound)),
            range.contains(Int(number))
        else {
            throw CPLError(
                "\(name) of <\(element.name)> is a number from \(range.lowerBound) to \(range.upperBound), here it is \"\(value)\"",
                at: element)
        }
        return Int(number)
    }
}
