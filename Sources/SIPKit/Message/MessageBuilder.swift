/// Writes a new message line by line; Content-Length is always right.
public struct MessageBuilder: Sendable {
    private var head = ByteWriter(capacity: 512)
    private var content: [UInt8] = []

    /// Begins a request. The method is written as given.
    public init(request method: String, uri: some CustomStringConvertible) {
        self.writeLine("\(method) \(uri) SIP/2.0")
    }

    public init(request method: SIPMethod, uri: some CustomStringConvertible) {
        self.init(request: "\(method.name)", uri: uri)
    }

    /// Begins a response of our own making, without headers.
    public init(status code: Int, reason: String) {
        self.writeLine("SIP/2.0 \(code) \(reason)")
    }

    /// Adds a header line. Line ends in the value become blanks: a value cannot begin a header of its own.
    public mutating func header(_ name: String, _ value: some CustomStringConvertible) {
        self.head.write(name)
        self.head.write(": ")
        self.writeLine(value.description)
    }

    private mutating func writeLine(_ text: String) {
        for byte in text.utf8 { self.head.write(byte: byte == ASCII.cr || byte == ASCII.lf ? ASCII.space : byte) }
        self.head.write("\r\n")
    }

    public mutating func header(_ id: HeaderID, _ value: some CustomStringConvertible) {
        self.header("\(id.name)", value)
    }

    /// Adds the header lines with this name as they stand in another message: what a response copies (§8.2.6.2).
    public mutating func copy(_ id: HeaderID, from message: SIPMessage) {
        for value in message.values(id) {
            self.head.write("\(id.name): ")
            self.head.write(message[value])
            self.head.write("\r\n")
        }
    }

    public mutating func body(_ bytes: [UInt8], type: String) {
        self.header("Content-Type", type)
        self.content = bytes
    }

    /// The whole message.
    public func bytes() -> [UInt8] {
        var output = self.head
        output.write("Content-Length: \(self.content.count)\r\n\r\n")
        output.write(self.content)
        return output.bytes
    }
}
