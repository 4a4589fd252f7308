import SIPKit

/// The hosts that were called over TLS, as numbers: a ``Peer`` is copied about and has no room for a text.
///
/// A number is never given twice. When there are too many names all are forgotten; who comes with an old number then has
/// no name, and a certificate is asked for its address instead: the connection fails rather than trusting too much.
struct ServerNames {
    static let limit = 10_000
    private var numbers: [String: UInt32] = [:]
    private var names: [UInt32: String] = [:]
    private var last: UInt32 = 0

    subscript(number: UInt32) -> String? { self.names[number] }

    mutating func number(of name: String) -> UInt32 {
        if let known = self.numbers[name] { return known }
        if self.names.count >= Self.limit {
            self.numbers.removeAll()
            self.names.removeAll()
        }
        self.last &+= 1
        self.numbers[name] = self.last
        self.names[self.last] = name
        return self.last
    }
}
