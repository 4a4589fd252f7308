import SIPKit

/// What a script says about where to listen and what else we are called: `listen`, `port`, `alias` (LANGUAGE.md §3).
///
/// The command line stands above all of it: `--listen` takes the place of `listen`, `--domain` adds to `alias`.
struct ScriptSockets: Equatable {
    /// UDP addresses to bind, in their order; empty where the script says nothing.
    var listen: [SocketAddress] = []
    var aliases: [Alias] = []
    /// What cannot be done, as sentences for the log.
    var refused: [String] = []

    struct Alias: Equatable {
        var host: String
        var port: UInt16?
    }

    init(_ script: CheckedScript) {
        let port = script.global("port").last?.integer.flatMap { UInt16(exactly: $0) } ?? 5060
        for value in script.global("listen") {
            let (transport, rest) = Self.transport(value.text)
            guard transport == "udp" else {
                self.refused.append("listen=\(value.text): only UDP is there in this version; not listening on it")
                continue
            }
            let host = rest.hasSuffix(":*") ? String(rest.dropLast(2)) : rest
            if host == "*" {
                self.listen.append(SocketAddress(.anyV4, port))
            } else if let address = SocketAddress(host, defaultPort: port) {
                self.listen.append(address)
            } else {
                self.refused.append(
                    "listen=\(value.text): give the address itself; names and interfaces are not looked up")
            }
        }
        // Without `listen`, SER takes all interfaces; here a port alone changes the port and stays on this machine.
        if self.listen.isEmpty, self.refused.isEmpty, !script.global("port").isEmpty {
            self.listen = [SocketAddress(.loopbackV4, port)]
        }
        for value in script.global("alias") {
            let (_, rest) = Self.transport(value.text)
            let parts = rest.split(separator: ":", maxSplits: 1)
            guard let host = parts.first, !rest.hasPrefix("[") else {
                self.aliases.append(Alias(host: rest, port: nil))
                continue
            }
            let digits = parts.count == 2 ? Array(parts[1].utf8) : []
            let number = ASCII.number(digits.span, ByteRange(0, digits.count), limit: 65_535)
            self.aliases.append(Alias(host: String(host), port: number.map { UInt16($0) }))
        }
    }

    private static func transport(_ text: String) -> (name: String, rest: String) {
        for name in ["udp", "tcp", "tls", "sctp"] where text.lowercased().hasPrefix(name + ":") {
            return (name, String(text.dropFirst(name.count + 1)))
        }
        return ("udp", text)
    }
}
