import Foundation

/// As much of JSON Schema as `docs/schemas/harv.json` uses: what does not fit, as sentences.
struct SchemaCheck {
    let root: [String: Any]

    init() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/schemas/harv.json")
        self.root = try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any] ?? [:]
    }

    func complaints(_ text: String) throws -> [String] {
        self.check(try JSONSerialization.jsonObject(with: Data(text.utf8)), self.root, "$")
    }

    private func check(_ value: Any, _ schema: [String: Any], _ path: String) -> [String] {
        if let reference = schema["$ref"] as? String, let name = reference.split(separator: "/").last,
            let target = (self.root["$defs"] as? [String: Any])?[String(name)] as? [String: Any]
        {
            return self.check(value, target, path)
        }
        if let allowed = schema["enum"] as? [String] {
            return allowed.contains(value as? String ?? "") ? [] : ["\(path): none of \(allowed)"]
        }
        if let constant = schema["const"] as? Int {
            return value as? Int == constant ? [] : ["\(path): not \(constant)"]
        }
        switch schema["type"] as? String {
        case "object": return self.checkObject(value, schema, path)
        case "array":
            guard let list = value as? [Any] else { return ["\(path): no list"] }
            let items = schema["items"] as? [String: Any] ?? [:]
            return list.enumerated().flatMap { self.check($0.element, items, "\(path)[\($0.offset)]") }
        case "string":
            guard let text = value as? String else { return ["\(path): no text"] }
            guard let pattern = schema["pattern"] as? String else { return [] }
            return text.range(of: pattern, options: .regularExpression) != nil ? [] : ["\(path): \(text)"]
        case "boolean": return value is Bool ? [] : ["\(path): not true or false"]
        case "integer", "number":
            guard let number = value as? Double, !(value is String) else { return ["\(path): no number"] }
            if schema["type"] as? String == "integer", number != number.rounded() { return ["\(path): not whole"] }
            if let least = schema["minimum"] as? Double, number < least { return ["\(path): \(number) < \(least)"] }
            if let most = schema["maximum"] as? Double, number > most { return ["\(path): \(number) > \(most)"] }
            return []
        default: return ["\(path): the schema has a type that is not checked"]
        }
    }

    private func checkObject(_ value: Any, _ schema: [String: Any], _ path: String) -> [String] {
        guard let object = value as? [String: Any] else { return ["\(path): no object"] }
        let properties = schema["properties"] as? [String: Any] ?? [:]
        var complaints = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }.map {
            "\(path).\($0): missing"
        }
        for (key, inner) in object {
            if let wanted = properties[key] as? [String: Any] {
                complaints += self.check(inner, wanted, "\(path).\(key)")
            } else if let others = schema["additionalProperties"] as? [String: Any] {
                complaints += self.check(inner, others, "\(path).\(key)")
            } else if schema["additionalProperties"] as? Bool == false {
                complaints.append("\(path).\(key): not in the schema")
            }
        }
        return complaints
    }
}
