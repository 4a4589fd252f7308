/// One element of an XML document, with its place. Text between elements is not kept: CPL has none.
struct XMLElement: Sendable {
    var name: String
    var attributes: [Attribute]
    var children: [XMLElement] = []
    /// From 1.
    var line: Int
    var column: Int

    struct Attribute: Sendable {
        var name: String
        var value: String
    }

    subscript(name: String) -> String? { self.attributes.first { $0.name == name }?.value }
}
