/// What a phone of the simulation sees of a message: lines, split at their first colon.
///
/// It shares nothing with the reader that is under test, and it reads only what our own side writes.
struct Glimpse {
    let startLine: Substring
    let headers: [(name: Substring, value: Substring)]
    /// Whether Content-Length says what there is.
    let isWhole: Bool

    init?(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n" as Character)
        guard let first = lines.first, lines.count > 5 else { return nil }
        self.startLine = first
        var headers: [(name: Substring, value: Substring)] = []
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            headers.append((line[..<colon], line[line.index(after: colon)...].drop { $0 == " " }))
        }
        self.headers = headers
        let length = headers.last { $0.name == "Content-Length" }.flatMap { Int($0.value) }
        self.isWhole = length == text[end.upperBound...].utf8.count
    }

    var isRequest: Bool { !self.startLine.hasPrefix("SIP/2.0 ") }
    var method: Substring {
        self.isRequest ? self.startLine.prefix { $0 != " " } : self["CSeq"].drop { $0 != " " }.dropFirst()
    }
    var uri: Substring { self.startLine.split(separator: " ").dropFirst().first ?? "" }
    var status: Int { self.isRequest ? 0 : Int(self.startLine.dropFirst(8).prefix(3)) ?? 0 }
    var cSeq: Int { Int(self["CSeq"].prefix { $0 != " " }) ?? 0 }

    subscript(name: String) -> Substring { self.headers.first { $0.name == name }?.value ?? "" }

    func all(_ name: String) -> [Substring] { self.headers.filter { $0.name == name }.map(\.value) }

    /// The value of `;name=`.
    static func parameter(_ name: String, of value: Substring) -> Substring {
        guard let found = value.firstRange(of: ";\(name)=") else { return "" }
        return value[found.upperBound...].prefix { $0 != ";" && $0 != "," && $0 != ">" }
    }

    var branch: Substring { Self.parameter("branch", of: self["Via"]) }
    var toTag: Substring { Self.parameter("tag", of: self["To"]) }
    var fromTag: Substring { Self.parameter("tag", of: self["From"]) }
    /// What tells a transaction from others at one end.
    var transaction: String { "\(self.branch) \(self.method == "ACK" ? "INVITE" : self.method)" }
}
