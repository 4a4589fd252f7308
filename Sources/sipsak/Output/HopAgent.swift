import SIPKit

/// Who a Warning says it is from, and what SER tells behind code 392 (`Noisy feedback tells: pid=… req_src_ip=… …`).
struct HopAgent: Equatable, Sendable {
    /// `192.0.2.1:5060`, `[2001:db8::1]:5060`, or a name: the agent as written.
    let agent: String
    let pid: String?
    /// How the hop sees the one before it.
    let sourceIP: String?
    let sourcePort: String?
    let incomingURI: String?
    let outgoingURI: String?
    let viaCount: Int?

    /// The first readable Warning with a code in the 300s; 392 wins.
    init?(_ message: SIPMessage) {
        var all: [Warning] = []
        for line in message.values(.warning) {
            var cursor = ByteCursor(message.span, line)
            while !cursor.isAtEnd, let warning = try? Warning(parsing: &cursor) { all.append(warning) }
        }
        guard let found = all.first(where: { $0.code == 392 }) ?? all.first(where: { 300...399 ~= $0.code }) else {
            return nil
        }
        self.agent = Printable.text(found.agent)
        var facts: [String: String] = [:]
        for word in found.text.split(separator: ASCII.space) {
            guard let equals = word.firstIndex(of: ASCII.equals) else { continue }
            // `via_cnt==1` has two signs.
            let value = word[(equals + 1)...].drop { $0 == ASCII.equals }
            facts[Printable.text(word[..<equals])] = Printable.text(value)
        }
        self.pid = facts["pid"]
        self.sourceIP = facts["req_src_ip"]
        self.sourcePort = facts["req_src_port"]
        self.incomingURI = facts["in_uri"]
        self.outgoingURI = facts["out_uri"]
        let count = Array((facts["via_cnt"] ?? "").utf8)
        self.viaCount = ASCII.number(count.span, ByteRange(0, count.count), limit: 1000).map { Int($0) }
    }

    /// Our address as the hop sees it.
    var seenAs: String? { self.sourceIP.map { ip in self.sourcePort.map { "\(ip):\($0)" } ?? ip } }

    /// The agent without its port.
    var host: String {
        let bytes = Array(self.agent.utf8)
        if let close = bytes.firstIndex(of: ASCII.closeBracket) {
            return String(decoding: bytes[...close], as: UTF8.self)
        }
        guard let colon = bytes.firstIndex(of: ASCII.colon) else { return self.agent }
        return String(decoding: bytes[..<colon], as: UTF8.self)
    }
}
