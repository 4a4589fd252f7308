import SIPKit

/// The switches (RFC 3880 §4).
extension CPLReader {
    mutating func addressSwitch(_ element: XMLElement) throws(CPLError) -> CPLNode {
        try self.check(element, attributes: ["field", "subfield"])
        guard let field = try self.word("field", element, CPLAddressSwitch.Field.self) else {
            throw CPLError("<address-switch> needs the attribute 'field'", at: element)
        }
        let subfield = try self.word("subfield", element, CPLAddressSwitch.Subfield.self)
        let choices = try self.choices(element, output: "address") {
            (reader: inout CPLReader, output: XMLElement) throws(CPLError) -> CPLTextMatch in
            let match = try reader.textMatch(output, ["is", "contains", "subdomain-of"])
            switch match {
            case .contains where subfield != .display:
                throw CPLError("contains= compares only the subfield display", at: output)
            case .subdomain where subfield != .host && subfield != .tel:
                throw CPLError("subdomain-of= compares only the subfields host and tel", at: output)
            default: return match
            }
        }
        return .addressSwitch(CPLAddressSwitch(field: field, subfield: subfield, choices: choices))
    }

    mutating func stringSwitch(_ element: XMLElement) throws(CPLError) -> CPLNode {
        try self.check(element, attributes: ["field"])
        guard let field = try self.word("field", element, CPLStringField.self) else {
            throw CPLError("<string-switch> needs the attribute 'field'", at: element)
        }
        return .stringSwitch(
            field: field,
            try self.choices(element, output: "string") {
                (reader: inout CPLReader, output: XMLElement) throws(CPLError) -> CPLTextMatch in
                try reader.textMatch(output, ["is", "contains"])
            })
    }

    mutating func languageSwitch(_ element: XMLElement) throws(CPLError) -> CPLNode {
        try self.check(element, attributes: [])
        return .languageSwitch(
            try self.choices(element, output: "language") {
                (reader: inout CPLReader, output: XMLElement) throws(CPLError) -> [UInt8] in
                try reader.check(output, attributes: ["matches"])
                let tag = Array(try reader.required("matches", output).utf8)
                guard tag.allSatisfy({ ASCII.isAlphanumeric($0) || $0 == ASCII.minus }) else {
                    throw CPLError("matches of <language> is a language tag such as \"en\" or \"en-US\"", at: output)
                }
                return tag
            })
    }

    mutating func prioritySwitch(_ element: XMLElement) throws(CPLError) -> CPLNode {
        try self.check(element, attributes: [])
        return .prioritySwitch(
            try self.choices(element, output: "priority") {
                (reader: inout CPLReader, output: XMLElement) throws(CPLError) -> CPLPriorityMatch in
                let (name, value) = try reader.comparison(output, ["less", "greater", "equal"])
                let priority = CPLPriority(Array(value.utf8))
                switch (name, priority) {
                case ("less", let priority?): return .less(priority)
                case ("greater", let priority?): return .greater(priority)
                case (_, let priority?): return .equal(priority)
                case ("equal", nil): return .equalText(Array(value.utf8))
                default:
                    throw CPLError(
                        "\(name) of <priority> is non-urgent, normal, urgent or emergency, here it is \"\(value)\"",
                        at: output)
                }
            })
    }

    mutating func timeSwitch(_ element: XMLElement) throws(CPLError) -> CPLNode {
        try self.check(element, attributes: ["tzid", "tzurl"])
        if let zone = element["tzid"], !CPLClock.knows(zone: zone) {
            throw CPLError("no time zone is called '\(zone)'; names are those of IANA, as Europe/Berlin", at: element)
        }
        return .timeSwitch(
            zone: element["tzid"],
            try self.choices(element, output: "time") {
                (reader: inout CPLReader, output: XMLElement) throws(CPLError) -> CPLRecurrence in
                try reader.recurrence(output)
            })
    }

    // MARK: What they share

    private mutating func choices<Match>(
        _ element: XMLElement, output name: String,
        _ match: (inout CPLReader, XMLElement) throws(CPLError) -> Match
    ) throws(CPLError) -> CPLChoices<Match> {
        var choices = CPLChoices<Match>()
        var hasNotPresent = false
        var hasOtherwise = false
        for output in element.children {
            guard !hasOtherwise else {
                throw CPLError("<otherwise> is the last output of a switch: this one would never be taken", at: output)
            }
            switch output.name {
            case name:
                let condition = try match(&self, output)
                choices.choices.append(.when(condition, try self.node(in: output)))
            case "not-present":
                try self.check(output, attributes: [])
                guard !hasNotPresent else { throw CPLError("<not-present> stands twice", at: output) }
                hasNotPresent = true
                choices.choices.append(.notPresent(try self.node(in: output)))
            case "otherwise":
                try self.check(output, attributes: [])
                hasOtherwise = true
                choices.choices.append(.otherwise(try self.node(in: output)))
            default:
                throw CPLError(
                    "<\(element.name)> has the outputs <\(name)>, <not-present> and <otherwise>, not <\(output.name)>",
                    at: output)
            }
        }
        return choices
    }

    /// The one attribute of an output: which, and its value.
    private func comparison(_ output: XMLElement, _ names: [String]) throws(CPLError) -> (String, String) {
        try self.check(output, attributes: Set(names))
        guard output.attributes.count == 1, let only = output.attributes.first else {
            let list = names.map { "\($0)=" }.joined(separator: ", ")
            throw CPLError("<\(output.name)> has exactly one of \(list)", at: output)
        }
        return (only.name, only.value)
    }

    private func textMatch(_ output: XMLElement, _ names: [String]) throws(CPLError) -> CPLTextMatch {
        let (name, value) = try self.comparison(output, names)
        let bytes = Array(value.utf8)
        switch name {
        case "contains": return .contains(bytes)
        case "subdomain-of": return .subdomain(bytes)
        default: return .equals(bytes)
        }
    }
}
